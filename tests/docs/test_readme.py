"""What the README promises: its two commands as they stand, and its scenario runs."""

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from simulator.cli.main import app

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = [
    "python -m pip install -e . && rollout plan scenarios/support-copilot.yaml",
    "python -m pip install -e '.[test]' && pytest",
]


def test_the_two_commands_stand_there_word_for_word() -> None:
    assert re.findall(r"^```sh\n(.*?)\n```$", README, re.MULTILINE | re.DOTALL) == COMMANDS


def test_the_first_command_plans_a_scenario_that_is_there() -> None:
    assert (ROOT / "scenarios" / "support-copilot.yaml").is_file()


def test_the_smallest_scenario_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    [text] = re.findall(r"^```yaml\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    Path("desk.yaml").write_text(text, encoding="utf-8")
    result = CliRunner().invoke(app, ["run", "desk.yaml"])
    assert result.exit_code == 99, result.output
    assert "help-desk" in result.stdout
    [asked] = re.findall(r'--set ([\w.]+="[^"`]+")', README)
    fewer = CliRunner().invoke(app, ["run", "desk.yaml", "--set", asked.replace('"', "")])
    assert fewer.exit_code == 0, fewer.output


@pytest.mark.parametrize("path", sorted((ROOT / "scenarios").rglob("*.yaml")), ids=lambda path: path.name)
def test_every_shipped_scenario_is_valid(path: Path) -> None:
    result = CliRunner().invoke(app, ["validate", str(path)])
    assert result.exit_code == 0, result.stdout
