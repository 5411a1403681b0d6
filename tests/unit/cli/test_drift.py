"""`rollout drift` as a user calls it: document, table and messages."""

import json
from pathlib import Path

import pytest

from tests.unit.invoking import invoke
from tests.unit.studies.reviewed import REVIEWED

STAGES = "stages: [{name: pilot, duration: 4w, exposure: 40%}, {name: all, duration: 4w, exposure: 100%}]"
FEWER = ("--set", "workloads.ticket.arrival_rate=0.01 rps")


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """A desk of which reviewers see one answer in fifty."""
    file = tmp_path / "desk.yaml"
    file.write_text(REVIEWED + STAGES, encoding="utf-8")
    return file


def test_a_document_has_a_row_per_sampling_rate(desk: Path) -> None:
    result = invoke("drift", desk, "--json", "--false-alarm-every", "13w")
    assert result.exit_code == 0, result.output
    document = json.loads(result.stdout)
    assert (document["schema"], document["stage"]) == (1, "all")
    (ticket,) = document["workloads"]
    assert ticket["answers_per_week"] == pytest.approx(0.05 * 7 * 86_400, rel=0.1)
    assert ticket["success_per_week"] == -0.01
    assert ticket["wrong"]["low"] < 0.10 < ticket["wrong"]["high"]
    assert ticket["cost_per_review"] == pytest.approx(1.5)
    samples = [one["sample"] for one in ticket["sampling"]]
    assert samples == [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5]
    seen = [one["seen_after_s"]["value"] for one in ticket["sampling"]]
    assert seen == sorted(seen, reverse=True)
    assert all(one["false_alarm_every_s"] >= 13 * 7 * 86_400 for one in ticket["sampling"])


def test_the_table_names_the_rate_of_the_scenario_and_its_stage(desk: Path) -> None:
    result = invoke("drift", desk, "--stage", "pilot", "--per-week", "3%")
    assert result.exit_code == 0, result.output
    assert "success falls by 3 % a week" in " ".join(result.stdout.split())
    assert "2 % (now)" in result.stdout
    assert "pilot" in result.stdout


def test_the_drift_of_the_scenario_is_taken(desk: Path) -> None:
    drifts = "incidents=[{name: stale, kind: drift, workload: ticket, success_per_week: -0.4%}]"
    document = json.loads(invoke("drift", desk, "--json", *FEWER, "--set", drifts).stdout)
    assert document["workloads"][0]["success_per_week"] == pytest.approx(-0.004)


def test_no_sample_is_told(desk: Path) -> None:
    result = invoke(
        "drift",
        desk,
        *FEWER,
        "--set",
        "workloads.ticket.steps.1.review={team: agents, when: [exhausted]}",
        "--set",
        "model_list.small.error_rate=1%",
    )
    assert "no answer is sampled" in " ".join(result.stdout.split()), result.output


def test_too_few_people_are_told(desk: Path) -> None:
    """Half of some 30,000 answers a week for three minutes each: 750 hours, of which one person has 168."""
    result = invoke(
        "drift", desk, "--set", "workloads.ticket.steps.1.review.sample=50%", "--set", "teams.agents.staff=1"
    )
    said = " ".join(result.stdout.split())
    assert "ticket: agents have time to review 11" in said, result.output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--stage", "none"), "no stage 'none'"),
        (("--per-week", "abc"), "`abc` is not a share"),
        (("--per-week", "0%"), "must be above 0"),
        (("--set", "model_list.small.success_rate=0%"), "every answer of ticket is wrong"),
        (("--false-alarm-every", "1z"), "--false-alarm-every"),
        (
            ("--set", "workloads.ticket.steps=[{generate: small}]", "--set", "teams={}"),
            "no workload has a `review`",
        ),
    ],
)
def test_what_cannot_be_studied_is_said(desk: Path, arguments: tuple[str, ...], message: str) -> None:
    result = invoke("drift", desk, *arguments)
    assert result.exit_code == 2, result.output
    assert message in result.stderr
    assert "Traceback" not in result.stderr
