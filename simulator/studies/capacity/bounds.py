"""How much is needed at least, and where to begin? Two amounts per axis, from a generous run's load.

The least amount carries the offered load: with less, a queue grows for as long as the peak lasts, whatever
averages over all users say. The guess adds what queueing theory asks for on top; it decides how often the
search must ask, never what it finds.
"""

from collections.abc import Sequence
from datetime import datetime
from math import ceil, sqrt

import numpy as np

from simulator.engine import Runner
from simulator.mechanisms.local_time import seconds_of
from simulator.mechanisms.providers.limit_rules import LIMIT_KEYS
from simulator.mechanisms.providers.limits_build import rules_of
from simulator.mechanisms.replicas.catalog import load_profile
from simulator.mechanisms.replicas.throughput import saturation
from simulator.mechanisms.review.shifts import share_on_shift, shifts_of
from simulator.metrics.dimensions import Selection
from simulator.results.estimates import estimate
from simulator.results.run_result import RunResult
from simulator.scenario.asked_targets import targets_asked
from simulator.scenario.model import Scenario
from simulator.scenario.region_facts import clock_of
from simulator.studies.capacity.knobs import POOL_REPLICAS, Axis
from simulator.studies.common.quota_use import counted_per_minute, drawn_per_minute
from simulator.theory.erlang import erlang_c

_WAIT_PROBABILITY = 0.3  # of a guess; assumption
_QUOTA_MARGIN = 1.1  # of a guess; assumption
_ROOFLINE_MARGIN = 0.85  # requests are not all alike: a mixture may do a little better; assumption
_POOL_LOAD = 0.7  # of the roofline at which a guess lets replicas run; assumption


def least_amount(scenario: Scenario, axis: Axis, results: Sequence[RunResult], runner: Runner) -> float:
    """Amount of an axis that just carries the load offered in these runs; 0 where nothing was asked of it.

    Also 0 where clients ask in a closed loop: with less they ask less, and no queue grows.
    """
    asked = {axis.target} if axis.kind != "quota" else set(scenario.quotas[axis.target].models)
    if any(one.is_closed and asked & targets_asked(scenario, one) for one in scenario.workloads):
        return 0.0
    return _carried_amount(scenario, axis, results, runner)


def _carried_amount(scenario: Scenario, axis: Axis, results: Sequence[RunResult], runner: Runner) -> float:
    here = Selection(target=axis.target, region=axis.region)
    if axis.field in LIMIT_KEYS:
        return _least_quota(scenario, axis, results)
    if axis.field == POOL_REPLICAS:
        return ceil(_ROOFLINE_MARGIN * _least_replicas(scenario, axis, results, runner) - 1e-9)
    return _amount_for_servers(scenario, axis, results, _value(results, "offered_load_erlangs", here))


def guessed_amount(scenario: Scenario, axis: Axis, results: Sequence[RunResult], runner: Runner) -> float:
    """Amount of an axis that queueing theory suggests for the load offered in these runs."""
    if axis.field in LIMIT_KEYS:
        return _QUOTA_MARGIN * _carried_amount(scenario, axis, results, runner)
    if axis.field == POOL_REPLICAS:
        return ceil(_least_replicas(scenario, axis, results, runner) / _POOL_LOAD)
    load = _value(results, "offered_load_erlangs", Selection(target=axis.target, region=axis.region))
    if load <= 0.0:
        return 0.0
    if axis.field == "max_parallel_requests":
        return ceil(load + 3.0 * sqrt(load))  # three standard deviations of a Poisson number in progress
    return _amount_for_servers(scenario, axis, results, servers_for(load))


def servers_for(load_erlangs: float) -> int:
    """Fewest servers of an M/M/c queue (Erlang C) at which at most 30 % of the arrivals wait."""
    servers = max(1, ceil(load_erlangs + 1e-9))
    while servers <= load_erlangs or erlang_c(servers, load_erlangs) > _WAIT_PROBABILITY:
        servers += 1
    return servers


def level_for(axis: Axis, amount: float) -> int:
    """Lowest level of an axis that offers the amount, or its top."""
    enough = (level for level, offered in enumerate(axis.levels) if offered >= amount)
    return next(enough, len(axis.levels) - 1)


def _least_quota(scenario: Scenario, axis: Axis, results: Sequence[RunResult]) -> float:
    """What the load takes of a limit as it is counted."""
    if axis.kind == "quota":
        return drawn_per_minute(
            scenario, axis.target, axis.field, results, axis.region, turned_away=False
        ).value
    model = next(model for model in scenario.model_list if model.model_name == axis.target)
    rule = getattr(rules_of(model), axis.field)
    found = counted_per_minute(scenario, model, rule, results, axis.region, turned_away=False)
    return 0.0 if found is None else found.value


def _least_replicas(scenario: Scenario, axis: Axis, results: Sequence[RunResult], runner: Runner) -> float:
    """Replicas of a pool at the profile's roofline for the tokens of these runs, tries without an answer included."""
    here = Selection(target=axis.target, region=axis.region)
    pool = next(model.pool for model in scenario.model_list if model.model_name == axis.target)
    assert pool is not None
    per_minute = _value(results, "requests_per_minute", here)
    if per_minute <= 0.0:
        return 0.0
    prompt = max(1.0, _value(results, "input_tokens_per_minute", here) / per_minute)
    output = max(1.0, _value(results, "output_tokens_per_minute", here) / per_minute)
    hit = prompt * _value(results, "prefix_hit_rate", here)
    full = saturation(pool, load_profile(pool, runner.base_dir), prompt, output, hit)
    return per_minute / 60.0 / full.requests_per_s


def _amount_for_servers(
    scenario: Scenario, axis: Axis, results: Sequence[RunResult], servers: float
) -> float:
    """People, replicas or parallel requests that give so many servers while these runs last."""
    if axis.kind == "team":
        share = _share_on_shift(scenario, axis, results[0].start)
        return ceil(servers / share - 1e-9) if share > 0.0 else 0.0
    if axis.kind == "service":
        ongoing = scenario.services[axis.target].max_ongoing_requests
        return float(servers > 0.0) if ongoing is None else ceil(servers / ongoing)
    return servers


def _share_on_shift(scenario: Scenario, axis: Axis, start: datetime) -> float:
    shifts = shifts_of(scenario.teams[axis.target])
    clock = clock_of(scenario, axis.region)
    return float(share_on_shift(shifts, clock, np.array([seconds_of(start)]))[0])


def _value(results: Sequence[RunResult], indicator: str, selection: Selection) -> float:
    found = estimate(results, indicator, None, selection)
    return 0.0 if found is None else found.value
