"""The engine runs windows: one or many seeds, in order, told and stopped on the way; options change no result."""

import threading
import time
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from simulator import engine
from simulator.compiler.blueprint import compile_scenario
from simulator.compiler.demand import stage_window
from simulator.engine import Cancelled, Runner, simulate
from simulator.mechanisms.traffic.log_file import LogFileError
from simulator.metrics.columns import AreaColumn, CountColumn
from simulator.results.conservation import ConservationError
from simulator.results.run_result import RunResult
from simulator.scenario.model import Scenario
from tests.unit.kernel.desk import constant, desk_scenario

HERE = Path()
DURATION_S, WARMUP_S = 120.0, 30.0
SEEDS = [5, 3, 9, 1, 7]


def _with(**parts: Any) -> Scenario:
    return Scenario.model_validate({**desk_scenario().model_dump(by_alias=True, exclude_unset=True), **parts})


SCENARIO = _with(stages=[{"name": "pilot", "duration": "1w", "exposure": 0.5}])
WINDOW = stage_window(SCENARIO, "pilot", 0.0, DURATION_S, WARMUP_S)


def _assert_same(one: RunResult, other: RunResult) -> None:
    for field in fields(RunResult):
        mine, theirs = getattr(one, field.name), getattr(other, field.name)
        if isinstance(mine, np.ndarray):
            assert mine.tobytes() == theirs.tobytes(), field.name
        elif isinstance(mine, pd.DataFrame):
            assert mine.equals(theirs)
        elif field.name != "wall_s":
            assert mine == theirs, field.name


def test_a_run_is_its_blueprint_simulated() -> None:
    result = Runner(HERE).run(SCENARIO, WINDOW, 3)
    _assert_same(result, simulate(compile_scenario(SCENARIO, WINDOW, HERE), 3))
    assert (result.seed, result.stage, result.window) == (3, "pilot", WINDOW.name)
    assert (result.duration_s, result.warmup_s, result.start) == (DURATION_S, WARMUP_S, WINDOW.start)
    assert result.wall_s > 0.0


@pytest.mark.parametrize("runner", [Runner(use_lanes=False), Runner(n_threads=1), Runner(n_threads=3)])
def test_a_runner_changes_no_result(runner: Runner) -> None:
    _assert_same(runner.at(HERE).run(SCENARIO, WINDOW, 3), Runner(HERE).run(SCENARIO, WINDOW, 3))


def test_rows_are_kept_when_asked_for_one_for_each_ended_action() -> None:
    assert Runner(HERE).run(SCENARIO, WINDOW, 3).rows is None
    result = Runner(HERE, record_rows=True).run(SCENARIO, WINDOW, 3)
    assert result.rows is not None
    assert len(result.rows) == result.counts[..., CountColumn.ARRIVED].sum() - result.in_flight.sum()


def test_results_are_in_the_order_of_the_seeds() -> None:
    results = Runner(HERE).replicate(SCENARIO, WINDOW, SEEDS)
    assert [result.seed for result in results] == SEEDS
    for seed, result in zip(SEEDS, results, strict=True):
        _assert_same(result, Runner(HERE).run(SCENARIO, WINDOW, seed))
    assert len({result.counts.tobytes() for result in results}) == len(SEEDS)


def test_every_replication_is_told_up_to_all() -> None:
    told: list[tuple[float, int, str]] = []
    runner = Runner(HERE, progress=lambda *words: told.append(words))
    runner.replicate(SCENARIO, WINDOW, SEEDS)
    assert told == []  # what asks for many of these knows how many there are
    runner.simulate_all(runner.compile(SCENARIO, WINDOW), SEEDS)
    done = [number for number, _, _ in told]
    assert done == sorted(set(done))
    assert told[-1] == (len(SEEDS), len(SEEDS), f"pilot, {WINDOW.name}")


def test_a_run_that_ends_after_all_its_time_was_told_is_not_told_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """At the end of a run its results are read, which takes time of its own."""

    def ending(_blueprint: Any, seed: int, _runner: Runner, told: Any) -> int:
        told(1.0)
        time.sleep(0.25)
        return seed

    monkeypatch.setattr(engine, "simulate", ending)
    done: list[float] = []
    runner = Runner(HERE, n_threads=2, progress=lambda passed, _total, _label: done.append(passed))
    assert runner.simulate_all(runner.compile(SCENARIO, WINDOW), [1, 2]) == [1, 2]
    assert done == sorted(set(done))
    assert done[-1] == 2.0


def test_without_a_stage_only_the_window_is_named() -> None:
    told: list[str] = []
    window = stage_window(SCENARIO, None, 0.0, 10.0, 0.0)
    runner = Runner(HERE, progress=lambda *words: told.append(words[2]))
    runner.simulate_all(runner.compile(SCENARIO, window), [1])
    assert told == [window.name]


def test_what_was_cancelled_before_does_not_begin() -> None:
    cancel = threading.Event()
    cancel.set()
    with pytest.raises(Cancelled):
        Runner(HERE, cancel=cancel).replicate(SCENARIO, WINDOW, SEEDS)


def test_a_long_run_is_cancelled_soon() -> None:
    """The span would take minutes; a cancellation is noticed between two slices of a fraction of a second."""
    scenario = desk_scenario(400.0, service_time=constant(0.01))
    window = stage_window(scenario, None, 0.0, 2e6, 0.0)
    cancel = threading.Event()
    timer = threading.Timer(0.3, cancel.set)
    timer.start()
    begin = time.perf_counter()
    with pytest.raises(Cancelled):
        Runner(HERE, cancel=cancel).replicate(scenario, window, [1, 2, 3, 4])
    timer.join()
    assert time.perf_counter() - begin < 10.0


def test_an_error_of_one_replication_ends_all_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    begun = []

    def broken(_blueprint: Any, seed: int, runner: Runner, **_: object) -> None:
        begun.append(seed)
        if seed == SEEDS[0]:
            raise ZeroDivisionError
        assert runner.cancel.wait(timeout=10.0)  # the others are told to stop
        raise Cancelled

    monkeypatch.setattr(engine, "simulate", broken)
    with pytest.raises(ZeroDivisionError):
        Runner(HERE).replicate(SCENARIO, WINDOW, SEEDS)
    assert len(begun) < len(SEEDS)


def test_an_interrupt_while_waiting_stops_the_replications() -> None:
    cancel = threading.Event()

    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    runner = Runner(HERE, progress=interrupted, cancel=cancel)
    blueprint = runner.compile(SCENARIO, WINDOW)
    with pytest.raises(KeyboardInterrupt):
        runner.simulate_all(blueprint, SEEDS)
    assert cancel.is_set()


def test_a_trace_that_is_not_there_is_told_before_anything_runs(tmp_path: Path) -> None:
    workload = {
        "name": "ask",
        "arrival_rate": 1.0,
        "trace": {"file": "gone.csv", "prompt_tokens": "p"},
        "steps": [{"call": "desk"}],
    }
    scenario = _with(workloads=[workload])
    with pytest.raises(LogFileError, match=r"gone\.csv"):
        Runner(tmp_path).run(scenario, stage_window(scenario, None, 0.0, 10.0, 0.0), 1)


def test_a_run_that_loses_somebody_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "in_flight_by_stream", lambda _world, n_streams: np.full(n_streams, 10**6))
    with pytest.raises(ConservationError):
        Runner(HERE).run(SCENARIO, WINDOW, 3)


def test_integrals_are_those_of_the_measured_span() -> None:
    result = Runner(HERE).run(SCENARIO, WINDOW, 3)
    assert result.areas[0, AreaColumn.SERVERS_S] == pytest.approx(8 * DURATION_S, rel=1e-9)
    assert result.replica_s.tolist() == [DURATION_S]
    assert 0.0 < result.areas[0, AreaColumn.BUSY_S] < 8 * DURATION_S


def test_servers_without_limit_have_no_area() -> None:
    scenario = desk_scenario(max_ongoing_requests=None)
    result = Runner(HERE).run(scenario, stage_window(scenario, None, 0.0, 60.0, 0.0), 3)
    assert result.areas[0, AreaColumn.SERVERS_S] == 0.0
    assert result.areas[0, AreaColumn.BUSY_S] > 0.0
    assert result.replica_s.tolist() == [60.0]


def test_a_share_of_the_users_is_exposed() -> None:
    half = Runner(HERE).run(SCENARIO, stage_window(SCENARIO, "pilot", 0.0, 2000.0, 0.0), 3)
    full = Runner(HERE).run(SCENARIO, stage_window(SCENARIO, None, 0.0, 2000.0, 0.0), 3)
    counts = [result.counts[..., CountColumn.ARRIVED].sum() for result in (half, full)]
    assert abs(counts[0] - 5000) < 5 * 5000**0.5
    assert abs(counts[1] - 10000) < 5 * 10000**0.5
