"""The interface for Python: quick to import, the verbs' documents behind it, frames and figures of them."""

import json
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from plotly.graph_objects import Figure
from typer.testing import CliRunner

import simulator
from simulator import engine
from simulator.api.rollout import Rollout
from simulator.cli.main import app
from simulator.scenario.read.errors import ScenarioError
from simulator.studies.plan import plan_folder
from simulator.studies.sweep.report import SweepReport

DESK = """metadata: {name: help-desk}
workloads: [{name: ticket, arrival_rate: 7.2 rps, steps: [{call: desk}]}]
services: {desk: {replicas: 2, max_ongoing_requests: 5, service_time: {distribution: exponential, mean: 1s}}}
window: {duration: 5m, warmup: 1m}
stages: [{name: all, duration: 4w, exposure: 100%}]
slos: [{name: wait, indicator: queue_wait, objective: "p(95) < 60s"}]
thresholds: {"latency{region:home}": ["p(95) < 1s"]}
capacity: {knobs: [{path: services.desk.replicas, min: 1, max: 3, lead_time: 2w}]}
"""


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a scenario file."""
    path = tmp_path_factory.mktemp("api") / "desk.yaml"
    path.write_text(DESK, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def desk(file: Path) -> Rollout:
    """Return the scenario, loaded."""
    return simulator.load(file)


def test_importing_the_package_is_quick() -> None:
    code = "import sys, simulator; print(len({'numpy', 'numba', 'pandas', 'pydantic', 'plotly'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "0\n"


def test_what_is_not_there_is_said() -> None:
    with pytest.raises(AttributeError, match="no attribute 'lod'"):
        simulator.lod  # noqa: B018
    assert simulator.Rollout is Rollout


def test_a_run_is_that_of_the_command(desk: Rollout, file: Path) -> None:
    found = desk.run("all", replications=3)
    printed = json.loads(
        CliRunner().invoke(app, ["run", str(file), "--stage", "all", "--replications", "3", "--json"]).stdout
    )
    assert {**found.to_dict(), "wall_s": 0} == {**printed, "wall_s": 0}
    estimate = found.metric("latency", "p(95)", region="home")
    assert (estimate.value, estimate.low) == tuple(
        printed["by"]["region"]["home"]["metrics"]["latency_s"]["p95"][key] for key in ("value", "low")
    )
    assert found.metric("utilization", target="desk").value == pytest.approx(0.72, abs=0.1)
    assert found.metric("tpot") is None
    assert found.verdicts == {"wait": "PASS"}
    with pytest.raises(KeyError, match="no metric 'latencey'"):
        found.metric("latencey")
    with pytest.raises(ValueError, match="no stage 'none'; there are: all"):
        desk.run("none")


def test_frames_are_tidy(desk: Rollout) -> None:
    frame = desk.run("all", replications=2).to_frame()
    assert list(frame.columns) == ["part", "name", "metric", "statistic", "value", "low", "high"]
    assert set(frame["part"]) == {"all", "workload", "region", "stage", "target"}
    [row] = frame.query("part == 'target' and metric == 'utilization'").to_dict("records")
    assert row["name"] == "desk"


def test_a_plan(desk: Rollout) -> None:
    found = desk.plan()
    assert found.decision in ("GO", "NO-GO", "UNDECIDED")
    assert found.decisions == {"all": found.decision}
    [row] = found.to_frame().to_dict("records")
    assert row["services.desk.replicas[home]"] == found.stages[0].capacity["services.desk.replicas"]["home"]
    assert isinstance(row["start"], pd.Timestamp)
    assert isinstance(found.figure(), Figure)
    assert not found.interrupted


def test_a_plan_that_was_interrupted_goes_on(
    desk: Rollout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(plan_folder, "_file_name", interrupted)  # all is simulated, and nothing is said yet
        with pytest.raises(KeyboardInterrupt):
            desk.plan(out=tmp_path / "plans")
    [kept] = (tmp_path / "plans").glob("*.sqlite3")
    with monkeypatch.context() as patched:
        patched.setattr(engine, "simulate", interrupted)
        found = desk.plan(out=tmp_path / "plans")
    assert not kept.exists()
    again = desk.plan()
    assert found.model_copy(update={"wall_s": 0.0, "file": None}) == again.model_copy(update={"wall_s": 0.0})


def test_a_check_is_true_when_everything_holds(desk: Rollout) -> None:
    found = desk.check(budget=4)
    assert (found.verdict, bool(found)) == ("FAIL", False)
    assert "desk.yaml:7: thresholds.latency{region:home}.0: p95 latency of home at stage all is" in repr(
        found
    )
    assert list(found.to_frame()["verdict"]) == ["PASS", "FAIL"]
    assert bool(desk.with_values({"thresholds": "null"}).check(budget=4))


def test_a_comparison_is_true_when_nothing_is_worse(desk: Rollout) -> None:
    assert desk.compare(desk, budget=8)
    slower = desk.with_values({"services.desk.service_time.mean": "1.2s"})
    found = desk.compare(slower, budget=8)
    assert (found.verdict, bool(found)) == ("FAIL", False)
    assert "FAIL p95 latency at all: +" in repr(found)
    frame = found.to_frame()
    assert set(frame["judged"]) == {True, False}
    row = frame[frame["metric"] == "latency"].iloc[0]
    assert row["after"] - row["before"] == pytest.approx(row["difference"])


def test_a_sweep(desk: Rollout, tmp_path: Path) -> None:
    vary = {"services.desk.max_ongoing_requests": [5, 6]}
    found = desk.sweep(vary, tmp_path / "sweep", stage="all", replications=2, minimise=["latency.p95"])
    assert found.to_frame()["services.desk.max_ongoing_requests"].tolist() == [5.0, 6.0]
    assert (found.n_simulated, found.folder) == (2, tmp_path / "sweep")
    again = desk.sweep(vary, tmp_path / "sweep", stage="all", replications=2, resume=True)
    assert again.n_reused == 2
    assert SweepReport.model_validate_json(found.to_json()) == found
    assert isinstance(found.figure(), Figure)
    assert found.sensitivity().columns[0] == "response"
    with pytest.raises(KeyError):
        found.figure("latencey.p95")


@pytest.mark.parametrize("verb", ["run", "check", "compare"])
def test_figures_are_whole_without_the_internet(desk: Rollout, verb: str) -> None:
    arguments = {"run": ["all"], "check": [], "compare": [desk]}[verb]
    options = {"run": {"replications": 2}, "check": {"budget": 4}, "compare": {"budget": 8}}[verb]
    figure = getattr(desk, verb)(*arguments, **options).figure()
    assert len(figure.data) >= 1
    html = figure.to_html(include_plotlyjs=False)
    assert 'src="http' not in html


def test_mistakes_are_those_of_the_file(file: Path) -> None:
    with pytest.raises(ScenarioError, match="did you mean"):
        simulator.load(file, {"window.duraton": "2h"})
    with pytest.raises(TypeError):
        simulator.load(file, "window.duration=2h")
    assert "help-desk" in repr(simulator.load(file, ["window.duration=2m"]))


def test_drills_and_cliffs_are_reports(desk: Rollout) -> None:
    slow = "[{name: slow, kind: latency, target: desk, factor: 3, duration: 2m}]"
    goal = '[{name: availability, indicator: availability, objective: ">= 99%"}, '
    goal += '{name: latency, indicator: latency, objective: "p(95) < 30s"}]'
    rollout = desk.with_values([f"incidents={slow}", f"slos={goal}"])
    found = rollout.drill(runs=2)
    assert found.to_frame()["name"].tolist() == ["slow"]
    assert found.to_frame()["minutes_out_of_slo_low"].notna().all()
    assert set(found.best_cures) == {"slow"}
    assert bool(found) == (found.verdict == "PASS")
    assert "DrillReport" in repr(found)
    assert len(found.figure().data) == 2
    cliff = rollout.cliff(runs=2)
    assert cliff.to_frame()["factor"].is_monotonic_increasing
    assert bool(cliff) == (cliff.verdict == "PASS")
    assert len(cliff.figure().data) == 2
