"""One stage of a plan: demand, capacity for its peak, cost of its month, verdicts and decision."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta

from simulator.compiler.demand import HOURS_PER_MONTH, stage_start, streams
from simulator.economics.accounts import Accounts, Basis, total_cost, unit_cost
from simulator.economics.price_book import PriceBook
from simulator.economics.unit_cost import categories
from simulator.engine import Runner
from simulator.results.summarize import summarize
from simulator.scenario.calendar import stage_length_s
from simulator.scenario.contingency_places import ContingencyCase
from simulator.scenario.model import Scenario, Stage
from simulator.studies.capacity.capacity import StageCapacity
from simulator.studies.capacity.month_cost import Billing, Month
from simulator.studies.capacity.peak_trial import Refusal
from simulator.studies.capacity.stage_search import search_stage
from simulator.studies.common.objectives import Binding, SloVerdict, decide, evaluate_costs, tightest, worst
from simulator.studies.common.replicator import Evidence, Replicator
from simulator.studies.common.saturation import Overload, overloads, strain_by_station
from simulator.studies.common.windows import stage_week_rps
from simulator.studies.plan.gates import approval_needed
from simulator.studies.plan.remedies import remedies_of
from simulator.studies.plan.report import Situation, StageBasis, StageCost, StageDemand, StagePlan
from simulator.studies.plan.survival import Survival, decisive, endured, extra_usd
from simulator.studies.plan.trade_off import trade_off

MAX_MONTH_RUNS = 16  # replications of each
_STRAIN_SHOWN = 1e-3  # of all work; assumption: less is not worth naming

Amounts = Mapping[str, Mapping[str, float]]  # knob path → region → amount


def plan_stage(
    replicator: Replicator,
    scenario: Scenario,
    stage: Stage,
    book: PriceBook,
    before: Amounts,
    told: Callable[[str, int], None],
    cases: Sequence[ContingencyCase] = (),
) -> StagePlan:
    """Plan one stage.

    Parameters
    ----------
    replicator : where to simulate
    book : prices of the scenario
    before : what is in place before the stage; more than that must be ordered
    told : called with what is being done, and how many settings were simulated so far
    cases : contingencies that its peaks must hold under
    """
    n_runs_before = replicator.n_runs
    searched = search_stage(replicator, scenario, stage, book, told, cases)
    found_peaks, billing, felt = searched.peaks, searched.billing, searched.felt
    bare, capacity = searched.bare, searched.capacity
    told("month", capacity.n_settings)
    month, on_cost = _month(replicator, capacity.scenario, billing)
    verdicts = _in_order(scenario, [*worst(of for at in capacity.evidence for of in at.verdicts), *on_cost])
    decision = decide(verdicts)
    turns = None
    if decision == "NO-GO":
        told("what would turn it", capacity.n_settings)
        missed = [*capacity.missed_at_top, *(of for of in on_cost if of.verdict == "FAIL")]
        turns = remedies_of(replicator, scenario, found_peaks, capacity, billing, felt, missed)
    told("trade-off", capacity.n_settings)
    points = trade_off(capacity.searched, total_cost(month).value)
    survival = None if bare is capacity else _survival(replicator, bare, capacity, month, billing)
    places = [(peak, case) for case in (None, *felt) for peak in found_peaks]
    situations = tuple(
        Situation(peak, case, at.verdicts) for (peak, case), at in zip(places, capacity.evidence, strict=True)
    )
    begin = stage_start(scenario, stage)
    return StagePlan(
        name=stage.name,
        start=begin,
        end=begin + timedelta(seconds=stage_length_s(scenario, stage)),
        demand=stage_demand(scenario, stage, found_peaks[0].window.start, replicator.runner),
        capacity=capacity.amounts,
        is_cheapest=capacity.is_cheapest,
        out_of_reach=capacity.out_of_reach,
        alternatives=capacity.alternatives,
        order_by=order_by(scenario, begin.date(), before, capacity.amounts) if capacity.is_feasible else {},
        metrics=summarize(capacity.evidence[0].results),
        verdicts=verdicts,
        binding=_binding(verdicts, capacity.evidence, None if survival is None else survival.decisive),
        decision=decision,
        turns=turns,
        cost=_stage_cost(month),
        warnings=_overloads(capacity),
        n_settings=capacity.n_settings if bare is capacity else bare.n_settings + capacity.n_settings,
        n_runs=replicator.n_runs - n_runs_before,
        missed_at_top=capacity.missed_at_top,
        survival=survival,
        approval=approval_needed(scenario, stage),
        trade_off=points,
        basis=StageBasis(stage, scenario, situations, on_cost, billing.warmup_s),
    )


def stage_demand(scenario: Scenario, stage: Stage, peak_start: datetime, runner: Runner) -> StageDemand:
    """What a stage asks for in the busiest hour, from `peak_start`, and in the month at its end."""
    week_rps = stage_week_rps(scenario, stage, runner)
    peak_rps = week_rps[:, int(week_rps.sum(axis=0).argmax())]
    found = streams(scenario)
    by_region = dict.fromkeys(scenario.regions, 0.0)
    per_month = dict.fromkeys((stream.workload for stream in found), 0.0)
    for stream, at_peak, mean_rps in zip(found, peak_rps, week_rps.mean(axis=1), strict=True):
        by_region[stream.region] += float(at_peak)
        per_month[stream.workload] += float(mean_rps) * 3600.0 * HOURS_PER_MONTH
    return StageDemand(peak_start, by_region, per_month, scenario.capacity.headroom)


def order_by(scenario: Scenario, start: date, before: Amounts, amounts: Amounts) -> dict[str, date]:
    """Latest day to order each knob that must be higher than before in some region: start - lead time."""
    lead_times_s = {knob.path: knob.lead_time for knob in scenario.capacity.knobs}
    return {
        path: start - timedelta(seconds=lead_times_s[path])
        for path, by_region in amounts.items()
        if any(amount > before[path][region] for region, amount in by_region.items())
    }


def _month(
    replicator: Replicator, scenario: Scenario, billing: Billing
) -> tuple[Accounts, tuple[SloVerdict, ...]]:
    """Accounts of the month at a stage's end, replicated until the verdicts on cost are clear, and these."""
    month = Month(replicator, scenario, billing.stage, billing.warmup_s)
    while True:
        found = month.accounts(billing.book)
        verdicts = evaluate_costs(scenario, found)
        is_open = any(verdict.verdict == "UNDECIDED" for verdict in verdicts)
        if not is_open or 2 * month.n_runs > MAX_MONTH_RUNS:
            return found, verdicts
        month.extend(2 * month.n_runs)


def _survival(
    replicator: Replicator, bare: StageCapacity, capacity: StageCapacity, month: Accounts, billing: Billing
) -> Survival:
    """What the contingencies ask for beyond a capacity that holds while nothing goes wrong."""
    without = month
    if bare.amounts != capacity.amounts:
        without = Month(replicator, bare.scenario, billing.stage, billing.warmup_s).accounts(billing.book)
    return Survival(
        endured(capacity.evidence),
        bare.amounts,
        bare.is_feasible,
        extra_usd(without, month),
        capacity.set_by,
        decisive(bare, capacity) if capacity.is_feasible else None,
    )


def _stage_cost(month: Accounts) -> StageCost:
    return StageCost(
        month_usd=total_cost(month),
        by_category_usd={
            category.value: total_cost(month, category=category).value for category in categories(month)
        },
        per_action_usd=unit_cost(month, Basis.ACTION),
        per_successful_action_usd=unit_cost(month, Basis.SUCCESSFUL_ACTION),
    )


def _in_order(scenario: Scenario, verdicts: Sequence[SloVerdict]) -> tuple[SloVerdict, ...]:
    names = [slo.name for slo in scenario.slos]
    return tuple(sorted(verdicts, key=lambda found: names.index(found.slo)))


def _binding(
    verdicts: Sequence[SloVerdict], evidence: Sequence[Evidence], refusal: Refusal | None
) -> Binding | None:
    """The tightest objective, and, unless it is a cost, where at its peak things are held up most.

    Where a contingency sets the capacity, it is the one that refused a level less under it, not the one with the least room.
    """
    if refusal is not None and not any(verdict.verdict == "FAIL" for verdict in verdicts):
        at_it = [of for at in evidence if at.contingency == refusal.contingency for of in at.verdicts]
        verdicts = [of for of in at_it if refusal.slo in (None, of.slo)] or verdicts
    found = tightest(verdicts)
    if found is None:
        return None
    at_peak = next(
        (at.results for at in evidence if found in at.verdicts and at.contingency == found.contingency), None
    )
    strains = {} if at_peak is None else strain_by_station(at_peak)
    most = max(strains, key=lambda station: strains[station], default=None)
    if most is None or strains[most] < _STRAIN_SHOWN:
        return Binding(found.slo, found.metric, found.slack, "", found.contingency)
    where = f"{most.target} in {most.region}"
    return Binding(found.slo, found.metric, found.slack, where, found.contingency)


def _overloads(capacity: StageCapacity) -> tuple[Overload, ...]:
    """Every overload at any healthy peak that nobody stands in for, each limit once, at the peak where it is worst."""
    found: dict[tuple[str, str, str], Overload] = {}
    for at in capacity.healthy:
        for overload in overloads(capacity.scenario, at.results):
            if overload.target in capacity.with_stand_in:
                continue
            key = (overload.target, overload.region, overload.unit)
            if key not in found or overload.excess > found[key].excess:
                found[key] = overload
    return tuple(found.values())
