"""The objectives of a run or a stage: what must hold and where, what was measured, and the verdict."""

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from simulator.metrics.registry import label_of
from simulator.render.numbers import EstimateText, estimate, quantity, unit_of
from simulator.render.terminal_tables import Document, Row, grids, printable
from simulator.render.verdict_marks import marked


def verdict_tables(verdicts: Sequence[Document], width: int, title: str | Text = "") -> list[Table]:
    """Table of the `verdicts` of a document, in as many parts as it takes to fit the width."""
    has_places = any(verdict["workload"] or verdict["region"] for verdict in verdicts)
    headers = ("limit", "where", "measured", "verdict") if has_places else ("limit", "measured", "verdict")
    rows = [Row(verdict["slo"], _cells(verdict, has_places=has_places)) for verdict in verdicts]
    return grids(headers, [rows], width, "objective", title)


def _cells(verdict: Document, *, has_places: bool) -> list[EstimateText | Text]:
    metric: str = verdict["metric"]
    unit = unit_of(metric)
    limit = f"{verdict['op']} {quantity(verdict['limit'], unit)}"
    place = [verdict["workload"] or "all", verdict["region"] or ""]
    return [
        EstimateText(printable(label_of(metric)), limit),
        *([EstimateText(printable(place[0]), printable(place[1]))] if has_places else []),
        estimate(verdict, unit),
        marked(verdict["verdict"]),
    ]
