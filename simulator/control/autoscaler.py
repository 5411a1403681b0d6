"""The replica autoscaler of a service: Ray Serve's rule, with delays both ways and a start-up time.

The number of ongoing requests (waiting and served) is averaged over the look-back period; the replicas wanted are
that average over the target per replica. A change is made when it has been wanted for the whole delay.
"""

import math
from collections import deque

from simulator.control.environment import Environment, Process
from simulator.control.meter import ReplicaMeter
from simulator.mechanisms.queueing.build import servers_of
from simulator.mechanisms.queueing.config import Autoscaling, Service


def wanted_replicas(policy: Autoscaling, mean_ongoing: float) -> int:
    """Replicas that bring the ongoing requests per replica to the target, within the bounds."""
    wanted = math.ceil(mean_ongoing / policy.target_ongoing_requests)
    return min(policy.max_replicas, max(policy.min_replicas, wanted))


class Decider:
    """Turns a series of observations into decisions; knows nothing of SimPy."""

    def __init__(self, policy: Autoscaling) -> None:
        self._policy = policy
        self._observed: deque[tuple[float, int]] = deque()
        self._up_since_s: float | None = None
        self._down_since_s: float | None = None

    def decide(self, now_s: float, ongoing: int, replicas: int) -> int:
        """Replicas to have from now on, given the ongoing requests at `now_s`."""
        policy = self._policy
        self._observed.append((now_s, ongoing))
        while self._observed[0][0] <= now_s - policy.look_back_period:
            self._observed.popleft()
        mean = sum(value for _, value in self._observed) / len(self._observed)
        wanted = wanted_replicas(policy, mean)
        self._up_since_s = _since(self._up_since_s, now_s, wanted > replicas)
        self._down_since_s = _since(self._down_since_s, now_s, wanted < replicas)
        if self._up_since_s is not None and now_s - self._up_since_s >= policy.upscale_delay:
            self._up_since_s = None
            return wanted
        if self._down_since_s is not None and now_s - self._down_since_s >= policy.downscale_delay:
            self._down_since_s = None
            return wanted
        return replicas


def _since(since_s: float | None, now_s: float, holds: bool) -> float | None:
    if not holds:
        return None
    return now_s if since_s is None else since_s


def autoscale(
    env: Environment,
    meter: ReplicaMeter,
    station: int,
    service: Service,
    policy: Autoscaling,
    initial_replicas: int,
) -> Process:
    """Watch a service's station and change its replicas; new ones are paid from the decision, serve after start-up."""
    replicas = min(policy.max_replicas, max(policy.min_replicas, initial_replicas))
    deployment = _Deployment(env, station, service, replicas)
    meter.set(station, replicas, env.now)
    decider = Decider(policy)
    while True:
        yield env.timeout(policy.metrics_interval)
        decided = decider.decide(env.now, env.plane.in_system(station), replicas)
        if decided > replicas:
            env.process(deployment.start(decided - replicas, policy.startup_delay))
        elif decided < replicas:
            deployment.stop(replicas - decided)
        else:
            continue
        replicas = decided
        meter.set(station, replicas, env.now)


class _Deployment:
    """Replicas of a service in one region: those that serve, and those that still start."""

    def __init__(self, env: Environment, station: int, service: Service, replicas: int) -> None:
        self._env = env
        self._station = station
        self._service = service
        self._serving = 0
        self._starting: list[list[int]] = []  # how many of each order, oldest first
        self._serve(replicas)

    def start(self, replicas: int, delay_s: float) -> Process:
        """Let replicas serve after their start-up, but for those that are stopped before."""
        order = [replicas]
        self._starting.append(order)
        yield self._env.timeout(delay_s)
        self._starting.remove(order)
        self._serve(order[0])

    def stop(self, replicas: int) -> None:
        """Take replicas away, first of all those that do not serve yet, the newest order first."""
        for order in reversed(self._starting):
            stopped = min(order[0], replicas)
            order[0] -= stopped
            replicas -= stopped
        self._serve(-replicas)

    def _serve(self, more: int) -> None:
        if more != 0 or self._serving == 0:
            self._serving += more
            self._env.plane.set_servers(self._station, servers_of(self._service, self._serving))
