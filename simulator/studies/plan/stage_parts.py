"""Parts of a stage's plan, from what was searched and simulated: demand, orders, limiting objective, warnings, cost."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import date, timedelta
from math import inf

from simulator.compiler.demand import DemandWindow
from simulator.compiler.stage_demand import pace_rps, span_rates_rps
from simulator.compiler.stage_shares import HOURS_PER_MONTH
from simulator.compiler.streams import streams
from simulator.economics.accounts import Accounts, Basis, total_cost, unit_cost
from simulator.economics.price_book import PriceBook
from simulator.economics.unit_cost import categories
from simulator.engine import Runner
from simulator.mechanisms.local_time import HOUR_S
from simulator.metrics.actions import ActionMetrics
from simulator.results.closed_pace import closed_pace
from simulator.results.run_result import RunResult
from simulator.scenario.model import Scenario, Stage
from simulator.studies.capacity.capacity import StageCapacity
from simulator.studies.capacity.knobs import Amounts
from simulator.studies.capacity.refusal import Refusal
from simulator.studies.common.backlogs import Backlog, backlogs_of
from simulator.studies.common.quota_use import LimitUse, limit_uses
from simulator.studies.common.replicator import Evidence
from simulator.studies.common.run_length import short_warmup_message
from simulator.studies.common.saturation import Overload, overloads, strain_by_station
from simulator.studies.common.summaries import PricedMetrics
from simulator.studies.common.two_futures import CollapsedRuns
from simulator.studies.common.verdicts.objectives import SloVerdict, tightest
from simulator.studies.plan.report import StageCost, StageDemand, StageMonthCost
from simulator.studies.record import finite
from simulator.theory.estimate import Estimate

_STRAIN_SHOWN = 1e-3  # of all work; assumption: less is not worth naming
_P90_OF_HALF_WIDTH = 1.2816 / 1.9600  # normal quantiles: 80 % against 95 %


def stage_demand(
    scenario: Scenario, stage: Stage, window: DemandWindow, results: Sequence[RunResult], runner: Runner
) -> StageDemand:
    """What a stage asks for in its busiest time, a window of which is given, and in a month at the pace at which it ends.

    Of clients in closed loops it is what they asked in the runs of that window, which has the headroom.
    """
    pace = closed_pace(window, results)
    week_rps = pace[:, None] * pace_rps(scenario, stage.name, runner.base_dir)
    length_s = min(HOUR_S, window.duration_s)
    peak_rps = pace * span_rates_rps(scenario, stage, window.start, length_s, runner.base_dir)
    found = streams(scenario)
    by_region = dict.fromkeys(scenario.regions, 0.0)
    per_month = dict.fromkeys((stream.workload for stream in found), 0.0)
    for stream, at_peak, mean_rps in zip(found, peak_rps, week_rps.mean(axis=1), strict=True):
        by_region[stream.region] += float(at_peak)
        per_month[stream.workload] += float(mean_rps) * 3600.0 * HOURS_PER_MONTH
    return StageDemand(
        peak_rps=sum(by_region.values()),
        peak_start=window.start,
        by_region=by_region,
        actions_per_month=per_month,
        headroom=scenario.capacity.headroom,
    )


def order_by(scenario: Scenario, start: date, before: Amounts, amounts: Amounts) -> dict[str, date]:
    """Latest day to order each knob that must be higher than before in some region: start - lead time."""
    lead_times_s = {knob.path: knob.lead_time for knob in scenario.capacity.knobs}
    return {
        path: start - timedelta(seconds=lead_times_s[path])
        for path, by_region in amounts.items()
        if any(amount > before[path][region] for region, amount in by_region.items())
    }


def limiting_verdict(
    verdicts: Sequence[SloVerdict], evidence: Sequence[Evidence], refusal: Refusal | None
) -> SloVerdict | None:
    """The tightest objective; None: there are none.

    Where a contingency sets the capacity, it is the one that refused a level less under it, not the one with the least room.
    """
    if refusal is not None and not any(verdict.verdict == "FAIL" for verdict in verdicts):
        at_it = [of for at in evidence if at.contingency == refusal.contingency for of in at.verdicts]
        verdicts = [of for of in at_it if refusal.slo in (None, of.slo)] or verdicts
    return tightest(verdicts)


def strained_place(limiting: SloVerdict, evidence: Sequence[Evidence]) -> str:
    """Where things are held up most at the peak of an objective; empty: nowhere to speak of, or it is a cost."""
    at_peak = next(
        (at.results for at in evidence if limiting in at.verdicts and at.contingency == limiting.contingency),
        None,
    )
    strains = {} if at_peak is None else strain_by_station(at_peak)
    most = max(strains, key=lambda station: strains[station], default=None)
    if most is None or strains[most] < _STRAIN_SHOWN:
        return ""
    return f"{most.target} in {most.region}"


def largest_backlogs(capacity: StageCapacity, book: PriceBook) -> tuple[Backlog, ...]:
    """Every queue that grows at a healthy peak, at the peak where it grows most."""
    found: dict[tuple[str, str], Backlog] = {}
    for at in capacity.healthy:
        for one in backlogs_of(capacity.scenario, book, at.results):
            place = one.target, one.region
            if place not in found or one.work_h.value > found[place].work_h.value:
                found[place] = one
    return tuple(found.values())


def fullest_limits(capacity: StageCapacity) -> tuple[LimitUse, ...]:
    """Every limit of hosted models at the healthy peak where it is fullest, the fullest first."""
    found: dict[tuple[str, str, str], LimitUse] = {}
    for at in capacity.healthy:
        for use in limit_uses(capacity.scenario, at.results):
            key = (use.target, use.region, use.limit)
            if key not in found or use.full.value > found[key].full.value:
                found[key] = use
    return tuple(sorted(found.values(), key=lambda use: -use.full.value))


def overload_warnings(capacity: StageCapacity) -> tuple[str, ...]:
    """Every overload at any healthy peak that nobody stands in for, each limit once, at the peak where it is worst.

    And where the warm-up was too short for what was found.
    """
    found: dict[tuple[str, str, str], Overload] = {}
    for at in capacity.healthy:
        for overload in overloads(capacity.scenario, at.results):
            if overload.target in capacity.with_stand_in:
                continue
            key = (overload.target, overload.region, overload.unit)
            if key not in found or overload.excess > found[key].excess:
                found[key] = overload
    short = [short_warmup_message(at.results) for at in capacity.healthy]
    messages = [overload.message for overload in found.values()]
    return tuple(dict.fromkeys([*messages, *(line for line in short if line is not None)]))


def most_collapsed(evidence: Sequence[Evidence]) -> CollapsedRuns | None:
    """The collapse of the peak, and contingency, of which the largest share of runs collapsed; None: none did."""
    found = [one for at in evidence if (one := CollapsedRuns.of(at.results)) is not None]
    return max(found, key=lambda one: one.n_collapsed / one.n_runs, default=None)


def stage_cost(month: Accounts) -> StageCost:
    """Money of the month; its P10 and P90 are those of a normal distribution of the same interval."""
    total = total_cost(month)
    return StageCost(
        month=StageMonthCost(
            estimate=total,
            p10=finite(total.value - (total.value - total.low) * _P90_OF_HALF_WIDTH),
            p50=finite(total.value),
            p90=finite(total.value + (total.high - total.value) * _P90_OF_HALF_WIDTH),
        ),
        per_action=unit_cost(month, Basis.ACTION),
        per_successful_action=unit_cost(month, Basis.SUCCESSFUL_ACTION),
        by_category={
            category.value: Estimate(total_cost(month, category=category).value, -inf, inf)
            for category in categories(month)
        },
    )


def with_unit_costs(metrics: ActionMetrics, cost: StageCost) -> PricedMetrics:
    """The metrics of the peak, with what an action of the month costs."""
    return PricedMetrics(
        **{of.name: getattr(metrics, of.name) for of in fields(metrics)},
        cost_per_action=cost.per_action,
        cost_per_successful_action=cost.per_successful_action,
    )
