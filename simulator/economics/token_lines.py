"""What a hosted model is paid: tokens at their prices, cached or not, and throughput that is held by the hour.

Held units carry a number of tokens per minute. In each time bucket they take as many as fit, of all streams
alike; the rest is billed per token (`overflow`). The hours of the units are busy by the share of their
throughput that was used; busy hours go to the streams by tokens carried, idle ones by tokens asked for, and where there
are none evenly to the streams that may ask the model.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from simulator.economics.categories import Category, Floats, Line
from simulator.economics.price_book import HeldUnits, PriceBook
from simulator.mechanisms.codes import Station
from simulator.mechanisms.providers.metering import carried_share, weighted_tokens
from simulator.metrics.columns import UsageColumn
from simulator.results.run_result import RunResult

_PER_MILLION = 1e-6
_SECONDS_PER_HOUR = 3600.0
_SECONDS_PER_MINUTE = 60.0


def token_lines(
    result: RunResult, book: PriceBook, station_id: int, by_bucket: bool
) -> Iterator[tuple[Line, Floats, Floats]]:
    """Lines of a model's deployment, each with its quantity and the wasted part of it.

    Returns
    -------
    Lines with float64[bucket, stream] twice; one bucket for the whole span unless `by_bucket`.
    """
    station = result.stations[station_id]
    held = book.held.get(station.target)
    is_held = held is not None and held.units.get(station.region, 0) > 0
    if by_bucket or is_held:
        usage = result.usage[result.n_warmup_buckets :, :, station_id]  # [bucket, stream, UsageColumn]
    else:
        usage = result.measured_usage[np.newaxis, :, station_id]
    billed = np.ones(len(usage))  # [bucket] share of tokens that is billed one by one
    if held is not None and is_held:
        carried = _carried_share(result, usage, held, station)
        billed = 1.0 - carried
        users = book.asks(result.streams, [station.target])
        for line, quantity in _held_lines(result, usage, held, station, carried, users):
            yield line, _summed(quantity, by_bucket), _summed(np.zeros_like(quantity), by_bucket)
    is_batch = np.array([stream.workload in book.batch_workloads for stream in result.streams])
    yield from _billed_lines(usage * billed[:, None, None], book, station, is_batch, by_bucket)


def _billed_lines(
    usage: Floats, book: PriceBook, station: Station, is_batch: NDArray[np.bool_], by_bucket: bool
) -> Iterator[tuple[Line, Floats, Floats]]:
    """Tokens at their prices; workloads that go through a batch interface have lines of their own."""
    prices = book.models[station.target]
    cached = prices.cached_share
    meters = (
        (Category.INPUT_TOKENS, prices.input_usd_per_mtok, 1.0 - cached, True),
        (Category.CACHED_INPUT_TOKENS, prices.cached_input_usd_per_mtok, cached, True),
        (Category.OUTPUT_TOKENS, prices.output_usd_per_mtok, 1.0, False),
    )
    long_meters = (
        (Category.INPUT_TOKENS, prices.long_input_usd_per_mtok, 1.0 - cached, True),
        (Category.CACHED_INPUT_TOKENS, prices.long_cached_input_usd_per_mtok, cached, True),
        (Category.OUTPUT_TOKENS, prices.long_output_usd_per_mtok, 1.0, False),
    )
    classes = [(~is_batch, 0.0), (is_batch, prices.batch_discount)]
    if prices.batch_discount == 0.0:
        classes = [(np.ones_like(is_batch), 0.0)]
    tiers = [(meters, None)] if prices.long_above is None else [(meters, False), (long_meters, True)]
    for tier, is_long in tiers:
        for meter in tier:
            yield from _meter_lines(usage, station, prices.discount, meter, classes, is_long, by_bucket)


def _meter_lines(
    usage: Floats,
    station: Station,
    discount_in_price: float,
    meter: tuple[Category, float, float, bool],
    classes: Sequence[tuple[NDArray[np.bool_], float]],
    is_long: bool | None,
    by_bucket: bool,
) -> Iterator[tuple[Line, Floats, Floats]]:
    """Lines of one meter: one for each class of streams with a discount of its own."""
    category, usd_per_mtok, share, is_input = meter
    if share <= 0.0:
        return
    used, wasted = _tokens(usage, is_input, is_long)
    for of_class, discount in classes:
        if of_class.any():
            price_usd = usd_per_mtok * (1.0 - discount) * _PER_MILLION
            whole = 1.0 - (1.0 - discount_in_price) * (1.0 - discount)
            part = share * of_class
            line = Line(station, category, "token", price_usd, whole)
            yield line, _summed(used * part, by_bucket), _summed(wasted * part, by_bucket)


def _tokens(usage: Floats, is_input: bool, is_long: bool | None) -> tuple[Floats, Floats]:
    """Tokens of short, of long or (None) of all prompts, or of the answers to these; and their wasted part."""
    if is_input:
        names = (UsageColumn.INPUT_TOKENS, UsageColumn.WASTED_INPUT_TOKENS, UsageColumn.LONG_INPUT_TOKENS)
    else:
        names = (UsageColumn.OUTPUT_TOKENS, UsageColumn.WASTED_OUTPUT_TOKENS, UsageColumn.LONG_OUTPUT_TOKENS)
    total, wasted, of_long = (usage[..., name] for name in names)
    if is_long is None:
        return total, wasted
    used = of_long if is_long else total - of_long
    share = np.divide(used, total, out=np.zeros_like(total), where=total > 0.0)
    return used, wasted * share


def _carried_share(result: RunResult, usage: Floats, held: HeldUnits, station: Station) -> Floats:
    """Share of the tokens of each bucket that the units carry; all of them where nothing overflows."""
    if not held.overflow:
        return np.ones(len(usage))
    asked = weighted_tokens(usage, held.output_weight).sum(axis=1)
    return carried_share(asked, held.units[station.region], held.tpm_per_unit, result.measured_bucket_s)


def _room(result: RunResult, held: HeldUnits, station: Station) -> Floats:
    """Tokens that the units can carry in each bucket."""
    per_s = held.units[station.region] * held.tpm_per_unit / _SECONDS_PER_MINUTE
    room: Floats = per_s * result.measured_bucket_s
    return room


def _held_lines(
    result: RunResult,
    usage: Floats,
    held: HeldUnits,
    station: Station,
    carried: Floats,
    users: NDArray[np.bool_],
) -> Iterator[tuple[Line, Floats]]:
    """Hours of the units, busy and idle, float64[bucket, stream] each; `users`: bool[stream], who may ask the model."""
    tokens = weighted_tokens(usage, held.output_weight) * carried[:, None]
    room = _room(result, held, station)
    hours = held.units[station.region] * result.measured_bucket_s / _SECONDS_PER_HOUR
    by_stream = tokens.sum(axis=0)
    evenly = by_stream / by_stream.sum() if by_stream.sum() > 0.0 else users / users.sum()
    load = tokens.sum(axis=1)
    busy = np.minimum(load / room, 1.0)
    split = np.divide(tokens, load[:, None], out=np.tile(evenly, (len(load), 1)), where=load[:, None] > 0.0)
    yield (
        Line(station, Category.PROVISIONED_HOURS, "hour", held.unit_hour_usd, is_committed=True),
        (hours * busy)[:, None] * split,
    )
    yield (
        Line(station, Category.PROVISIONED_IDLE_HOURS, "hour", held.unit_hour_usd, is_committed=True),
        (hours * (1.0 - busy))[:, None] * evenly,
    )


def _summed(by_bucket_quantity: Floats, by_bucket: bool) -> Floats:
    return by_bucket_quantity if by_bucket else by_bucket_quantity.sum(axis=0, keepdims=True)
