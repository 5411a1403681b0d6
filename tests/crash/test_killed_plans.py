"""A plan that is killed at any moment is finished by planning again, with the same numbers, from where it was."""

import multiprocessing
import random
import threading
import time
from pathlib import Path

from simulator.engine import Runner
from simulator.scenario.read.load import load_scenario
from simulator.studies.plan.report import PlanReport
from simulator.studies.plan.study import PlanStudy

DESK = """
metadata: {name: desk}
start: 2027-01-04
workloads: [{name: ticket, arrival_rate: 3 rps, steps: [{call: desk}]}]
services: {desk: {replicas: 4, max_ongoing_requests: 1, price: $0.5/h, service_time: {distribution: exponential, mean: 1s}}}
window: {duration: 10m, warmup: 1m}
stages: [{name: half, duration: 4w, exposure: 50%}, {name: all, duration: 4w, exposure: 100%}]
slos: [{name: wait, indicator: queue_wait, objective: mean < 0.35s}]
capacity: {knobs: [{path: services.desk.replicas, min: 1, max: 20}]}
economics: {uncertain: {users: {distribution: uniform, low: -30%, high: 30%}}}
"""
N_KILLS = 3


def _plan(folder: Path, out: Path, is_stopped: bool = False) -> PlanReport:
    cancel = threading.Event()

    def progress(_done: float, _total: int, label: str) -> None:
        if is_stopped and label.startswith("ranges"):
            cancel.set()

    loaded = load_scenario(folder / "desk.yaml")
    return PlanStudy(out=out, draws=8).run(loaded, Runner(folder, progress=progress, cancel=cancel))


def _found(report: PlanReport) -> PlanReport:
    return report.model_copy(update={"wall_s": 0.0, "file": None})


def test_kills_at_random_moments_change_and_repeat_nothing(tmp_path: Path) -> None:
    (tmp_path / "desk.yaml").write_text(DESK, encoding="utf-8")
    begin_s = time.monotonic()
    whole = _plan(tmp_path, tmp_path / "whole")
    usual_s = time.monotonic() - begin_s
    assert [path.suffix for path in (tmp_path / "whole").iterdir()] == [".json"]
    out, rng = tmp_path / "killed", random.Random(3)
    n_running = size = 0
    for _ in range(N_KILLS):
        process = multiprocessing.get_context("fork").Process(target=_plan, args=(tmp_path, out))
        process.start()
        deadline_s = time.monotonic() + 30.0
        while not any(out.glob("*.sqlite3")) and time.monotonic() < deadline_s:
            time.sleep(0.001)
        time.sleep(rng.uniform(0.0, 0.4) * usual_s)
        was_running = process.is_alive()
        process.kill()
        process.join()
        if not was_running:  # what was kept had brought it to its end
            break
        n_running += 1
        for kept in out.glob("*.sqlite3"):
            assert kept.stat().st_size >= size  # what was there before the kill still is
            size = kept.stat().st_size
    assert n_running >= 1
    assert size > 0
    last = _plan(tmp_path, out)
    assert _found(last) == _found(whole)
    assert [path.suffix for path in out.iterdir()] == [".json"]


def test_what_was_stopped_says_where_it_goes_on(tmp_path: Path) -> None:
    (tmp_path / "desk.yaml").write_text(DESK, encoding="utf-8")
    stopped = _plan(tmp_path, tmp_path / "out", is_stopped=True)
    assert stopped.interrupted
    assert stopped.kept is not None
    assert stopped.file is not None
    assert Path(stopped.kept).is_file()
    written = PlanReport.model_validate_json(Path(stopped.file).read_text(encoding="utf-8"))
    assert written == stopped.model_copy(update={"file": None})
    last = _plan(tmp_path, tmp_path / "out")
    assert not last.interrupted
    assert last.kept is None
    assert not Path(stopped.kept).exists()
