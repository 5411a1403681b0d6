"""Is a measure worse by more than may be? Verdicts on a family of paired differences."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from simulator.metrics.registry import is_share_of_actions
from simulator.results.paired import PairedDifference, paired_units, sample_difference
from simulator.results.samples import Floats, to_estimate
from simulator.studies.common.criteria import Measure
from simulator.studies.common.replications import Replications
from simulator.theory.comparison import holm, p_above, p_below, p_equivalent
from simulator.theory.estimate import Estimate
from simulator.theory.verdict import Verdict

Direction = Literal["none", "worse", "better", "unclear"]

# The tolerance of a share is one of what is missing (5 % of 2 % of failures), taken to be at least this much.
_LEAST_MISSING = 0.01


@dataclass(frozen=True)
class Judged:
    """A measure, and which way is better."""

    measure: Measure
    is_lower_better: bool


@dataclass(frozen=True, eq=False)
class Statement:
    """A measure at one stage on both sides.

    Attributes
    ----------
    before, after : estimates apart
    paired : their difference, seed by seed
    first, second : float64[pair], what the difference is made of
    """

    stage: str | None
    judged: Judged
    before: Estimate
    after: Estimate
    paired: PairedDifference
    first: Floats
    second: Floats

    @property
    def direction(self) -> Direction:
        """Which way it went: `none` if nothing moved at all, `unclear` if the interval holds zero."""
        found = self.paired.difference
        if found.value == 0.0 and len(self.first) > 1 and bool(np.all(self.first == self.second)):
            return "none"
        if found.low <= 0.0 <= found.high:
            return "unclear"
        return "worse" if (found.value > 0.0) == self.judged.is_lower_better else "better"

    def losses(self, tolerance: float) -> Floats:
        """How much worse each pair became, beyond the tolerance; float64[pair].

        s·(after - before) - tolerance·scale, with s = 1 where lower is better, else -1. The scale is the pair's
        own base, so that a mean of zero is a ratio of 1 + tolerance (Fieller's way to compare a ratio).
        """
        sign = 1.0 if self.judged.is_lower_better else -1.0
        scale = np.abs(self.first)
        if is_share_of_actions(self.judged.measure.metric):
            missing = self.before.value if self.judged.is_lower_better else 1.0 - self.before.value
            scale = np.full_like(self.first, max(missing, _LEAST_MISSING))
        worse: Floats = sign * (self.second - self.first) - tolerance * scale
        return worse


@dataclass(frozen=True)
class MeasureChange:
    """The verdict on a statement.

    Attributes
    ----------
    p_regression : chance of such losses if it were no worse than tolerated, adjusted for the family (Holm)
    p_no_worse : chance of so little loss if it were worse than tolerated
    p_same : chance of so little change if it were worse or better by more than the tolerance (TOST)
    verdict : FAIL: a regression; PASS: shown to be no worse than tolerated
    """

    statement: Statement
    p_regression: float
    p_no_worse: float
    p_same: float
    verdict: Verdict


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
    return Statement(stage, judged, to_estimate(before), to_estimate(after), paired, first, second)


def judge_family(
    statements: Sequence[Statement], tolerance: float, level: float
) -> tuple[MeasureChange, ...]:
    """Judge measures together, so that the chance that any is called a regression by luck is `level`.

    That a measure is no worse needs no such care: all of them must be shown for a comparison to pass, and the
    chance that all are by luck is no higher than that of one (intersection-union test).

    Parameters
    ----------
    tolerance : share by which a measure may be worse
    level : of the whole family
    """
    losses = [statement.losses(tolerance) for statement in statements]
    adjusted = holm([p_above(loss.tolist()) for loss in losses])
    changes = []
    for statement, loss, p_regression in zip(statements, losses, adjusted, strict=True):
        p_no_worse = p_below(loss.tolist())
        verdict: Verdict = "UNDECIDED"
        if statement.direction == "none" or p_no_worse < level:
            verdict = "PASS"
        elif p_regression < level:
            verdict = "FAIL"
        p_same = p_equivalent(statement.losses(-tolerance).tolist(), loss.tolist())
        changes.append(MeasureChange(statement, p_regression, p_no_worse, p_same, verdict))
    return tuple(changes)
