"""How do the rates of a business case read, where every rate or none would do?"""

from simulator.render.numbers import quantity


def within_one(value: float | None) -> str:
    """A share; `none` where no share would do."""
    if value is None or value > 1.0:
        return "none"
    return quantity(value, "share")


def break_even_rate(value: float | None) -> str:
    """The success rate from which the rollout saves; in words where every rate does."""
    return "at any" if value == 0.0 else within_one(value)
