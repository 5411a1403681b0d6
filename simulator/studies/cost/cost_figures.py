"""Figures of a cost study with their uncertainty: an interval of the simulation, and P10, P50, P90 of the inputs.

Without ranges of inputs the percentiles are those of what the simulation leaves open, as in a plan.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import isfinite

import numpy as np

from simulator.economics.accounts import Basis
from simulator.economics.categories import Floats
from simulator.economics.forecast import Forecast
from simulator.results.samples import Sample, to_estimate
from simulator.studies.cost.study import CostStudy
from simulator.studies.cost.uncertainty import LEVELS, quantiles_of
from simulator.studies.run.document import JsonObject, estimate_document
from simulator.theory.estimate import Estimate
from simulator.theory.intervals import wilson_interval

_Z90 = 1.2816
_HALF_WIDTH_Z = 1.9600
Sampled = Callable[[Forecast], Sample | None]


@dataclass(frozen=True)
class Money:
    """How amounts in US dollars are reported."""

    currency: str
    usd: float  # US dollars for one

    def of(self, amount_usd: float) -> float | None:
        """An amount in the currency; None: infinite or unknown."""
        return amount_usd / self.usd if isfinite(amount_usd) else None

    def estimate(self, estimate: Estimate) -> JsonObject:
        """An estimate in the currency."""
        found = Estimate(estimate.value / self.usd, estimate.low / self.usd, estimate.high / self.usd)
        return estimate_document(found) or {}


def money_of(study: CostStudy) -> Money:
    """The currency that a scenario reports in."""
    scenario = study.scenario
    rate = 1.0 if scenario.fx is None else scenario.fx.rates.get(scenario.currency, 1.0)
    return Money(scenario.currency, rate)


def figure(study: CostStudy, sampled: Sampled) -> JsonObject | None:
    """An amount of the forecast as JSON, in the currency of the scenario; None: there is none."""
    sample = sampled(study.forecast)
    if sample is None:
        return None
    money = money_of(study)
    estimate = to_estimate(sample)
    levels = percentiles(study, sampled, estimate)
    return money.estimate(estimate) | {
        f"p{level * 100:.0f}": money.of(value) for level, value in zip(LEVELS, levels, strict=True)
    }


def percentiles(study: CostStudy, sampled: Sampled, estimate: Estimate) -> list[float]:
    """P10, P50 and P90 of an amount in US dollars."""
    if study.uncertainty is None:
        low, high = estimate.value - estimate.low, estimate.high - estimate.value
        below, above = (_Z90 / _HALF_WIDTH_Z * width for width in (low, high))
        return [estimate.value - below, estimate.value, estimate.value + above]
    return [estimate.value * ratio for ratio in quantiles_of(ratios(study, sampled))]


def ratios(study: CostStudy, sampled: Sampled) -> Floats:
    """Amount of every draw over that without factors, float64[draw]; empty without draws."""

    def value(forecast: Forecast) -> float:
        sample = sampled(forecast)
        return float("nan") if sample is None else sample.value

    return np.zeros(0) if study.uncertainty is None else study.uncertainty.ratios(value)


def total_sample(forecast: Forecast) -> Sample:
    """Cost of everything, with a unit per seed."""
    return Sample(forecast.total_usd, forecast.cost_usd)


def unit_cost_figure(study: CostStudy, basis: Basis) -> JsonObject | None:
    """Cost per action, per successful action, or per request (turn)."""
    return figure(study, lambda forecast: forecast.unit_cost(basis))


def over_budget(study: CostStudy, sampled: Sampled, budget_usd: float) -> JsonObject | None:
    """Chance that an amount exceeds a budget, with its interval; None without draws, or with nothing to draw."""
    found = ratios(study, sampled)
    sample = sampled(study.forecast)
    if not len(found) or sample is None:
        return None
    n_over = float((found * sample.value > budget_usd).sum())
    return estimate_document(wilson_interval(n_over, float(len(found))))
