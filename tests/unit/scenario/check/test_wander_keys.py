"""Rates that cannot wander as a scenario says: the line, and what to do."""

from pathlib import Path

import pytest

from simulator.scenario.read.errors import ScenarioError
from simulator.scenario.read.load import load_text

TEXT = """\
metadata: {name: wander}
regions: {home: {}}
workloads:
  - name: ask
    DEMAND
    wander: WANDER
    steps: [{call: desk}]
services: {desk: {replicas: 1, service_time: {distribution: constant, value: 1s}}}
"""
OPEN, FINE = "arrival_rate: 1 rps", "{cv: 0.3, time_constant: 20m}"


@pytest.mark.parametrize(
    ("wander", "demand", "expected"),
    [
        ("{cv: 0, time_constant: 20m}", OPEN, "wander.yaml:6:14: workloads.ask.wander.cv"),
        ("{cv: 0.3, time_constant: 20s}", OPEN, "workloads.ask.wander.time_constant"),
        ("{cv: 0.3}", OPEN, "workloads.ask.wander.time_constant"),
        ("{cv: 0.3, time_constant: 20m, common: 140%}", OPEN, "workloads.ask.wander.common"),
        (FINE, "clients: 5", "`clients` ask when they have their answer, so `wander` has no effect"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(wander: str, demand: str, expected: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        load_text(TEXT.replace("WANDER", wander).replace("DEMAND", demand), "wander.yaml", Path())
    assert expected in str(caught.value)


def test_a_replayed_trace_wanders_by_itself(tmp_path: Path) -> None:
    (tmp_path / "calls.csv").write_text("at\n0\n1\n3\n")
    text = TEXT.replace("DEMAND", "trace: {file: calls.csv, time: at, replay: arrivals}")
    with pytest.raises(ScenarioError) as caught:
        load_text(text.replace("WANDER", FINE), "wander.yaml", tmp_path)
    assert "workloads.ask.wander: does not go with a replayed trace" in str(caught.value)
