"""`rollout flow` as a user calls it: tables, document and messages."""

import json
from pathlib import Path

import pytest

from tests.unit.invoking import invoke

DESK = """metadata: {name: help-desk}
workloads: [{name: ticket, arrival_rate: 3 rps, steps: [{call: desk}]}]
services: {desk: {max_ongoing_requests: 4, service_time: {distribution: exponential, mean: 1s}}}
stages: [{name: pilot, duration: 4w, exposure: 40%}, {name: all, duration: 4w, exposure: 100%}]
"""


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    file = tmp_path / "desk.yaml"
    file.write_text(DESK, encoding="utf-8")
    return file


def test_the_path_and_the_bottleneck_of_the_last_stage_are_printed(desk: Path) -> None:
    result = invoke("flow", desk, "--replications", 2)
    assert result.exit_code == 0, result.output
    said = " ".join(result.stdout.split())
    assert "help-desk · all, at the peak" in said
    assert "The bottleneck is desk in home" in said
    assert "path of ticket" in said


def test_a_document_has_paths_and_stations(desk: Path) -> None:
    found = json.loads(invoke("flow", desk, "--stage", "pilot", "--replications", 2, "--json").stdout)
    assert (found["stage"], found["replications"], found["window_s"]) == ("pilot", 2, 3600.0)
    assert found["workloads"]["ticket"]["per_s"]["arrived"] == pytest.approx(1.2, rel=0.2)
    assert [station["target"] for station in found["stations"]] == ["desk"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [(("--stage", "none"), "no stage 'none'"), (("--replications", "0"), "--replications")],
)
def test_what_cannot_be_shown_is_said(desk: Path, arguments: tuple[str, ...], message: str) -> None:
    result = invoke("flow", desk, *arguments)
    assert result.exit_code == 2, result.output
    assert message in result.stderr
