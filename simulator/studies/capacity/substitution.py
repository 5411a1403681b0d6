"""Which knobs spare what is paid by use? Own replicas spare the tokens of a provider that stands in for them.

A knob spares if raising it can move work away from a target that costs more by use, which is so where a route names both.
Raising any other knob, as a quota that several models share, is taken to spare nothing, so that for it the search need not
simulate what the month costs.
"""

from collections.abc import Sequence
from math import inf

from simulator.economics.price_book import PriceBook
from simulator.scenario.asked_targets import targets_of_route
from simulator.scenario.model import Scenario
from simulator.studies.capacity.knobs import Axis

_UseUsd = tuple[float, float]  # per input and output token, or per call


def substituting_axes(scenario: Scenario, axes: Sequence[Axis], book: PriceBook) -> tuple[bool, ...]:
    """Whether an axis spares cost by use, for each axis.

    Parameters
    ----------
    axes : the knobs of the scenario, region by region
    book : its prices
    """
    together = [set(targets_of_route(scenario, route)) for route in scenario.routes]
    prices = {name: _use_usd(scenario, book, name) for targets in together for name in targets}

    def spares(axis: Axis) -> bool:
        beside = {name for targets in together if axis.target in targets for name in targets}
        return any(
            theirs > own
            for name in beside - {axis.target}
            for theirs, own in zip(prices[name], prices[axis.target], strict=True)
        )

    return tuple(axis.kind not in ("team", "quota") and spares(axis) for axis in axes)


def _use_usd(scenario: Scenario, book: PriceBook, name: str) -> _UseUsd:
    """Price by use of a target; what scales itself at a price per hour counts as dear."""
    if name in book.models:
        return book.models[name].input_usd_per_mtok * 1e-6, book.models[name].output_usd_per_mtok * 1e-6
    if name in book.pools:
        pool = next(model.pool for model in scenario.model_list if model.model_name == name)
        scales = pool is not None and pool.autoscaling is not None
        return (inf, inf) if scales and book.pools[name].replica_hour_usd > 0.0 else (0.0, 0.0)
    prices = book.services[name]
    if scenario.services[name].autoscaling is not None and prices.replica_hour_usd > 0.0:
        return inf, inf
    return prices.call_usd, prices.call_usd
