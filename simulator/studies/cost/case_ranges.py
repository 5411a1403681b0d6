"""How sure is the business case? P10, P50 and P90 of saving, net present value and payback.

A draw of the uncertain inputs is held against the case without factors made with that same replication, and the difference
is put on the case proper: NPV may be of either sign, so no ratio would do. Without ranges the percentiles are simulation
noise: those of a normal distribution of the mean over the replications.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from math import inf, isfinite

import numpy as np

from simulator.economics.case.business_case import BusinessCase, business_case
from simulator.economics.categories import Floats
from simulator.economics.forecast import Forecast
from simulator.economics.span import Span
from simulator.scenario.model import Scenario
from simulator.studies.common.uncertain_inputs import LEVELS, quantiles_of
from simulator.studies.cost.case_report import CaseRange, CaseRanges
from simulator.studies.cost.costs import RolloutCosts
from simulator.studies.record import finite

_Z = (-1.2816, 0.0, 1.2816)  # of LEVELS


def case_ranges(costs: RolloutCosts, case: BusinessCase) -> CaseRanges:
    """Percentiles of the case, in the currency of the report."""
    cases, plain = _drawn(costs, case)
    shifts: Callable[[Callable[[BusinessCase], float]], list[float]]
    if costs.uncertainty is None:

        def shifts(measured: Callable[[BusinessCase], float]) -> list[float]:
            values = np.array([measured(one) for one in cases])
            error = float(values.std(ddof=1) / np.sqrt(len(values))) if len(values) > 1 else 0.0
            return [measured(case) + z * error for z in _Z]

    else:

        def shifts(measured: Callable[[BusinessCase], float]) -> list[float]:
            moved = np.array([measured(case) + measured(one) - measured(plain) for one in cases])
            return quantiles_of(moved, LEVELS)

    def money(measured: Callable[[BusinessCase], float]) -> CaseRange:
        p10, p50, p90 = (finite(costs.currency.of(level_usd)) for level_usd in shifts(measured))
        mean = None
        if costs.uncertainty is not None:
            drawn = np.mean([measured(one) for one in cases]) - measured(plain)
            mean = finite(costs.currency.of(measured(case) + float(drawn)))
        return CaseRange(p10=p10, p50=p50, p90=p90, mean=mean)

    return CaseRanges(
        saving=money(_saving_usd),
        later_saving_per_month=money(lambda one: one.later_saving_usd),
        npv=money(lambda one: one.npv_usd),
        payback_month=_paybacks(cases),
    )


def _drawn(costs: RolloutCosts, case: BusinessCase) -> tuple[list[BusinessCase], BusinessCase]:
    """The case of every draw (without draws: of every replication), and the one they are held against."""
    scenario, drawn = costs.scenario, costs.uncertainty
    if drawn is None:
        pace = costs.forecaster.pace()
        seeds = range(costs.forecast.n_seeds)
        return [_case(scenario, _of_seed(costs.forecast, k), _of_seed(pace, k)) for k in seeds], case
    cases = [_case(scenario, forecast, pace) for forecast, pace in zip(drawn.draws, drawn.paces, strict=True)]
    return cases, _case(scenario, drawn.plain, drawn.plain_pace)


def _case(scenario: Scenario, forecast: Forecast, pace: Forecast) -> BusinessCase:
    found = business_case(scenario, forecast, pace)
    assert found is not None  # the scenario states a baseline
    return found


def _saving_usd(case: BusinessCase) -> float:
    return sum(month.saving_usd for month in case.months)


def _paybacks(cases: Sequence[BusinessCase]) -> tuple[str | None, str | None, str | None]:
    """P10, P50 and P90 of the month in which savings have paid the investment; None: not within the horizon."""
    numbers: Floats = np.array([inf if one.payback is None else one.payback.toordinal() for one in cases])
    p10, p50, p90 = (
        f"{date.fromordinal(int(number)):%Y-%m}" if isfinite(number) else None
        for number in quantiles_of(numbers, LEVELS)
    )
    return p10, p50, p90


def _of_seed(forecast: Forecast, seed: int) -> Forecast:
    return Forecast(tuple(_span_of_seed(span, seed) for span in forecast.spans))


def _span_of_seed(span: Span, seed: int) -> Span:
    one = slice(seed, seed + 1)
    accounts = replace(
        span.accounts,
        seeds=span.accounts.seeds[one],
        cost_usd=span.accounts.cost_usd[one],
        wasted_usd=span.accounts.wasted_usd[one],
        n=span.accounts.n[one],
        hours=span.accounts.hours[one],
    )
    return replace(span, accounts=accounts, counts=span.counts[one], usage=span.usage[one])
