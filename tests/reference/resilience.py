"""What the callers of a route in one region know and have left: plain objects, lists instead of sliding counters."""

import math
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
import simpy

from simulator.numerics.sketch import bin_edges
from simulator.scenario.model import Route
from tests.reference.clock import SAME_S
from tests.reference.stations import Station

_SLICES = 10
_EXACT = 1.0 - 1e-9  # but for rounding
_ENOUGH = 20
_EDGES = bin_edges()
_FAILURES = ("ERRORS", "RATE_LIMITED", "TIMED_OUT", "SHED")


def _exact(tokens: float) -> Fraction:
    """The decimal that a scenario says."""
    return Fraction(str(round(tokens, 9)))


@dataclass
class Guard:
    """What is known of a station."""

    route: Route
    limit: float
    in_flight: int = 0
    state: str = "CLOSED"
    until_s: float = 0.0
    calls: list[tuple[int, bool, bool]] = field(default_factory=list)  # slice, failed, slow
    probes_sent: int = 0
    probes_passed: int = 0
    failures: int = 0
    ejections: int = 0
    ejected_until_s: float = 0.0

    def is_open(self, now_s: float) -> bool:
        """Whether nothing is sent."""
        if self.ejected_until_s > now_s + SAME_S:
            return True
        if self.state == "OPEN" and now_s >= self.until_s - SAME_S:
            self.state, self.probes_sent, self.probes_passed = "HALF_OPEN", 0, 0
        if self.state == "HALF_OPEN":
            assert self.route.circuit_breaker is not None
            return self.probes_sent >= self.route.circuit_breaker.probes
        return self.state == "OPEN"

    def is_held(self, now_s: float) -> bool:
        """Whether a try would have to stay away."""
        most = self.route.max_parallel_requests
        is_full = (
            self.in_flight >= (math.inf if most is None else most)
            or (self.in_flight + 1) * _EXACT > self.limit
        )
        return is_full or self.is_open(now_s)

    def send(self) -> None:
        """Note a try."""
        self.in_flight += 1
        self.probes_sent += self.state == "HALF_OPEN"

    def learn_for_breaker(self, is_failure: bool, latency_s: float, now_s: float) -> None:
        """Open or close."""
        breaker = self.route.circuit_breaker
        assert breaker is not None
        is_slow = not is_failure and breaker.slow_call is not None and latency_s >= breaker.slow_call - SAME_S
        if self.state == "HALF_OPEN" and now_s - latency_s >= self.until_s - SAME_S:
            if is_failure or is_slow:
                self.state, self.until_s = "OPEN", now_s + breaker.cooldown
                return
            self.probes_passed += 1
            if self.probes_passed >= breaker.probes:
                self.state, self.calls = "CLOSED", []
        elif self.state == "CLOSED":
            current = int((now_s + SAME_S) / (breaker.window / _SLICES))
            self.calls.append((current, is_failure, is_slow))
            self.calls = [call for call in self.calls if call[0] > current - _SLICES]
            n_calls = len(self.calls)
            n_failed, n_slow = sum(call[1] for call in self.calls), sum(call[2] for call in self.calls)
            is_bad = (
                breaker.error_rate is not None and n_failed >= breaker.error_rate * n_calls * _EXACT
            ) or (breaker.slow_rate is not None and n_slow >= breaker.slow_rate * n_calls * _EXACT)
            if n_calls >= breaker.min_calls and is_bad:
                self.state, self.until_s, self.calls = "OPEN", now_s + breaker.cooldown, []

    def learn_for_limit(self, is_failure: bool, latency_s: float) -> None:
        """Move the limit."""
        adaptive = self.route.adaptive_concurrency
        assert adaptive is not None
        if is_failure or latency_s > adaptive.latency + SAME_S:
            self.limit = max(adaptive.min, self.limit * adaptive.backoff_ratio)
        elif 2 * self.in_flight >= self.limit * _EXACT:
            self.limit = min(adaptive.max, self.limit + 1.0 / self.limit)


class Callers:
    """Of a route, in one region."""

    def __init__(self, env: simpy.Environment, route: Route) -> None:
        self.env = env
        self.route = route
        self.guards: dict[tuple[str, str], Guard] = {}
        self.retries = None if route.retry_budget is None else _exact(route.retry_budget.burst)
        self.hedges = Fraction(0) if route.hedge is None else _exact(route.hedge.burst)
        self.latencies_s: list[float] = []

    def guard(self, station: Station) -> Guard:
        """What is known of a station."""
        adaptive = self.route.adaptive_concurrency
        limit = math.inf if adaptive is None else adaptive.initial
        return self.guards.setdefault((station.target, station.region), Guard(self.route, limit))

    def is_held(self, station: Station) -> bool:
        """Whether nothing is sent there now."""
        return self.guard(station).is_held(self.env.now)

    def save_up(self) -> None:
        """A step is tried for the first time."""
        budget, hedge = self.route.retry_budget, self.route.hedge
        if budget is not None:
            assert self.retries is not None
            self.retries = min(_exact(budget.burst), self.retries + _exact(budget.share))
        if hedge is not None:
            self.hedges = min(_exact(hedge.burst), self.hedges + _exact(hedge.max))

    def take_retry(self) -> bool:
        """Spend a token, if there is one."""
        if self.retries is None:
            return True
        if self.retries < 1:
            return False
        self.retries -= 1
        return True

    def hedge_after_s(self) -> float:
        """How long a try may take before there is a second one."""
        hedge = self.route.hedge
        if hedge is None:
            return math.inf
        if not isinstance(hedge.after, str):
            return hedge.after
        n = len(self.latencies_s)
        if n < _ENOUGH:
            return math.inf
        value_s = sorted(self.latencies_s)[math.ceil(float(hedge.after[1:]) / 100.0 * n * _EXACT) - 1]
        return float(_EDGES[np.searchsorted(_EDGES, value_s, side="right")])

    def learn(self, station: Station, result: str, start_s: float, is_first_level: bool) -> None:
        """A try has ended."""
        guard, route, now_s = self.guard(station), self.route, self.env.now
        latency_s = now_s - start_s
        if result in ("ABANDONED", "CANCELLED"):
            if guard.state == "HALF_OPEN" and start_s >= guard.until_s - SAME_S:
                guard.probes_sent -= 1
        else:
            is_failure = result in _FAILURES
            if route.circuit_breaker is not None:
                guard.learn_for_breaker(is_failure, latency_s, now_s)
            if route.adaptive_concurrency is not None:
                guard.learn_for_limit(is_failure, latency_s)
            if route.outlier_detection is not None:
                self._learn_ejection(guard, is_failure)
        guard.in_flight -= 1
        if is_first_level and result == "SUCCEEDED":
            self.latencies_s.append(latency_s)

    def _learn_ejection(self, guard: Guard, is_failure: bool) -> None:
        outlier, now_s = self.route.outlier_detection, self.env.now
        assert outlier is not None
        if not is_failure:
            guard.failures = guard.ejections = 0
            return
        guard.failures += 1
        if guard.failures < outlier.consecutive_errors or guard.ejected_until_s > now_s + SAME_S:
            return
        n_ejected = sum(other.ejected_until_s > now_s + SAME_S for other in self.guards.values())
        if n_ejected > 0 and (n_ejected + 1) * _EXACT > outlier.max_ejection_percent * len(self.route.choose):
            return
        guard.ejections += 1
        guard.failures = 0
        guard.ejected_until_s = now_s + outlier.base_ejection_time * guard.ejections
