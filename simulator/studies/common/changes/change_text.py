"""How a change reads: both sides, the paired difference with its interval, and which way it went."""

from simulator.metrics.registry import metric
from simulator.render.numbers import NOTHING, Unit, quantity, unit_of
from simulator.render.sections import Quantity
from simulator.studies.common.changes.paired_change import PairedChange

ANSWERS_FEWER = "answers fewer"
_DIRECTIONS = {"none": "no change", "unclear": "not significant", "fewer": ANSWERS_FEWER}


def before_text(of: PairedChange) -> str:
    """Value on the base's side."""
    return quantity(of.before.value, unit_of(of.metric))


def after_text(of: PairedChange) -> str:
    """Value on the head's side."""
    return quantity(of.after.value, unit_of(of.metric))


def relative_text(of: PairedChange) -> str:
    """Change as a share of the base, e.g. `+3.1 %`."""
    if of.direction == "none" or of.relative is None:
        return NOTHING
    return Quantity(of.relative, "share", signed=True).text.value


def direction_text(of: PairedChange) -> str:
    """Which way it went."""
    return _DIRECTIONS.get(of.direction, of.direction)


def reading_text(of: PairedChange) -> str:
    """Which way it went, by what the metric itself says is better; `moved` where neither way is."""
    better = metric(of.metric).better
    if not of.is_significant:
        return direction_text(of)
    if better is None:
        return "moved"
    if (of.difference.value > 0.0) != (better == "high"):
        return "worse"
    return ANSWERS_FEWER if of.answers_fewer else "better"


def difference_cell(of: PairedChange) -> Quantity:
    """The paired difference with its interval; of shares in percentage points."""
    return Quantity(of.difference, difference_unit(of), signed=True)


def difference_unit(of: PairedChange) -> Unit:
    """Unit of the difference of two values."""
    unit = unit_of(of.metric)
    return "points" if unit == "share" else unit


def after_cell(of: PairedChange) -> Quantity:
    """Value on the head's side, with the relative change."""
    relative = relative_text(of)
    return Quantity(of.after.value, unit_of(of.metric), detail="" if relative == NOTHING else f"({relative})")
