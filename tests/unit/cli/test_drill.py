"""`rollout drill` and `rollout cliff` as a user calls them: documents, tables, messages and exit codes."""

import json
from pathlib import Path

import pytest

from tests.unit.invoking import invoke

DESK = """metadata: {name: help-desk}
workloads: [{name: ticket, arrival_rate: 24 rps, steps: [{call: find}]}]
services:
  search: {max_ongoing_requests: 40, service_time: {distribution: gamma, mean: 1s, cv: 0.2}}
routes: {find: {choose: [search], per_try_timeout: 1.6s, num_retries: 3}}
window: {warmup: 1m}
stages: [{name: pilot, duration: 4w, exposure: 10%}, {name: all, duration: 4w, exposure: 100%}]
slos:
  - {name: availability, indicator: availability, objective: ">= 99%"}
incidents:
  - {name: slow, kind: latency, target: search, factor: 2, duration: 2m}
  - {name: lull, kind: surge, factor: 0.5, duration: 2m}
"""


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """A desk whose retries outlive two slow minutes."""
    file = tmp_path / "desk.yaml"
    file.write_text(DESK, encoding="utf-8")
    return file


def test_a_drill_that_does_not_recover_fails(desk: Path) -> None:
    result = invoke("drill", desk, "--runs", 2, "--json", "--incident", "slow")
    assert result.exit_code == 99, result.output
    document = json.loads(result.stdout)
    assert (document["schema"], document["stage"], document["verdict"]) == (1, "all", "FAIL")
    (slow,) = document["drills"]
    assert slow["metastable"] == "yes"
    assert slow["recovery_s"] is None
    assert slow["best_cure"] in {cure["name"] for cure in slow["cures"]}
    assert slow["incidents"][0]["kind"] == "latency"
    n_buckets = (slow["begins_s"] + slow["duration_s"] + slow["watched_s"]) / slow["series"]["bucket_s"]
    assert {len(values) for name, values in slow["series"].items() if name != "bucket_s"} == {
        round(n_buckets)
    }


def test_what_recovers_passes_and_is_a_table(desk: Path) -> None:
    result = invoke(
        "drill", desk, "--runs", 2, "--incident", "lull", "--incident", "slow", "--stage", "pilot"
    )
    assert result.exit_code == 0, result.output
    assert "lull" in result.stdout
    assert "✔ PASS" in result.stdout


def test_cures_can_be_left_out(desk: Path) -> None:
    result = invoke("drill", desk, "--runs", 2, "--incident", "slow", "--no-cures", "--json")
    assert json.loads(result.stdout)["drills"][0]["cures"] == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--incident", "slwo"), "no incident 'slwo'; there are: slow, lull"),
        (("--stage", "none"), "no stage 'none'"),
        (("--set", "incidents=[]"), "no `incidents`"),
        (("--set", "slos=[]"), "no SLO says"),
    ],
)
def test_what_cannot_be_drilled_is_said(desk: Path, arguments: tuple[str, ...], message: str) -> None:
    result = invoke("drill", desk, *arguments)
    assert result.exit_code == 2
    assert message in result.stderr
    assert "Traceback" not in result.stderr


def test_a_cliff_has_a_document_and_a_table(desk: Path) -> None:
    quick = (
        "--runs",
        2,
        "--set",
        "services.search.max_queued_requests=5",
        "--set",
        "routes.find.num_retries=0",
    )
    result = invoke("cliff", desk, *quick, "--json")
    document = json.loads(result.stdout)
    assert document["stage"] == "all"
    assert document["peak_rps"] == pytest.approx(24.0)
    collapse = document["collapse"]["factor"]
    assert collapse["low"] <= collapse["value"]
    assert collapse["value"] == pytest.approx(40.0 / 24.0, rel=0.15), "servers over load: it sheds beyond"
    assert document["bottleneck"] == {"target": "search", "region": "home"}
    assert result.exit_code in (0, 11)
    assert "times the peak" in invoke("cliff", desk, *quick).stdout


def test_an_unknown_stage_has_no_cliff(desk: Path) -> None:
    result = invoke("cliff", desk, "--stage", "none")
    assert (result.exit_code, "no stage 'none'" in result.stderr) == (2, True)
