"""Breakers, ejection and limits against the plain objects of the reference, over random sequences of tries."""

from typing import Any

import simpy
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.mechanisms.codes import Result
from simulator.mechanisms.routes.codes import Breaker
from simulator.mechanisms.routes.kernel import guards
from simulator.mechanisms.routes.protection_build import PolicyList
from simulator.mechanisms.routes.protection_table import Guarding
from simulator.scenario.model import Route
from tests.reference.resilience import Callers
from tests.reference.stations import Station
from tests.unit.interpreted import interpreted

is_held, is_open, learn, send = map(interpreted, (guards.is_held, guards.is_open, guards.learn, guards.send))
_RESULTS = {
    "SUCCEEDED": Result.OK,
    "ERRORS": Result.ERROR,
    "TIMED_OUT": Result.TIMEOUT,
    "SHED": Result.OVERLOAD,
    "ABANDONED": Result.ABANDONED,
    "CANCELLED": Result.CANCELLED,
}
_N_STATIONS = 3

_BREAKER = {"min_calls": 3, "window": 8.0, "cooldown": 4.0, "probes": 2}
_routes = st.sampled_from(
    [
        {"circuit_breaker": {"error_rate": 0.5, **_BREAKER}},
        {"circuit_breaker": {"slow_rate": 0.4, "slow_call": 1.0, **_BREAKER}},
        {
            "outlier_detection": {
                "consecutive_errors": 2,
                "base_ejection_time": 5.0,
                "max_ejection_percent": 0.67,
            }
        },
        {
            "adaptive_concurrency": {
                "initial": 3.0,
                "min": 1.0,
                "max": 5.0,
                "latency": 1.0,
                "backoff_ratio": 0.6,
            }
        },
        {
            "circuit_breaker": {"error_rate": 0.3, "slow_rate": 0.6, "slow_call": 0.5, **_BREAKER},
            "outlier_detection": {"consecutive_errors": 3},
            "max_parallel_requests": 3,
        },
    ]
)
# what happens next: a station is asked, or the oldest try at a station ends
_moves = st.lists(
    st.tuples(
        st.sampled_from([0.0, 0.1, 0.7, 3.0, 9.0]),
        st.integers(0, _N_STATIONS - 1),
        st.sampled_from([None, None, *_RESULTS]),
    ),
    max_size=120,
)


def _tables(route: dict[str, Any]) -> Guarding:
    policies = PolicyList(n_regions=1)
    policies.add(Route(choose=["a", "b", "c"], **route))
    return policies.table(_N_STATIONS)


@settings(max_examples=150, deadline=None)
@given(_routes, _moves)
def test_a_guard_does_what_the_plain_one_does(
    route: dict[str, Any], moves: list[tuple[float, int, str | None]]
) -> None:
    env = simpy.Environment()
    stations = [Station(env, name, "home") for name in "abc"]
    callers = Callers(env, Route(choose=["a", "b", "c"], **route))
    tables = _tables(route)
    policy = tables.policies[0]
    sent_s: list[list[float]] = [[] for _ in stations]
    for wait_s, place, result in moves:
        env.run(until=env.now + wait_s) if wait_s else None
        guard, plain = tables.guards[place], callers.guard(stations[place])
        assert bool(is_held(policy, guard, env.now)) == plain.is_held(env.now)
        if result is None and not plain.is_held(env.now):
            send(guard)
            plain.send()
            sent_s[place].append(env.now)
        elif result is not None and sent_s[place]:
            start_s = sent_s[place].pop(0)
            learn(
                policy,
                tables.guards,
                tables.slices,
                place,
                0,
                _N_STATIONS,
                3,
                _RESULTS[result],
                start_s,
                env.now,
            )
            callers.learn(stations[place], result, start_s, is_first_level=True)
        assert Breaker(int(guard.breaker)).name == plain.state
        assert guard.in_flight == plain.in_flight
        assert guard.limit == plain.limit
        assert guard.ejected_until_s == plain.ejected_until_s


def test_a_breaker_opens_at_its_share_and_closes_after_its_probes() -> None:
    tables = _tables({"circuit_breaker": {"error_rate": 0.5, **_BREAKER}})
    policy, guard = tables.policies[0], tables.guards[0]

    def tried(result: Result, start_s: float, now_s: float) -> None:
        send(guard)
        learn(policy, tables.guards, tables.slices, 0, 0, _N_STATIONS, 3, result, start_s, now_s)

    for number, result in enumerate([Result.OK, Result.ERROR, Result.OK]):
        tried(result, 0.1 * number, 0.1 * number)
    assert guard.breaker == Breaker.CLOSED
    tried(Result.TIMEOUT, 0.3, 0.3)  # two of four
    assert guard.breaker == Breaker.OPEN
    assert is_open(policy, guard, 4.29)
    assert not is_open(policy, guard, 4.3)
    tried(Result.OK, 4.3, 4.4)
    tried(Result.OK, 4.3, 4.5)
    assert guard.breaker == Breaker.CLOSED


def test_one_target_may_always_be_ejected_and_then_only_up_to_the_share() -> None:
    tables = _tables({"outlier_detection": {"consecutive_errors": 1, "max_ejection_percent": 0.5}})
    policy = tables.policies[0]
    for place in range(_N_STATIONS):
        send(tables.guards[place])
        learn(
            policy, tables.guards, tables.slices, place, 0, _N_STATIONS, _N_STATIONS, Result.ERROR, 0.0, 1.0
        )
    assert [bool(is_open(policy, guard, 2.0)) for guard in tables.guards] == [True, False, False]
