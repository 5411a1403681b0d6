"""The objectives of a run or a stage: what must hold, what was measured, and the verdict."""

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from simulator.reporting.cells import Document, Row, grids, printable
from simulator.reporting.format import EstimateText, Unit, estimate, quantity
from simulator.reporting.marks import marked

_SHORT = {"cost_per_action": "cost per action", "cost_per_successful_action": "cost per success"}
_TIMES = ("latency", "ttft", "tpot", "queue_wait", "resolution")


def unit_of(metric: str) -> Unit:
    """Unit of a metric by its name: `p(95) latency` is a time, `cost_per_action` money, others are shares."""
    if any(name in metric for name in _TIMES):
        return "time"
    return "money" if "cost" in metric else "share"


def verdict_tables(verdicts: Sequence[Document], width: int, title: str | Text = "") -> list[Table]:
    """Table of the `verdicts` of a document, in as many parts as it takes to fit the width."""
    rows = []
    for verdict in verdicts:
        metric: str = verdict["metric"]
        unit = unit_of(metric)
        cells: list[EstimateText | Text] = [
            EstimateText(printable(_SHORT.get(metric, metric)), ""),
            EstimateText(f"{verdict['op']} {quantity(verdict['limit'], unit)}", ""),
            estimate(verdict, unit),
            marked(verdict["verdict"]),
        ]
        scope = [part for part in (verdict["workload"], verdict["region"]) if part is not None]
        rows.append(Row(", ".join([verdict["slo"], *scope]), cells))
    return grids(("metric", "limit", "measured", "verdict"), [rows], width, "objective", title)
