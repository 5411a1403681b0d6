"""Who is answered how well in a plan: success, groundedness and what people do, by class, language and model."""

from collections.abc import Iterator, Sequence

from simulator.reporting.cells import Document, Row, estimate_row
from simulator.reporting.format import Unit, estimate

_KINDS = ("complexity", "language")
_OF_ACTIONS = ("success_rate", "groundedness", "handed_off_rate", "override_rate")
_OF_MODELS = ("right_rate", "grounded_rate")
_UNIT: Unit = "share"

ANSWERED_HEADERS = ("stage", "of", "right", "grounded", "handed to people", "changed in review")


def right_rows(stages: Sequence[Document]) -> Iterator[Row]:
    """Rows for the terminal: of the success rate, how often each class, language and model is right."""
    for kind, name in _parts(stages):
        key = "right_rate" if kind == "target" else "success_rate"
        documents = [_metrics(stage, kind, name) for stage in stages]
        row = estimate_row(f"  {_label(kind, name)}", key, _UNIT, documents)
        if row is not None:
            yield row


def answered_rows(stages: Sequence[Document]) -> list[list[str]]:
    """Rows for a page, in the order of `ANSWERED_HEADERS`; none where nothing is told apart."""
    rows = []
    for stage in stages:
        for kind, name in _parts([stage]):
            metrics = _metrics(stage, kind, name)
            keys = _OF_MODELS if kind == "target" else _OF_ACTIONS
            cells = [estimate(metrics.get(key), _UNIT).line for key in keys]
            rows.append([stage["name"], _label(kind, name), *cells, *[""] * (len(_OF_ACTIONS) - len(cells))])
    return rows


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
