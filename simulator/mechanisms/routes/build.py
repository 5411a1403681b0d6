"""From routes to tables: choices, fallbacks, tries and waits."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from simulator.mechanisms.codes import Result
from simulator.mechanisms.routes.codes import FallbackKind, Jitter, strategy_of
from simulator.mechanisms.routes.config import CACHED_ANSWER, HUMAN, RoutePolicy
from simulator.mechanisms.routes.protection_config import Backoff
from simulator.mechanisms.routes.table import CHOICE, ROUTE, WAIT, Routing
from simulator.numerics.events import NONE

_REASON = {
    "timeout": Result.TIMEOUT,
    "rate_limit": Result.RATE_LIMITED,
    "error": Result.ERROR,
    "overload": Result.OVERLOAD,
}


@dataclass
class RouteList:
    """Routes in the order they are added."""

    routes: list[tuple[float, ...]] = field(default_factory=list)
    choices: list[tuple[int, float]] = field(default_factory=list)
    fallbacks: list[int] = field(default_factory=list)
    waits: list[tuple[float, int]] = field(default_factory=list)

    def add(
        self,
        route: RoutePolicy,
        is_generate: bool,
        choices: Sequence[tuple[int, float]],
        target_of: Mapping[str, int],
        retry_lane_of: Callable[[float], int],
        timeout_lane_of: Callable[[float], int],
        policy: int = NONE,
    ) -> int:
        """Number of a route whose first level chooses among (target, weight) `choices`; `policy`: of its protection."""
        weights = np.cumsum([weight for _, weight in choices])
        first_choice = len(self.choices)
        self.choices += [
            (target, share) for (target, _), share in zip(choices, weights / weights[-1], strict=True)
        ]
        first_fallback = len(self.fallbacks)
        kinds = {CACHED_ANSWER: int(FallbackKind.CACHED_ANSWER), HUMAN: int(FallbackKind.HUMAN)}
        self.fallbacks += [kinds[name] if name in kinds else target_of[name] for name in route.fallbacks]
        first_wait = len(self.waits)
        jitter = Jitter[route.backoff.jitter.upper()]
        waits_s = [backoff_s(route.backoff, retry) for retry in range(1, route.num_retries + 1)]
        self.waits += [
            (wait_s, NONE if jitter or wait_s == 0.0 else retry_lane_of(wait_s)) for wait_s in waits_s
        ]
        per_try_s = math.inf if route.per_try_timeout is None else route.per_try_timeout
        self.routes.append(
            (
                int(strategy_of(route.routing_strategy)),
                first_choice,
                len(choices),
                first_fallback,
                len(route.fallbacks),
                route.num_retries,
                sum(int(_REASON[reason]) for reason in set(route.retry_on)),
                math.inf if route.timeout is None else route.timeout,
                per_try_s,
                NONE if per_try_s == math.inf else timeout_lane_of(per_try_s),
                first_wait,
                int(jitter),
                route.max_retry_after or 0.0,
                route.failover_after or 0,
                route.confidence.flags_wrong,
                route.confidence.flags_right,
                route.confidence.flags_ungrounded,
                np.iinfo(np.int32).max if route.max_context_tokens is None else route.max_context_tokens,
                int(is_generate),
                policy,
            )
        )
        return len(self.routes) - 1

    def table(self) -> Routing:
        """Arrays for the kernel."""
        return Routing(
            np.array(self.routes or [(0,) * len(ROUTE.names or ())], dtype=ROUTE).view(np.recarray),
            np.array(self.choices or [(0, 1.0)], dtype=CHOICE).view(np.recarray),
            np.array(self.fallbacks or [NONE], dtype=np.int64),
            np.array(self.waits or [(0.0, NONE)], dtype=WAIT).view(np.recarray),
        )


def backoff_s(backoff: Backoff, retry: int) -> float:
    """Wait before retry number `retry` (1, 2, …), before jitter: exponential, capped."""
    return min(backoff.max, backoff.base * backoff.factor ** (retry - 1))
