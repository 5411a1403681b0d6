"""What a change does to a number, measured pair by pair: on the same users with the same luck, with and without it."""

from typing import Annotated

from simulator.results.paired import PairedDifference
from simulator.studies.record import Interval, Record, finite, json_key
from simulator.theory.estimate import Estimate


class Paired(Record):
    """A number without and with something, and the difference that it makes.

    Attributes
    ----------
    before, after : without it and with it, mean over the replications; None: not known
    difference : after minus before, with its paired interval
    n_pairs : replications with the same seed on both sides
    """

    before: Annotated[float | None, json_key("without")]
    after: Annotated[float | None, json_key("with")]
    difference: Interval
    n_pairs: Annotated[int, json_key("pairs")]

    @classmethod
    def of(cls, found: PairedDifference) -> "Paired":
        """The paired difference as a part of a report."""
        return cls(
            before=finite(found.before),
            after=finite(found.after),
            difference=found.difference,
            n_pairs=found.n_pairs,
        )

    @property
    def estimate(self) -> Estimate:
        """What stands for it in a row of a table."""
        return self.difference
