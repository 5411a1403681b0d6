"""Why does one forecast cost more than another? A bridge of drivers whose parts add up exactly to the difference.

The cost of a meter is a product of drivers, e.g. of the input tokens of a model for the actions of a workload:

    actions x mix x turns per action x model answers per turn x share of the model x tokens per answer
        x billed over used tokens x price

The difference of two products is split by the logarithmic mean Divisia index (LMDI I: Ang, 2004,
doi:10.1016/j.enpol.2003.10.010): a driver's part is L(after, before) · ln(its ratio), with the logarithmic mean
L(a, b) = (a - b) / ln(a / b). The parts add up without a rest, whatever the order of the drivers. Where one side is zero,
the first driver that is zero there has all of the difference, which is the limit.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import log
from typing import TypeVar

import numpy as np

from simulator.economics.accounts import Basis
from simulator.economics.categories import Category, Floats
from simulator.economics.forecast import Forecast
from simulator.economics.span import Span
from simulator.metrics.columns import CountColumn, UsageColumn


class Driver(StrEnum):
    """What makes costs move, in the order in which a bridge is drawn."""

    VOLUME = "volume"  # actions
    MIX = "mix"  # of workloads and regions
    TURNS = "turns per action"
    CACHE = "cache"  # model answers per turn: hits save them
    ROUTING = "routing"  # which model answers
    TOKENS = "tokens"  # per answer
    RETRIES = "retries"  # billed over used
    SERVICES = "services"  # calls per action
    EGRESS = "egress"  # data per action
    LOGS = "logs"  # written and kept per action
    SUCCESS = "success"  # actions to be done over, and wrong answers
    PEOPLE = "people"  # hours on shift
    CAPACITY = "capacity"  # hours of replicas and held units
    PRICE = "price"
    RELEASES = "copies to new versions"
    PLATFORM = "platform"
    COMMITMENTS = "commitments"


_TOKENS = {
    Category.INPUT_TOKENS: "input",
    Category.CACHED_INPUT_TOKENS: "input",
    Category.OUTPUT_TOKENS: "output",
}
_HOURS = {
    Category.HUMAN_HOURS: Driver.PEOPLE,
    Category.HUMAN_IDLE_HOURS: Driver.PEOPLE,
    Category.GPU_HOURS: Driver.CAPACITY,
    Category.GPU_IDLE_HOURS: Driver.CAPACITY,
    Category.SPOT_GPU_HOURS: Driver.CAPACITY,
    Category.SPOT_GPU_IDLE_HOURS: Driver.CAPACITY,
    Category.SERVICE_HOURS: Driver.CAPACITY,
    Category.SERVICE_IDLE_HOURS: Driver.CAPACITY,
    Category.PROVISIONED_HOURS: Driver.CAPACITY,
    Category.PROVISIONED_IDLE_HOURS: Driver.CAPACITY,
}
_PER_ACTION = {
    Category.SERVICE_CALLS: Driver.SERVICES,
    Category.EGRESS: Driver.EGRESS,
    Category.LOG_INGESTION: Driver.LOGS,
    Category.LOG_STORAGE: Driver.LOGS,
}
_PAID_IN_ANY_CASE = {
    Category.PLATFORM: Driver.PLATFORM,
    Category.UNUSED_COMMITMENT: Driver.COMMITMENTS,
    Category.MIRRORED_TOKENS: Driver.RELEASES,
    Category.MIRRORED_CALLS: Driver.RELEASES,
}

_Key = tuple[str, ...]
Factor = TypeVar("Factor", bound=StrEnum)
_Factors = dict[Driver, float]


@dataclass
class _Meter:
    """Quantity, the part of it that was used, and the cost of one meter; of a stream where `stream` is named."""

    quantity: float = 0.0
    used: float = 0.0
    cost_usd: float = 0.0


def bridge(before: Forecast, after: Forecast) -> dict[Driver, Floats]:
    """Split the difference of two forecasts into drivers.

    Parameters
    ----------
    before, after : with the same number of replications, whose seeds are pairs

    Returns
    -------
    float64[seed] by driver in US dollars, of drivers with a part; the sum is `after.cost_usd - before.cost_usd`.
    """
    if before.n_seeds != after.n_seeds:
        raise ValueError("a bridge needs two forecasts with the same number of replications")
    parts = {driver: np.zeros(before.n_seeds) for driver in Driver}
    for seed in range(before.n_seeds):
        first, second = _Use(before, seed), _Use(after, seed)
        for key in dict.fromkeys([*first.meters, *second.meters]):
            for driver, part in _split(first.factors(key), second.factors(key)):
                parts[driver][seed] += part
    return {driver: part for driver, part in parts.items() if part.any()}


def log_mean(after: float, before: float) -> float:
    """Logarithmic mean of two positive numbers; of equal ones, themselves."""
    if after == before:
        return after
    ratio = after / before
    return after if ratio == 1.0 else (after - before) / log(ratio)


def split_product(
    before: Mapping[Factor, float], after: Mapping[Factor, float]
) -> Iterator[tuple[Factor, float]]:
    """Parts of the difference of two products of the same factors, which add up to it."""
    first, second = _product(before), _product(after)
    if first == second:
        return
    if first <= 0.0 or second <= 0.0:
        absent = before if first <= 0.0 else after
        yield next(driver for driver, value in absent.items() if value <= 0.0), second - first
        return
    mean = log_mean(second, first)
    parts = {driver: mean * log(after[driver] / before[driver]) for driver in after}
    largest = max(parts, key=lambda driver: abs(parts[driver]))
    parts[largest] += (second - first) - sum(parts.values())  # what rounding leaves
    yield from parts.items()


def _split(before: _Factors, after: _Factors) -> Iterator[tuple[Driver, float]]:
    """Parts of the difference of one meter."""
    if set(before) == set(after):
        yield from split_product(before, after)
    elif (difference := _product(after) - _product(before)) != 0.0:  # nothing of it was used on one side
        yield Driver.RETRIES, difference


def _product(factors: Mapping[Factor, float]) -> float:
    if not factors:
        return 0.0
    product = 1.0
    for value in factors.values():
        product *= value
    return product


class _Use:
    """What a forecast used and paid in one replication: meters, and what they are held against."""

    def __init__(self, forecast: Forecast, seed: int) -> None:
        self.meters: dict[_Key, _Meter] = {}
        self._actions: dict[_Key, float] = {}
        self._turns: dict[_Key, float] = {}
        self._answers: dict[_Key, float] = {}  # of models, by stream
        self._at_model: dict[_Key, float] = {}  # by model and stream
        for span in forecast.spans:
            self._add_meters(span, seed)
            self._add_streams(span, seed)

    def factors(self, key: _Key) -> _Factors:
        """The drivers of a meter; their product is its cost, nothing where the meter is not there.

        What was paid though nothing was used, or nobody asked, is no product of these drivers: all of it is retries.
        """
        found, cost_usd = self._product_of(key), self.meters.get(key, _Meter()).cost_usd
        if cost_usd > 0.0 and min(found.values()) <= 0.0:
            return {Driver.RETRIES: cost_usd}
        return found

    def _product_of(self, key: _Key) -> _Factors:
        kind, target, region, workload, home = key
        meter = self.meters.get(key, _Meter())
        price = _ratio(meter.cost_usd, meter.quantity)
        if kind in _HOURS:
            return {_HOURS[Category(kind)]: meter.quantity, Driver.PRICE: price}
        if kind in _PAID_IN_ANY_CASE:
            return {_PAID_IN_ANY_CASE[Category(kind)]: meter.cost_usd}
        stream = (workload, home)
        actions, everybody = self._actions.get(stream, 0.0), sum(self._actions.values())
        shared = {Driver.VOLUME: everybody, Driver.MIX: _ratio(actions, everybody)}
        retries = {Driver.RETRIES: _ratio(meter.quantity, meter.used), Driver.PRICE: price}
        if kind in ("input", "output"):
            turns, answers = self._turns.get(stream, 0.0), self._answers.get(stream, 0.0)
            at_model = self._at_model.get((target, region, *stream), 0.0)
            answered = {
                Driver.TURNS: _ratio(turns, actions),
                Driver.CACHE: _ratio(answers, turns),
                Driver.ROUTING: _ratio(at_model, answers),
                Driver.TOKENS: _ratio(meter.used, at_model),
            }
            return shared | answered | retries
        if kind in _PER_ACTION:
            return shared | {_PER_ACTION[Category(kind)]: _ratio(meter.used, actions)} | retries
        return shared | {Driver.SUCCESS: _ratio(meter.quantity, actions), Driver.PRICE: price}

    def _add_meters(self, span: Span, seed: int) -> None:
        cost, wasted = span.accounts.cost_usd[seed], span.accounts.wasted_usd[seed]
        for place, line in enumerate(span.lines):
            target = ("", "") if line.station is None else (line.station.target, line.station.region)
            kind = _TOKENS.get(line.category, line.category.value)
            is_shared = line.category in _HOURS or line.category in _PAID_IN_ANY_CASE
            for number, stream in enumerate(span.streams):
                spent, unused = float(cost[number, place]), float(wasted[number, place])
                if spent != 0.0:
                    names = ("", "") if is_shared else (stream.workload, stream.region)
                    meter = self.meters.setdefault((kind, *target, *names), _Meter())
                    meter.quantity += spent / line.unit_price_usd
                    meter.used += (spent - unused) / line.unit_price_usd
                    meter.cost_usd += spent

    def _add_streams(self, span: Span, seed: int) -> None:
        for number, stream in enumerate(span.streams):
            key = (stream.workload, stream.region)
            _count(self._actions, key, span.accounts.n[seed, number, Basis.ACTION])
            _count(self._turns, key, span.counts[seed, number, CountColumn.TURNS])
            for place, station in enumerate(span.stations):
                if station.kind == "model":
                    answered = span.usage[seed, number, place, UsageColumn.SUCCEEDED]
                    _count(self._answers, key, answered)
                    _count(self._at_model, (station.target, station.region, *key), answered)


def _count(counts: dict[_Key, float], key: _Key, amount: float) -> None:
    counts[key] = counts.get(key, 0.0) + float(amount)


def _ratio(over: float, under: float) -> float:
    return over / under if under > 0.0 else 0.0
