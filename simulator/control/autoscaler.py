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
    in_service = _InService(env, station, servers_of(service, replicas))
    meter.set(station, replicas, env.now)
    decider = Decider(policy)
    while True:
        yield env.timeout(policy.metrics_interval)
        decided = decider.decide(env.now, env.plane.in_system(station), replicas)
        if decided == replicas:
            continue
        added = decided - replicas
        replicas = decided
        meter.set(station, replicas, env.now)
        delay_s = policy.startup_delay if added > 0 else 0.0
        env.process(in_service.add(servers_of(service, 1) * added, delay_s))


class _InService:
    """Servers of a station that its autoscaler counts on.

    The number is below zero while more were taken away than have started; then none serves.
    """

    def __init__(self, env: Environment, station: int, servers: int) -> None:
        self._env = env
        self._station = station
        self._servers = servers
        env.plane.set_servers(station, servers)

    def add(self, servers: int, delay_s: float) -> Process:
        """Add servers, or take them away if negative, after a delay in seconds."""
        yield self._env.timeout(delay_s)
        self._servers += servers
        self._env.plane.set_servers(self._station, max(0, self._servers))
