"""One measure on both sides of a comparison, pair by pair: which way it went, and how much worse each pair became."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from simulator.metrics.registry import is_share_of_actions
from simulator.results.answered_in_time import answers_fewer
from simulator.results.paired import PairedDifference, paired_units, sample_difference
from simulator.results.samples import Floats, to_estimate
from simulator.studies.common.changes.judged_measures import Judged
from simulator.studies.common.replications import Replications
from simulator.theory.estimate import Estimate

Direction = Literal["none", "worse", "better", "fewer", "unclear"]

# The tolerance of a share is one of what is missing (5 % of 2 % of failures), taken to be at least this much.
LEAST_MISSING = 0.01


@dataclass(frozen=True, eq=False)
class Statement:
    """A measure at one stage on both sides.

    Attributes
    ----------
    before, after : estimates apart
    paired : their difference, seed by seed
    first, second : float64[pair], what the difference is made of
    answers_fewer : the share that is answered in time drops beyond noise, of all or of those that the measure is about, or
        more are left waiting in a queue that grows
    """

    stage: str | None
    judged: Judged
    before: Estimate
    after: Estimate
    paired: PairedDifference
    first: Floats
    second: Floats
    answers_fewer: bool = False

    @property
    def direction(self) -> Direction:
        """Which way it went: `none` if nothing moved at all, `unclear` if the interval holds zero.

        Nothing is `better` where fewer are answered in time: whoever is turned away costs nothing and waits for nothing.
        What would be is `fewer`.
        """
        found = self.paired.difference
        if found.value == 0.0 and len(self.first) > 1 and bool(np.all(self.first == self.second)):
            return "none"
        if found.low <= 0.0 <= found.high:
            return "unclear"
        if (found.value > 0.0) == self.judged.is_lower_better:
            return "worse"
        return "fewer" if self.answers_fewer else "better"

    def losses(self, tolerance: float) -> Floats:
        """How much worse each pair became, beyond the tolerance; float64[pair].

        s·(after - before) - tolerance·scale, with s = 1 where lower is better, else -1. The scale is the pair's
        own base, so that a mean of zero is a ratio of 1 + tolerance (Fieller's way to compare a ratio); that of a
        share, see `tolerance_scale`.
        """
        sign = 1.0 if self.judged.is_lower_better else -1.0
        metric, is_lower_better = self.judged.measure.metric, self.judged.is_lower_better
        scale = np.abs(self.first)
        if _is_rate(metric):
            share = tolerance_scale(metric, self.before.value, is_lower_better=is_lower_better)
            scale = np.full_like(self.first, share)
        worse: Floats = sign * (self.second - self.first) - tolerance * scale
        return worse


def tolerance_scale(metric: str, before: float, *, is_lower_better: bool) -> float:
    """What a tolerance is a share of: the base's value; of a rate of actions, what it lacks to the best."""
    if not _is_rate(metric):
        return abs(before)
    return max(before if is_lower_better else 1.0 - before, LEAST_MISSING)


def _is_rate(metric: str) -> bool:
    """Whether a tolerance is one of what is missing; of entries blocked per action, too, which are none if all is well."""
    return is_share_of_actions(metric) or metric == "residency_blocked_rate"


def statement_of(
    stage: str | None, judged: Judged, base: Replications, head: Replications
) -> Statement | None:
    """A measure on both sides; None where one of them observed nothing."""
    measure = judged.measure
    if measure.selection.target is not None and not (base.concerns(measure) and head.concerns(measure)):
        return None
    before, after = base.sample(measure), head.sample(measure)
    if before is None or after is None:
        return None
    unpaired = len(before.units) != len(after.units)  # a replication had nothing to divide by
    first, second = (np.empty(0), np.empty(0)) if unpaired else paired_units(before, after)
    paired = sample_difference(before, after)
    fewer = answers_fewer(base.results, head.results, measure.selection)
    return Statement(stage, judged, to_estimate(before), to_estimate(after), paired, first, second, fewer)
