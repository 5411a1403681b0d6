"""The checklist before a stage: its items, and the numbers that those are judged by which are measured.

What is measured has an interval and a limit, and is PASS, FAIL or UNDECIDED like an objective. What is attested is there if
it names its evidence; whether that is good is not for a simulation to say.
"""

from datetime import date
from typing import Annotated, Literal

from simulator.studies.record import Estimated, Record, if_known, json_key
from simulator.theory.estimate import Estimate
from simulator.theory.verdict import Verdict, verdict

Unit = Literal["share", "time", "money", "number"]


class Measurement(Estimated):
    """One number that an item of the checklist was judged by."""

    what: str
    unit: Unit
    op: str
    limit: float
    verdict: Verdict


class ReadinessItem(Record):
    """One item of the checklist before a stage.

    Attributes
    ----------
    owner, evidence : of what is attested; None: it is measured
    due : of what is attested and not there yet, the day on which it is; None: it is there, or nobody says
    begin_by : the latest day to begin it, so that the stage begins on its day
    expired : the day on which it ceased to hold, where that is before the stage
    missing : what it does when it is not there
    measurements : of what is measured
    """

    name: Annotated[str, json_key("item")]
    kind: Literal["measured", "attested"]
    owner: str | None
    evidence: str | None
    missing: Literal["block", "warn"]
    measurements: tuple[Measurement, ...]
    verdict: Verdict
    due: Annotated[date | None, if_known] = None
    begin_by: Annotated[date | None, if_known] = None
    expired: Annotated[date | None, if_known] = None


def measured(what: str, unit: Unit, found: Estimate | None, op: str, limit: float) -> Measurement:
    """A number against its limit; what never happened fails."""
    judged: Verdict = "FAIL" if found is None else verdict(found, op, limit)
    return Measurement(what=what, unit=unit, estimate=found, op=op, limit=limit, verdict=judged)


def in_points(share: float) -> str:
    """A difference of shares, in words."""
    points = f"{100.0 * share:g}"
    return f"{points} point{'' if points == '1' else 's'}"
