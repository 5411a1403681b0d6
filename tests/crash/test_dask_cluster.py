"""A real cluster of two workers: the same bits as threads, also when one of them is killed on the way."""

import os
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from distributed import LocalCluster

from simulator.engine import Runner
from simulator.scenario.read.load import LoadedScenario, load_scenario
from simulator.studies.sweep.response_table import RESPONSES
from simulator.studies.sweep.study import SweepStudy
from simulator.studies.sweep.worker_pools import WorkersLostError, open_pool

DESK = """
metadata: {name: desk}
workloads: [{name: ticket, arrival_rate: 3 rps, steps: [{call: desk}]}]
services: {desk: {max_ongoing_requests: 4, service_time: {distribution: exponential, mean: 1s}}}
window: {duration: 20m, warmup: 10s}
"""
N_POINTS = 16

pytestmark = pytest.mark.filterwarnings("default")  # what a cluster warns about when it loses a worker


@pytest.fixture(scope="module")
def cluster() -> Iterator[LocalCluster]:
    """Two workers, which begin with no `__main__`: a page under test may have left its own behind."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setitem(sys.modules, "__main__", ModuleType("__main__"))
        made = LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=50
        )
        yield made
        made.close()


@pytest.fixture
def desk(tmp_path: Path) -> LoadedScenario:
    path = tmp_path / "desk.yaml"
    path.write_text(DESK, encoding="utf-8")
    return load_scenario(path)


def _study(out: Path, executor: str) -> SweepStudy:
    vary = {"workloads.ticket.arrival_rate": "uniform(1 rps, 3 rps)"}
    return SweepStudy(vary, out, design="lhs", points=N_POINTS, replications=2, executor=executor)


@pytest.mark.slow
def test_a_worker_is_killed_and_the_bits_are_those_of_threads(
    cluster: LocalCluster, desk: LoadedScenario, tmp_path: Path
) -> None:
    killed: list[int] = []

    def kill_one(done: float, _total: int, label: str) -> None:
        if label.startswith("point") and done >= 3 and not killed:
            killed.append(next(iter(cluster.workers.values())).pid)
            os.kill(killed[0], signal.SIGKILL)

    address = f"dask://{cluster.scheduler_address.removeprefix('tcp://')}"
    report = _study(tmp_path / "dask", address).run(desk, Runner(progress=kill_one))
    assert killed
    assert (report.n_simulated, report.missing) == (N_POINTS, ())
    _study(tmp_path / "threads", "threads").run(desk, Runner())
    assert (tmp_path / "dask" / RESPONSES).read_bytes() == (tmp_path / "threads" / RESPONSES).read_bytes()


def test_a_scheduler_that_does_not_answer_is_told() -> None:
    with (
        pytest.raises(WorkersLostError, match=r"no Dask scheduler answers at 127\.0\.0\.1:9"),
        open_pool("dask://127.0.0.1:9", 1, threading.Event(), timeout_s=0.5),
    ):
        pass
