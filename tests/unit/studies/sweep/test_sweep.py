"""Sweeps: nothing is run twice, nothing is lost, and no executor changes a bit."""

import json
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
from simulator.scenario.read.errors import ScenarioError
from simulator.scenario.read.load import LoadedScenario, load_scenario
from simulator.studies.run.report import RunReport
from simulator.studies.sweep import points as points_module
from simulator.studies.sweep import sweep as sweep_module
from simulator.studies.sweep.folder import SWEEP, read_record
from simulator.studies.sweep.merge import merge
from simulator.studies.sweep.parameters import SweepError
from simulator.studies.sweep.report import SweepReport
from simulator.studies.sweep.response_table import RESPONSES, read_table
from simulator.studies.sweep.study import SweepStudy
from simulator.studies.sweep.sweep import read_sweep
from simulator.studies.sweep.view import sections
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


def _study(out: Path, vary: Sequence[str] = (RATE, SERVERS), **more: Any) -> SweepStudy:
    asked: dict[str, Any] = {"design": "lhs", "points": 6, "replications": 2}
    return SweepStudy(vary, out, **(asked | more))


def _sweep(loaded: LoadedScenario, out: Path, n_workers: int = 2, **more: Any) -> SweepReport:
    return _study(out, **more).run(loaded, Runner(n_threads=n_workers))


def _grid(loaded: LoadedScenario, out: Path, values: str) -> SweepReport:
    vary = [f"services.desk.max_ongoing_requests={values}"]
    return _sweep(loaded, out, vary=vary, design="grid", points=None)


def _done(report: SweepReport) -> tuple[int, int]:
    return report.n_simulated, report.n_reused


def test_points_that_were_run_are_reused_and_counted(desk: LoadedScenario, tmp_path: Path) -> None:
    out = tmp_path / "sweep"
    assert _done(_sweep(desk, out)) == (6, 0)
    before = (out / RESPONSES).read_bytes()
    assert _done(_sweep(desk, out, resume=True)) == (0, 6)
    assert (out / RESPONSES).read_bytes() == before


def test_only_what_changed_is_run(desk: LoadedScenario, tmp_path: Path) -> None:
    assert _done(_grid(desk, tmp_path / "s", "4,5")) == (2, 0)
    assert _done(_grid(desk, tmp_path / "s", "4,5,6")) == (1, 2)


def test_equal_points_are_simulated_once(desk: LoadedScenario, tmp_path: Path) -> None:
    csv = tmp_path / "points.csv"
    csv.write_text("services.desk.max_ongoing_requests\n4\n5\n4\n", encoding="utf-8")
    report = SweepStudy((), tmp_path / "s", csv=csv, replications=2).run(desk, Runner())
    assert _done(report) == (2, 0)
    assert [point.value("services.desk.max_ongoing_requests") for point in report.points] == [4.0, 5.0, 4.0]
    assert report.design == "list"


def test_every_executor_and_number_of_workers_gives_the_same_bits(
    desk: LoadedScenario, tmp_path: Path
) -> None:
    tables = []
    for number, (executor, n_workers) in enumerate([("threads", 1), ("processes", 2)]):
        out = tmp_path / str(number)
        _sweep(desk, out, executor=executor, n_workers=n_workers)
        tables.append((out / RESPONSES).read_bytes())
    assert tables[0] == tables[1]


def test_shards_merged_are_the_whole(desk: LoadedScenario, tmp_path: Path) -> None:
    _sweep(desk, tmp_path / "whole")
    shards = [tmp_path / f"shard{number}" for number in (1, 2, 3, 4)]
    n_run = [_sweep(desk, out, shard=(k, 4)).n_simulated for k, out in enumerate(shards, start=1)]
    assert n_run == [2, 2, 1, 1]
    (tmp_path / "merged").mkdir()
    part = merge(shards[:3], tmp_path / "merged", Runner())
    assert part.missing == (3,)
    whole = merge([tmp_path / "merged", shards[3]], tmp_path / "merged", Runner())
    assert whole.missing == ()
    for name in (RESPONSES, SWEEP):
        assert (tmp_path / "merged" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()


def test_different_sweeps_are_not_merged(desk: LoadedScenario, tmp_path: Path) -> None:
    for name, n_points in (("a", 2), ("b", 3)):
        _sweep(desk, tmp_path / name, points=n_points)
    with pytest.raises(SweepError, match="different sweeps"):
        merge([tmp_path / "a", tmp_path / "b"], tmp_path / "c", Runner())
    (tmp_path / "empty").mkdir()
    with pytest.raises(SweepError, match="holds no sweep"):
        merge([tmp_path / "empty"], tmp_path / "c", Runner())


def test_only_the_same_sweep_is_resumed(desk: LoadedScenario, tmp_path: Path) -> None:
    with pytest.raises(SweepError, match="nothing to resume"):
        _sweep(desk, tmp_path / "s", resume=True)
    _sweep(desk, tmp_path / "s", points=2)
    with pytest.raises(SweepError, match=r"another sweep \(seeds differ\)"):
        _sweep(desk, tmp_path / "s", points=2, replications=3, resume=True)


def test_a_sweep_of_another_version_is_not_resumed(
    desk: LoadedScenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _sweep(desk, tmp_path / "s", points=2)
    monkeypatch.setattr(sweep_module, "__version__", "9.9.9")
    with pytest.raises(SweepError, match="engine_version"):
        _sweep(desk, tmp_path / "s", points=2, resume=True)


def test_a_record_of_another_schema_is_told(desk: LoadedScenario, tmp_path: Path) -> None:
    _sweep(desk, tmp_path / "s", points=2)
    record = json.loads((tmp_path / "s" / SWEEP).read_text(encoding="utf-8"))
    for text, message in (
        (json.dumps({**record, "schema": 2}), "schema 2"),
        ("{", "not JSON"),
        ("{}", "schema None"),
    ):
        (tmp_path / "s" / SWEEP).write_text(text, encoding="utf-8")
        with pytest.raises(StoreError, match=message):
            _sweep(desk, tmp_path / "s", points=2, resume=True)
    assert _done(_sweep(desk, tmp_path / "s", points=2)) == (0, 2)


@pytest.mark.parametrize("name", ["summary.json", "ledger.parquet", "series.parquet", "manifest.json"])
def test_a_damaged_run_is_told_set_aside_and_run_again(
    desk: LoadedScenario, tmp_path: Path, name: str
) -> None:
    whole = _sweep(desk, tmp_path / "s", points=3)
    run = Store(tmp_path / "s").runs()[0]
    (run.folder / name).write_bytes(b"")
    record = read_record(tmp_path / "s")
    assert record is not None
    read = read_sweep(tmp_path / "s", record)
    assert (len(read.points), len(read.damaged)) == (2, 1)
    again = _sweep(desk, tmp_path / "s", points=3, resume=True)
    assert _done(again) == (1, 2)
    assert run.key in again.damaged[0]
    assert f"{run.folder} is damaged" in str(sections(again))
    assert again.points == whole.points
    assert len(list((tmp_path / "s").glob(f"damaged-{run.key[:12]}-*"))) == 1
    assert not _sweep(desk, tmp_path / "s", points=3, resume=True).damaged


def test_a_damaged_shard_is_told_and_another_one_gives_the_point(
    desk: LoadedScenario, tmp_path: Path
) -> None:
    folders = [tmp_path / "a", tmp_path / "b"]
    for folder in folders:
        _sweep(desk, folder, points=3)
    for run in Store(folders[0]).runs():
        (run.folder / "ledger.parquet").write_bytes(b"")
    both = merge(folders, tmp_path / "whole", Runner())
    assert (len(both.points), both.missing, len(both.damaged)) == (3, (), 3)
    alone = merge(folders[:1], tmp_path / "alone", Runner())
    assert (len(alone.points), len(alone.missing)) == (0, 3)


def test_a_mistake_at_one_point_is_told_before_anything_is_simulated(
    desk: LoadedScenario, tmp_path: Path
) -> None:
    with pytest.raises(ScenarioError) as caught:
        _grid(desk, tmp_path / "s", "4,many,none")
    assert str(caught.value).count("--vary: services.desk.max_ongoing_requests") == 2
    assert not (tmp_path / "s").exists()


def test_a_path_that_does_not_exist_is_told(desk: LoadedScenario, tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match=r"--vary: services\.dekk.*did you mean `desk`"):
        _sweep(desk, tmp_path / "s", vary=("services.dekk.max_ongoing_requests=4,5",), points=2)


def test_a_key_may_be_without_effect_at_some_points(desk: LoadedScenario, tmp_path: Path) -> None:
    tried = "workloads.ticket.turns={distribution: geometric, mean: 1, think_time: 5s},{distribution: geometric, mean: 2}"
    report = _sweep(desk, tmp_path / "s", vary=[tried], design="grid", points=None)
    assert _done(report) == (2, 0)


@pytest.mark.parametrize(
    ("more", "error", "message"),
    [
        ({"design": "list", "points": 0}, SweepError, "zero points"),
        ({"vary": ()}, SweepError, "nothing to vary"),
        ({"design": "hexagons"}, SweepError, "no design `hexagons`; there are: grid, list"),
        ({"csv": Path("points.csv")}, SweepError, "from --csv or from --vary"),
        ({"minimise": ["latncy.p95"]}, SweepError, "did you mean `latency.p95`"),
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

    def stop_after_two(done: float, _total: int, label: str) -> None:
        if label.startswith("point") and done >= 2:
            cancel.set()

    runner = Runner(n_threads=1, progress=stop_after_two, cancel=cancel)
    report = _study(tmp_path / "s").run(desk, runner)
    assert report.interrupted
    assert _done(report) == (2, 0)
    assert len(report.missing) == 4
    assert _done(_sweep(desk, tmp_path / "s", resume=True)) == (4, 2)


def test_a_worker_of_another_version_is_told(
    desk: LoadedScenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = points_module.PointMaker.key
    monkeypatch.setattr(points_module.PointMaker, "key", lambda self, values: key(self, values)[::-1])
    with pytest.raises(WorkersLostError, match="another version"):
        _sweep(desk, tmp_path / "s", points=1)


def test_the_table_has_what_the_runs_say(desk: LoadedScenario, tmp_path: Path) -> None:
    report = _sweep(desk, tmp_path / "s", minimise=["latency.p95"])
    table = read_table(tmp_path / "s")
    assert table["point"].tolist() == list(range(6))
    assert pd.api.types.is_numeric_dtype(table["workloads.ticket.arrival_rate"])
    for row in table.to_dict(orient="records"):
        run = Store(tmp_path / "s").find(row["key"])
        assert run is not None
        of = run.summary(RunReport)
        assert row["latency_s.p95"] == of.metrics.latency.p95.value
        assert row["latency_s.p95.low"] == of.metrics.latency.p95.low
        assert row["utilization{target:desk}"] == of.by.target["desk"].utilization.value
        assert row["verdict"] == of.objectives[0].verdict
    assert report.pareto == (int(table["latency_s.p95"].idxmin()),)
    pd.testing.assert_frame_equal(report.to_frame(), table)


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
    found = _sweep(
        load_scenario(tmp_path / "desk.yaml"),
        tmp_path / "out",
        vary=vary,
        design="saltelli",
        points=128,
        replications=1,
        minimise=["cost.total"],
    )
    rows = {row.factor: row for row in found.sensitivities if row.response == "cost.total"}
    spread = {vary[0].split("=")[0]: 0.2, vary[1].split("=")[0]: 300.0 / 730.0}  # dollars per hour
    total = sum(width**2 for width in spread.values())
    for factor, width in spread.items():
        share, row = width**2 / total, rows[factor]
        assert row.total is not None
        assert row.total_half_width is not None
        assert abs(row.first_order - share) <= 2.0 * row.half_width + 0.02
        assert abs(row.total - share) <= 2.0 * row.total_half_width + 0.02
