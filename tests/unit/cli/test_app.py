"""`rollout app` becomes the server, and says what to do where streamlit is absent."""

import os
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from simulator.app import bundled as shipped
from simulator.app import server
from simulator.cli import app as cli_app
from simulator.cli.main import app


def test_it_runs_the_app_on_the_port_that_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[list[str]] = []
    monkeypatch.setattr(os, "execv", lambda _program, command: started.append(command))
    monkeypatch.setenv(shipped.SCENARIOS, "")
    found = CliRunner().invoke(app, ["app", "--port", "8765", "--scenarios", str(tmp_path)])
    assert found.exit_code == 0, found.output
    [command] = started
    assert command == [sys.executable, "-m", "simulator.app.server", "--server.port", "8765"]
    assert shipped.scenario_folder() == tmp_path


def test_the_server_runs_the_page_beside_its_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[list[str]] = []
    monkeypatch.setattr(server.cli, "main", lambda: started.append(sys.argv))
    monkeypatch.setattr(sys, "argv", ["server", "--server.port", "8765"])
    server.serve()
    [command] = started
    assert command[:2] == ["streamlit", "run"]
    assert command[3:] == ["--server.port", "8765"]
    assert Path(command[2]).is_file()
    assert (Path(command[2]).parent / ".streamlit" / "config.toml").is_file()


def test_without_streamlit_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli_app, "find_spec", lambda _name: None)
    found = CliRunner().invoke(app, ["app"])
    assert found.exit_code == 2
    assert "rollout-simulator[app]" in found.output
