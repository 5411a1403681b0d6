"""What a check found, each at its place in a file, as CI systems take it: see `junit` and `annotations`."""

from collections.abc import Sequence
from dataclasses import dataclass

from simulator.theory.verdict import Verdict


@dataclass(frozen=True)
class PlacedVerdict:
    """One verdict at its place.

    Attributes
    ----------
    name : what was checked, unique in its suite
    message : one sentence with the numbers
    place : in words, with what stands there
    line, column : None: it stands in no file
    """

    name: str
    verdict: Verdict
    message: str
    place: str
    file: str
    line: int | None
    column: int | None


@dataclass(frozen=True)
class Suite:
    """Findings that belong together, e.g. of one stage of a scenario in a file."""

    name: str
    file: str
    findings: Sequence[PlacedVerdict]
