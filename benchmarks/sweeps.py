"""What a sweep costs besides the simulation: a point that is reused, a point that is run, and what threads save.

Costs are processor time, which neighbours on the machine disturb least; waiting for the disk is not in it. Throughput
is wall time. Points are small (one replication), or of the size that `rollout sweep` runs if nothing is said.
"""

import tempfile
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

import numba
import numpy as np

from benchmarks.report import markdown_table
from simulator.compiler.demand import stage_window
from simulator.engine import Runner
from simulator.results.store.store import Store
from simulator.scenario.read.load import LoadedScenario, load_scenario
from simulator.studies.sweep.design_kind import DesignKind
from simulator.studies.sweep.designs import Values, design_points
from simulator.studies.sweep.parameters import parse_vary
from simulator.studies.sweep.points import PointMaker
from simulator.studies.sweep.response_table import known_outcomes
from simulator.studies.sweep.sweep import run_points

SCENARIOS = Path(__file__).parents[1] / "scenarios"
COPILOT = SCENARIOS / "support-copilot.yaml"
VARY = ("routes.support.num_retries=0,1,2,3", "caches.answers.ttl=lognormal(10m, 6h)")
_FACTORS = [parse_vary(text) for text in VARY]
_N_ROUNDS = 3
_N_SPINS = 1_000_000_000


@dataclass
class _Times:
    """Seconds per round: of processor time (`_cpu_s`), or on the clock (`_wall_s`)."""

    kernel_cpu_s: list[float] = field(default_factory=list)
    run_cpu_s: list[float] = field(default_factory=list)
    reused_cpu_s: list[float] = field(default_factory=list)
    wall_s: dict[int, list[float]] = field(default_factory=lambda: {1: [], 2: []})  # by threads


def sweep_table(quick: bool) -> str:
    """Overhead of a reused and of a run point, and points per second on one thread and on two."""
    n_small, n_large = (8, 4) if quick else (32, 8)
    small = load_scenario(COPILOT, ["window.duration=20m", "window.warmup=2m"])
    large = load_scenario(COPILOT, ["window.duration=2m"] if quick else [])
    times = _measure(small, n_small, 1)
    of_large = _measure(large, n_large, 5)
    beyond_s = [run - kernel for run, kernel in zip(times.run_cpu_s, times.kernel_cpu_s, strict=True)]
    rows = [
        ["a point that is reused: key, check and reading", "ms", _ms(times.reused_cpu_s, n_small)],
        ["a small point that is run, beyond simulating it", "ms", _ms(beyond_s, n_small)],
        ["simulating a small point", "ms", _ms(times.kernel_cpu_s, n_small)],
        *_throughput("small points", times, n_small),
        ["simulating a usual point", "ms", _ms(of_large.kernel_cpu_s, n_large)],
        *_throughput("usual points", of_large, n_large),
        ["the machine: gain of a second thread for a loop that shares nothing", "×", _gain(_machine_gains())],
    ]
    return markdown_table(["what", "unit", f"median of {_N_ROUNDS}"], rows)


def _throughput(what: str, times: _Times, n_points: int) -> list[list[str]]:
    one, two = times.wall_s[1], times.wall_s[2]
    gains = [first / second for first, second in zip(one, two, strict=True)]
    return [
        [
            f"{what} on 1 thread, on 2",
            "points/s",
            f"{n_points / median(one):.1f}, {n_points / median(two):.1f}",
        ],
        [
            f"{what}: gain of the second thread",
            "×",
            _gain(gains),
        ],
    ]


def _gain(gains: Sequence[float]) -> str:
    return f"{median(gains):.2f} ({min(gains):.2f} to {max(gains):.2f})"


@numba.njit(nogil=True)
def _spin(n: int) -> int:
    """A loop of multiplications, which needs neither memory nor Python's lock."""
    x = np.uint64(1)
    for _ in range(n):
        x = x * np.uint64(6364136223846793005) + np.uint64(1442695040888963407)
    return int(x >> np.uint64(33))


def _machine_gains() -> list[float]:
    """What a second thread could gain at most, in each round: twice the work on two threads beside once on one."""
    _spin(1)
    gains = []
    for _ in range(_N_ROUNDS):
        begin_s = perf_counter()
        _spin(_N_SPINS)
        alone_s = perf_counter() - begin_s
        threads = [threading.Thread(target=_spin, args=(_N_SPINS,)) for _ in range(2)]
        begin_s = perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        gains.append(2.0 * alone_s / (perf_counter() - begin_s))
    return gains


def _ms(seconds: Sequence[float], n_points: int) -> str:
    return f"{1e3 * median(seconds) / n_points:.1f}"


def _measure(loaded: LoadedScenario, n_points: int, replications: int) -> _Times:
    """Rounds that are interleaved: simulate only, sweep on one thread and on two, and read what is there."""
    design = design_points(DesignKind.SOBOL, _FACTORS, n_points, loaded.scenario.seed)

    def maker() -> PointMaker:
        return PointMaker(loaded, _FACTORS, None, replications)

    _kernel_s(maker(), design[:2])  # machine code is loaded
    times = _Times()
    for _ in range(_N_ROUNDS):
        times.kernel_cpu_s.append(_kernel_s(maker(), design))
        for n_workers, walls in times.wall_s.items():
            with tempfile.TemporaryDirectory() as folder:
                store, fresh = Store(Path(folder)), maker()
                begin_s, begin_cpu_s = perf_counter(), process_time()
                points = fresh.points(design, Runner())
                done = list(run_points(points, fresh, store, "threads", Runner(n_threads=n_workers)))
                walls.append(perf_counter() - begin_s)
                if n_workers == 1:
                    times.run_cpu_s.append(process_time() - begin_cpu_s)
                assert len(done) == n_points
                fresh, begin_cpu_s = maker(), process_time()  # as a sweep that is begun again
                known = known_outcomes(store, {p.index: p.key for p in fresh.points(design, Runner())})
                times.reused_cpu_s.append(process_time() - begin_cpu_s)
                assert len(known) == n_points
    return times


def _kernel_s(maker: PointMaker, design: Sequence[Values]) -> float:
    """Processor seconds of simulating all points, one after the other, and nothing else."""
    total_s = 0.0
    for values in design:
        spec = maker.spec(values)
        asked = spec.scenario.window
        assert asked.warmup != "auto"
        window = stage_window(
            spec.scenario, spec.stage, asked.start, asked.duration, asked.warmup, spec.base_dir
        )
        begin_s = process_time()
        Runner(spec.base_dir, n_threads=1).replicate(spec.scenario, window, spec.seeds)
        total_s += process_time() - begin_s
    return total_s
