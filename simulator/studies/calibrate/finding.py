"""What an estimator found: numbers with their intervals, what of it a scenario can say, and what it cannot."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from simulator.render.numbers import Unit
from simulator.scenario.write.edit import Edit
from simulator.studies.calibrate.estimators.forms import Fit
from simulator.theory.estimate import Estimate


@dataclass(frozen=True)
class Number:
    """A number of the log.

    Attributes
    ----------
    name : path in the scenario, or words for what no key says
    n : rows that it is of
    """

    name: str
    estimate: Estimate
    unit: Unit
    n: int
    note: str = ""


@dataclass(frozen=True)
class LogFinding:
    """Numbers that belong together, and the edits that write them.

    Attributes
    ----------
    kept : keys that stay as they are, and why
    notes : what a reader must know
    """

    numbers: Sequence[Number] = ()
    edits: Sequence[Edit] = ()
    kept: Sequence[tuple[str, str]] = ()
    notes: Sequence[str] = field(default=())


def dotted(*levels: str | int) -> str:
    """A path as people write it."""
    return ".".join(map(str, levels))


def form_of(stated: object) -> str | None:
    """Name of the distribution that a scenario states."""
    return getattr(stated, "distribution", None)


def parameters(found: Fit, path: tuple[str, ...], unit: Unit, note: str = "") -> list[Number]:
    """The numbers of a distribution at a path."""
    return [
        Number(dotted(*path, key), estimate, "number" if key == "cv" else unit, found.n, note or found.form)
        for key, estimate in found.parameters.items()
    ]
