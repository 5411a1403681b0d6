"""Replicas on spot against renewal theory: how often they are taken back, how long they serve, what is paid.

A place on spot serves for 1 / interruptions, then drains (the notice), is gone (the wait) and starts: a renewal process,
whose rewards per time are those of one cycle over its length, whenever one begins to look.
"""

from functools import cache
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from simulator.compiler.blueprint import compile_scenario
from simulator.compiler.demand import stage_window
from simulator.control.spot import absences
from simulator.economics.capacity_cost import paid_shares
from simulator.engine import simulate
from simulator.mechanisms.keys import name_key
from simulator.mechanisms.replicas.config import Spot
from simulator.metrics.columns import AreaColumn
from simulator.results.run_result import RunResult
from tests.theory.experiments import assert_agrees, constant, scenario_of

_HOURS = 10.0
_REPLICAS, _SHARE = 8, 0.75
_ON_SPOT = 6
_UP_S, _NOTICE_S, _WAIT_S, _STARTUP_S = 3_600.0, 120.0, 900.0, 240.0
_CYCLE_S = _UP_S + _NOTICE_S + _WAIT_S + _STARTUP_S


_POOL = {"model": "meta-llama/Meta-Llama-3.1-8B", "gpu": "h100_sxm", "replicas": _REPLICAS, "price": 3.0}


def _spot(fallback: str) -> dict[str, object]:
    return {
        "share": _SHARE, "price": 1.0, "interruptions": 1.0 / _UP_S, "notice": _NOTICE_S, "wait": _WAIT_S,
        "startup_delay": _STARTUP_S, "fallback": fallback,
    }  # fmt: skip


@cache
def _runs(fallback: str) -> list[RunResult]:
    """A pool that hardly anybody asks: what its replicas do is a matter of the market alone."""
    pool = {**_POOL, "spot": _spot(fallback)}
    return _replications(pool, _HOURS * 3_600.0, 40)


def _replications(pool: dict[str, object], duration_s: float, n: int) -> list[RunResult]:
    ask = {"name": "ask", "arrival_rate": 0.001, "steps": [{"generate": "own"}]}
    scenario = scenario_of(
        {
            "workloads": [ask | {"prompt_tokens": constant(100), "output_tokens": constant(10)}],
            "model_list": [{"model_name": "own", "pool": pool}],
        }
    )
    blueprint = compile_scenario(scenario, stage_window(scenario, None, 0.0, duration_s, 0.0), Path())
    return [simulate(blueprint, seed) for seed in range(n)]


def _per_hour(runs: list[RunResult], column: AreaColumn) -> NDArray[np.float64]:
    return np.array([run.areas[0, column] / run.duration_s for run in runs]) / _ON_SPOT


@pytest.mark.parametrize("fallback", ["none", "on-demand"])
def test_replicas_are_interrupted_as_often_as_renewals_say(fallback: str) -> None:
    found = _per_hour(_runs(fallback), AreaColumn.SPOT_INTERRUPTIONS)
    assert_agrees(found, 1.0 / _CYCLE_S)


def test_what_was_taken_back_before_the_run_is_not_counted() -> None:
    """Half of the places wait for capacity when the run begins, and within a minute nothing is taken back."""
    long_s = 1e7
    spot = _spot("none") | {"interruptions": 1.0 / long_s, "wait": long_s}
    runs = _replications({**_POOL, "spot": spot}, 60.0, 10)
    serving = sum(run.areas[0, AreaColumn.SERVERS_S] for run in runs) / (60.0 * len(runs))
    assert 2.0 < serving < _REPLICAS - 1.0
    assert sum(run.areas[0, AreaColumn.SPOT_INTERRUPTIONS] for run in runs) == 0.0


@pytest.mark.parametrize("fallback", ["none", "on-demand"])
def test_what_is_paid_on_spot_is_what_planning_reckons_with(fallback: str) -> None:
    """Idle replicas are given back at the notice, which planning reckons as paid."""
    expected, _ = paid_shares(Spot.model_validate(_spot(fallback)))
    assert_agrees(_per_hour(_runs(fallback), AreaColumn.SPOT_S), expected - _NOTICE_S / _CYCLE_S)


def test_what_is_paid_on_demand_is_what_planning_reckons_with() -> None:
    _, expected = paid_shares(Spot.model_validate(_spot("on-demand")))
    runs = _runs("on-demand")
    ordinary = _REPLICAS - _ON_SPOT
    on_demand_s = np.array([run.replica_s[0] - run.areas[0, AreaColumn.SPOT_S] for run in runs])
    assert_agrees((on_demand_s / (_HOURS * 3_600.0) - ordinary) / _ON_SPOT, expected)
    alone = _runs("none")
    for run in alone:
        assert run.replica_s[0] - run.areas[0, AreaColumn.SPOT_S] == pytest.approx(
            ordinary * _HOURS * 3_600.0
        )


def test_replicas_serve_as_long_as_renewals_say() -> None:
    """Alone: up / cycle. With one on demand, which serves once it has started, until spot is back."""
    served = {
        fallback: np.array([run.areas[0, AreaColumn.SERVERS_S] / run.duration_s for run in _runs(fallback)])
        for fallback in ("none", "on-demand")
    }
    ordinary = _REPLICAS - _ON_SPOT
    assert_agrees((served["none"] - ordinary) / _ON_SPOT, _UP_S / _CYCLE_S)
    stands_in_s = _NOTICE_S + _WAIT_S
    assert_agrees((served["on-demand"] - ordinary) / _ON_SPOT, (_UP_S + stands_in_s) / _CYCLE_S)


@pytest.mark.parametrize("at_s", [0.0, 600.0, 7_200.0])
def test_a_replica_is_away_at_any_time_as_often_as_at_any_other(at_s: float) -> None:
    """Also when the run begins: 4 standard errors of 4,000 independent places."""
    spot = Spot.model_validate(_spot("none"))
    n = 4_000
    away = sum(_is_away(spot, name_key(seed, "theory"), at_s) for seed in range(n))
    share = 1.0 - _UP_S / _CYCLE_S
    assert abs(away / n - share) < 4.0 * np.sqrt(share * (1.0 - share) / n)


def _is_away(spot: Spot, key: np.uint64, at_s: float) -> bool:
    now_s = 0.0
    for absence in absences(spot, key):
        now_s += absence.up_s
        if now_s > at_s:
            return False
        now_s += absence.notice_s + absence.wait_s + absence.startup_s
        if now_s > at_s:
            return True
    raise AssertionError
