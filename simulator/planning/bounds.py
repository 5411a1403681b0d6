"""Where to begin? A first guess of every knob from the load that one generous run measured.

Servers are sized with Erlang's formula, quotas with a margin for the noise of a minute. The guess decides how
often the search must ask, never what it finds.
"""

from collections.abc import Sequence
from datetime import datetime
from math import ceil, sqrt
from zoneinfo import ZoneInfo

from simulator.mechanisms.review.build import share_on_shift, shifts_of
from simulator.planning.knobs import Axis
from simulator.planning.search import Setting
from simulator.results.metrics import estimate
from simulator.results.run_result import RunResult, Selection
from simulator.scenario.model import Scenario
from simulator.theory.erlang import erlang_c

_WAIT_PROBABILITY = 0.3  # of a first guess; assumption
_QUOTA_MARGIN = 1.1  # of a first guess; assumption


def first_guess(scenario: Scenario, axes: Sequence[Axis], results: Sequence[RunResult]) -> Setting:
    """Level of every axis that queueing theory suggests for the measured load.

    Parameters
    ----------
    axes : what can be set
    results : replications in which no axis held anything up
    """
    return tuple(_level(axis, needed_amount(scenario, axis, results)) for axis in axes)


def needed_amount(scenario: Scenario, axis: Axis, results: Sequence[RunResult]) -> float:
    """Amount of one axis that the measured load suggests; 0 where nothing was asked of it."""
    here = Selection(target=axis.target, region=axis.region)
    if axis.field == "tpm":
        tokens = _value(results, "input_tokens_per_minute", here) + _value(
            results, "output_tokens_per_minute", here
        )
        return _QUOTA_MARGIN * tokens
    if axis.field == "rpm":
        return _QUOTA_MARGIN * _value(results, "requests_per_minute", here)
    load = _value(results, "offered_load_erlangs", here)
    if axis.field == "max_parallel_requests":
        return ceil(
            load + 3.0 * sqrt(load)
        )  # three standard deviations of a Poisson number of requests in progress
    if load <= 0.0:
        return 0.0
    servers = servers_for(load)
    if axis.kind == "team":
        share = _share_on_shift(scenario, axis, results[0].start)
        return ceil(servers / share) if share > 0.0 else 0.0
    ongoing = scenario.services[axis.target].max_ongoing_requests
    return 1.0 if ongoing is None else ceil(servers / ongoing)


def servers_for(load_erlangs: float) -> int:
    """Fewest servers of an M/M/c queue (Erlang C) at which at most 30 % of the arrivals wait."""
    servers = max(1, ceil(load_erlangs + 1e-9))
    while servers <= load_erlangs or erlang_c(servers, load_erlangs) > _WAIT_PROBABILITY:
        servers += 1
    return servers


def _share_on_shift(scenario: Scenario, axis: Axis, start: datetime) -> float:
    local = start.astimezone(ZoneInfo(scenario.regions[axis.region].timezone))
    return share_on_shift(shifts_of(scenario.teams[axis.target]), local)


def _value(results: Sequence[RunResult], indicator: str, selection: Selection) -> float:
    found = estimate(results, indicator, None, selection)
    return 0.0 if found is None else found.value


def _level(axis: Axis, amount: float) -> int:
    """Lowest level of an axis that offers the amount, or its top."""
    enough = [level for level, offered in enumerate(axis.levels) if offered >= amount]
    return enough[0] if enough else len(axis.levels) - 1
