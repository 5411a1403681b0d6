"""Every report of a window in which more comes than is served says so, with the hours and the money."""

from pathlib import Path

import pytest

from simulator.engine import Runner
from simulator.scenario.read.load import LoadedScenario, load_text
from simulator.studies.check.scenario_check import check_scenarios
from simulator.studies.check.study import CheckStudy
from simulator.studies.common.backlogs import Backlog
from simulator.studies.compare.compare import compare
from simulator.studies.compare.comparison_sides import side_of_file
from simulator.studies.compare.study import CompareStudy
from simulator.studies.flow.study import FlowStudy
from simulator.studies.plan.study import PlanStudy
from simulator.studies.run.study import RunStudy
from simulator.studies.what_if.study import WhatIfStudy

_FILE = """
metadata: {name: desk}
regions: {home: {}}
seed: 3
workloads:
  - {name: call, arrival_rate: 6 rps, steps: [{call: desk}]}
services:
  desk: {max_ongoing_requests: 4, service_time: {distribution: exponential, mean: 1s}, price: $8/hour}
window: {duration: 20m, warmup: 2m}
stages: [{name: pilot, duration: 4w, exposure: 100%}]
slos: [{name: fast, indicator: latency, objective: "p95 < 30m"}]
"""
_LEFT_H = 2.0 * 1_200.0 / 3600.0  # of a server's time


def _loaded(text: str = _FILE) -> LoadedScenario:
    return load_text(text, "desk.yaml", Path())


def _is_it(found: tuple[Backlog, ...], window_s: float = 1_200.0) -> None:
    [one] = found
    share = window_s / 1_200.0
    assert one.work_h.value == pytest.approx(_LEFT_H * share, rel=0.15)
    assert one.cost.value == pytest.approx(8.0 / 4.0 * _LEFT_H * share, rel=0.15)


def test_run() -> None:
    report = RunStudy(replications=4).run(_loaded(), Runner())
    _is_it(report.backlogs)
    assert "backlog at desk" in report.to_markdown()
    assert "not in it: work left at desk" in report.to_markdown()


def test_check() -> None:
    report = check_scenarios([_loaded()], CheckStudy(replications=4, budget=4), Runner())
    _is_it(report.scenarios[0].backlogs)
    assert "pilot: backlog at desk" in report.to_markdown()
    assert "pilot: backlog at desk" in report.to_markdown()


def test_compare() -> None:
    base = side_of_file(_loaded(_FILE.replace("6 rps", "2 rps")))
    report = compare(
        base, side_of_file(_loaded()), CompareStudy(base="x", replications=5, budget=5), Runner()
    )
    assert report.base.backlogs == ()
    _is_it(report.head.backlogs)
    assert "pilot: backlog at desk" in report.to_markdown()


def test_what_if_and_flow() -> None:
    report = WhatIfStudy({"services.desk.max_ongoing_requests": 8}).run(_loaded(), Runner())
    assert report.backlogs == ()
    _is_it(report.backlogs_before, report.window_s)
    flow = FlowStudy().run(_loaded(), Runner())
    _is_it(flow.backlogs, flow.window_s)
    assert "backlog at desk" in flow.to_markdown()


def test_plan() -> None:
    [stage] = PlanStudy(draws=0).run(_loaded(), Runner()).stages
    assert stage.backlogs[0].target == "desk"
    assert stage.backlogs[0].work_h.low > 0.0


def test_a_warm_up_that_is_too_short_is_said_by_check_what_if_and_flow() -> None:
    slow = _FILE.replace("mean: 1s", "mean: 10m").replace("6 rps", "0.005 rps")
    loaded = _loaded(slow.replace("window: {duration: 20m", "window: {duration: 6h"))
    said = "a warm-up of 2 min is short: desk in home"
    [one] = check_scenarios([loaded], CheckStudy(replications=4, budget=4), Runner()).scenarios
    assert any(said in line for line in one.warnings)
    what_if = WhatIfStudy({"services.desk.max_ongoing_requests": 8}).run(loaded, Runner())
    assert any(said in line for line in what_if.warnings)
    assert any(said in line for line in FlowStudy().run(loaded, Runner()).warnings)
