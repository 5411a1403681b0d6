"""Why does one forecast cost more than another? Both are made with the same seeds, and compared driver by driver."""

from simulator.economics.accounts import Basis
from simulator.economics.bridge import bridge
from simulator.economics.categories import Floats
from simulator.economics.currency import US_DOLLAR, Currency
from simulator.engine import Runner
from simulator.results.samples import Sample, to_signed_estimate
from simulator.scenario.read.hashing import scenario_hash
from simulator.scenario.read.load import LoadedScenario
from simulator.studies.bridge.report import BridgeReport, BridgeSide, DriverPart
from simulator.studies.bridge.study import BridgeStudy
from simulator.studies.cost.breakdown import mean_number
from simulator.studies.cost.costs import CostOptions, RolloutCosts, rollout_costs
from simulator.studies.cost.forecast.undone import undone_work
from simulator.studies.cost.planned_capacity import planned_capacity
from simulator.studies.cost.study import Planned
from simulator.studies.report import about_engine
from simulator.theory.estimate import Estimate


def study_bridge(
    before: LoadedScenario, after: LoadedScenario, study: BridgeStudy, runner: Runner
) -> BridgeReport:
    """Forecast two scenarios and split the difference of their costs."""
    first = _costs(before, study.before_plan, study, runner)
    second = _costs(after, study.plan, study, runner)
    return bridge_report((before.name, after.name), first, second)


def bridge_report(names: tuple[str, str], before: RolloutCosts, after: RolloutCosts) -> BridgeReport:
    """The bridge between two forecasts.

    Parameters
    ----------
    names : of the two scenarios
    """
    currency = after.currency if after.currency == before.currency else US_DOLLAR
    parts = bridge(before.forecast, after.forecast)
    return BridgeReport(
        **about_engine(),
        currency=currency.code,
        sides=(_side(names[0], before, currency), _side(names[1], after, currency)),
        difference=_change(after.forecast.cost_usd - before.forecast.cost_usd, currency),
        drivers=tuple(
            DriverPart(driver=driver.value, estimate=_change(part, currency))
            for driver, part in parts.items()
        ),
    )


def _costs(loaded: LoadedScenario, plan: Planned | None, study: BridgeStudy, runner: Runner) -> RolloutCosts:
    capacity = None if plan is None else planned_capacity(plan, None, loaded.scenario).amounts
    options = CostOptions(study.replications, 0, not study.as_written, capacity)
    return rollout_costs(loaded.scenario, options, runner.at(loaded.base_dir))


def _side(name: str, costs: RolloutCosts, currency: Currency) -> BridgeSide:
    forecast = costs.forecast
    return BridgeSide(
        name=name,
        scenario=costs.scenario.metadata.name,
        scenario_hash=scenario_hash(costs.scenario),
        months=tuple(f"{month:%Y-%m}" for month in forecast.months),
        cost=currency.of(forecast.total_usd),
        actions=mean_number(forecast, Basis.ACTION),
        per_action=_per(costs, Basis.ACTION, currency),
        per_successful_action=_per(costs, Basis.SUCCESSFUL_ACTION, currency),
        undone=undone_work(costs.forecaster.offered(), currency),
    )


def _per(costs: RolloutCosts, basis: Basis, currency: Currency) -> float | None:
    sample = costs.forecast.unit_cost(basis)
    return None if sample is None else currency.of(sample.value)


def _change(units_usd: Floats, currency: Currency) -> Estimate:
    """A change with its interval over pairs of replications."""
    return currency.estimate(to_signed_estimate(Sample(float(units_usd.mean()), units_usd)))
