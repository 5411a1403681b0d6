"""The verdict of a canary analysis, from what was seen: pure functions, which a SimPy process only calls.

A measurement is successful, failed or inconclusive; so is the analysis, by its limits on how many may be (Argo Rollouts).
A comparison tests the new version against the one before at every look, with bounds that keep its error over all looks.
"""

import math
from collections.abc import Sequence
from enum import Enum

from simulator.control.canary_metrics import Seen
from simulator.mechanisms.releases.canary import Analysis, Comparison
from simulator.mechanisms.releases.condition import Condition


class CanaryPhase(Enum):
    """How a measurement, an analysis or a canary ended."""

    SUCCESSFUL = "Successful"
    FAILED = "Failed"
    INCONCLUSIVE = "Inconclusive"


def holds(condition: Condition, new: Seen, stable: Seen) -> bool | None:
    """Whether a condition holds of what was seen; None where something in it was not observed."""
    results: list[bool] = []
    for clause in condition.clauses:
        value, before = new.value(clause), stable.value(clause)
        is_known = clause.factor == 0.0 or not (math.isnan(before) or value == before == math.inf)
        if math.isnan(value) or not is_known:
            return None
        results.append(clause.holds(value, before))
    return all(results) if condition.needs_all else any(results)


def measure(analysis: Analysis, new: Seen, stable: Seen) -> CanaryPhase:
    """How one measurement ended, given what was seen of both versions since the one before."""
    succeeded = None if analysis.success_condition is None else holds(analysis.success_condition, new, stable)
    failed = None if analysis.failure_condition is None else holds(analysis.failure_condition, new, stable)
    if failed is True:
        return CanaryPhase.FAILED
    if succeeded is True:
        return CanaryPhase.SUCCESSFUL
    if analysis.failure_condition is None:
        return CanaryPhase.FAILED if succeeded is False else CanaryPhase.INCONCLUSIVE
    if analysis.success_condition is None:
        return CanaryPhase.SUCCESSFUL if failed is False else CanaryPhase.INCONCLUSIVE
    return CanaryPhase.INCONCLUSIVE


def assess(analysis: Analysis, measurements: Sequence[CanaryPhase]) -> CanaryPhase | None:
    """How an analysis ended with these measurements, or None if it goes on."""
    if measurements.count(CanaryPhase.FAILED) > analysis.failure_limit:
        return CanaryPhase.FAILED
    if measurements.count(CanaryPhase.INCONCLUSIVE) > analysis.inconclusive_limit:
        return CanaryPhase.INCONCLUSIVE
    wanted = analysis.consecutive_success_limit
    last = measurements[-wanted:] if wanted is not None else []
    if wanted is not None and len(last) == wanted and all(phase is CanaryPhase.SUCCESSFUL for phase in last):
        return CanaryPhase.SUCCESSFUL
    return CanaryPhase.SUCCESSFUL if len(measurements) >= analysis.count else None


def z_worse(comparison: Comparison, new: Seen, stable: Seen) -> float:
    """By how many standard errors the new version's share is below the one before, less what is tolerated.

    Two independent shares, variances not pooled; 0 where either has not been observed.
    """
    hits_new, n_new = new.share(comparison.metric)
    hits_stable, n_stable = stable.share(comparison.metric)
    if n_new == 0 or n_stable == 0:
        return 0.0
    p_new, p_stable = hits_new / n_new, hits_stable / n_stable
    variance = p_new * (1.0 - p_new) / n_new + p_stable * (1.0 - p_stable) / n_stable
    worse = p_stable - p_new - comparison.worse_by
    if variance == 0.0:
        return 0.0 if worse <= 0.0 else math.inf
    return worse / math.sqrt(variance)
