"""The contingencies of a plan: their part of the document, and how they read on the terminal and the page."""

from collections.abc import Iterator, Sequence

from rich.table import Table
from rich.text import Text

from simulator.metrics.registry import label_of
from simulator.render.numbers import NOTHING, EstimateText, estimate, quantity, unit_of
from simulator.render.terminal_tables import Document, Row, grids, printable, words
from simulator.render.verdict_marks import marked
from simulator.studies.plan.survival import Endured, Survival
from simulator.studies.run.document import JsonObject, estimate_document, verdict_document

_HEADERS = ("tightest objective", "measured", "verdict")


def survival_document(survival: Survival) -> JsonObject:
    """What the contingencies of a stage ask for."""
    least_room = min(survival.endured, key=_room, default=None)
    return {
        "contingencies": [
            {
                "name": one.name,
                "tightest": None if one.tightest is None else verdict_document(one.tightest),
            }
            for one in survival.endured
        ],
        "binding": None if survival.decisive is None else survival.decisive.contingency,
        "least_room": None if least_room is None or least_room.tightest is None else least_room.name,
        "set_by": {
            path: {
                region: {"slo": refusal.slo, "contingency": refusal.contingency}
                for region, refusal in by_region.items()
            }
            for path, by_region in survival.set_by.items()
        },
        "without": {path: dict(by_region) for path, by_region in survival.without.items()},
        "without_is_feasible": survival.without_is_feasible,
        "extra_cost": {"month": estimate_document(survival.extra_month_usd)},
    }


def _room(one: Endured) -> tuple[bool, float]:
    """Slack of the tightest objective; what was not observed comes last."""
    found = one.tightest
    return (True, 0.0) if found is None or found.estimate is None else (False, found.slack)


def survival_tables(stage: Document, width: int) -> list[Table]:
    """A row per contingency of a stage; none if there are none."""
    survival = stage.get("survival")
    if survival is None:
        return []
    rows = [
        Row(printable(without(one["name"])), _cells(one["tightest"])) for one in survival["contingencies"]
    ]
    return grids(_HEADERS, [rows], width, "contingency", words(f"{stage['name']}  contingencies", "bold"))


def _cells(verdict: Document | None) -> list[EstimateText | Text]:
    if verdict is None:
        return [EstimateText(NOTHING, "")] * len(_HEADERS)
    asked = EstimateText(printable(label_of(verdict["metric"])), limit_text(verdict))
    return [asked, estimate(verdict, unit_of(verdict["metric"])), marked(verdict["verdict"])]


def survival_notes(stage: Document) -> Iterator[str]:
    """What it takes to survive, in a sentence; none if there is nothing to survive."""
    survival = stage.get("survival")
    if survival is None:
        return
    extra = survival["extra_cost"]["month"]
    more = [
        f"{path} in {region} {survival['without'][path][region]:,.0f} → {amount:,.0f}"
        f"{_because(survival, path, region)}"
        for path, by_region in stage["capacity"].items()
        for region, amount in by_region.items()
        if amount != survival["without"][path][region]
    ]
    least_room = survival["least_room"]
    tightest = f"; there is least room {without(least_room)}" if least_room is not None else ""
    if not more:
        yield f"the contingencies ask for nothing more{tightest}"
        return
    cost = estimate(extra, "money").line
    yield f"the contingencies cost {cost} a month more: {', '.join(more)}{tightest}"


def _because(survival: Document, path: str, region: str) -> str:
    """What refuses a level less, in brackets."""
    refusal = survival["set_by"].get(path, {}).get(region)
    if refusal is None:
        return ""
    what = refusal["slo"] or "the offered load"
    under = "" if refusal["contingency"] is None else f" {without(refusal['contingency'])}"
    return f" ({what}{under})"


def shortfalls(stage: Document) -> Iterator[str]:
    """How far the largest setting of every knob is from what it cannot meet."""
    for verdict in stage.get("missed_at_top", ()):
        unit = unit_of(verdict["metric"])
        under = "" if verdict.get("contingency") is None else f" {without(verdict['contingency'])}"
        where = "" if verdict["region"] is None else f" for users in {verdict['region']}"
        yield (
            f"at the upper bounds of the knobs{under}, {verdict['slo']}{where} is {estimate(verdict, unit).line}, "
            f"asked: {limit_text(verdict)}"
        )


def without(contingency: str) -> str:
    """A contingency in a sentence: `without region eu-west`, `with incident provider-slow`."""
    return f"{'with' if contingency.startswith('incident ') else 'without'} {contingency}"


def limit_text(verdict: Document) -> str:
    """The limit with its operator, e.g. `< 8 s`."""
    return f"{verdict['op']} {quantity(verdict['limit'], unit_of(verdict['metric']))}"


def contingency_rows(stages: Sequence[Document]) -> list[list[str]]:
    """Plain cells per stage and contingency: stage, what is lost, objective, limit, measured, verdict."""
    return [
        [
            stage["name"],
            without(one["name"]),
            f"{verdict['slo']}: {label_of(verdict['metric'])}",
            limit_text(verdict),
            estimate(verdict, unit_of(verdict["metric"])).line,
            verdict["verdict"],
        ]
        for stage in stages
        for one in stage.get("survival", {}).get("contingencies", ())
        if (verdict := one["tightest"]) is not None
    ]
