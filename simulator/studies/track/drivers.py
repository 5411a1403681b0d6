"""Why did a month cost more or less than forecast? Parts of the difference, which add up to it without a rest.

The cost of each meter of a model is a product:

    actions x calls per action x share of the model x tokens per call x cached or not x price

It is split as the bridge between two forecasts is (`simulator.economics.bridge`). What is not billed by token has one part.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from simulator.economics.bridge import split_product
from simulator.studies.track.expected import CAPACITY, HELD, OTHER, PEOPLE
from simulator.studies.track.period import Expected
from simulator.studies.track.records import Came, CameUse, ModelUse


class Cause(StrEnum):
    """What makes a month differ from its forecast, in the order in which it is drawn."""

    DEMAND = "demand"
    CALLS = "calls per action"
    MIX = "mix of models"
    PROMPTS = "prompt lengths"
    ANSWERS = "answer lengths"
    CACHE = "cached share"
    PRICE = "price"
    MODELS = "models, not told apart"  # a bill without a log
    HELD = "held throughput"
    PEOPLE = "people"
    CAPACITY = "own capacity"
    OTHER = "other costs"


_OF_GROUP = {PEOPLE: Cause.PEOPLE, CAPACITY: Cause.CAPACITY, HELD: Cause.HELD, OTHER: Cause.OTHER}
_Factors = dict[Cause, float]


@dataclass(frozen=True)
class Difference:
    """What was forecast and what came of the costs that both sides have, in US dollars.

    Attributes
    ----------
    parts_usd : of what came less what was forecast, those with any, by cause
    by_model_usd : the same, by model
    paid : prices of each model that has some, over those of the forecast
    """

    forecast_usd: float
    actual_usd: float
    parts_usd: Mapping[Cause, float]
    by_model_usd: Mapping[str, Mapping[Cause, float]]
    paid: Mapping[str, float]


def difference(expected: Expected, came: Came, *, bill_counts: bool) -> Difference:
    """Split the difference.

    Parameters
    ----------
    bill_counts : the bill is of the span of the logs, so that it tells prices
    """
    parts: dict[Cause, float] = {}
    by_model: dict[str, dict[Cause, float]] = {}
    paid: dict[str, float] = {}
    forecast_usd = actual_usd = 0.0
    billed = came.billed_usd if bill_counts else None
    if came.models:
        uses = _priced(expected, came, billed)
        for one in came.models:
            as_forecast = _at_forecast_prices(one, expected.models.get(one.model)).usd
            if as_forecast > 0.0:
                paid[one.model] = uses[one.model].usd / as_forecast
        names = dict.fromkeys([*expected.models, *uses])
        for name in names:
            first, second = expected.models.get(name, ModelUse(model=name)), uses.get(name)
            second = ModelUse(model=name) if second is None else second
            of = by_model.setdefault(name, {})
            for cause, usd in _meters(first, second, expected, uses, came):
                of[cause] = of.get(cause, 0.0) + usd
                parts[cause] = parts.get(cause, 0.0) + usd
        forecast_usd += expected.tokens_usd
        actual_usd += sum(use.usd for use in uses.values())
    elif billed is not None:
        held = expected.groups_usd.get(HELD, 0.0)
        forecast_usd += expected.tokens_usd + held
        actual_usd += billed
        parts[Cause.MODELS] = billed - expected.tokens_usd - held
    for group, usd in came.costs_usd.items():
        before = expected.groups_usd.get(group, 0.0)
        forecast_usd, actual_usd = forecast_usd + before, actual_usd + usd
        parts[_OF_GROUP[group]] = parts.get(_OF_GROUP[group], 0.0) + usd - before
    return Difference(
        forecast_usd,
        actual_usd,
        {cause: parts[cause] for cause in Cause if parts.get(cause)},
        {name: of for name, of in by_model.items() if of},
        paid,
    )


def _priced(expected: Expected, came: Came, billed_usd: float | None) -> dict[str, ModelUse]:
    """What came, at the prices that were paid: those of the bill, else of the log, else as forecast."""
    found = {one.model: _at_forecast_prices(one, expected.models.get(one.model)) for one in came.models}
    for one in came.models:
        use = found[one.model]
        if one.cost_usd is None:
            continue
        if use.usd > 0.0:
            found[one.model] = _times_price(use, one.cost_usd / use.usd)
        elif use.tokens > 0.0:  # at no price that is known: tokens of all kinds cost alike
            each = one.cost_usd / use.tokens
            found[one.model] = use.model_copy(
                update={
                    "fresh_usd": each * use.fresh_tokens,
                    "cached_usd": each * use.cached_tokens,
                    "output_usd": each * use.output_tokens,
                }
            )
    total = sum(use.usd for use in found.values())
    if billed_usd is not None and total > 0.0:
        factor = max(0.0, billed_usd - expected.groups_usd.get(HELD, 0.0)) / total
        found = {name: _times_price(use, factor) for name, use in found.items()}
    return found


def _at_forecast_prices(one: CameUse, forecast: ModelUse | None) -> ModelUse:
    cached_share = _ratio(forecast.cached_tokens, forecast.input_tokens) if forecast else 0.0
    cached = cached_share * one.input_tokens if one.cached_tokens is None else one.cached_tokens
    fresh = max(0.0, one.input_tokens - cached)
    use = ModelUse(
        model=one.model,
        calls=one.calls,
        limited=one.limited,
        fresh_tokens=fresh,
        cached_tokens=cached,
        output_tokens=one.output_tokens,
    )
    if forecast is None:
        return use
    fresh_price = _ratio(forecast.fresh_usd, forecast.fresh_tokens)
    cached_price = _ratio(forecast.cached_usd, forecast.cached_tokens) or fresh_price
    return use.model_copy(
        update={
            "fresh_usd": fresh * fresh_price,
            "cached_usd": cached * cached_price,
            "output_usd": one.output_tokens * _ratio(forecast.output_usd, forecast.output_tokens),
        }
    )


def _times_price(use: ModelUse, factor: float) -> ModelUse:
    return use.model_copy(
        update={name: factor * getattr(use, name) for name in ("fresh_usd", "cached_usd", "output_usd")}
    )


def _meters(
    before: ModelUse, after: ModelUse, expected: Expected, uses: Mapping[str, ModelUse], came: Came
) -> Iterator[tuple[Cause, float]]:
    """Parts of each meter of a model."""
    calls_before, calls_after = expected.calls, sum(use.calls for use in uses.values())
    if came.actions is None:  # nobody knows how many actions they were
        shared_before, shared_after = {Cause.DEMAND: calls_before}, {Cause.DEMAND: calls_after}
    else:
        shared_before = _per(expected.actions, calls_before)
        shared_after = _per(came.actions, calls_after)
    shared_before[Cause.MIX] = _ratio(before.calls, calls_before)
    shared_after[Cause.MIX] = _ratio(after.calls, calls_after)
    for first, second in zip(_products(before), _products(after), strict=True):
        yield from split_product(shared_before | first, shared_after | second)


def _per(actions: float, calls: float) -> _Factors:
    if actions <= 0.0:
        return {Cause.DEMAND: calls, Cause.CALLS: 1.0}
    return {Cause.DEMAND: actions, Cause.CALLS: _ratio(calls, actions)}


def _products(use: ModelUse) -> Iterator[_Factors]:
    """What is left of each meter once the calls are known."""
    for tokens, usd in ((use.fresh_tokens, use.fresh_usd), (use.cached_tokens, use.cached_usd)):
        yield {
            Cause.PROMPTS: _ratio(use.input_tokens, use.calls),
            Cause.CACHE: _ratio(tokens, use.input_tokens),
            Cause.PRICE: _ratio(usd, tokens),
        }
    yield {
        Cause.ANSWERS: _ratio(use.output_tokens, use.calls),
        Cause.PRICE: _ratio(use.output_usd, use.output_tokens),
    }


def _ratio(over: float, under: float) -> float:
    return over / under if under > 0.0 else 0.0
