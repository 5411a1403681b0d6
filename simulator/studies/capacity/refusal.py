"""Why a setting of the knobs is refused: what it misses, and where nothing is missed, what nobody can tell."""

from collections.abc import Iterable

from simulator.studies.common.verdicts.objectives import SloVerdict
from simulator.studies.record import Record


class Refusal(Record):
    """What a setting of the knobs did not meet, first of all that was asked.

    Attributes
    ----------
    slo : None: no objective; it does not carry the load that is offered
    contingency : under which it is so; None: nothing went wrong
    """

    slo: str | None
    contingency: str | None


def missed_of(verdicts: Iterable[SloVerdict]) -> list[SloVerdict]:
    """What is missed; where nothing is, what cannot be decided."""
    found = list(verdicts)
    failed = [verdict for verdict in found if verdict.verdict == "FAIL"]
    return failed or [verdict for verdict in found if verdict.verdict == "UNDECIDED"]
