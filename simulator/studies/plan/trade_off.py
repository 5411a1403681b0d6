"""What would more or less capacity buy? Cost of a month against latency and availability at the busiest hour.

The points are the settings that the search for capacity asked, and some around the one it found: all knobs a step lower and
higher together. What no point beats is the front: there, a better p95 (or availability) costs more.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import inf

import numpy as np

from simulator.results.estimates import estimate
from simulator.studies.capacity.bounds import level_for
from simulator.studies.capacity.knobs import Axis, amounts
from simulator.studies.capacity.search import BudgetError, Setting
from simulator.studies.common.replicator import Evidence
from simulator.studies.sweep.pareto import pareto_front
from simulator.theory.estimate import Estimate

_STEPS = (0.7, 0.85, 1.2, 1.5)  # times the amounts that were found
_MAX_POINTS = 12  # simulated besides those that are still in memory


@dataclass(frozen=True)
class TradePoint:
    """One setting of the knobs.

    Attributes
    ----------
    amounts : knob path → region → amount
    month_usd : cost of a month with it
    latency_p95_s, availability : of all users in the busiest hour, headroom included; None: nothing was observed
    holds : every objective is met in every situation; None: it was not asked
    is_planned : it is what the plan asks for
    on_latency_front, on_availability_front : no other point is as cheap and better
    """

    amounts: Mapping[str, Mapping[str, float]]
    month_usd: float
    latency_p95_s: Estimate | None
    availability: Estimate | None
    holds: bool | None
    is_planned: bool
    on_latency_front: bool = False
    on_availability_front: bool = False


@dataclass(frozen=True)
class Searched:
    """A search for capacity that is over, and can still be asked.

    Attributes
    ----------
    setting : that was found
    asked : settings that were simulated at the peaks
    at_busiest : simulates the healthy busiest hour
    holds : whether a setting meets everything, as far as was asked or follows; None: not known
    month_usd : cost of a month with a setting more than with the one found; may raise `BudgetError`
    """

    axes: Sequence[Axis]
    setting: Setting
    asked: Sequence[Setting]
    at_busiest: Callable[[Setting], Evidence]
    holds: Callable[[Setting], bool | None]
    extra_month_usd: Callable[[Setting], float]


def trade_off(searched: Searched, month_usd: float) -> tuple[TradePoint, ...]:
    """Points of a stage's trade-off that are on a front, and the one that is planned, by rising cost.

    Parameters
    ----------
    month_usd : cost of a month with what was found
    """
    if not searched.axes:
        return ()
    points = []
    for setting in _settings(searched):
        try:
            cost_usd = month_usd + searched.extra_month_usd(setting)
        except BudgetError:
            continue
        points.append(_point(searched, setting, cost_usd))
    by_latency = _on_front(points, lambda point: _value(point.latency_p95_s, inf))
    by_availability = _on_front(points, lambda point: -_value(point.availability, -inf))
    placed = [
        TradePoint(
            **{**vars(point), "on_latency_front": bool(fast), "on_availability_front": bool(available)}
        )
        for point, fast, available in zip(points, by_latency, by_availability, strict=True)
    ]
    kept = [
        point for point in placed if point.is_planned or point.on_latency_front or point.on_availability_front
    ]
    return tuple(sorted(kept, key=lambda point: point.month_usd))


def _settings(searched: Searched) -> list[Setting]:
    """The setting found, some around it, and what was asked."""

    def level(axis: Axis, place: int, factor: float) -> int:
        moved = level_for(axis, factor * axis.levels[place])
        if axis.levels[place] > 0.0 and moved == place:
            moved += 1 if factor > 1.0 else -1
        return min(max(moved, 0), len(axis.levels) - 1)

    around = [
        tuple(level(axis, place, factor) for axis, place in zip(searched.axes, searched.setting, strict=True))
        for factor in _STEPS
    ]
    return list(dict.fromkeys([searched.setting, *around, *searched.asked]))[:_MAX_POINTS]


def _point(searched: Searched, setting: Setting, month_usd: float) -> TradePoint:
    results = searched.at_busiest(setting).results
    return TradePoint(
        amounts(searched.axes, setting),
        month_usd,
        estimate(results, "latency", "p95"),
        estimate(results, "availability"),
        searched.holds(setting),
        setting == searched.setting,
    )


def _on_front(points: Sequence[TradePoint], goal: Callable[[TradePoint], float]) -> Sequence[np.bool_]:
    return list(pareto_front([(point.month_usd, goal(point)) for point in points]))


def _value(found: Estimate | None, otherwise: float) -> float:
    return otherwise if found is None else found.value
