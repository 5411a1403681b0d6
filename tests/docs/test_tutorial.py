"""The tutorial: its commands run in their order, and what it says of them is so."""

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from simulator.cli.main import app
from tests.docs.snippets import ROOT, blocks, commands

PAGE = ROOT / "docs" / "tutorial.md"
TEXT = PAGE.read_text(encoding="utf-8")
COMMANDS = [command for block in blocks(PAGE, "sh") for command in commands(block)]
SLOW = ("cost", "check", "plan")
FAILS = [command for command in COMMANDS if "p95 < 1s" in " ".join(command)]


def run(command: list[str], *more: str) -> Result:
    return CliRunner().invoke(app, [*command, *more], env={"COLUMNS": "110"})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a reader has followed the tutorial up to the plan."""
    folder = tmp_path_factory.mktemp("tutorial")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        assert run(COMMANDS[0]).exit_code == 0
    return folder


def test_it_begins_with_init_and_ends_with_a_check() -> None:
    assert [command[0] for command in COMMANDS] == [
        "init", "validate", "plan", "plan", "plan", "show", "cost", "plan", "check",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "command",
    [pytest.param(command, marks=pytest.mark.slow if command[0] in SLOW else ()) for command in COMMANDS[1:]],
    ids=lambda command: " ".join(command),
)
def test_a_command_ends_as_it_should(
    command: list[str], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    result = run(command)
    assert result.exit_code == (99 if command in FAILS else 0), result.output
    if "--html" in command:
        assert "<svg" in Path("plan.html").read_text(encoding="utf-8")


@pytest.mark.slow
def test_what_is_said_of_the_plan(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    stages = json.loads(run(COMMANDS[2], "--json").stdout)["stages"]
    assert [stage["decision"] for stage in stages] == ["GO"] * 3
    people = [round(stage["capacity"]["teams.people.staff"]["us-east"]) for stage in stages]
    assert re.search(rf"people: {people[0]}, then {people[1]}, then {people[2]}, who take over", TEXT)
    assert {stage["capacity"]["model_list.model.tpm"]["us-east"] for stage in stages} == {1e6}
    assert stages[1]["order_by"]["teams.people.staff"] == "2026-12-07"
    assert "must be requested by 2026-12-07" in TEXT
    for stage in stages:
        latency = stage["metrics"]["latency_s"]["p95"]
        assert latency["low"] < 6.4 < latency["high"] + 0.3
        assert 1.3 < stage["metrics"]["ttft_s"]["p95"]["value"] < 1.5
    [more] = [command for command in COMMANDS if any("100_000" in word for word in command)]
    last = json.loads(run(more, "--json").stdout)["stages"][-1]["capacity"]
    assert last["model_list.model.tpm"]["us-east"] == 5e6
    assert f"{round(last['teams.people.staff']['us-east'])} people" in TEXT


@pytest.mark.slow
def test_what_is_said_of_costs(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    document = json.loads(run(["cost", "support.yaml", "--draws", "0", "--json"]).stdout)
    assert "about $0.24, compared with $8.01 today" in TEXT
    for each in (document["per_action"], document["per_successful_action"]):
        assert each["value"] == pytest.approx(0.24, abs=0.01)
    assert document["case"]["baseline_per_action"] == 8.01
    models = document["waterfall"][0]
    assert models["part"] == "models"
    assert models["per_action"] < 0.005 * document["per_action"]["value"]
