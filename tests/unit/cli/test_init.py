"""The verb `rollout init`."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from simulator.cli.main import app
from simulator.scenario.read.load import load_scenario


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_nothing_is_asked_with_yes() -> None:
    result = CliRunner().invoke(app, ["init", "--yes"])
    assert result.exit_code == 0, result.output
    assert result.stdout == "support.yaml\nNext: rollout plan support.yaml\n"
    assert CliRunner().invoke(app, ["validate", "support.yaml"]).exit_code == 0
    assert "rollout plan support.yaml" in Path("support.yaml").read_text(encoding="utf-8")


def test_five_questions_are_asked() -> None:
    result = CliRunner().invoke(app, ["init", "mine.yaml"], input="coding\neu\n\ncost\nglobal\n")
    assert result.exit_code == 0, result.output
    scenario = load_scenario(Path("mine.yaml")).scenario
    assert scenario.metadata.name == "coding"
    assert set(scenario.regions) == {"eu-north", "eu-central"}
    assert [slo.name for slo in scenario.slos] == ["availability", "latency", "unit-cost"]


def test_what_is_given_is_not_asked() -> None:
    given = [
        "--use-case",
        "documents",
        "--data",
        "us",
        "--setup",
        "own-gpus",
        "--kpi",
        "quality",
        "--scope",
        "team",
    ]
    result = CliRunner().invoke(app, ["init", *given, "--users", "80", "--name", "contracts"])
    assert result.exit_code == 0, result.output
    scenario = load_scenario(Path("contracts.yaml")).scenario
    assert scenario.workloads[0].users == {"us-east": 80}
    assert scenario.model_list[0].pool is not None


def test_nothing_is_written_over() -> None:
    Path("support.yaml").write_text("mine", encoding="utf-8")
    result = CliRunner().invoke(app, ["init", "--yes"])
    assert result.exit_code == 2
    assert "support.yaml is there already" in result.stderr
    assert Path("support.yaml").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["--use-case", "suport", "--yes"],
            "is none of support, assistant, coding, documents (did you mean `support`?)",
        ),
        (["--name", "My Name", "--yes"], "use small letters, digits and hyphens"),
        ([], "nobody answers"),
    ],
)
def test_mistakes_are_told(arguments: list[str], message: str) -> None:
    result = CliRunner().invoke(app, ["init", *arguments], input="", env={"COLUMNS": "200"})
    assert result.exit_code == 2
    assert message in result.stderr
    assert not list(Path().iterdir())
