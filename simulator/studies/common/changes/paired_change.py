"""What a report says of a measure on both sides of a comparison: values, paired difference, and which way it went."""

from typing import Annotated, Any, Literal, Self

from simulator.studies.common.changes.statements import Direction, Statement
from simulator.studies.common.verdicts.criterion_record import MeasureRecord, measure_fields
from simulator.studies.record import Interval, finite, if_any, json_key


class PairedChange(MeasureRecord):
    """A measure at one stage on both sides, on the same users with the same luck.

    Attributes
    ----------
    better : which way is better
    before, after : on the base's side and on the head's
    difference : after minus before, with its paired interval
    relative : difference as a share of the base's value; None: that is zero
    direction : `none`: nothing moved at all; `unclear`: not significant, the interval holds zero; `fewer`: it would be
        better if the change did not answer fewer in time
    answers_fewer : the share that is answered in time drops beyond noise, or more are left waiting in a queue that grows
    n_pairs : of replications with the same seed
    variance_ratio : of the paired difference to that of independent runs; below 1 pairing helped
    """

    better: Literal["lower", "higher"]
    before: Interval
    after: Interval
    difference: Interval
    relative: float | None
    direction: Direction
    n_pairs: Annotated[int, json_key("pairs")]
    variance_ratio: float | None
    answers_fewer: Annotated[bool, if_any] = False

    @classmethod
    def of(cls, statement: Statement, **more: Any) -> Self:
        """The record of a statement.

        Parameters
        ----------
        more : fields that a kind of change has besides
        """
        paired = statement.paired
        ratio = paired.variance_ratio
        return cls(
            **measure_fields(statement.judged.measure, statement.stage),
            better="lower" if statement.judged.is_lower_better else "higher",
            before=statement.before,
            after=statement.after,
            difference=paired.difference,
            relative=paired.difference.value / abs(paired.before) if paired.before else None,
            direction=statement.direction,
            n_pairs=paired.n_pairs,
            variance_ratio=None if ratio is None else finite(ratio),
            answers_fewer=statement.answers_fewer,
            **more,
        )

    @property
    def is_significant(self) -> bool:
        """Whether it is shown to have moved."""
        return self.direction in ("worse", "better", "fewer")
