"""How near is an objective to its limit? Clearly on one side, a tie, or open; and what it would take to tell.

What looks decided after a few replications may be chance, because one looks again and again: a side is clear when an
interval half as wide again is on it. Of a percentile it is the interval of the share of values within the limit that
counts: percentiles jump where values are 0 or not.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, isfinite

from simulator.metrics.dimensions import Selection
from simulator.results.estimates import quantile_level, share_within
from simulator.results.run_result import RunResult
from simulator.scenario.model import Scenario, Slo
from simulator.studies.common.verdicts.objectives import SloVerdict, slack_of
from simulator.theory.estimate import Estimate
from simulator.theory.verdict import verdict

TIE = 0.01  # slack within which more or less is no difference
_TIE_WIDTH = 0.007  # half the interval, as slack, at which no more is spent on a tie
_TIE_KNOWN = 0.02  # at which it is called one where no more can be spent
_CAUTION = 1.5  # on the interval
_SPREADS = ("latency", "ttft", "tpot", "queue_wait", "resolution")


@dataclass(frozen=True)
class Closeness:
    """Of one objective in one peak.

    Attributes
    ----------
    is_clear : surely met, or surely missed; or more of the same shows nothing: nothing was observed,
        or runs collapsed
    is_tie : it lies on its limit, as near as anybody would tell
    growth : how many times as many replications would tell
    """

    found: SloVerdict
    is_clear: bool
    is_tie: bool
    growth: float


def closeness(scenario: Scenario, found: SloVerdict, results: Sequence[RunResult]) -> Closeness:
    """How near an objective is to its limit after these replications."""
    if found.estimate is None or found.futures is not None:
        return Closeness(found, is_clear=True, is_tie=False, growth=1.0)
    slo = next(slo for slo in scenario.slos if slo.name == found.slo)
    judged, op, limit = _judged(slo, found, results)
    if not isfinite(judged.value):  # more than a few are not answered: no number of runs makes more of it
        return Closeness(found, is_clear=True, is_tie=False, growth=1.0)
    wide = Estimate(
        judged.value,
        judged.value - _CAUTION * (judged.value - judged.low),
        judged.value + _CAUTION * (judged.high - judged.value),
    )
    is_clear = found.verdict != "UNDECIDED" and verdict(wide, op, limit) != "UNDECIDED"
    half_width = _half_width(found)
    is_tie = abs(found.slack) <= TIE and half_width <= _TIE_KNOWN
    if is_clear or (is_tie and half_width <= _TIE_WIDTH):
        return Closeness(found, is_clear, is_tie, growth=1.0)
    gap = max(abs(found.slack) / _CAUTION, _TIE_WIDTH)
    growth = max(1.5, (half_width / gap) ** 2) if isfinite(half_width) else inf
    return Closeness(found, is_clear, is_tie, growth)


def _judged(slo: Slo, found: SloVerdict, results: Sequence[RunResult]) -> tuple[Estimate, str, float]:
    """What is held against what: an estimate against its limit, of a percentile the share within it against its level."""
    assert found.estimate is not None
    level = quantile_level(slo.objective.statistic) if slo.indicator in _SPREADS else None
    if level is not None and found.op in ("<", "<="):
        share = share_within(
            results, slo.indicator, found.limit, Selection(slo.workload, region=found.region)
        )
        if share is not None:
            return share, ">=", level
    return found.estimate, found.op, found.limit


def _half_width(found: SloVerdict) -> float:
    """Half the interval in units of slack."""
    assert found.estimate is not None
    indicator = found.metric.split()[-1]
    bounds = found.estimate.low, found.estimate.high
    at = [slack_of(indicator, found.op, found.limit, bound) for bound in bounds]
    widths = [abs(bound - found.slack) for bound in at]
    return max(widths) if all(map(isfinite, widths)) else inf
