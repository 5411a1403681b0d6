"""A comparison on the terminal; made from its document."""

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.table import Table

from simulator.reporting.cells import Document, notes, spaced, table, words
from simulator.reporting.change_text import after_text, before_text, difference_text, relative_text
from simulator.reporting.criterion_text import measure_text, part_text, sentence
from simulator.reporting.format import quantity
from simulator.reporting.marks import marked


def compare_report(document: Document, _width: int) -> Group:
    """Everything `rollout compare` prints."""
    base, head = document["base"], document["head"]
    title = f"{base['scenario']} ({base['name']}) → {head['scenario']} ({head['name']})"
    parts: list[RenderableType] = [_judged(document["changes"], title)]
    moved = [entry for entry in document["told"] if entry["direction"] not in ("none", "unclear")]
    if moved:
        parts.append(_told(moved))
    missed = [entry for entry in document["thresholds"] if entry["verdict"] == "FAIL"]
    if missed:
        parts.append(notes([f"missed: {sentence(entry)}" for entry in missed]))
    parts.append(words(footer_text(document)))
    return spaced(parts)


def footer_text(document: Document) -> str:
    """How the verdicts were come by, in a line."""
    pairs = [entry["pairs"] for entry in document["changes"]]
    ratios = sorted(entry["variance_ratio"] for entry in document["changes"] if entry["variance_ratio"])
    worth = f"; pairing was worth {1 / ratios[len(ratios) // 2]:.3g} × the runs" if ratios else ""
    most = (
        f"{min(pairs)} to {max(pairs)}"
        if min(pairs, default=0) != max(pairs, default=0)
        else f"{max(pairs, default=0)}"
    )
    return (
        f"{most} pairs of replications with the same seeds{worth}; worse by up to "
        f"{quantity(document['tolerance'], 'share')} is tolerated; {document['wall_s']:.1f} s"
    )


def _judged(entries: Sequence[Document], title: str) -> Table:
    shown = table("measure", "stage", "where", "base", "head", "change", "", "verdict", title=title)
    for entry in entries:
        shown.add_row(*_cells(entry), marked(entry["verdict"]))
    return shown


def _told(entries: Sequence[Document]) -> Table:
    shown = table("also changed", "stage", "where", "base", "head", "change", "")
    for entry in entries:
        shown.add_row(*_cells(entry))
    return shown


def _cells(entry: Document) -> list[RenderableType]:
    texts = (
        measure_text(entry),
        entry["stage"] or "full exposure",
        part_text(entry),
        before_text(entry),
        after_text(entry),
        difference_text(entry),
        relative_text(entry),
    )
    return [words(text) for text in texts]
