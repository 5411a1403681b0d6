"""Estimates and paired differences of hand-made reports."""

from simulator.studies.common.paired import Paired
from simulator.theory.estimate import Estimate


def around(value: float, half_width: float = 0.0) -> Estimate:
    """An estimate with a symmetric interval."""
    return Estimate(value, value - half_width, value + half_width)


def paired(without: float, more: float, half_width: float = 0.0) -> Paired:
    """A number without something, and by how much it is more with it."""
    return Paired(before=without, after=without + more, difference=around(more, half_width), n_pairs=4)
