"""A comparison on the terminal; made from its document."""

from rich.console import Group, RenderableType
from rich.text import Text

from simulator.render.criteria import measure_text, part_text, sentence
from simulator.render.numbers import NOTHING, EstimateText, quantity
from simulator.render.step_times import step_time_lines
from simulator.render.terminal_tables import Document, Row, grids, notes, printable, spaced, words
from simulator.render.verdict_marks import marked
from simulator.studies.compare.change_text import after_text, before_text, difference_cell, relative_text

_HEADERS = ("where", "base", "head", "change")


def compare_report(document: Document, width: int) -> Group:
    """Everything `rollout compare` prints."""
    base, head = document["base"], document["head"]
    title = f"{base['scenario']} ({base['name']}) → {head['scenario']} ({head['name']})"
    judged = [
        Row(printable(measure_text(entry)), [*_cells(entry), marked(entry["verdict"])])
        for entry in document["changes"]
    ]
    parts: list[RenderableType] = [*grids((*_HEADERS, "verdict"), [judged], width, "measure", title)]
    moved = [entry for entry in document["told"] if entry["direction"] not in ("none", "unclear")]
    if moved:
        told = [Row(printable(measure_text(entry)), _cells(entry)) for entry in moved]
        parts += grids(_HEADERS, [told], width, "also changed")
    missed = [entry for entry in document["thresholds"] if entry["verdict"] == "FAIL"]
    if missed:
        parts.append(notes([f"missed: {sentence(entry)}" for entry in missed]))
    parts.append(words("\n".join([footer_text(document), *side_lines(document)])))
    return spaced(parts)


def side_lines(document: Document) -> list[str]:
    """Where the step times of either side's pools are from."""
    return list(dict.fromkeys(step_time_lines(document["base"]) + step_time_lines(document["head"])))


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


def _cells(entry: Document) -> list[EstimateText | Text]:
    relative = relative_text(entry)
    return [
        EstimateText(printable(entry["stage"] or "full exposure"), printable(part_text(entry))),
        EstimateText(before_text(entry), ""),
        EstimateText(after_text(entry), "" if relative == NOTHING else f"({relative})"),
        difference_cell(entry),
    ]
