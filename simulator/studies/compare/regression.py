"""Is a measure worse by more than may be? Verdicts on a family of paired differences."""

from collections.abc import Sequence
from dataclasses import dataclass

from simulator.studies.common.changes.statements import Statement
from simulator.theory.comparison import holm, p_above, p_below, p_equivalent
from simulator.theory.verdict import Verdict


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
