"""How a change reads: before, after, and the paired difference with its interval."""

from simulator.render.numbers import NOTHING, EstimateText, Unit, estimate, quantity, unit_of
from simulator.render.terminal_tables import Document


def before_text(entry: Document) -> str:
    """Value on the base's side."""
    return quantity(entry["before"]["value"], unit_of(entry["metric"]))


def after_text(entry: Document) -> str:
    """Value on the head's side."""
    return quantity(entry["after"]["value"], unit_of(entry["metric"]))


def difference_text(entry: Document) -> str:
    """Difference with its interval."""
    return difference_cell(entry).line


def difference_cell(entry: Document) -> EstimateText:
    """Difference, and its interval apart; `none` if nothing moved at all."""
    if entry["direction"] == "none":
        return EstimateText("none", "")
    difference = entry["difference"]
    unit: Unit = unit_of(entry["metric"])
    found = estimate(difference if difference["value"] >= 0 else _negated(difference), unit)
    is_zero = not any(digit in found.value for digit in "123456789")
    sign = "" if is_zero else "+" if difference["value"] > 0 else "−"
    return EstimateText(f"{sign}{found.value}", found.interval)


def relative_text(entry: Document) -> str:
    """Change as a share of the base, e.g. `+3.1 %`."""
    relative = entry["relative"]
    if entry["direction"] == "none" or relative is None:
        return NOTHING
    return f"{relative:+.1%}".replace("%", " %").replace("-", "−")


def _negated(difference: Document) -> Document:
    """Size of a negative difference; its interval turned around."""
    low, high = difference["low"], difference["high"]
    return {
        "value": -difference["value"],
        "low": None if high is None else -high,
        "high": None if low is None else -low,
    }
