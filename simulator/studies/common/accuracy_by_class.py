"""Who is answered how well at each stage: success, groundedness and what people do, by class, language and model."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from simulator.metrics.actions import ActionMetrics
from simulator.metrics.dimensions import COMPLEXITY, LANGUAGE, TARGET
from simulator.metrics.targets import TargetMetrics
from simulator.render.sections import Quantity, Row, Table
from simulator.results.summary import Part, TargetPart
from simulator.studies.common.summaries import Parts
from simulator.theory.estimate import Estimate

StageParts = Parts[Part, TargetPart]
_COLUMNS = ("right", "grounded", "handed to people", "changed in review")
_NO_NEWS = {"grounded": 1.0, "handed to people": 0.0}  # what stands there where a scenario says nothing of it


class Accuracy(NamedTuple):
    """How often a class, a language or the answers of a model are right, by stage; None: nothing was seen.

    Attributes
    ----------
    dimension : what tells it apart: `complexity`, `language` or `target`
    """

    dimension: str
    name: str
    estimates: list[Estimate | None]

    @property
    def label(self) -> str:
        """As a row of a table is called."""
        return f"accuracy: {self.name}"


@dataclass(frozen=True)
class _Answered:
    """How well one part is answered: by column, None: not known."""

    stage: str
    label: str
    shares: Mapping[str, Estimate | None]


def accuracies(stages: Sequence[StageParts]) -> list[Accuracy]:
    """What the success rates of stages are made of, where there are several."""
    found = [
        Accuracy(dimension, name, [_right(_part(stage, dimension, name)) for stage in stages])
        for dimension, name in _told_apart(stages)
    ]
    return [one for one in found if any(estimate is not None for estimate in one.estimates)]


def accuracy_rows(stages: Sequence[StageParts]) -> list[Row]:
    """The same as rows of a table with a column per stage."""
    return [
        Row(one.label, [Quantity(found, "share") for found in one.estimates]) for one in accuracies(stages)
    ]


def answered_table(stages: Mapping[str, StageParts], title: str = "") -> Table:
    """A row per stage and part; none where there is one part, and no column for what never happens."""
    found = [
        _Answered(name, _label(dimension, part), _shares(_part(stage, dimension, part)))
        for name, stage in stages.items()
        for dimension, part in _told_apart([stage])
    ]
    columns = [column for column in _COLUMNS if _is_news(column, found)]
    rows = [
        Row(one.stage, [one.label, *(Quantity(one.shares.get(column), "share") for column in columns)])
        for one in found
        if columns
    ]
    return Table(["of", *columns], [rows], "stage", title)


def _told_apart(stages: Sequence[StageParts]) -> list[tuple[str, str]]:
    """Dimension and name of each part: several classes, languages or models."""
    found: list[tuple[str, str]] = []
    for one in (COMPLEXITY, LANGUAGE):
        names = dict.fromkeys(name for stage in stages for name in getattr(stage, one.name))
        found += [(one.name, name) for name in names] if len(names) > 1 else []
    models = dict.fromkeys(
        name for stage in stages for name, part in stage.target.items() if part.kind == "model"
    )
    return found + ([(TARGET.name, name) for name in models] if len(models) > 1 else [])


def _part(stage: StageParts, dimension: str, name: str) -> ActionMetrics | TargetMetrics | None:
    if dimension == TARGET.name:
        return stage.target.get(name)
    named: Mapping[str, Part] = getattr(stage, dimension)
    return named[name].metrics if name in named else None


def _right(of: ActionMetrics | TargetMetrics | None) -> Estimate | None:
    return _shares(of)["right"]


def _shares(of: ActionMetrics | TargetMetrics | None) -> dict[str, Estimate | None]:
    """By column."""
    if isinstance(of, TargetMetrics):
        return {"right": of.right_rate, "grounded": of.grounded_rate}
    if of is None:
        return {"right": None}
    shares = (of.success_rate, of.groundedness, of.handed_off_rate, of.override_rate)
    return dict(zip(_COLUMNS, shares, strict=True))


def _is_news(column: str, found: Sequence[_Answered]) -> bool:
    shares = (one.shares.get(column) for one in found)
    return any(share is not None and share.value != _NO_NEWS.get(column) for share in shares)


def _label(dimension: str, name: str) -> str:
    return f"answers of {name}" if dimension == TARGET.name else f"{dimension} {name}"
