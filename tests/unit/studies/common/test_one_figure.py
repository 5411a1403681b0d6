"""A figure has one value and one name, whichever report it stands in."""

from pathlib import Path

import pytest

from simulator.engine import Runner
from simulator.scenario.change import ScenarioChange
from simulator.scenario.read.load import load_text
from simulator.studies.check.scenario_check import check_scenarios
from simulator.studies.check.study import CheckStudy
from simulator.studies.flow.study import FlowStudy
from simulator.studies.plan.study import PlanStudy
from simulator.studies.run.study import RunStudy
from simulator.studies.what_if.peak import simulated
from simulator.studies.what_if.what_if import what_if_of
from simulator.theory.estimate import Estimate

_FILE = """
metadata: {name: desk}
regions: {home: {}}
seed: 3
workloads:
  - {name: call, arrival_rate: 0.1 rps, steps: [{call: desk}]}
services:
  desk: {max_ongoing_requests: 20, service_time: {distribution: exponential, mean: 3m}, price: $8/hour}
WINDOW
stages: [{name: pilot, duration: 4w, exposure: 100%}]
slos:
  - {name: fast, indicator: latency, objective: "p95 < 30m"}
  - {name: cheap, indicator: cost_per_action, objective: "< $1"}
thresholds: {"utilization{target:desk}": ["< 99%"]}
"""
_N = 6


@pytest.mark.parametrize(
    "window",
    [
        "window: {duration: 40m, warmup: 30m}",
        pytest.param("window: {duration: 40m}", marks=pytest.mark.slow),
        pytest.param("", marks=pytest.mark.slow),
    ],
)
def test_run_what_if_flow_check_and_plan_agree(window: str) -> None:
    loaded = load_text(_FILE.replace("WINDOW", window), "desk.yaml", Path())
    run = RunStudy(stage="pilot", replications=_N).run(loaded, Runner())
    of_run = {
        "latency": run.metric("latency", "p95"),
        "cost_per_action": run.metric("cost_per_action"),
        "utilization": run.metric("utilization", target="desk"),
    }
    side = simulated(loaded, ScenarioChange(), "pilot", _N, Runner())
    what_if = what_if_of(loaded, side, side, ScenarioChange())
    flow = FlowStudy(replications=_N).run(loaded, Runner())
    checked = check_scenarios([loaded], CheckStudy(replications=_N, budget=_N), Runner())
    assert (what_if.window_s, flow.window_s) == (run.window_s, run.window_s)
    for name, value in of_run.items():
        found = what_if.measure(name)
        assert found is not None
        assert (found.before, found.after) == (value, value)
        if name != "cost_per_action":  # an objective on money is about the month, in `check` as in `plan`
            assert {one.estimate for one in checked.verdicts if one.metric.endswith(name)} == {value}
    assert flow.stations[0].utilization == of_run["utilization"]
    assert run.warnings == what_if.warnings + tuple(line for line in run.warnings if "in all" in line)

    [stage] = PlanStudy(draws=0).run(loaded, Runner()).stages
    assert _agrees(stage.metrics.latency.p95, of_run["latency"])
    assert _agrees(stage.metrics.cost_per_action, of_run["cost_per_action"])
    assert _agrees(stage.by.target["desk"].utilization, of_run["utilization"])
    [of_check] = [one.estimate for one in checked.verdicts if one.metric.endswith("cost_per_action")]
    [of_plan] = [one.estimate for one in stage.verdicts if one.slo == "cheap"]
    assert _agrees(of_check, of_plan)


def _agrees(one: Estimate | None, other: Estimate | None) -> bool:
    assert one is not None
    assert other is not None
    return abs(one.value - other.value) <= 1.5 * (one.half_width + other.half_width)
