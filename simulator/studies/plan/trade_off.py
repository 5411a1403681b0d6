"""What would more or less capacity buy? Cost of a month against latency and availability at the busiest hour.

The points are the settings that the search for capacity evaluated, and some around the one it found: all knobs a step lower
and higher together. Pareto-optimal points are the front: there, a better p95 (or availability) costs more.
"""

from collections.abc import Callable, Sequence
from math import inf

import numpy as np

from simulator.results.estimates import estimate
from simulator.studies.capacity.bounds import level_for
from simulator.studies.capacity.capacity import Searched
from simulator.studies.capacity.knobs import Axis, amounts
from simulator.studies.capacity.search import BudgetError, Setting
from simulator.studies.plan.findings import TradePoint
from simulator.studies.record import MonthlyCost
from simulator.theory.estimate import Estimate
from simulator.theory.pareto import pareto_front

_STEPS = (0.7, 0.85, 1.2, 1.5)  # times the amounts that were found
_MAX_POINTS = 12  # simulated besides those that are still in memory


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
    by_latency = _on_front(points, lambda point: _value(point.latency_p95, inf))
    by_availability = _on_front(points, lambda point: -_value(point.availability, -inf))
    placed = [
        point.model_copy(update={"on_latency_front": bool(fast), "on_availability_front": bool(available)})
        for point, fast, available in zip(points, by_latency, by_availability, strict=True)
    ]
    kept = [
        point for point in placed if point.is_planned or point.on_latency_front or point.on_availability_front
    ]
    return tuple(sorted(kept, key=lambda point: point.cost.month))


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
        capacity=amounts(searched.axes, setting),
        cost=MonthlyCost(month=month_usd),
        latency_p95=estimate(results, "latency", "p95"),
        availability=estimate(results, "availability"),
        holds=searched.holds(setting),
        is_planned=setting == searched.setting,
    )


def _on_front(points: Sequence[TradePoint], goal: Callable[[TradePoint], float]) -> Sequence[np.bool_]:
    return list(pareto_front([(point.cost.month, goal(point)) for point in points]))


def _value(found: Estimate | None, otherwise: float) -> float:
    return otherwise if found is None else found.value
