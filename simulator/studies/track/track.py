"""Forecast, read what came, compare month by month, and say what follows."""

import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from simulator.engine import Runner
from simulator.render.numbers import quantity
from simulator.scenario.read.load import LoadedScenario
from simulator.studies.cost.costs import CostOptions, RolloutCosts, rollout_costs
from simulator.studies.cost.forecast.month_parts import month_parts
from simulator.studies.cost.planned_capacity import planned_capacity
from simulator.studies.report import about
from simulator.studies.track.actuals import merged, read_actuals
from simulator.studies.track.comparison import TrackedMonth, check_within, compared_month
from simulator.studies.track.expected import kept_forecast
from simulator.studies.track.keeping import ForecastFolder
from simulator.studies.track.outlook import bias_of, budget_dates, corrections, ratio_of
from simulator.studies.track.records import Came, KeptForecast
from simulator.studies.track.report import ComparedMonth, TrackReport
from simulator.theory.verdict import Verdict

if TYPE_CHECKING:
    from simulator.studies.track.study import TrackStudy

AS_WRITTEN = "as the scenario states it"
_TO_95 = 1.96
_JUDGED = ("actions", "requests", "cost of models")


def track(loaded: LoadedScenario, study: "TrackStudy", runner: Runner) -> TrackReport:
    """Compare forecasts with what came.

    Raises
    ------
    LogError, BillError
        If what came cannot be read, or is of another time than the forecast.
    StoreError
        If what was kept cannot be read, or written.
    PlanError
        If the scenario has no stages.
    """
    began, scenario = time.perf_counter(), loaded.scenario
    folder = None if study.out is None else ForecastFolder(study.out)
    kept = [] if folder is None else folder.forecasts()
    new = _actuals(loaded, study)
    came = merged({} if folder is None else folder.came(study.workload), new)
    if not kept and scenario.stages:  # nobody wants to hear after the forecast that it is of another year
        parts = month_parts(scenario)
        for one in came:
            check_within(one, parts[0].begin, parts[-1].end)
    costs, capacity_from = _costs(loaded, study, runner)
    present = kept_forecast(costs, datetime.now(UTC), capacity_from)
    forecasts = sorted([*kept, present], key=lambda one: one.made)
    currency, budget = costs.currency, scenario.economics.budget
    months = [compared_month(one, forecasts, currency) for one in came]
    if folder is not None:
        folder.keep(present)
        for one in new:
            folder.keep_came(one)
    verdict, reasons = _judged([month.record for month in months], study.tolerance)
    total_usd = None if study.budget is None else study.budget * currency.usd
    monthly_usd = None if budget is None else budget.monthly
    return TrackReport(
        **about(scenario),
        verdict=verdict,
        currency=currency.code,
        months=tuple(month.record for month in months),
        forecasts=len(forecasts) if folder is None else len(folder.forecasts()),
        kept_in=None if folder is None else str(folder.folder),
        bias=tuple(bias_of(months)),
        budgets=tuple(budget_dates(months, present, monthly_usd, total_usd, currency)),
        ratio=ratio_of(months),
        corrections=tuple(corrections(months[-1], scenario, currency)) if months else (),
        tolerance=study.tolerance,
        reasons=reasons,
        warnings=tuple(_warnings(months, forecasts)),
        wall_s=time.perf_counter() - began,
    )


def _actuals(loaded: LoadedScenario, study: "TrackStudy") -> list[Came]:
    paths = [Path(one) for one in study.actuals if isinstance(one, str | Path)]
    read = read_actuals(
        paths,
        loaded.scenario,
        columns=study.columns,
        zone=ZoneInfo(study.timezone) if study.timezone else None,
        workload=study.workload,
        sampled=study.sampled,
    )
    return [*(one for one in study.actuals if isinstance(one, Came)), *read]


def _costs(loaded: LoadedScenario, study: "TrackStudy", runner: Runner) -> tuple[RolloutCosts, str]:
    found = None if study.plan is None else planned_capacity(study.plan, None, loaded.scenario)
    options = CostOptions(
        study.replications, 0, plan_capacity=False, capacity=None if found is None else found.amounts
    )
    return rollout_costs(loaded.scenario, options, runner), AS_WRITTEN if found is None else found.source


def _judged(months: Sequence[ComparedMonth], tolerance: float) -> tuple[Verdict | None, tuple[str, ...]]:
    """PASS if the last month is as near as it must be, UNDECIDED where chance is larger; None: there is none."""
    if not months:
        return None, ()
    requests = next((one.actual for one in months[-1].measures if one.metric == "requests"), None)
    chance = 0.0 if not requests else _TO_95 / requests**0.5
    reasons = tuple(_off(months[-1], tolerance, chance))
    if reasons:
        return "FAIL", reasons
    if requests is not None and chance > tolerance:
        return "UNDECIDED", (
            f"{months[-1].month}: {requests:,.0f} requests tell no {quantity(tolerance, 'share')}",
        )
    return "PASS", ()


def _off(month: ComparedMonth, tolerance: float, chance: float) -> Iterator[str]:
    for one in month.measures:
        if one.metric in _JUDGED and (one.error is None or abs(one.error) > tolerance + chance):
            off = "nothing came" if one.error is None else f"forecast {_off_by(one.error)}"
            yield f"{month.month}: {one.metric}: {off}, more than {quantity(tolerance, 'share')} off"


def _off_by(error: float) -> str:
    return f"{quantity(abs(error), 'share')} too {'high' if error > 0.0 else 'low'}"


def _warnings(months: Sequence[TrackedMonth], forecasts: Sequence[KeptForecast]) -> Iterator[str]:
    after = [month.record.month for month in months if not month.record.made_before]
    if after:
        yield (
            f"no forecast was kept before {', '.join(after)}: the one of {forecasts[0].made:%Y-%m-%d} is compared, which "
            "may know what came; keep one with `--out` before the month begins"
        )
