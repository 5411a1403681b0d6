"""The verb `rollout examples`."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from simulator.cli.main import app


def test_it_lists_a_line_each() -> None:
    result = CliRunner().invoke(app, ["examples"], env={"COLUMNS": "160"})
    assert result.exit_code == 0
    [line] = [line for line in result.stdout.splitlines() if line.startswith("cascade ")]
    assert "the large one when the small one is unsure." in line


def test_it_lists_them_for_programs() -> None:
    document = json.loads(CliRunner().invoke(app, ["examples", "--json"]).stdout)
    [found] = [one for one in document["examples"] if one["name"] == "own-gpus"]
    assert found["files"] == ["README.md", "azure_llm_2023_conv.csv.gz"]


def test_a_copy_is_valid_where_it_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(app, ["examples", "copy", "cascade"])
    assert result.exit_code == 0, result.output
    assert result.stdout == "cascade.yaml\n"
    assert CliRunner().invoke(app, ["validate", "cascade.yaml"]).exit_code == 0
    again = CliRunner().invoke(app, ["examples", "copy", "cascade"])
    assert again.exit_code == 2
    assert "cascade.yaml is there already" in again.stderr


def test_an_unknown_name_is_told_with_the_nearest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(app, ["examples", "copy", "reasning"])
    assert result.exit_code == 2
    assert "no example `reasning` (did you mean `reasoning`?)" in result.stderr
    assert not list(tmp_path.iterdir())
