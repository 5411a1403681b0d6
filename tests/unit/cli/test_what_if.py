"""`rollout what-if` as a user calls it: the difference of a change, and messages."""

import json
from pathlib import Path

import pytest

from tests.unit.invoking import invoke

DESK = """metadata: {name: help-desk}
workloads: [{name: ticket, arrival_rate: 3 rps, steps: [{call: desk}]}]
services: {desk: {max_ongoing_requests: 5, service_time: {distribution: exponential, mean: 1s}}}
stages: [{name: pilot, duration: 4w, exposure: 40%}, {name: all, duration: 4w, exposure: 100%}]
"""
SLOTS = "services.desk.max_ongoing_requests"


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    file = tmp_path / "desk.yaml"
    file.write_text(DESK, encoding="utf-8")
    return file


def test_the_difference_of_a_change_is_printed(desk: Path) -> None:
    result = invoke("what-if", desk, "--change", f"{SLOTS}=8", "--pairs", 3)
    assert result.exit_code == 0, result.output
    said = " ".join(result.stdout.split())
    assert f"help-desk · all, at the peak: {SLOTS}=8" in said
    assert "p95 latency" in said
    assert "3 pairs of 1 h" in said  # the window of a scenario that says none


def test_more_demand_is_a_change(desk: Path) -> None:
    result = invoke("what-if", desk, "--demand", "0.5", "--stage", "pilot", "--pairs", 2, "--json")
    found = json.loads(result.stdout)
    assert (found["stage"], found["demand_factor"], found["overrides"]) == ("pilot", 0.5, [])
    goodput = next(one for one in found["measures"] if one["metric"] == "goodput_rps")
    assert goodput["after"]["value"] == pytest.approx(0.5 * goodput["before"]["value"], rel=0.2)


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ((), 2, "nothing is changed: give --change PATH=VALUE"),
        (("--change", f"{SLOTS}=8", "--stage", "none"), 2, "no stage 'none'"),
        (("--change", f"{SLOTS}=8", "--pairs", "1"), 2, "--pairs"),
        (("--demand", "0"), 2, "--demand"),
        (("--change", "services.dekk.replicas=2"), 104, "--change: services.dekk"),
        (("--change", f"{SLOTS}=many"), 104, "--change"),
        (("--change", SLOTS), 104, "is not of the form path=value"),
    ],
)
def test_what_cannot_be_changed_is_said(
    desk: Path, arguments: tuple[str, ...], code: int, message: str
) -> None:
    result = invoke("what-if", desk, *arguments)
    assert result.exit_code == code, result.output
    assert message in result.stderr
    assert "Traceback" not in result.stderr
