"""How sure are the amounts of a forecast? An interval of the simulation, and P10, P50, P90 of the uncertain inputs.

Without ranges of inputs the percentiles are those of what the simulation leaves open, as in a plan.
"""

from collections.abc import Callable
from typing import TypedDict

import numpy as np

from simulator.economics.accounts import Basis
from simulator.economics.categories import Floats
from simulator.economics.forecast import Forecast
from simulator.results.samples import Sample, to_estimate
from simulator.studies.common.uncertain_inputs import quantiles_of
from simulator.studies.cost.case_report import CostSwing
from simulator.studies.cost.costs import RolloutCosts
from simulator.studies.cost.report import Amount
from simulator.studies.record import finite
from simulator.theory.estimate import Estimate
from simulator.theory.intervals import wilson_interval

_Z90 = 1.2816
_HALF_WIDTH_Z = 1.9600
Sampled = Callable[[Forecast], Sample | None]
Part = Callable[[Forecast], Forecast]  # a month of a forecast, a stage, or the whole


def whole(forecast: Forecast) -> Forecast:
    """Everything."""
    return forecast


def total(costs: RolloutCosts, part: Part = whole) -> Amount:
    """Cost of everything in a part of the forecast."""
    found = _amount(costs, lambda forecast: total_sample(part(forecast)))
    assert found is not None  # every forecast has a total
    return found


class UnitCostFields(TypedDict):
    """Fields of `CostPerUnit`."""

    per_request: Amount | None
    per_action: Amount | None
    per_successful_action: Amount | None


def unit_costs(costs: RolloutCosts, part: Part = whole) -> UnitCostFields:
    """What a request (turn), an action and a successful action cost in a part of the forecast."""

    def per(basis: Basis) -> Amount | None:
        return _amount(costs, lambda forecast: part(forecast).unit_cost(basis))

    return {
        "per_request": per(Basis.TURN),
        "per_action": per(Basis.ACTION),
        "per_successful_action": per(Basis.SUCCESSFUL_ACTION),
    }


def _amount(costs: RolloutCosts, sampled: Sampled) -> Amount | None:
    """An amount of the forecast, in the currency of the scenario; None: there is none."""
    sample = sampled(costs.forecast)
    if sample is None:
        return None
    currency, estimate_usd = costs.currency, to_estimate(sample)
    p10, p50, p90 = (
        finite(currency.of(level_usd)) for level_usd in percentiles(costs, sampled, estimate_usd)
    )
    drawn = ratios(costs, sampled)
    mean = finite(currency.of(estimate_usd.value * float(drawn.mean()))) if drawn.size else None
    return Amount(estimate=currency.estimate(estimate_usd), p10=p10, p50=p50, p90=p90, mean=mean)


def percentiles(costs: RolloutCosts, sampled: Sampled, estimate: Estimate) -> list[float]:
    """P10, P50 and P90 of an amount in US dollars."""
    if costs.uncertainty is None:
        low, high = estimate.value - estimate.low, estimate.high - estimate.value
        below, above = (_Z90 / _HALF_WIDTH_Z * width for width in (low, high))
        return [estimate.value - below, estimate.value, estimate.value + above]
    return [estimate.value * ratio for ratio in quantiles_of(ratios(costs, sampled))]


def ratios(costs: RolloutCosts, sampled: Sampled) -> Floats:
    """Amount of every draw over that without factors, float64[draw]; empty without draws."""

    def value(forecast: Forecast) -> float:
        sample = sampled(forecast)
        return float("nan") if sample is None else sample.value

    return np.zeros(0) if costs.uncertainty is None else costs.uncertainty.ratios(value)


def total_sample(forecast: Forecast) -> Sample:
    """Cost of everything, with a unit per seed."""
    return Sample(forecast.total_usd, forecast.cost_usd)


def over_budget(costs: RolloutCosts, part: Part, budget_usd: float) -> Estimate | None:
    """Chance that a part of the forecast costs more than a budget, with its interval; None without draws."""
    found = ratios(costs, lambda forecast: total_sample(part(forecast)))
    if not len(found):
        return None
    n_over = float((found * total_sample(part(costs.forecast)).value > budget_usd).sum())
    return wilson_interval(n_over, float(len(found)))


def input_swings(costs: RolloutCosts) -> tuple[CostSwing, ...]:
    """Every input with a range, the one that moves the total most first; none without draws."""
    drawn, currency = costs.uncertainty, costs.currency
    if drawn is None:
        return ()
    plain, total = drawn.plain.total_usd, costs.forecast.total_usd
    shares = drawn.variance_shares(lambda forecast: forecast.total_usd)
    swings = []
    for swing in drawn.swings:
        share = shares.get(swing.name)
        swings.append(
            CostSwing(
                input=swing.name,
                low_factor=swing.low_factor,
                high_factor=swing.high_factor,
                low=currency.of(total * swing.low.total_usd / plain),
                high=currency.of(total * swing.high.total_usd / plain),
                first_order=None if share is None else share.share,
                first_order_half_width=None if share is None else share.half_width,
            )
        )
    return tuple(sorted(swings, key=lambda swing: -abs(swing.high - swing.low)))
