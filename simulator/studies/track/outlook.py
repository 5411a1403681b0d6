"""What follows from the months that came: the bias of forecasts, the day on which a budget runs out, what to correct."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from math import exp, log

import numpy as np
from scipy.stats import t as student

from simulator.economics.currency import Currency
from simulator.render.numbers import Unit
from simulator.scenario.model import Scenario
from simulator.studies.track.comparison import TrackedMonth
from simulator.studies.track.drivers import Cause
from simulator.studies.track.period import ends_of, usd_by_day
from simulator.studies.track.records import KeptForecast
from simulator.studies.track.report import Bias, BudgetDate, Correction
from simulator.theory.estimate import Estimate

_FOLLOWED = ("actions", "requests", "cost of models", "cost of people", "latency p95", "ttft p95")
_LEAST = 3  # months that tell an interval
_OFF = 0.03  # a number that is nearer is not corrected


def bias_of(months: Sequence[TrackedMonth]) -> Iterator[Bias]:
    """How far forecasts were off, measure by measure."""
    for name in _FOLLOWED:
        ratios = [
            log(one.forecast / one.actual)
            for month in months
            for one in month.record.measures
            if one.metric == name and one.forecast > 0.0 and one.actual > 0.0
        ]
        if ratios:
            yield Bias(
                metric=name,
                months=len(ratios),
                too_high=sum(one > 0.0 for one in ratios),
                too_low=sum(one < 0.0 for one in ratios),
                mean=_mean(ratios),
            )


def _mean(ratios: Sequence[float]) -> Estimate:
    mean = float(np.mean(ratios))
    if len(ratios) < _LEAST:
        return Estimate(exp(mean) - 1.0, -1.0, float("inf"))
    half = float(np.std(ratios, ddof=1)) / len(ratios) ** 0.5 * float(student.ppf(0.975, len(ratios) - 1))
    return Estimate(exp(mean) - 1.0, exp(mean - half) - 1.0, exp(mean + half) - 1.0)


def ratio_of(months: Sequence[TrackedMonth]) -> float | None:
    """What came over what was forecast, of models in the last month with a cost; None: there is none."""
    for month in reversed(months):
        for one in month.record.measures:
            if one.metric == "cost of models" and one.forecast > 0.0:
                return one.actual / one.forecast
    return None


def budget_dates(
    months: Sequence[TrackedMonth],
    latest: KeptForecast,
    monthly_usd: float | None,
    total_usd: float | None,
    currency: Currency,
) -> Iterator[BudgetDate]:
    """When budgets run out: what came so far, then the latest forecast, its tokens at the ratio of the last month."""
    if monthly_usd is None and total_usd is None:
        return
    days = list(_days(months, latest))
    last = max((month.came.end for month in months), default=ends_of(latest)[0])
    if total_usd is not None:
        yield _budget("the whole rollout", total_usd, days, last, currency)
    if monthly_usd is not None:
        names = dict.fromkeys(f"{day:%Y-%m}" for day, _ in days)
        found = [
            _budget(name, monthly_usd, [one for one in days if f"{one[0]:%Y-%m}" == name], last, currency)
            for name in names
        ]
        current = f"{last - timedelta(seconds=1):%Y-%m}"
        over = [one for one in found if one.date is not None]
        yield from (one for one in found if one.budget == current)
        yield from [one for one in over if one.budget != current][:1]


def _days(months: Sequence[TrackedMonth], latest: KeptForecast) -> Iterator[tuple[datetime, float]]:
    """What each day of the rollout cost, or will, in US dollars."""
    ratio = ratio_of(months) or 1.0
    by_begin = sorted(months, key=lambda month: month.came.begin)
    at, end = ends_of(latest)
    for month in by_begin:
        begin, until = month.came.begin, month.came.end
        if begin > at:
            yield from _forecast_days(latest, at, begin, 1.0)
        yield from _came_days(month, max(at, begin), until)
        at = max(at, until)
    if at < end:
        yield from _forecast_days(latest, at, end, ratio)


def _forecast_days(
    latest: KeptForecast, begin: datetime, end: datetime, ratio: float
) -> Iterator[tuple[datetime, float]]:
    for day, tokens_usd, rest_usd in usd_by_day(latest, begin, end):
        yield day, ratio * tokens_usd + rest_usd


def _came_days(month: TrackedMonth, begin: datetime, end: datetime) -> Iterator[tuple[datetime, float]]:
    """Days of a month that came: its cost in the course of the forecast; what nothing came of is as forecast."""
    costs, expected = month.costs, month.expected
    known = sum(expected.groups_usd.get(group, 0.0) for group in month.came.costs_usd)
    others = sum(expected.groups_usd.values()) - known
    if not month.came.models and month.came.billed_usd is not None:
        others -= expected.groups_usd.get("held", 0.0)
    if not costs.actual_usd and not costs.forecast_usd:
        others = expected.tokens_usd + sum(expected.groups_usd.values())
    total = costs.actual_usd + others
    days = list(usd_by_day(month.forecast, begin, end))
    weights = np.array([tokens + rest for _, tokens, rest in days])
    weights = weights / weights.sum() if weights.sum() > 0.0 else np.full(len(days), 1.0 / max(1, len(days)))
    for (day, _, _), weight in zip(days, weights, strict=True):
        yield day, float(total * weight)


def _budget(
    name: str, amount_usd: float, days: Sequence[tuple[datetime, float]], last: datetime, currency: Currency
) -> BudgetDate:
    spent = total = 0.0
    out: date | None = None
    for day, usd in days:
        total += usd
        if day < last:
            spent += usd
        if out is None and total > amount_usd:
            out = day.astimezone(UTC).date()
    return BudgetDate(
        budget=name,
        amount=currency.of(amount_usd),
        spent=currency.of(spent),
        projected=currency.of(total),
        date=None if out is None else out.isoformat(),
    )


def corrections(month: TrackedMonth, scenario: Scenario, currency: Currency) -> list[Correction]:
    """Numbers of the scenario that a month speaks against, by their part in the difference of costs."""
    found = [one for one in _corrections(month, scenario, currency) if _is_off(one)]
    return sorted(found, key=lambda one: -abs(one.amount or 0.0))


def _is_off(one: Correction) -> bool:
    return abs(one.actual - one.forecast) > _OFF * max(abs(one.actual), abs(one.forecast))


def _corrections(month: TrackedMonth, scenario: Scenario, currency: Currency) -> Iterator[Correction]:
    parts, named = month.costs.parts_usd, {one.metric: one for one in month.record.measures}
    asked = [one for one in scenario.workloads if month.came.workload in (None, one.name)]
    workload = f"workloads.{asked[0].name}" if len(asked) == 1 else "workloads"
    per_user = asked[0].users is not None

    def of(metric: str, cause: Cause | None, path: str) -> Iterator[Correction]:
        one = named.get(metric)
        if one is not None:
            amount = None if cause is None else currency.of(parts.get(cause, 0.0))
            yield Correction(
                path=path, unit=one.unit, forecast=one.forecast, actual=one.actual, amount=amount
            )

    demand = "actions" if "actions" in named else "requests"
    yield from of(demand, Cause.DEMAND, f"{workload}.{'actions_per_user' if per_user else 'arrival_rate'}")
    yield from of("requests per action", Cause.CALLS, f"{workload}.steps")
    yield from of("prompt tokens per request", Cause.PROMPTS, f"{workload}.prompt_tokens")
    yield from of("answer tokens per request", Cause.ANSWERS, f"{workload}.output_tokens")
    yield from of("cost of people", Cause.PEOPLE, "teams")
    yield from of("cost of own capacity", Cause.CAPACITY, "capacity")
    yield from _of_models(month, currency)
    if len(month.came.models) == 1:
        model = f"model_list.{month.came.models[0].model}"
        yield from of("cached share of prompts", Cause.CACHE, f"{model}.prices.cached_share")
        yield from of("ttft p95", None, f"{model}.ttft")
        if "ttft p95" not in named or not _off_time(named["ttft p95"].forecast, named["ttft p95"].actual):
            yield from of("latency p95", None, f"{model}.tpot")


def _off_time(forecast: float, actual: float) -> bool:
    return abs(forecast - actual) > _OFF * max(forecast, actual)


def _of_models(month: TrackedMonth, currency: Currency) -> Iterator[Correction]:
    """Shares and prices, model by model."""
    unit: Unit = "share"
    calls, came = month.expected.calls, {one.model: one for one in month.came.models}
    for name, parts in month.costs.by_model_usd.items():
        before = month.expected.models.get(name)
        forecast = before.calls / calls if before and calls else 0.0
        actual = came[name].calls / month.came.calls if name in came else 0.0
        if Cause.MIX in parts and len(month.costs.by_model_usd) > 1:
            amount = currency.of(parts[Cause.MIX])
            yield Correction(
                path=f"routes: share of {name}", unit=unit, forecast=forecast, actual=actual, amount=amount
            )
        if Cause.PRICE in parts and before is not None and before.usd > 0.0:
            amount = currency.of(parts[Cause.PRICE])
            paid = month.costs.paid.get(name, 1.0)
            yield Correction(
                path=f"model_list.{name}.prices", unit="share", forecast=1.0, actual=paid, amount=amount
            )
