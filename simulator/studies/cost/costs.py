"""What does a rollout cost, how sure is that, and is it worth it? Capacity, forecast, draws and business case."""

from collections.abc import Mapping
from dataclasses import dataclass

from simulator.economics.case.business_case import BusinessCase, business_case
from simulator.economics.currency import Currency, currency_of
from simulator.economics.forecast import Forecast
from simulator.engine import Cancelled, Progress, Runner
from simulator.scenario.model import Scenario
from simulator.studies.cost.forecast.forecasting import Forecaster
from simulator.studies.cost.forecast.uncertainty import N_DRAWS, Uncertainty, n_forecasts, uncertainty
from simulator.studies.cost.report import Amounts
from simulator.studies.plan.plan import PlanError, PlanOptions, plan

_PLAN_PARTS = 40  # of the progress bar, in parts of months; only the bar believes it


@dataclass(frozen=True)
class CostOptions:
    """How to work out costs.

    Attributes
    ----------
    n_runs : replications of every window of the forecast
    n_draws : of the uncertain inputs; 0: none
    plan_capacity : let a plan find the amounts of the knobs of every stage
    capacity : amounts by stage that are known, e.g. from a plan made before
    """

    n_runs: int = 4
    n_draws: int = N_DRAWS
    plan_capacity: bool = True
    capacity: Mapping[str, Amounts] | None = None


@dataclass(frozen=True, eq=False)
class RolloutCosts:
    """What a rollout costs.

    Attributes
    ----------
    capacity : amounts of the knobs by stage; empty: those that the scenario states
    uncertainty : draws of uncertain inputs; None: there are none, or they were interrupted
    case : against the baseline; None: the scenario states none
    """

    scenario: Scenario
    forecast: Forecast
    capacity: Mapping[str, Amounts]
    uncertainty: Uncertainty | None
    case: BusinessCase | None
    forecaster: Forecaster
    interrupted: bool

    @property
    def currency(self) -> Currency:
        """The currency that amounts are reported in."""
        return currency_of(self.scenario)


class _Counted:
    """Progress in parts of months, over all forecasts that will be made."""

    def __init__(self, progress: Progress, total: int) -> None:
        self._progress = progress
        self._total = total
        self._done = 0

    def step(self, label: str, n_steps: int = 1) -> None:
        self._done += n_steps
        self._progress(min(self._done, self._total), self._total, label)

    def planning(self, done: float, total: int, label: str) -> None:
        self._progress(int(_PLAN_PARTS * done / max(total, 1)), self._total, f"plan, {label}")


def rollout_costs(scenario: Scenario, options: CostOptions, runner: Runner) -> RolloutCosts:
    """Work out what a rollout costs, month by month; progress is in parts of months.

    When cancelled after the forecast, it comes back without its draws, `interrupted`.

    Parameters
    ----------
    scenario : checked scenario with stages

    Raises
    ------
    PlanError
        If the scenario has no stages.
    TooManyMonthsError
        If they last too long.
    Cancelled
        If not even the forecast was finished.
    """
    if not scenario.stages:
        raise PlanError("the scenario has no `stages`, so there are no months to forecast")
    forecaster = Forecaster(scenario, runner, options.capacity or {}, options.n_runs)
    asks_plan = options.plan_capacity and options.capacity is None and bool(scenario.capacity.knobs)
    n_parts = len(forecaster.parts) * (
        options.n_runs + n_forecasts(scenario.economics.uncertain, options.n_draws)
    )
    counted = _Counted(runner.progress, n_parts + (_PLAN_PARTS if asks_plan else 0))
    if asks_plan:
        planned = plan(scenario, PlanOptions(), runner.telling(counted.planning))
        if planned.interrupted:
            raise Cancelled
        forecaster.capacity = {stage.name: stage.capacity for stage in planned.stages}
        counted.step("plan", _PLAN_PARTS)
    forecaster.told = lambda label: counted.step(label, options.n_runs)
    forecast = forecaster.forecast()
    case = None
    if scenario.economics.baseline is not None:
        case = business_case(scenario, forecast, forecaster.pace())
    forecaster.told = lambda label: counted.step(f"ranges, {label}")
    drawn, interrupted = None, False
    try:
        drawn = uncertainty(forecaster, scenario.economics.uncertain, options.n_draws)
    except Cancelled:
        interrupted = True
    return RolloutCosts(scenario, forecast, forecaster.capacity, drawn, case, forecaster, interrupted)
