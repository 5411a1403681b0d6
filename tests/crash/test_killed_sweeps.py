"""A sweep that is killed at any moment loses at most the points in flight, and is finished by resuming it."""

import multiprocessing
import random
import time
from pathlib import Path

import pytest

from simulator.engine import Runner
from simulator.results.store.store import Store
from simulator.scenario.read.load import load_scenario
from simulator.studies.sweep.report import SweepReport
from simulator.studies.sweep.response_table import RESPONSES
from simulator.studies.sweep.study import SweepStudy

DESK = """
metadata: {name: desk}
workloads: [{name: ticket, arrival_rate: 3 rps, steps: [{call: desk}]}]
services: {desk: {max_ongoing_requests: 4, service_time: {distribution: exponential, mean: 1s}}}
window: {duration: 2m, warmup: 10s}
"""
FEW, MANY = 6, 50  # kills
POINTS_PER_KILL = 10


def _sweep(folder: Path, out: Path, n_points: int) -> SweepReport:
    vary = {"workloads.ticket.arrival_rate": "uniform(1 rps, 3 rps)"}
    study = SweepStudy(vary, out, design="lhs", points=n_points, replications=1)
    return study.run(load_scenario(folder / "desk.yaml"), Runner())


def _kill(folder: Path, out: Path, n_points: int, rng: random.Random) -> bool:
    """Start the sweep and kill it: at any moment, or some time after it has kept a point. Whether it was still running."""
    before = _n_runs(out)
    # A forked process needs neither imports nor machine code of its own, so that many kills take little time.
    process = multiprocessing.get_context("fork").Process(target=_sweep, args=(folder, out, n_points))
    process.start()
    assert process.pid is not None
    if rng.random() < 0.5:
        deadline_s = time.monotonic() + 30.0
        while process.is_alive() and _n_runs(out) <= before and time.monotonic() < deadline_s:
            time.sleep(0.001)
        time.sleep(rng.uniform(0.0, 0.03))
    else:
        time.sleep(rng.uniform(0.0, 0.4))
    was_running = process.is_alive()
    process.kill()
    process.join()
    return was_running


def _n_runs(out: Path) -> int:
    return sum(len(entry.name) == 64 for entry in out.iterdir()) if out.is_dir() else 0


@pytest.mark.parametrize("n_kills", [FEW, pytest.param(MANY, marks=pytest.mark.slow)])
def test_kills_at_random_moments_lose_and_repeat_nothing(tmp_path: Path, n_kills: int) -> None:
    (tmp_path / "desk.yaml").write_text(DESK, encoding="utf-8")
    n_points = n_kills * POINTS_PER_KILL
    whole = _sweep(tmp_path, tmp_path / "whole", n_points)
    assert whole.n_simulated == n_points
    out = tmp_path / "killed"
    rng = random.Random(n_kills)
    n_kept = n_running = 0
    for _ in range(n_kills):
        n_running += _kill(tmp_path, out, n_points, rng)
        runs, damaged = Store(out).scan()
        assert damaged == []
        assert len(runs) >= n_kept  # what was there before the kill still is
        n_kept = len(runs)
        for run in runs:
            run.verify()
    assert n_running == n_kills
    assert 0 < n_kept < n_points
    last = _sweep(tmp_path, out, n_points)
    assert (last.n_reused, last.n_simulated) == (n_kept, n_points - n_kept)
    assert last.missing == ()
    assert (out / RESPONSES).read_bytes() == (tmp_path / "whole" / RESPONSES).read_bytes()
    assert _n_runs(out) == n_points
