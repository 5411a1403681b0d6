"""From what routes say about protection to the tables of policies, guards and allowances."""

import math
from dataclasses import dataclass, field

import numpy as np

from simulator.mechanisms.routes.protection_config import Resilience
from simulator.mechanisms.routes.protection_table import (
    ALLOWANCE,
    GUARD,
    N_SLICES,
    POLICY,
    SLICE,
    TOKEN,
    Guarding,
)
from simulator.mechanisms.station import UNLIMITED
from simulator.numerics.events import NONE
from simulator.numerics.sketch import N_BINS


@dataclass
class PolicyList:
    """Policies in the order they are added; `n_stations` must be known when the tables are made.

    Parameters
    ----------
    n_regions : regions whose callers keep guards and allowances of their own
    """

    n_regions: int
    policies: list[dict[str, float]] = field(default_factory=list)
    is_guarded: list[bool] = field(default_factory=list)

    def add(self, route: Resilience) -> int:
        """Number of a route's policy, or NONE if it has none."""
        if not route.is_protected:
            return NONE
        row: dict[str, float] = {
            "propagates_deadline": int(route.propagate_deadline),
            "hedge_after_s": math.inf,
            "parallel_limit": UNLIMITED
            if route.max_parallel_requests is None
            else route.max_parallel_requests,
            "error_share": math.inf,
            "slow_share": math.inf,
            "slow_s": math.inf,
            "slice_s": math.inf,
        }
        for part in (_budgets(route), _breaker(route), _ejection(route), _adaptive(route)):
            row |= part
        self.policies.append(row)
        self.is_guarded.append(route.is_guarded)
        return len(self.policies) - 1

    def table(self, n_stations: int) -> Guarding:
        """Fresh tables: all budgets full, all breakers closed."""
        n_policies = len(self.policies)
        policies = np.zeros(max(1, n_policies), dtype=POLICY).view(np.recarray)
        guards_each = self.n_regions * n_stations
        n_guards = guards_each * sum(self.is_guarded)
        guards = np.zeros(max(1, n_guards), dtype=GUARD).view(np.recarray)
        allowances = np.zeros(max(1, n_policies * self.n_regions), dtype=ALLOWANCE).view(np.recarray)
        first_guard = 0
        for index, (row, is_guarded) in enumerate(zip(self.policies, self.is_guarded, strict=True)):
            policy = policies[index]
            for name, value in row.items():
                if name != "limit_first":
                    policy[name] = value
            policy.first_allowance = index * self.n_regions
            own = slice(index * self.n_regions, (index + 1) * self.n_regions)
            allowances["retries"][own] = row.get("retry_burst", 0.0)
            allowances["hedges"][own] = row.get("hedge_burst", 0.0)
            policy.first_guard = first_guard if is_guarded else NONE
            if is_guarded:
                guards["limit"][first_guard : first_guard + guards_each] = row.get("limit_first", math.inf)
                first_guard += guards_each
        asks_percentile = bool((policies["hedge_level"] > 0.0).any())
        return Guarding(
            policies,
            guards,
            np.zeros(guards.size * N_SLICES, dtype=SLICE).view(np.recarray),
            allowances,
            np.zeros((allowances.size if asks_percentile else 1, N_BINS), dtype=np.int64),
        )


def fresh(guarding: Guarding) -> Guarding:
    """What changes in a run, as it is at its start."""
    return guarding._replace(
        guards=guarding.guards.copy(),
        slices=guarding.slices.copy(),
        allowances=guarding.allowances.copy(),
        latencies=guarding.latencies.copy(),
    )


def _parts(tokens: float) -> int:
    return round(tokens * TOKEN)


def _budgets(route: Resilience) -> dict[str, float]:
    row: dict[str, float] = {}
    if route.retry_budget is not None:
        budget = route.retry_budget
        row |= {
            "has_retry_budget": 1,
            "retry_share": _parts(budget.share),
            "retry_burst": _parts(budget.burst),
        }
    hedge = route.hedge
    if hedge is not None:
        row |= {"hedge_share": _parts(hedge.max), "hedge_burst": _parts(hedge.burst)}
        if isinstance(hedge.after, str):
            row["hedge_level"] = float(hedge.after[1:]) / 100.0
        else:
            row["hedge_after_s"] = hedge.after
    return row


def _breaker(route: Resilience) -> dict[str, float]:
    breaker = route.circuit_breaker
    if breaker is None:
        return {}
    return {
        "error_share": math.inf if breaker.error_rate is None else breaker.error_rate,
        "slow_share": math.inf if breaker.slow_rate is None else breaker.slow_rate,
        "slow_s": math.inf if breaker.slow_call is None else breaker.slow_call,
        "min_calls": breaker.min_calls,
        "slice_s": breaker.window / N_SLICES,
        "cooldown_s": breaker.cooldown,
        "n_probes": breaker.probes,
    }


def _ejection(route: Resilience) -> dict[str, float]:
    outlier = route.outlier_detection
    if outlier is None:
        return {}
    return {
        "eject_after": outlier.consecutive_errors,
        "ejection_s": outlier.base_ejection_time,
        "ejected_share": outlier.max_ejection_percent,
    }


def _adaptive(route: Resilience) -> dict[str, float]:
    adaptive = route.adaptive_concurrency
    if adaptive is None:
        return {}
    return {
        "limit_first": adaptive.initial,
        "limit_least": adaptive.min,
        "limit_most": adaptive.max,
        "limit_latency_s": adaptive.latency,
        "limit_ratio": adaptive.backoff_ratio,
    }
