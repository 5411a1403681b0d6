"""A plan that is killed at any moment is finished by planning again, with the same numbers, from where it was."""

import json
import multiprocessing
import random
import threading
import time
from pathlib import Path
from typing import Any

from simulator.engine import Cancelled
from simulator.reporting.plan_job import PlanRequest, plan_job
from simulator.scenario.load import load_scenario

DESK = """
metadata: {name: desk}
start: 2027-01-04
workloads: [{name: ticket, arrival_rate: 3 rps, steps: [{call: desk}]}]
services: {desk: {replicas: 4, max_ongoing_requests: 1, price: $0.5/h, service_time: {distribution: exponential, mean: 1s}}}
window: {duration: 10m, warmup: 1m}
stages: [{name: half, duration: 4w, exposure: 50%}, {name: all, duration: 4w, exposure: 100%}]
slos: [{name: wait, indicator: queue_wait, objective: mean < 0.5s}]
capacity: {knobs: [{path: services.desk.replicas, min: 1, max: 20}]}
economics: {uncertain: {users: {distribution: uniform, low: -30%, high: 30%}}}
"""
N_KILLS = 5


def _plan(folder: Path, out: Path, cancel: threading.Event | None = None) -> dict[str, Any]:
    request = PlanRequest(None, 2, out, draws=32)
    loaded = load_scenario(folder / "desk.yaml")
    return plan_job(loaded, request, lambda *_: None, cancel or threading.Event())


def _told(document: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name not in ("wall_s", "file")}


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
        time.sleep(rng.uniform(0.1, 0.5) * usual_s)
        n_running += process.is_alive()
        process.kill()
        process.join()
        (kept,) = out.glob("*.sqlite3")
        assert kept.stat().st_size >= size  # what was there before the kill still is
        size = kept.stat().st_size
    assert n_running >= 2
    assert size > 0
    last = _plan(tmp_path, out)
    assert _told(last) == _told(whole)
    assert [path.suffix for path in out.iterdir()] == [".json"]


def test_what_was_stopped_says_where_it_goes_on(tmp_path: Path) -> None:
    (tmp_path / "desk.yaml").write_text(DESK, encoding="utf-8")
    cancel = threading.Event()
    timer = threading.Timer(0.3, cancel.set)
    timer.start()
    try:
        stopped = _plan(tmp_path, tmp_path / "out", cancel)
    except Cancelled:
        raise AssertionError("a plan hands over what it has") from None
    timer.join()
    assert stopped["interrupted"]
    assert Path(stopped["kept"]).is_file()
    assert json.loads(Path(stopped["file"]).read_text(encoding="utf-8"))["kept"] == stopped["kept"]
    last = _plan(tmp_path, tmp_path / "out")
    assert not last["interrupted"]
    assert "kept" not in last
    assert not Path(stopped["kept"]).exists()
