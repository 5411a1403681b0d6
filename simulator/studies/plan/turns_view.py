"""What would turn a NO-GO: its part of the document, and how it reads."""

from collections.abc import Iterator
from math import isfinite

from simulator.metrics.registry import label_of
from simulator.render.criteria import limit_text, measure_text
from simulator.render.numbers import quantity, unit_of
from simulator.render.terminal_tables import Document, printable
from simulator.studies.plan.remedies import Remedies
from simulator.studies.run.document import JsonObject


def turns_document(turns: Remedies) -> JsonObject:
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
    """What would make the stage a GO, a sentence per way; what gates and the checklist ask comes on top."""
    yield from _capacity_turns(stage)
    yield from _gate_turns(stage)
    yield from _checklist_turns(stage)


def _capacity_turns(stage: Document) -> Iterator[str]:
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
        yield f"{limit['slo']} would be met as it is if asked: {label_of(limit['metric'])} {limit['op']} {value}"


def _gate_turns(stage: Document) -> Iterator[str]:
    """For every condition that fails, the limit at which it would hold."""
    for gate in stage.get("gates", ()):
        limit = _limit_that_holds(gate)
        if limit is not None:
            asked = limit_text({**gate, "limit": limit})
            yield f"the {gate['gate']} gate would open as it is if asked: {measure_text(gate)} {asked}"


def _checklist_turns(stage: Document) -> Iterator[str]:
    """For every item that blocks: the limits at which it would be there, or whose word is missing."""
    for item in stage.get("readiness", ()):
        if item["missing"] != "block" or item["verdict"] != "FAIL":
            continue
        name = printable(item["item"].replace("_", " "))
        if item["owner"] is not None:
            yield f"{name} would be there once {item['owner']} names evidence"
        for one in item["measurements"]:
            limit = _limit_that_holds(one)
            if limit is not None:
                asked = f"{one['op']} {quantity(limit, one['unit'])}"
                yield f"{name} would be there as it is if asked: {one['what']} {asked}"


def _limit_that_holds(entry: Document) -> float | None:
    """The end of the interval that a failed limit would have to be at; None: it holds, or is not known."""
    if entry["verdict"] != "FAIL":
        return None
    end: float | None = entry["low"] if entry["op"].startswith(">") else entry["high"]
    return end
