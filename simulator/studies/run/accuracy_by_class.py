"""Who is answered how well in a plan: success, groundedness and what people do, by class, language and model."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from simulator.render.numbers import Unit, estimate
from simulator.render.terminal_tables import Document, Row

_KINDS = ("complexity", "language")
_UNIT: Unit = "share"
_COLUMNS = (  # header, metric of actions, metric of a model's answers
    ("right", "success_rate", "right_rate"),
    ("grounded", "groundedness", "grounded_rate"),
    ("handed to people", "handed_off_rate", ""),
    ("changed in review", "override_rate", ""),
)
_UNTOLD = {"grounded": 1.0, "handed to people": 0.0}  # what stands there where a scenario says nothing of it


class RightShares(NamedTuple):
    """How often a class, a language or the answers of a model are right; an estimate per stage, None: nothing was seen."""

    kind: str
    label: str
    estimates: list[Document | None]


def right_shares(stages: Sequence[Document]) -> Iterator[RightShares]:
    """What the success rates of stages are made of, where several are told apart."""
    for kind, name in _parts(stages):
        key = "right_rate" if kind == "target" else "success_rate"
        estimates = [_metrics(stage, kind, name).get(key) for stage in stages]
        if any(estimate is not None for estimate in estimates):
            yield RightShares(kind, _label(kind, name), estimates)


def right_rows(stages: Sequence[Document]) -> list[Row]:
    """The same as rows for the terminal, a column per stage."""
    return [
        Row(f"  {one.label}", [estimate(found, _UNIT) for found in one.estimates])
        for one in right_shares(stages)
    ]


def answered_table(stages: Sequence[Document]) -> tuple[list[str], list[list[str]]]:
    """Headers and rows for a page; no rows where nothing is told apart, no column for what never happens."""
    parts = [(stage, kind, name) for stage in stages for kind, name in _parts([stage])]
    columns = {
        header: [_metrics(*part).get(of_models if part[1] == "target" else of_actions) for part in parts]
        for header, of_actions, of_models in _COLUMNS
    }
    told = {
        header: cells
        for header, cells in columns.items()
        if any(cell is not None and cell["value"] != _UNTOLD.get(header) for cell in cells)
    }
    rows = [
        [stage["name"], _label(kind, name), *(estimate(cells[row], _UNIT).line for cells in told.values())]
        for row, (stage, kind, name) in enumerate(parts)
    ]
    return ["stage", "of", *told], rows


def _parts(stages: Sequence[Document]) -> list[tuple[str, str]]:
    """Kind and name of what is told apart: several classes, languages or models."""
    found: list[tuple[str, str]] = []
    for kind in _KINDS:
        names = dict.fromkeys(name for stage in stages for name in stage["by"].get(kind, {}))
        found += [(kind, name) for name in names] if len(names) > 1 else []
    models = dict.fromkeys(
        name for stage in stages for name, part in stage["by"]["target"].items() if part["kind"] == "model"
    )
    return found + ([("target", name) for name in models] if len(models) > 1 else [])


def _metrics(stage: Document, kind: str, name: str) -> Document:
    part: Document = stage["by"].get(kind, {}).get(name, {})
    return part if kind == "target" else part.get("metrics", {})


def _label(kind: str, name: str) -> str:
    return f"answers of {name}" if kind == "target" else f"{kind} {name}"
