"""Routes become rows: weights cumulated, names numbered, waits laid out retry by retry."""

import math
from typing import Any, get_args

import numpy as np
import pytest

from simulator.mechanisms.codes import Result
from simulator.mechanisms.routes.build import RouteList
from simulator.mechanisms.routes.codes import FallbackKind, Jitter, Strategy, strategy_of
from simulator.mechanisms.routes.config import RoutePolicy, RoutingStrategy
from simulator.mechanisms.routes.table import Routing
from simulator.numerics.events import NONE

TARGET_OF = {"small": 3, "big": 5}


def _route(**values: Any) -> RoutePolicy:
    return RoutePolicy.model_validate({"choose": ["small"], **values})


def _table(*routes: RoutePolicy) -> tuple[Routing, list[float]]:
    """Rows of routes that choose between small (weight 1) and big (weight 3), and the delays that asked for a lane."""
    delays_s: list[float] = []

    def lane_of(delay_s: float) -> int:
        delays_s.append(delay_s)
        return len(delays_s) - 1

    listed = RouteList()
    for route in routes:
        listed.add(route, True, [(3, 1.0), (5, 3.0)], TARGET_OF, lane_of, lane_of)
    return listed.table(), delays_s


def test_choices_have_cumulated_weights_route_after_route() -> None:
    table, _ = _table(_route(), _route())
    assert table.routes["first_choice"].tolist() == [0, 2]
    assert table.routes["n_choices"].tolist() == [2, 2]
    assert table.choices["target"].tolist() == [3, 5, 3, 5]
    assert table.choices["weight_cumulative"].tolist() == [0.25, 1.0, 0.25, 1.0]


def test_fallbacks_are_targets_or_kinds_of_their_own() -> None:
    table, _ = _table(_route(fallbacks=["big"]), _route(fallbacks=["cached-answer", "small", "human"]))
    assert table.fallbacks.tolist() == [5, FallbackKind.CACHED_ANSWER, 3, FallbackKind.HUMAN]
    assert table.routes["first_fallback"].tolist() == [0, 1]
    assert table.routes["n_fallbacks"].tolist() == [1, 3]


def test_a_route_that_says_nothing_tries_once_for_as_long_as_it_takes() -> None:
    table, delays_s = _table(_route())
    row = table.routes[0]
    assert (row.num_retries, row.timeout_s, row.per_try_s, row.per_try_lane) == (0, math.inf, math.inf, NONE)
    assert row.failover_after == 0
    assert row.max_context_tokens == np.iinfo(np.int32).max
    assert row.retry_mask == Result.ERROR | Result.RATE_LIMITED | Result.TIMEOUT | Result.OVERLOAD
    assert delays_s == []


@pytest.mark.parametrize(
    ("reasons", "mask"),
    [
        ([], 0),
        (["timeout", "timeout"], Result.TIMEOUT),
        (["error", "overload"], Result.ERROR | Result.OVERLOAD),
    ],
)
def test_reasons_to_retry_are_bits(reasons: list[str], mask: int) -> None:
    assert _table(_route(retry_on=reasons))[0].routes[0].retry_mask == mask


def test_constant_waits_have_lanes_and_jittered_or_empty_ones_have_not() -> None:
    backoff = {"base": 1.0, "factor": 2.0, "max": 3.0}
    route = _route(num_retries=3, backoff=backoff, per_try_timeout=7.0)
    table, delays_s = _table(_route(num_retries=1), route)
    assert table.routes["first_wait"].tolist() == [0, 1]
    assert table.waits["wait_s"].tolist() == [0.0, 1.0, 2.0, 3.0]
    assert table.waits["lane"].tolist() == [NONE, 0, 1, 2]
    assert (delays_s, table.routes[1].per_try_lane) == ([1.0, 2.0, 3.0, 7.0], 3)
    full = _route(num_retries=3, backoff=backoff | {"jitter": "full"}, per_try_timeout=7.0)
    jittered, delays_s = _table(full)
    assert jittered.routes[0].jitter == Jitter.FULL
    assert jittered.waits["lane"].tolist() == [NONE] * 3
    assert delays_s == [7.0]


def test_every_strategy_has_its_code() -> None:
    names = get_args(RoutingStrategy)
    assert {strategy_of(name) for name in names} == set(Strategy)
    table, _ = _table(*(_route(routing_strategy=name, choose=_chosen(name)) for name in names))
    assert table.routes["strategy"].tolist() == [strategy_of(name) for name in names]


def _chosen(strategy: str) -> list[str] | dict[str, str]:
    return {"simple": "small"} if strategy == "complexity" else ["small", "big"]


def test_a_scenario_without_routes_has_tables_all_the_same() -> None:
    assert [array.size for array in RouteList().table()] == [1, 1, 1, 1]
