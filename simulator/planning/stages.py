"""One stage of a plan: demand, capacity for its peak, cost of its month, verdicts and decision."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path

from simulator.compiler.demand import HOURS_PER_MONTH, stage_start, streams
from simulator.economics.accounts import Accounts, Basis, total_cost, unit_cost
from simulator.economics.month import WeightedWindow, month_accounts
from simulator.economics.price_book import PriceBook
from simulator.economics.unit_cost import categories
from simulator.planning.bench import Bench, expected_actions, first_runs
from simulator.planning.capacity import plan_capacity
from simulator.planning.overload import overloads, strain_by_station
from simulator.planning.stage_plan import StageCost, StageDemand, StagePlan
from simulator.planning.verdicts import Binding, SloVerdict, decide, evaluate_slos, tightest
from simulator.planning.windows import month_windows, peak_window, stage_week_rps
from simulator.results.run_result import RunResult
from simulator.results.summarize import summarize
from simulator.scenario.model import Scenario, Stage

MONTH_WINDOW_S = 900.0  # measured span of each window of a month; costs are means, so short windows do
MAX_MONTH_RUNS = 16  # replications of each
_STRAIN_SHOWN = 1e-3  # of all work; assumption: less is not worth naming

Amounts = Mapping[str, Mapping[str, float]]  # knob path → region → amount


def plan_stage(
    bench: Bench,
    scenario: Scenario,
    stage: Stage,
    book: PriceBook,
    before: Amounts,
    told: Callable[[str, int], None],
) -> StagePlan:
    """Plan one stage.

    Parameters
    ----------
    bench : where to simulate
    book : prices of the scenario
    before : what is in place before the stage; more than that must be ordered
    told : called with what is being done, and how many settings were simulated so far
    """
    n_runs_before = bench.n_runs
    peak = peak_window(scenario, stage, bench.base_dir)
    capacity = plan_capacity(bench, scenario, peak, lambda n_settings: told("peak", n_settings))
    results = capacity.evidence.results
    told("month", capacity.n_settings)
    month, verdicts = _month(bench, capacity.scenario, stage, book, results)
    begin = stage_start(scenario, stage)
    return StagePlan(
        name=stage.name,
        start=begin,
        end=begin + timedelta(seconds=stage.duration),
        demand=stage_demand(scenario, stage, bench.base_dir),
        capacity=capacity.amounts,
        is_cheapest=capacity.is_cheapest,
        is_feasible=capacity.is_feasible,
        order_by=order_by(scenario, begin.date(), before, capacity.amounts),
        metrics=summarize(results),
        verdicts=verdicts,
        binding=_binding(verdicts, results),
        decision=decide(verdicts),
        cost=_stage_cost(month),
        warnings=overloads(capacity.scenario, results),
        n_settings=capacity.n_settings,
        n_runs=bench.n_runs - n_runs_before,
    )


def stage_demand(scenario: Scenario, stage: Stage, base_dir: Path) -> StageDemand:
    """What a stage asks for in the busiest hour and in the month at its end."""
    week_rps = stage_week_rps(scenario, stage, base_dir)
    peak_rps = week_rps[:, int(week_rps.sum(axis=0).argmax())]
    found = streams(scenario)
    by_region = dict.fromkeys(scenario.regions, 0.0)
    per_month = dict.fromkeys((stream.workload for stream in found), 0.0)
    for stream, at_peak, mean_rps in zip(found, peak_rps, week_rps.mean(axis=1), strict=True):
        by_region[stream.region] += float(at_peak)
        per_month[stream.workload] += float(mean_rps) * 3600.0 * HOURS_PER_MONTH
    peak = peak_window(scenario, stage, base_dir)
    return StageDemand(peak.start, by_region, per_month, scenario.capacity.headroom)


def order_by(scenario: Scenario, start: date, before: Amounts, amounts: Amounts) -> dict[str, date]:
    """Latest day to order each knob that must be higher than before in some region: start - lead time."""
    lead_times_s = {knob.path: knob.lead_time for knob in scenario.capacity.knobs}
    return {
        path: start - timedelta(seconds=lead_times_s[path])
        for path, by_region in amounts.items()
        if any(amount > before[path][region] for region, amount in by_region.items())
    }


def _month(
    bench: Bench, scenario: Scenario, stage: Stage, book: PriceBook, at_peak: Sequence[RunResult]
) -> tuple[Accounts, tuple[SloVerdict, ...]]:
    """Accounts of the month at a stage's end, and all verdicts; replicated until those on cost are clear."""
    windows = month_windows(scenario, stage, bench.base_dir, MONTH_WINDOW_S)
    n_runs = first_runs(sum(expected_actions(window) for window in windows), bench.min_runs)
    results = [bench.runs(scenario, window, 0, n_runs) for window in windows]
    while True:
        weighted = [
            WeightedWindow(window.weight_h, runs) for window, runs in zip(windows, results, strict=True)
        ]
        month = month_accounts(weighted, book)
        verdicts = evaluate_slos(scenario, at_peak, month)
        is_open = any(found.verdict == "UNDECIDED" and found.is_cost for found in verdicts)
        if not is_open or 2 * n_runs > MAX_MONTH_RUNS:
            return month, verdicts
        for window, runs in zip(windows, results, strict=True):
            runs += bench.runs(scenario, window, n_runs, 2 * n_runs)
        n_runs *= 2


def _stage_cost(month: Accounts) -> StageCost:
    return StageCost(
        month_usd=total_cost(month),
        by_category_usd={
            category.value: total_cost(month, category=category).value for category in categories(month)
        },
        per_action_usd=unit_cost(month, Basis.ACTION),
        per_successful_action_usd=unit_cost(month, Basis.SUCCESSFUL_ACTION),
    )


def _binding(verdicts: Sequence[SloVerdict], results: Sequence[RunResult]) -> Binding | None:
    """The tightest objective, and, unless it is a cost, where at the peak things are held up most."""
    found = tightest(verdicts)
    if found is None:
        return None
    strain, at = max(
        (
            (strain, f"{station.target} in {station.region}")
            for station, strain in strain_by_station(results).items()
        ),
        default=(0.0, ""),
    )
    return Binding(
        found.slo, found.metric, found.slack, "" if found.is_cost or strain < _STRAIN_SHOWN else at
    )
