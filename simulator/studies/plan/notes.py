"""What a reader of a stage's plan must know besides its numbers, in sentences: what blocks it, and what would help."""

import json
from collections.abc import Iterator
from math import isfinite
from typing import Literal

from simulator.metrics.registry import label_of
from simulator.render.numbers import estimate, quantity, unit_of
from simulator.studies.capacity.knobs import Amounts
from simulator.studies.common.checklist import Measurement, ReadinessItem
from simulator.studies.common.verdicts.criterion_text import found_text, limit_text, measure_text
from simulator.studies.common.verdicts.verdict_view import collapse_notes, open_notes
from simulator.studies.common.verdicts.verdict_view import limit_text as slo_limit_text
from simulator.studies.plan.findings import GateCondition, Survival
from simulator.studies.plan.report import StagePlan

NEVER = "never"
_NEARLY_FULL = 0.9  # share of a limit in use from where on a reader should know what would relieve it
_COMFORTABLE = 0.8  # that a larger one would be full


def stage_notes(stage: StagePlan) -> list[str]:
    """Everything to know of a stage."""
    return [
        *change_notes(stage),
        *waiting_notes(stage),
        *gate_notes(stage),
        *collapse_notes(stage.collapse, stage.verdicts),
        *open_notes(stage.verdicts),
        *backlog_notes(stage),
        *limit_notes(stage),
        *stage.warnings,
        *survival_notes(stage),
        *readiness_gaps(stage),
        *capacity_notes(stage),
        *remedy_notes(stage),
    ]


def change_notes(stage: StagePlan) -> Iterator[str]:
    """What is different from the stage on."""
    for path, value in stage.changes.items():
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        yield f"from here on `{path}` is {text}"


def headroom_text(stage: StagePlan) -> str:
    """How much is asked while a plan measures: other looks at the peak have no headroom."""
    share = quantity(stage.demand.headroom, "share")
    return (
        f"measured at the peak with {share} headroom, which is more than is expected; `what-if`, `flow`, `run` and `check` "
        "show the peak as expected, with less load and shorter waits"
    )


def limit_notes(stage: StagePlan) -> Iterator[str]:
    """What would relieve a quota that is nearly used up, the cheapest first: what costs nothing before what is bought."""
    for use in stage.limits:
        if use.full.value < _NEARLY_FULL:
            continue
        ways = []
        if use.with_real_answers is not None:
            ways.append(
                f"{use.with_real_answers:.0%} if nobody asked for more `max_tokens` than answers take"
            )
        if use.without_batch is not None:
            ways.append(f"{use.without_batch:.0%} if batch work waited for the night")
        enough = use.full.value * use.per_minute / _COMFORTABLE
        ways.append(f"{_COMFORTABLE:.0%} if it were raised to {enough:,.0f}")
        yield (
            f"`{use.limit}` of {use.target} in {use.region} is {estimate(use.full, 'share').line} full at the peak: "
            f"{', '.join(ways)}"
        )


def backlog_notes(stage: StagePlan) -> Iterator[str]:
    """Where work piles up at the peak, unless it is known to be worked off in the week."""
    people = {(week.team, week.region) for week in stage.people if not week.falls_behind}
    caught_up = people | {(found.target, found.region) for found in stage.slow if not found.is_missed}
    for found in stage.backlogs:
        if (found.target, found.region) not in caught_up:
            yield f"at the peak: {found.message}"


def gate_notes(stage: StagePlan) -> Iterator[str]:
    """The gates that do not open, and the approval that is needed."""
    for gate in stage.gates:
        if gate.verdict != "PASS":
            state = "fails" if gate.verdict == "FAIL" else "is undecided"
            found = f"{measure_text(gate)} is {found_text(gate)}, limit {limit_text(gate)}"
            yield f"the {gate.gate} gate measured at {gate.measured_at} {state}: {found}"
    if stage.approval is not None:
        yield f"needs the approval of {stage.approval.by}: request it by {stage.approval.ask_by}"


def survival_notes(stage: StagePlan) -> Iterator[str]:
    """What it takes to survive the contingencies; nothing if there are none."""
    survival = stage.survival
    if survival is None:
        return
    more = [
        f"{path} in {region} {survival.without[path][region]:,.0f} → {amount:,.0f}"
        f"{_because(survival, path, region)}"
        for path, by_region in stage.capacity.items()
        for region, amount in by_region.items()
        if amount != survival.without[path][region]
    ]
    tightest = "" if survival.tightest is None else f"; tightest {without(survival.tightest)}"
    if not more:
        yield f"surviving the contingencies needs no extra capacity{tightest}"
        return
    cost = estimate(survival.extra_cost.month, "money").line
    yield f"surviving the contingencies costs {cost} more a month: {', '.join(more)}{tightest}"


def _because(survival: Survival, path: str, region: str) -> str:
    """What refuses a level less, in brackets."""
    refusal = survival.set_by.get(path, {}).get(region)
    if refusal is None:
        return ""
    under = "" if refusal.contingency is None else f" {without(refusal.contingency)}"
    return f" ({refusal.slo or 'the offered load'}{under})"


def without(contingency: str) -> str:
    """A contingency in a sentence: `without region eu-west`, `with incident provider-slow`."""
    return f"{'with' if contingency.startswith('incident ') else 'without'} {contingency}"


def readiness_gaps(stage: StagePlan) -> Iterator[str]:
    """The items of the checklist that are missing before a stage."""
    for item in stage.readiness:
        if item.verdict == "PASS":
            continue
        found = [measured_text(one) for one in item.measurements if one.verdict != "PASS"]
        why = "; ".join(found) or _why_missing(item)
        state = "is missing" if item.verdict == "FAIL" else "is undecided"
        effect = "" if item.missing == "block" else " (warning only)"
        yield f"readiness check {item_text(item)} {state}{effect}: {why}"


def _why_missing(item: ReadinessItem) -> str:
    """What is wrong with somebody's word."""
    if item.expired is not None:
        return f"it holds until {item.expired}: {item.owner} must renew it"
    if item.due is not None:
        return f"{item.owner} has it on {item.due}, after the stage begins"
    return f"{item.owner} names no evidence"


def waiting_notes(stage: StagePlan) -> Iterator[str]:
    """What the stage waits for, and what must be begun by when so that it does not wait longer."""
    if stage.waits is not None:
        path = " → ".join(name.replace("_", " ") for name in stage.waits.path)
        yield f"begins {stage.waits.days} days later than the stages before it say: it waits for {path}"
    for item in stage.readiness:
        if item.begin_by is not None:
            yield f"{item_text(item)} by {item.owner}: begin by {item.begin_by}"


def measured_text(one: Measurement) -> str:
    """A measurement with its limit, e.g. `tells of provider-down after 24 min ± 2, limit <= 15 min`."""
    return f"{one.what} {seen_text(one)}, limit {item_limit_text(one)}"


def seen_text(one: Measurement) -> str:
    """What was measured, with its interval; in words if nothing was."""
    return NEVER if one.estimate is None else estimate(one.estimate, one.unit).line


def item_limit_text(one: Measurement, limit: float | None = None) -> str:
    """The limit, or another one in its place, with its operator."""
    return f"{one.op} {quantity(one.limit if limit is None else limit, one.unit)}"


def item_text(item: ReadinessItem) -> str:
    """Name of an item in words."""
    return item.name.replace("_", " ")


def item_word(item: ReadinessItem) -> Literal["PASS", "FAIL", "UNDECIDED", "WARN"]:
    """The verdict on an item; WARN where it is missing and does not block."""
    return "WARN" if item.verdict == "FAIL" and item.missing == "warn" else item.verdict


def capacity_notes(stage: StagePlan) -> Iterator[str]:
    """How sure and how good the capacity is that was found."""
    if not all(other.holds for other in stage.alternatives):
        yield "a cost in brackets: that capacity misses an objective at the peak"
    if not stage.is_feasible and stage.capacity:
        missed = ", ".join(stage.out_of_reach)
        yield (
            f"{missed} cannot be met by adding capacity; shown: the cheapest capacity that meets everything else "
            "and comes as close as the maximum"
        )
        yield from shortfalls(stage)
    elif not stage.is_cheapest and stage.capacity:
        yield f"the search ended after {stage.n_settings} settings: a cheaper setting is not ruled out"
    for place in stage.ties:
        yield f"tie: one less of {place} lies within 1 % of a limit; the larger is bought"


def shortfalls(stage: StagePlan) -> Iterator[str]:
    """How far the largest setting of every knob is from what it cannot meet."""
    for missed in stage.missed_at_top:
        under = "" if missed.contingency is None else f" {without(missed.contingency)}"
        where = "" if missed.region is None else f" for users in {missed.region}"
        found = estimate(missed.estimate, unit_of(missed.metric)).line
        yield f"at maximum capacity{under}, {missed.slo}{where} is {found}, limit {slo_limit_text(missed)}"


def remedy_notes(stage: StagePlan) -> Iterator[str]:
    """What would make the stage a GO, a sentence per way; what gates and the checklist ask comes on top."""
    yield from _capacity_remedies(stage)
    for gate in stage.gates:
        limit = _limit_that_holds(gate)
        if limit is not None:
            asked = f"{measure_text(gate)} {limit_text(gate, limit)}"
            yield f"the {gate.gate} gate would pass with the limit {asked}"
    for item in stage.readiness:
        if item.missing == "block" and item.verdict == "FAIL":
            yield from _item_remedies(item)


def _capacity_remedies(stage: StagePlan) -> Iterator[str]:
    remedies = stage.remedies
    if remedies is None:
        return
    if remedies.capacity is not None:
        extra = quantity(remedies.capacity.extra_month_usd, "money")
        amounts = _changed(remedies.capacity.amounts, stage.capacity)
        yield f"needs capacity above the allowed maximum (+{extra}/month): {amounts}"
    if remedies.demand_share is not None:
        share = quantity(remedies.demand_share, "share")
        yield f"maximum capacity serves {share} of the demand: reduce exposure"
    for other in remedies.limits:
        value = quantity(other.limit, unit_of(other.metric))
        yield f"{other.slo} would pass with the limit {label_of(other.metric)} {other.op} {value}"


def _changed(amounts: Amounts, before: Amounts) -> str:
    return ", ".join(
        f"{path} in {region} {amount:,.0f}"
        for path, by_region in amounts.items()
        for region, amount in by_region.items()
        if amount != before[path][region]
    )


def _item_remedies(item: ReadinessItem) -> Iterator[str]:
    """The limits at which an item would pass, or whose word is missing."""
    if item.owner is not None:
        yield f"{item_text(item)}: waiting for evidence from {item.owner}"
    for one in item.measurements:
        limit = _limit_that_holds(one)
        if limit is not None:
            yield f"{item_text(item)} would pass with the limit: {one.what} {item_limit_text(one, limit)}"


def _limit_that_holds(found: GateCondition | Measurement) -> float | None:
    """The end of the interval that a failed limit would have to be at; None: it holds, or is not known."""
    if found.verdict != "FAIL" or found.estimate is None:
        return None
    end = found.estimate.low if found.op.startswith(">") else found.estimate.high
    return end if isfinite(end) else None
