"""Sweeps: nothing is run twice, nothing is lost, and no executor changes a bit."""

import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from simulator.engine import Runner
from simulator.results.store import store as store_module
from simulator.results.store.store import Store
from simulator.results.store.stored_run import StoreError
from simulator.results.store.sweep_folder import SWEEP
from simulator.scenario.read.errors import ScenarioError
from simulator.scenario.read.load import LoadedScenario, load_scenario
from simulator.studies.sweep import sweep_job as sweep_job_module
from simulator.studies.sweep import sweep_points as point_specs
from simulator.studies.sweep.design_kind import DesignKind
from simulator.studies.sweep.designs import design_points
from simulator.studies.sweep.merge_job import merge_job
from simulator.studies.sweep.parameters import SweepError, parse_vary
from simulator.studies.sweep.response_table import RESPONSES, read_table
from simulator.studies.sweep.responses import Goal
from simulator.studies.sweep.sweep_job import SweepRequest, sweep_job
from simulator.studies.sweep.worker_pools import WorkersLostError

DESK = """
metadata: {name: desk}
workloads: [{name: ticket, arrival_rate: 3 rps, steps: [{call: desk}]}]
services: {desk: {max_ongoing_requests: 4, service_time: {distribution: exponential, mean: 1s}}}
window: {duration: 2m, warmup: 10s}
slos: [{name: wait, indicator: queue_wait, objective: "mean < 10s"}]
"""
RATE = "workloads.ticket.arrival_rate=uniform(1 rps, 3 rps)"
SERVERS = "services.desk.max_ongoing_requests=4,5"


@pytest.fixture
def desk(tmp_path: Path) -> LoadedScenario:
    path = tmp_path / "desk.yaml"
    path.write_text(DESK, encoding="utf-8")
    return load_scenario(path)


def _request(
    out: Path, vary: Sequence[str] = (RATE, SERVERS), n_points: int = 6, **more: Any
) -> SweepRequest:
    factors = [parse_vary(text) for text in vary]
    points = design_points(DesignKind.LHS, factors, n_points, seed=1)
    return SweepRequest(
        **{"out": out, "design": DesignKind.LHS, "factors": factors, "points": points, "replications": 2}
        | more
    )


def _sweep(loaded: LoadedScenario, out: Path, n_workers: int = 2, **more: Any) -> dict[str, Any]:
    out.mkdir(exist_ok=True)
    return sweep_job(loaded, _request(out, **more), Runner(n_threads=n_workers))


def _done(document: dict[str, Any]) -> tuple[int, int]:
    return document["n_simulated"], document["n_reused"]


def test_points_that_were_run_are_reused_and_counted(desk: LoadedScenario, tmp_path: Path) -> None:
    out = tmp_path / "sweep"
    assert _done(_sweep(desk, out)) == (6, 0)
    before = (out / RESPONSES).read_bytes()
    assert _done(_sweep(desk, out, resume=True)) == (0, 6)
    assert (out / RESPONSES).read_bytes() == before


def test_only_what_changed_is_run(desk: LoadedScenario, tmp_path: Path) -> None:
    vary = [parse_vary("services.desk.max_ongoing_requests=4,5,6")]
    out = tmp_path / "sweep"
    two = _request(out, factors=vary, points=[("4",), ("5",)], design=DesignKind.GRID)
    three = _request(out, factors=vary, points=[("4",), ("5",), ("6",)], design=DesignKind.GRID)
    out.mkdir()
    assert _done(sweep_job(desk, two, Runner())) == (2, 0)
    assert _done(sweep_job(desk, three, Runner())) == (1, 2)


def test_equal_points_are_simulated_once(desk: LoadedScenario, tmp_path: Path) -> None:
    vary = [parse_vary("services.desk.max_ongoing_requests=4,5")]
    (tmp_path / "s").mkdir()
    request = _request(tmp_path / "s", factors=vary, points=[("4",), ("5",), ("4",)])
    document = sweep_job(desk, request, Runner())
    assert _done(document) == (2, 0)
    assert len(document["points"]) == 3


def test_every_executor_and_number_of_workers_gives_the_same_bits(
    desk: LoadedScenario, tmp_path: Path
) -> None:
    tables = []
    for number, (executor, n_workers) in enumerate([("threads", 1), ("threads", 2), ("processes", 2)]):
        out = tmp_path / str(number)
        _sweep(desk, out, executor=executor, n_workers=n_workers)
        tables.append((out / RESPONSES).read_bytes())
    assert tables[0] == tables[1] == tables[2]


def test_shards_merged_are_the_whole(desk: LoadedScenario, tmp_path: Path) -> None:
    _sweep(desk, tmp_path / "whole")
    shards = [tmp_path / f"shard{number}" for number in (1, 2, 3, 4)]
    n_run = [_sweep(desk, out, shard=(k, 4))["n_simulated"] for k, out in enumerate(shards, start=1)]
    assert n_run == [2, 2, 1, 1]
    (tmp_path / "merged").mkdir()
    part = merge_job(shards[:3], tmp_path / "merged", Runner())
    assert part["missing"] == [3]
    whole = merge_job([tmp_path / "merged", shards[3]], tmp_path / "merged", Runner())
    assert whole["missing"] == []
    for name in (RESPONSES, SWEEP):
        assert (tmp_path / "merged" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


def test_different_sweeps_are_not_merged(desk: LoadedScenario, tmp_path: Path) -> None:
    for name, n_points in (("a", 2), ("b", 3)):
        _sweep(desk, tmp_path / name, n_points=n_points)
    with pytest.raises(SweepError, match="different sweeps"):
        merge_job([tmp_path / "a", tmp_path / "b"], tmp_path / "c", Runner())
    (tmp_path / "empty").mkdir()
    with pytest.raises(SweepError, match="holds no sweep"):
        merge_job([tmp_path / "empty"], tmp_path / "c", Runner())


def test_only_the_same_sweep_is_resumed(desk: LoadedScenario, tmp_path: Path) -> None:
    with pytest.raises(SweepError, match="nothing to resume"):
        _sweep(desk, tmp_path / "s", resume=True)
    _sweep(desk, tmp_path / "s", n_points=2)
    with pytest.raises(SweepError, match=r"another sweep \(seeds differ\)"):
        _sweep(desk, tmp_path / "s", n_points=2, replications=3, resume=True)


def test_a_sweep_of_another_version_is_not_resumed(
    desk: LoadedScenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _sweep(desk, tmp_path / "s", n_points=2)
    monkeypatch.setattr(sweep_job_module, "__version__", "9.9.9")
    with pytest.raises(SweepError, match="engine_version"):
        _sweep(desk, tmp_path / "s", n_points=2, resume=True)


def test_a_record_of_another_schema_is_told(desk: LoadedScenario, tmp_path: Path) -> None:
    _sweep(desk, tmp_path / "s", n_points=2)
    record = json.loads((tmp_path / "s" / SWEEP).read_text(encoding="utf-8"))
    for text, message in (
        (json.dumps({**record, "schema": 2}), "schema 2"),
        ("{", "not JSON"),
        ("{}", "schema None"),
    ):
        (tmp_path / "s" / SWEEP).write_text(text, encoding="utf-8")
        with pytest.raises(StoreError, match=message):
            _sweep(desk, tmp_path / "s", n_points=2, resume=True)
    assert _done(_sweep(desk, tmp_path / "s", n_points=2)) == (0, 2)


def test_a_damaged_run_is_told_and_run_again_once_it_is_deleted(desk: LoadedScenario, tmp_path: Path) -> None:
    _sweep(desk, tmp_path / "s", n_points=3)
    run = Store(tmp_path / "s").runs()[0]
    (run.folder / "summary.json").write_bytes(b"{}")
    with pytest.raises(StoreError, match="delete the folder to run it again"):
        _sweep(desk, tmp_path / "s", n_points=3)
    shutil.rmtree(run.folder)
    assert _done(_sweep(desk, tmp_path / "s", n_points=3)) == (1, 2)


def test_a_mistake_at_one_point_is_told_before_anything_is_simulated(
    desk: LoadedScenario, tmp_path: Path
) -> None:
    vary = [parse_vary("services.desk.max_ongoing_requests=4,many,none")]
    (tmp_path / "s").mkdir()
    request = _request(tmp_path / "s", factors=vary, points=[("4",), ("many",), ("none",)])
    with pytest.raises(ScenarioError) as caught:
        sweep_job(desk, request, Runner())
    assert str(caught.value).count("--vary: services.desk.max_ongoing_requests") == 2
    assert list((tmp_path / "s").iterdir()) == []


def test_a_path_that_does_not_exist_is_told(desk: LoadedScenario, tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match=r"--vary: services\.dekk.*did you mean `desk`"):
        _sweep(desk, tmp_path / "s", vary=("services.dekk.max_ongoing_requests=4,5",), n_points=2)


def test_a_key_may_be_without_effect_at_some_points(desk: LoadedScenario, tmp_path: Path) -> None:
    tried = "workloads.ticket.turns={distribution: geometric, mean: 1, think_time: 5s},{distribution: geometric, mean: 2}"
    vary = [parse_vary(tried)]
    (tmp_path / "s").mkdir()
    request = _request(tmp_path / "s", factors=vary, points=[(text,) for text in vary[0].domain.texts])  # type: ignore[union-attr]
    assert _done(sweep_job(desk, request, Runner())) == (2, 0)


@pytest.mark.parametrize(
    ("more", "error", "message"),
    [
        ({"points": []}, SweepError, "zero points"),
        ({"stage": "pilot"}, SweepError, "no stage `pilot`"),
        ({"goals": [Goal("latncy.p95", "minimise")]}, SweepError, "did you mean `latency.p95`"),
        ({"executor": "fibers"}, SweepError, "no executor `fibers`"),
        ({"executor": "dask://"}, SweepError, "no executor"),
    ],
)
def test_what_cannot_be_swept_is_told(
    desk: LoadedScenario, tmp_path: Path, more: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        _sweep(desk, tmp_path / "s", **more)


def test_a_full_disk_ends_the_sweep_and_loses_nothing(
    desk: LoadedScenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[Path] = []
    write = store_module._write_text

    def fill_up(path: Path, text: str) -> dict[str, Any]:
        written.append(path)
        if len(written) > 5:  # two texts per run: the disk is full in the third run
            raise OSError(28, "No space left on device")
        return write(path, text)

    monkeypatch.setattr(store_module, "_write_text", fill_up)
    with pytest.raises(StoreError, match="No space left"):
        _sweep(desk, tmp_path / "s", n_workers=1)
    monkeypatch.setattr(store_module, "_write_text", write)
    assert len(Store(tmp_path / "s").runs()) == 2
    assert _done(_sweep(desk, tmp_path / "s", resume=True)) == (4, 2)


@pytest.mark.usefixtures("desk")
def test_files_that_cannot_grow_are_a_message_and_an_exit_code(tmp_path: Path) -> None:
    code = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000));"
        "from simulator.cli.main import main; sys.argv = ['rollout', *sys.argv[1:]]; main()"
    )
    arguments = [
        "sweep",
        tmp_path / "desk.yaml",
        "--vary",
        SERVERS,
        "--out",
        tmp_path / "s",
        "--replications",
        "1",
    ]
    found = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert found.returncode == 103
    assert "cannot store the run" in found.stderr
    assert "Traceback" not in found.stderr
    assert Store(tmp_path / "s").scan() == ([], [])


def test_what_was_finished_is_kept_when_it_is_cancelled(desk: LoadedScenario, tmp_path: Path) -> None:
    cancel = threading.Event()

    def stop_after_two(done: int, _total: int, label: str) -> None:
        if label.startswith("point") and done >= 2:
            cancel.set()

    (tmp_path / "s").mkdir()
    document = sweep_job(
        desk, _request(tmp_path / "s"), Runner(n_threads=1, progress=stop_after_two, cancel=cancel)
    )
    assert document["interrupted"]
    assert _done(document) == (2, 0)
    assert len(document["missing"]) == 4
    assert _done(_sweep(desk, tmp_path / "s", resume=True)) == (4, 2)


def test_a_worker_of_another_version_is_told(
    desk: LoadedScenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = point_specs.PointMaker.key
    monkeypatch.setattr(point_specs.PointMaker, "key", lambda self, values: key(self, values)[::-1])
    with pytest.raises(WorkersLostError, match="another version"):
        _sweep(desk, tmp_path / "s", n_points=1)


def test_the_table_has_what_the_runs_say(desk: LoadedScenario, tmp_path: Path) -> None:
    document = _sweep(
        desk, tmp_path / "s", goals=[Goal("latency.p95", "minimise"), Goal("throughput", "maximise")][:1]
    )
    table = read_table(tmp_path / "s")
    assert table["point"].tolist() == list(range(6))
    assert pd.api.types.is_numeric_dtype(table["workloads.ticket.arrival_rate"])
    for row in table.to_dict(orient="records"):
        run = Store(tmp_path / "s").find(row["key"])
        assert run is not None
        summary = run.summary()
        assert row["latency_s.p95"] == summary["metrics"]["latency_s"]["p95"]["value"]
        assert row["latency_s.p95.low"] == summary["metrics"]["latency_s"]["p95"]["low"]
        assert row["utilization{target:desk}"] == summary["by"]["target"]["desk"]["utilization"]["value"]
        assert row["verdict"] == summary["verdicts"][0]["verdict"]
    assert document["pareto"] == [int(table["latency_s.p95"].idxmin())]


def test_the_page_needs_no_network(desk: LoadedScenario, tmp_path: Path) -> None:
    _sweep(desk, tmp_path / "s")
    page = (tmp_path / "s" / "sweep.html").read_text(encoding="utf-8")
    assert 'src="http' not in page
    assert "Trade-off" in page
    assert "Parallel coordinates" in page


def test_sobol_indices_of_a_cost_that_is_a_sum_are_those_of_its_parts(tmp_path: Path) -> None:
    """Cost is hours of servers and the platform: no factor acts on another, and the shares are known."""
    (tmp_path / "desk.yaml").write_text(DESK + "economics: {platform: $100/month}\n", encoding="utf-8")
    vary = ["services.desk.price=uniform(0.1, 0.3)", "economics.platform=uniform(0, 300)"]
    factors = [parse_vary(text) for text in vary]
    points = design_points(DesignKind.SALTELLI, factors, 128, seed=1)
    found = _sweep(
        load_scenario(tmp_path / "desk.yaml"),
        tmp_path / "out",
        design=DesignKind.SALTELLI,
        factors=factors,
        points=points,
        replications=1,
        goals=[Goal("cost.total", "minimise")],
    )
    rows = {row["factor"]: row for row in found["sensitivity"] if row["response"] == "cost.total"}
    spread = {vary[0].split("=")[0]: 0.2, vary[1].split("=")[0]: 300.0 / 730.0}  # dollars per hour
    total = sum(width**2 for width in spread.values())
    for factor, width in spread.items():
        share = width**2 / total
        assert abs(rows[factor]["first_order"] - share) <= 2.0 * rows[factor]["half_width"] + 0.02
        assert abs(rows[factor]["total"] - share) <= 2.0 * rows[factor]["total_half_width"] + 0.02
