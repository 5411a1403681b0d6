"""A plan on the terminal: a column per stage, each stage's objectives, and where the numbers come from.

Made from the document of `rollout plan --json`, so that both always say the same.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from rich.console import Group, RenderableType
from rich.text import Text

from simulator.metrics.registry import ACTIONS, label_of, metric
from simulator.render.footer import footer
from simulator.render.numbers import NOTHING, Unit, quantity, unit_of
from simulator.render.terminal_tables import (
    Document,
    Row,
    at,
    estimate_row,
    grids,
    notes,
    plain_row,
    spaced,
    words,
)
from simulator.render.verdict_marks import marked
from simulator.render.verdict_table import verdict_tables
from simulator.studies.plan.gates_view import gate_notes, gate_tables
from simulator.studies.plan.plan_ranges import range_tables
from simulator.studies.plan.readiness_view import readiness_gaps, readiness_tables
from simulator.studies.plan.survival_view import shortfalls, survival_notes, survival_tables, without
from simulator.studies.plan.trade_off_view import trade_off_tables
from simulator.studies.plan.turns_view import turn_notes
from simulator.studies.run.accuracy_by_class import right_rows

_AT_PEAK = (
    "p50 latency",
    "p95 latency",
    "p99 latency",
    "p50 ttft",
    "p95 ttft",
    "p99 ttft",
    "availability",
    "success_rate",
)
_EXTRA_TRIES = [found.name for found in ACTIONS.values() if found.quiet_at == 0.0]
_COST: tuple[tuple[str, str, Unit], ...] = (
    ("cost per action", "cost.per_action", "money"),
    ("cost per success", "cost.per_successful_action", "money"),
    ("cost per month", "cost.month", "money"),
)

_BY_USE = ("input_tokens", "output_tokens", "service_calls")
_INSTEAD = {"own": "all on own", "none": "all by use"}


def plan_report(document: Document, width: int) -> Group:
    """Everything `rollout plan` prints, laid out for a terminal so many cells wide."""
    parts = _overview(document, width)
    for stage in document["stages"]:
        if stage["verdicts"]:
            title = Text.assemble(words(stage["name"]), "  ", marked(stage["decision"]))
            parts += verdict_tables(stage["verdicts"], width, title)
        parts += gate_tables(stage)
        parts += survival_tables(stage, width)
        parts += readiness_tables(stage)
        parts += trade_off_tables(stage)
        if found := stage_notes(stage):
            parts.append(notes(found))
    parts += range_tables(document, width)
    return spaced([*parts, footer(document)])


def plan_overview(document: Document, width: int) -> Group:
    """Only the stages side by side, and where the numbers come from."""
    return spaced([*_overview(document, width), footer(document)])


def _overview(document: Document, width: int) -> list[RenderableType]:
    stages: Sequence[Document] = document["stages"]
    names = [stage["name"] for stage in stages]
    return [_headline(document), *(grids(names, _sections(stages), width) if stages else [])]


def stage_notes(stage: Document) -> list[str]:
    """Return what a reader of the stage must know besides its numbers."""
    found = [*gate_notes(stage), *stage["warnings"], *survival_notes(stage), *readiness_gaps(stage)]
    if any(not other["is_feasible"] for other in stage["alternatives"]):
        found.append("a cost in brackets: that capacity misses an objective at the peak")
    if not stage["is_feasible"] and stage["capacity"]:
        missed = ", ".join(stage["out_of_reach"])
        found.append(
            f"no setting of the knobs meets {missed} at the peak; "
            "shown is the cheapest that comes as near as the largest and meets the rest"
        )
        found += shortfalls(stage)
    elif not stage["is_cheapest"] and stage["capacity"]:
        found.append(
            f"the search ended after {stage['n_settings']} settings: a cheaper setting is not ruled out"
        )
    return [*found, *turn_notes(stage)]


def _headline(document: Document) -> Text:
    decision = document["decision"]
    line = Text.assemble(words(document["scenario"], "bold"), "  ")
    if decision is not None:
        line.append_text(marked(decision))
    if document["interrupted"]:
        left = "only the stages below were planned" if decision is None else "not all draws were simulated"
        more = "; the same command goes on from here" if "kept" in document else ""
        line.append(f"  interrupted: {left}{more}", style="yellow")
    return line


def _sections(stages: Sequence[Document]) -> list[list[Row]]:
    return [
        list(_demand_rows(stages)),
        [*_metric_rows(_AT_PEAK, stages), *right_rows(stages), *_metric_rows(_extra_tries(stages), stages)],
        [*_estimate_rows(_COST, stages), *_mix_rows(stages), *_metric_rows(["energy_per_action_wh"], stages)],
        list(_capacity_rows(stages)),
        list(_decision_rows(stages)),
    ]


def _demand_rows(stages: Sequence[Document]) -> Iterator[Row]:
    yield plain_row("starts", [_day(stage["start"]) for stage in stages])
    yield plain_row("peak demand", [quantity(stage["demand"]["peak_rps"], "rate") for stage in stages])
    regions = dict.fromkeys(region for stage in stages for region in stage["demand"]["by_region"])
    if len(regions) > 1:
        for region in regions:
            rates = [stage["demand"]["by_region"].get(region) or None for stage in stages]
            yield plain_row(f"  {region}", [quantity(rate, "rate") for rate in rates])


def _estimate_rows(
    specifications: Sequence[tuple[str, str, Unit]], stages: Sequence[Document]
) -> Iterator[Row]:
    for label, path, unit in specifications:
        row = estimate_row(label, path, unit, stages)
        if row is not None:
            yield row


def _metric_rows(metrics: Iterable[str], stages: Sequence[Document]) -> Iterator[Row]:
    """A row per metric, written as people write it: `p95 latency`."""
    for text in metrics:
        statistic, _, name = text.rpartition(" ")
        specification = (label_of(text), f"metrics.{metric(name).path(statistic)}", unit_of(text))
        yield from _estimate_rows([specification], stages)


def _extra_tries(stages: Sequence[Document]) -> Iterator[str]:
    """Retries and the like, where there are any at some stage."""
    for name in _EXTRA_TRIES:
        if any(at(stage, f"metrics.{name}.value") for stage in stages):
            yield name


def _mix_rows(stages: Sequence[Document]) -> Iterator[Row]:
    """Return what is paid by use in a mix, and what the months of other capacities would cost."""
    mixed = [stage for stage in stages if stage["alternatives"]]
    if not mixed:
        return
    by_use = [
        sum(stage["cost"]["by_category"].get(name, {}).get("value", 0.0) for name in _BY_USE)
        for stage in stages
    ]
    yield plain_row("  of it by use", [quantity(amount, "money") for amount in by_use])
    for kind, label in _INSTEAD.items():
        found = [_alternative(stage, kind) for stage in stages]
        if any(found):
            yield plain_row(f"  {label}", [_instead(other) for other in found])


def _alternative(stage: Document, kind: str) -> Document | None:
    return next((other for other in stage["alternatives"] if other["kind"] == kind), None)


def _instead(other: Document | None) -> str:
    """Cost of a month with another capacity; in brackets where it misses an objective."""
    if other is None:
        return NOTHING
    cost = quantity(other["cost"]["month"], "money")
    return cost if other["is_feasible"] else f"({cost})"


def _capacity_rows(stages: Sequence[Document]) -> Iterator[Row]:
    """Return a row per knob and region, and one with the day to order by where anything must be ordered."""
    blanks = [""] * len(stages)
    for path in dict.fromkeys(path for stage in stages for path in stage["capacity"]):
        yield plain_row(" ".join(path.split(".")[1:]), blanks)
        regions = dict.fromkeys(region for stage in stages for region in stage["capacity"].get(path, {}))
        for region in regions:
            amounts = [stage["capacity"].get(path, {}).get(region) for stage in stages]
            yield plain_row(f"  {region}", [quantity(amount, "count") for amount in amounts])
        days = [stage["order_by"].get(path) for stage in stages]
        if any(days):
            yield plain_row("  order by", [day or NOTHING for day in days])


def _decision_rows(stages: Sequence[Document]) -> Iterator[Row]:
    if any(stage["binding"] for stage in stages):
        yield plain_row("binding", [stage["binding"] or NOTHING for stage in stages])
    if any("binding_under" in stage for stage in stages):
        under = [stage.get("binding_under") for stage in stages]
        yield plain_row("", [NOTHING if one is None else without(one) for one in under])
    yield plain_row("verdict", [marked(stage["decision"]) for stage in stages])


def _day(moment: str) -> str:
    return datetime.fromisoformat(moment).date().isoformat()
