"""What would turn a NO-GO: its part of the document, and how it reads."""

from collections.abc import Iterator
from math import isfinite

from simulator.planning.turns import Turns
from simulator.reporting.cells import Document
from simulator.reporting.document import JsonObject
from simulator.reporting.format import quantity
from simulator.reporting.verdict_table import readable, unit_of


def turns_document(turns: Turns) -> JsonObject:
    """Each change would do by itself; of limits, all together."""
    more = turns.capacity
    return {
        "capacity": None
        if more is None
        else {
            "amounts": {path: dict(by_region) for path, by_region in more.amounts.items()},
            "extra_month": more.extra_month_usd,
        },
        "demand_share": turns.demand_share,
        "limits": [
            {"slo": limit.slo, "metric": limit.metric, "op": limit.op, "limit": limit.limit}
            for limit in turns.limits
            if isfinite(limit.limit)
        ],
    }


def turn_notes(stage: Document) -> Iterator[str]:
    """What would make the stage a GO, a sentence per way."""
    turns = stage.get("turns")
    if turns is None:
        return
    more = turns["capacity"]
    if more is not None:
        amounts = ", ".join(
            f"{path} in {region} {amount:,.0f}"
            for path, by_region in more["amounts"].items()
            for region, amount in by_region.items()
            if amount != stage["capacity"][path][region]
        )
        extra = quantity(more["extra_month"], "money")
        yield f"would be met with more than the knobs allow, for {extra} a month more: {amounts}"
    if turns["demand_share"] is not None:
        share = quantity(turns["demand_share"], "share")
        yield f"would be met, at the upper bounds of the knobs, by {share} of the demand: expose fewer"
    for limit in turns["limits"]:
        value = quantity(limit["limit"], unit_of(limit["metric"]))
        yield f"{limit['slo']} would be met as it is if asked: {readable(limit['metric'])} {limit['op']} {value}"
