"""The autoscaler of a service or a pool: Ray Serve's rule, with delays both ways and a start-up time.

A measure of the load, summed over the replicas, is averaged over the look-back period; the replicas wanted are that
average over the target for one replica. A change is made when it has been wanted for the whole delay; where there are
no replicas at all and somebody asks, at once.
"""

import math
from collections import deque
from typing import Protocol

from simulator.control.capacity_meter import CapacityMeter
from simulator.control.environment import Environment, Process
from simulator.mechanisms.autoscaling import AutoscalingPolicy
from simulator.numerics.events import INSTANT_S


def wanted_replicas(policy: AutoscalingPolicy, target: float, mean_load: float) -> int:
    """Replicas that bring the load of each to the target, within the bounds."""
    wanted = math.ceil(mean_load / target - 1e-9)
    return min(policy.max_replicas, max(policy.min_replicas, wanted))


class Decider:
    """Turns a series of observations into decisions; knows nothing of SimPy.

    Parameters
    ----------
    policy : bounds and delays
    target : load aimed at for one replica
    """

    def __init__(self, policy: AutoscalingPolicy, target: float) -> None:
        self._policy = policy
        self._target = target
        self._observed: deque[tuple[float, float]] = deque()
        self._up_since_s: float | None = None
        self._down_since_s: float | None = None

    def decide(self, now_s: float, load: float, replicas: int) -> int:
        """Replicas to have from now on, given the load at `now_s`."""
        policy = self._policy
        self._observed.append((now_s, load))
        while self._observed[0][0] <= now_s - policy.look_back_period + INSTANT_S:
            self._observed.popleft()
        mean = sum(value for _, value in self._observed) / len(self._observed)
        wanted = wanted_replicas(policy, self._target, mean)
        if replicas == 0 and wanted > 0:
            return wanted
        self._up_since_s = _since(self._up_since_s, now_s, wanted > replicas)
        self._down_since_s = _since(self._down_since_s, now_s, wanted < replicas)
        if self._up_since_s is not None and now_s - self._up_since_s >= policy.upscale_delay - INSTANT_S:
            self._up_since_s = None
            return wanted
        if (
            self._down_since_s is not None
            and now_s - self._down_since_s >= policy.downscale_delay - INSTANT_S
        ):
            self._down_since_s = None
            return wanted
        return replicas


def _since(since_s: float | None, now_s: float, holds: bool) -> float | None:
    if not holds:
        return None
    return now_s if since_s is None else since_s


class Deployment(Protocol):
    """What an autoscaler watches and changes: replicas of a target in one region."""

    station: int
    target: float  # load aimed at for one replica
    books_itself: bool  # replicas that serve are booked elsewhere; only those that start are booked here

    def load(self) -> float:
        """The measure of the load now, over all replicas."""

    def change(self, more: int) -> None:
        """Let so many more replicas serve from now on, or fewer."""


def autoscale(
    env: Environment,
    meter: CapacityMeter,
    deployment: Deployment,
    policy: AutoscalingPolicy,
    initial_replicas: int,
) -> Process:
    """Watch a deployment and change its replicas; new ones are paid from the decision, serve after start-up."""
    replicas = min(policy.max_replicas, max(policy.min_replicas, initial_replicas))
    deployment.change(replicas)
    orders = _Orders(env, meter, deployment)
    orders.book(replicas)
    decider = Decider(policy, deployment.target)
    while True:
        yield env.look(policy.metrics_interval)
        decided = decider.decide(env.now, deployment.load(), replicas)
        if decided == replicas:
            continue
        if decided > replicas:
            env.process(orders.start(orders.place(decided - replicas), policy.startup_delay))
        else:
            orders.stop(replicas - decided)
        replicas = decided
        orders.book(replicas)


class _Orders:
    """Replicas that still start, and what is paid for all of them."""

    def __init__(self, env: Environment, meter: CapacityMeter, deployment: Deployment) -> None:
        self._env = env
        self._meter = meter
        self._deployment = deployment
        self._decided = 0
        self._starting: list[list[int]] = []  # how many of each order, oldest first

    def book(self, decided: int) -> None:
        """Pay for so many replicas from now on, those that start included."""
        self._decided = decided
        starting = sum(order[0] for order in self._starting)
        paid = starting if self._deployment.books_itself else decided
        self._meter.set(self._deployment.station, paid, self._env.now)

    def place(self, replicas: int) -> list[int]:
        """Order replicas, which are paid from now on."""
        order = [replicas]
        self._starting.append(order)
        return order

    def start(self, order: list[int], delay_s: float) -> Process:
        """Let the replicas of an order serve after their start-up, but for those that are stopped before."""
        yield self._env.timeout(delay_s)
        self._starting.remove(order)
        self._deployment.change(order[0])
        self.book(self._decided)

    def stop(self, replicas: int) -> None:
        """Take replicas away, first of all those that do not serve yet, the newest order first."""
        for order in reversed(self._starting):
            stopped = min(order[0], replicas)
            order[0] -= stopped
            replicas -= stopped
        self._deployment.change(-replicas)
