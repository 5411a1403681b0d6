"""What a sweep costs besides the simulation: a point that is reused, a point that is run, and what threads save."""

import tempfile
import threading
from pathlib import Path
from statistics import median
from time import perf_counter

from benchmarks.report import markdown_table
from simulator.compiler.demand import stage_window
from simulator.engine import RunOptions, replicate
from simulator.planning.design_kind import DesignKind
from simulator.planning.designs import design_points
from simulator.planning.factors import parse_vary
from simulator.reporting.point_specs import PointMaker
from simulator.reporting.sweep_job import known_documents, run_points
from simulator.results.store import Store
from simulator.scenario.load import load_scenario

SCENARIOS = Path(__file__).parents[1] / "scenarios"
COPILOT = SCENARIOS / "support-copilot.yaml"
VARY = ("routes.support.num_retries=0,1,2,3", "caches.answers.ttl=lognormal(10m, 6h)")
_N_ROUNDS = 3


def sweep_table(quick: bool) -> str:
    """Overhead of a reused and of a run point, and points per second on one thread and on two."""
    duration, n_points = ("2m", 8) if quick else ("20m", 32)
    loaded = load_scenario(COPILOT, [f"window.duration={duration}", "window.warmup=2m"])
    factors = [parse_vary(text) for text in VARY]
    design = design_points(DesignKind.SOBOL, factors, n_points, loaded.scenario.seed)
    _kernel_s(PointMaker(loaded, factors, None, 1), design[:1])  # machine code is loaded
    one_s, two_s, kernel_s, reused_s = [], [], [], []
    for _ in range(_N_ROUNDS):
        kernel_s.append(_kernel_s(PointMaker(loaded, factors, None, 1), design))
        for n_workers, walls in ((1, one_s), (2, two_s)):
            with tempfile.TemporaryDirectory() as folder:
                begin_s = perf_counter()
                maker = PointMaker(loaded, factors, None, 1)
                points = maker.points(design, threading.Event())
                store = Store(Path(folder))
                done = list(run_points(points, maker, store, "threads", n_workers, threading.Event()))
                walls.append(perf_counter() - begin_s)
                assert len(done) == n_points
                begin_s = perf_counter()
                maker = PointMaker(loaded, factors, None, 1)  # as a sweep that is begun again
                known = known_documents(store, maker.points(design, threading.Event()))
                reused_s.append(perf_counter() - begin_s)
                assert len(known) == n_points
    one, two = median(one_s), median(two_s)
    rows = [
        ["a point that is reused: key, check and reading", "ms", f"{1e3 * median(reused_s) / n_points:.2f}"],
        [
            "a point that is run, beyond simulating it",
            "ms",
            f"{1e3 * (one - median(kernel_s)) / n_points:.1f}",
        ],
        ["simulating a point", "ms", f"{1e3 * median(kernel_s) / n_points:.1f}"],
        ["throughput on 1 thread", "points/s", f"{n_points / one:.1f}"],
        ["throughput on 2 threads", "points/s", f"{n_points / two:.1f}"],
        ["gain of the second thread", "×", f"{one / two:.2f}"],
    ]
    return markdown_table(["what", "unit", "median of 3"], rows)


def _kernel_s(maker: PointMaker, design: list[tuple[str, ...]]) -> float:
    """Wall seconds of simulating all points, one after the other, and nothing else."""
    total_s = 0.0
    for values in design:
        spec = maker.spec(values)
        asked = spec.scenario.window
        assert asked.warmup != "auto"
        window = stage_window(
            spec.scenario, spec.stage, asked.start, asked.duration, asked.warmup, spec.base_dir
        )
        begin_s = perf_counter()
        replicate(spec.scenario, window, spec.seeds, base_dir=spec.base_dir, options=RunOptions(n_threads=1))
        total_s += perf_counter() - begin_s
    return total_s
