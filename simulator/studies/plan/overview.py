"""The stages of a plan side by side: demand, what was measured at the peak, cost, capacity, decision; a column per stage."""

from collections.abc import Callable, Iterator, Sequence
from operator import attrgetter

from simulator.metrics.registry import label_of
from simulator.render.numbers import NOTHING, Unit, unit_of
from simulator.render.sections import Cell, Quantity, Row, Table, VerdictMark
from simulator.studies.capacity.mix import Alternative
from simulator.studies.common.accuracy_by_class import accuracy_rows
from simulator.studies.plan.notes import without
from simulator.studies.plan.report import StagePlan
from simulator.theory.estimate import Estimate

_BY_USE = ("input_tokens", "output_tokens", "service_calls")
_EXTRA_TRIES = ("retries_per_action", "fallbacks_per_action", "hedges_per_action")
_INSTEAD = {"own": "all on own", "none": "all by use"}

Stages = Sequence[StagePlan]


def overview(stages: Stages) -> Table:
    """A column per stage."""
    groups = (_demand_rows, _peak_rows, _cost_rows, _capacity_rows, _decision_rows)
    return Table([stage.name for stage in stages], [list(rows(stages)) for rows in groups])


def _demand_rows(stages: Stages) -> Iterator[Row]:
    yield Row("starts", [stage.start.date().isoformat() for stage in stages])
    if any(stage.changes for stage in stages):
        yield Row("changes", [_n_changes(stage) for stage in stages])
    yield Row("peak demand", [Quantity(stage.demand.peak_rps, "rate") for stage in stages])
    regions = dict.fromkeys(region for stage in stages for region in stage.demand.by_region)
    if len(regions) > 1:
        for region in regions:
            rates = (stage.demand.by_region.get(region) or None for stage in stages)
            yield Row(f"  {region}", [Quantity(rate, "rate") for rate in rates])


def _n_changes(stage: StagePlan) -> str:
    n = len(stage.changes)
    return NOTHING if n == 0 else "1 value" if n == 1 else f"{n} values"


def _peak_rows(stages: Stages) -> Iterator[Row]:
    for name in ("latency", "ttft"):
        for level in ("p50", "p95", "p99"):
            yield from _estimates(
                label_of(f"{level} {name}"), "time", stages, attrgetter(f"metrics.{name}.{level}")
            )
    yield from _estimates("availability", "share", stages, lambda of: of.metrics.availability)
    yield from _estimates("success rate", "share", stages, lambda of: of.metrics.success_rate)
    yield from accuracy_rows([stage.by for stage in stages])
    yield from _extra_tries(stages)


def _extra_tries(stages: Stages) -> Iterator[Row]:
    """Retries, fallbacks and hedges, where any were made."""
    for name in _EXTRA_TRIES:
        found: list[Estimate | None] = [getattr(stage.metrics, name) for stage in stages]
        if any(of is not None and of.value > 0.0 for of in found):
            yield Row(label_of(name), [Quantity(of, unit_of(name)) for of in found])


def _cost_rows(stages: Stages) -> Iterator[Row]:
    yield from _estimates("cost per action", "money", stages, lambda of: of.cost.per_action)
    yield from _estimates("cost per success", "money", stages, lambda of: of.cost.per_successful_action)
    yield from _estimates("cost per month", "money", stages, lambda of: of.cost.month.estimate)
    yield from _mix_rows(stages)
    label = label_of("energy_per_action_wh")
    yield from _estimates(label, "number", stages, lambda of: of.metrics.energy_per_action_wh)


def _estimates(
    label: str, unit: Unit, stages: Stages, of: Callable[[StagePlan], Estimate | None]
) -> Iterator[Row]:
    """A row of estimates; none if no stage has one."""
    found = [of(stage) for stage in stages]
    if any(one is not None for one in found):
        yield Row(label, [Quantity(one, unit) for one in found])


def _mix_rows(stages: Stages) -> Iterator[Row]:
    """What is paid by use in a mix, and what the months of other capacities would cost."""
    if not any(stage.alternatives for stage in stages):
        return
    yield Row("  of it by use", [Quantity(_by_use_usd(stage), "money") for stage in stages])
    for kind, label in _INSTEAD.items():
        found = [next((one for one in stage.alternatives if one.kind == kind), None) for stage in stages]
        if any(found):
            yield Row(f"  {label}", [_instead(one) for one in found])


def _by_use_usd(stage: StagePlan) -> float:
    return sum(stage.cost.by_category[name].value for name in _BY_USE if name in stage.cost.by_category)


def _instead(other: Alternative | None) -> Cell:
    """Cost of a month with another capacity; in brackets where it misses an objective."""
    if other is None:
        return NOTHING
    before, after = ("", "") if other.holds else ("(", ")")
    return Quantity(other.cost.month, "money", before=before, after=after)


def _capacity_rows(stages: Stages) -> Iterator[Row]:
    """A row per knob and region, and one with the day to order by where anything must be ordered."""
    for path in dict.fromkeys(path for stage in stages for path in stage.capacity):
        yield Row(" ".join(path.split(".")[1:]), [""] * len(stages))
        regions = dict.fromkeys(region for stage in stages for region in stage.capacity.get(path, {}))
        for region in regions:
            amounts = (stage.capacity.get(path, {}).get(region) for stage in stages)
            yield Row(f"  {region}", [Quantity(amount, "count") for amount in amounts])
        days = [stage.order_by.get(path) for stage in stages]
        if any(days):
            yield Row("  order by", [NOTHING if day is None else day.isoformat() for day in days])


def _decision_rows(stages: Stages) -> Iterator[Row]:
    if any(stage.limiting_slo for stage in stages):
        yield Row("limiting SLO", [stage.limiting_slo or NOTHING for stage in stages])
    under = [stage.limiting_contingency for stage in stages]
    if any(under):
        yield Row("", [NOTHING if one is None else without(one) for one in under])
    yield Row("verdict", [VerdictMark(stage.decision) for stage in stages])
