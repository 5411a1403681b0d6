"""Cost against latency and availability: the trade-off of a plan in its document and on the terminal."""

from collections.abc import Sequence

from rich.table import Table

from simulator.render.numbers import estimate, quantity
from simulator.render.terminal_tables import Document, joined, table, words
from simulator.studies.plan.trade_off import TradePoint
from simulator.studies.run.document import JsonObject, estimate_document

_SAYS = {True: "yes", False: "no", None: "not asked"}


def trade_off_document(points: Sequence[TradePoint]) -> list[JsonObject]:
    """Points on a front, and the one that is planned, by rising cost."""
    return [
        {
            "capacity": {path: dict(by_region) for path, by_region in point.amounts.items()},
            "cost": {"month": point.month_usd},
            "latency_p95_s": estimate_document(point.latency_p95_s),
            "availability": estimate_document(point.availability),
            "holds": point.holds,
            "is_planned": point.is_planned,
            "on_latency_front": point.on_latency_front,
            "on_availability_front": point.on_availability_front,
        }
        for point in points
    ]


def trade_off_tables(stage: Document) -> list[Table]:
    """A row per point of a stage; none where there is nothing to choose from."""
    points = stage.get("trade_off", ())
    if len(points) < 2:
        return []
    made = table(
        "",
        "cost per month",
        "p95 latency",
        "availability",
        "objectives hold",
        title=words(f"{stage['name']}  what more or less capacity would do", "bold"),
        right=range(1, 4),
        no_wrap=range(5),
    )
    for point in points:
        made.add_row(
            "planned" if point["is_planned"] else "",
            quantity(point["cost"]["month"], "money"),
            joined(estimate(point["latency_p95_s"], "time"), "\n"),
            joined(estimate(point["availability"], "share"), "\n"),
            _SAYS[point["holds"]],
        )
    return [made]
