"""The objectives of a run or a stage: what must hold and where, what was measured, and the verdict."""

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from simulator.render.numbers import EstimateText, Unit, estimate, quantity
from simulator.render.terminal_tables import Document, Row, grids, printable
from simulator.render.verdict_marks import marked

_WORDS = {
    "ttft": "first token",
    "tpot": "time per output token",
    "cost_per_successful_action": "cost per success",
}
_TIMES = ("latency", "ttft", "tpot", "queue_wait", "resolution")


def unit_of(metric: str) -> Unit:
    """Unit of a metric by its name: `p(95) latency` is a time, `cost_per_action` money, others are shares."""
    if any(name in metric for name in _TIMES):
        return "time"
    return "money" if "cost" in metric else "share"


def readable(metric: str) -> str:
    """Metric in words: `p(95) first token` for `p(95) ttft`, `success rate` for `success_rate`."""
    statistic, _, indicator = metric.rpartition(" ")
    return f"{statistic} {_WORDS.get(indicator, indicator.replace('_', ' '))}".lstrip()


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
        EstimateText(printable(readable(metric)), limit),
        *([EstimateText(printable(place[0]), printable(place[1]))] if has_places else []),
        estimate(verdict, unit),
        marked(verdict["verdict"]),
    ]
