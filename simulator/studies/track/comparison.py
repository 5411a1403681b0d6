"""One month that was forecast and came: every measure that both sides have, and the parts of the difference of costs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from simulator.economics.currency import Currency
from simulator.formats.bills.cells import BillError
from simulator.formats.logs.errors import LogError
from simulator.render.numbers import Unit, quantity
from simulator.studies.track.drivers import Difference, difference
from simulator.studies.track.expected import CAPACITY, HELD, OTHER, PEOPLE
from simulator.studies.track.period import Expected, ends_of, expected_in
from simulator.studies.track.records import Came, KeptForecast
from simulator.studies.track.report import CausePart, Compared, ComparedMonth

_QUIET_DAYS = 4.0  # a long weekend: bills have no row for days without use
_FEW_CALLS = 1.05  # of models per turn: then a request takes as long as a turn
_NEAR_LIMIT = 0.8


@dataclass(frozen=True)
class TrackedMonth:
    """A month with the forecast it is held against.

    Attributes
    ----------
    came : within the forecast's stages
    """

    came: Came
    forecast: KeptForecast
    expected: Expected
    costs: Difference
    record: ComparedMonth


def compared_month(came: Came, forecasts: Sequence[KeptForecast], currency: Currency) -> TrackedMonth:
    """Compare a month with the last forecast that was made before it; else with the first that was made.

    Raises
    ------
    LogError, BillError
        If the stages of the forecast are at another time.
    """
    before = [one for one in forecasts if one.made <= came.begin]
    forecast = before[-1] if before else forecasts[0]
    came = _within(came, forecast)
    expected = expected_in(forecast, came.begin, came.end, came.workload)
    notes = list(came.notes)
    counts, why = _bill_counts(came)
    notes += why
    costs = difference(expected, came, bill_counts=counts)
    notes += _notes(came, expected, costs)
    record = ComparedMonth(
        month=came.month,
        begin=f"{came.begin:%Y-%m-%dT%H:%MZ}",
        end=f"{came.end:%Y-%m-%dT%H:%MZ}",
        stages=expected.stages,
        files=came.files,
        forecast_made=f"{forecast.made:%Y-%m-%d}",
        made_before=bool(before),
        forecast=currency.of(costs.forecast_usd),
        actual=currency.of(costs.actual_usd),
        measures=tuple(_measures(came, expected, costs, currency)),
        parts=tuple(
            CausePart(cause=cause.value, amount=currency.of(usd)) for cause, usd in costs.parts_usd.items()
        ),
        notes=tuple(notes),
    )
    return TrackedMonth(came, forecast, expected, costs, record)


def _within(came: Came, forecast: KeptForecast) -> Came:
    """The month as far as the stages go; of a log all must lie within."""
    first, last = ends_of(forecast)
    begin, end = check_within(came, first, last)
    if not came.models:
        if came.billed_days is not None and came.billed_days < (end - begin).days - _QUIET_DAYS:
            end = begin + timedelta(days=came.billed_days)
        return came.model_copy(update={"begin": begin, "end": end})
    if (begin, end) == (came.begin, came.end):
        return came
    outside = (came.end - came.begin) - (end - begin)
    hours = outside.total_seconds() / 3600.0
    note = (
        f"{hours:,.0f} h of the logs are before or after the stages of the forecast, which has no demand there: they count "
        "as demand that was not forecast"
    )
    return came.model_copy(update={"notes": (*came.notes, note)})


def check_within(came: Came, first: datetime, last: datetime) -> tuple[datetime, datetime]:
    """The part of a month that lies within stages.

    Raises
    ------
    LogError, BillError
        If none does.
    """
    begin, end = max(came.begin, first), min(came.end, last)
    if end <= begin:
        error = LogError if came.models else BillError
        raise error(
            f"{', '.join(came.files)}: {came.month} is not in the forecast, whose stages are from {first:%Y-%m-%d} to "
            f"{last:%Y-%m-%d}; set `start` of the scenario to the day the rollout began"
        )
    return begin, end


def _bill_counts(came: Came) -> tuple[bool, list[str]]:
    """Whether the bill is of the span of the logs."""
    if came.billed_usd is None:
        return False, []
    days = (came.end - came.begin).total_seconds() / 86_400.0
    billed = came.billed_days or days
    if not came.models or abs(billed - days) <= _QUIET_DAYS:
        return True, []
    return False, [
        f"the bill is of {billed:.0f} days and the logs are of {days:.0f}: it tells no prices, and is left out"
    ]


def _measures(came: Came, expected: Expected, costs: Difference, currency: Currency) -> Iterator[Compared]:
    if came.models:
        if came.actions is not None:
            yield _compared("actions", "count", expected.actions, came.actions)
        yield _compared("requests", "count", expected.calls, came.calls)
        if came.actions:
            yield _compared(
                "requests per action",
                "number",
                _per(expected.calls, expected.actions),
                came.calls / came.actions,
            )
        yield from _of_tokens(came, expected)
        yield from _of_time(came, expected)
        if came.busiest_rph is not None:
            yield _compared("requests of the busiest hour", "count", expected.busiest_rph, came.busiest_rph)
        for use in came.models:
            if use.busiest_tpm is not None and use.model in expected.busiest_tpm:
                name = f"{use.model}: tokens per minute, busiest hour"
                yield _compared(name, "count", expected.busiest_tpm[use.model], use.busiest_tpm)
    if costs.forecast_usd or costs.actual_usd:
        for name, forecast_usd, actual_usd in _costs(came, expected, costs):
            yield _compared(name, "money", currency.of(forecast_usd), currency.of(actual_usd))
    if came.actions and expected.actions and costs.actual_usd:
        yield _compared(
            "cost of an action",
            "money",
            currency.of(costs.forecast_usd / expected.actions),
            currency.of(costs.actual_usd / came.actions),
        )


def _costs(came: Came, expected: Expected, costs: Difference) -> Iterator[tuple[str, float, float]]:
    groups = {PEOPLE: "cost of people", CAPACITY: "cost of own capacity", HELD: "cost of held throughput"}
    groups |= {OTHER: "other costs"}
    rest = sum(expected.groups_usd.get(group, 0.0) for group in came.costs_usd)
    forecast_usd, actual_usd = costs.forecast_usd - rest, costs.actual_usd - sum(came.costs_usd.values())
    if forecast_usd or actual_usd:
        yield "cost of models", forecast_usd, actual_usd
    for group, usd in came.costs_usd.items():
        yield groups[group], expected.groups_usd.get(group, 0.0), usd
    if came.costs_usd:
        yield "cost of all that is compared", costs.forecast_usd, costs.actual_usd


def _of_tokens(came: Came, expected: Expected) -> Iterator[Compared]:
    uses = expected.models.values()
    given = sum(use.input_tokens for use in uses)
    came_in = sum(use.input_tokens for use in came.models)
    yield _compared(
        "prompt tokens per request", "count", _per(given, expected.calls), _per(came_in, came.calls)
    )
    answered = sum(use.output_tokens for use in uses)
    came_out = sum(use.output_tokens for use in came.models)
    yield _compared(
        "answer tokens per request", "count", _per(answered, expected.calls), _per(came_out, came.calls)
    )
    cached = [use.cached_tokens for use in came.models if use.cached_tokens is not None]
    if len(cached) == len(came.models):
        forecast = _per(sum(use.cached_tokens for use in uses), given)
        yield _compared("cached share of prompts", "share", forecast, _per(sum(cached), came_in))
    limited = sum(use.limited for use in came.models)
    forecast = _per(sum(use.limited for use in uses), expected.calls)
    if limited or forecast > 1e-4:
        yield _compared("turned away with 429", "share", forecast, _per(limited, came.calls))


def _of_time(came: Came, expected: Expected) -> Iterator[Compared]:
    """Times that users wait for; a log whose requests cannot be joined tells those of single calls only."""
    single = _per(expected.calls, expected.turns) <= _FEW_CALLS
    for name, seconds in came.times.items():
        if name in expected.times and (single or (came.turns is not None and name.startswith("latency"))):
            yield _compared(name, "time", expected.times[name], seconds)


def _notes(came: Came, expected: Expected, costs: Difference) -> Iterator[str]:
    if came.models and all(use.cost_usd is None for use in came.models) and came.billed_usd is None:
        yield "neither log nor bill says what was paid: prices are those of the forecast"
    unpriced = [
        use.model
        for use in came.models
        if use.model not in expected.models and use.cost_usd is None and came.billed_usd is None
    ]
    if unpriced:
        yield f"no price is known of {', '.join(unpriced)}, which the forecast does not have: in no cost"
    for use in came.models:
        limit = expected.tpm.get(use.model)
        if limit and use.busiest_tpm and use.busiest_tpm > _NEAR_LIMIT * limit:
            share = quantity(use.busiest_tpm / limit, "share")
            yield (
                f"{use.model}: the busiest hour took {share} of the {limit:,.0f} tokens per minute that it lets through; "
                "minutes within it took more"
            )
    missing = [
        group for group, usd in expected.groups_usd.items() if usd > 0.0 and group not in came.costs_usd
    ]
    if missing and (costs.forecast_usd or costs.actual_usd):
        usd = sum(expected.groups_usd[group] for group in missing)
        yield (
            f"nothing came of {', '.join(missing)} (${usd:,.0f} in the forecast), which is not compared; a CSV of month, "
            "group and amount adds it"
        )


def _compared(name: str, unit: Unit, forecast: float, actual: float) -> Compared:
    error = None if actual <= 0.0 else forecast / actual - 1.0
    return Compared(metric=name, unit=unit, forecast=forecast, actual=actual, error=error)


def _per(over: float, under: float) -> float:
    return over / under if under > 0.0 else 0.0
