"""The script behind the GitHub Action and the GitLab job, in a repository of its own."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "scripts" / "action"
DESK = """metadata: {name: help-desk}
workloads: [{name: ticket, arrival_rate: 7.2 rps, steps: [{call: desk}]}]
services: {desk: {max_ongoing_requests: 16, service_time: {distribution: exponential, mean: MEAN}}}
window: {duration: 2m, warmup: 20s}
slos: [{name: latency, indicator: latency, objective: "p(95) < 60s"}]
"""

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="needs git")


def git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=a", "-c", "user.email=a@example.com"]
    command = ["git", *identity, *arguments]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Return a repository whose head made the service slower."""
    folder = tmp_path / "team"
    folder.mkdir()
    git(folder, "init", "--quiet", "--initial-branch=main")
    file = folder / "desk.yaml"
    for mean in ("1s", "1.2s"):
        file.write_text(DESK.replace("MEAN", mean), encoding="utf-8")
        git(folder, "add", ".")
        git(folder, "commit", "--quiet", "-m", f"mean {mean}")
    return folder


def run(folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    bin_folder = folder.parent / "bin"
    bin_folder.mkdir(exist_ok=True)
    command = bin_folder / "rollout"
    command.write_text(f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" -m simulator.cli.main "$@"\n')
    command.chmod(0o755)
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("GITHUB_")}
    environment = {
        **inherited,
        "PATH": f"{bin_folder}{os.pathsep}{os.environ['PATH']}",
        "BUDGET": "8",
        **variables,
    }
    return subprocess.run(
        [str(SCRIPT)], cwd=folder, env=environment, capture_output=True, text=True, timeout=300, check=False
    )


def test_a_regression_against_the_base(repository: Path) -> None:
    summary, output = repository / "step.md", repository / "output"
    done = run(
        repository,
        SCENARIOS="*.yaml",
        BASE=git(repository, "rev-parse", "HEAD~1"),
        GITHUB_ACTIONS="true",
        GITHUB_STEP_SUMMARY=str(summary),
        GITHUB_OUTPUT=str(output),
    )
    assert done.returncode == 10, done.stderr
    assert output.read_text() == "exit-code=10\n"
    assert "## help-desk: ❌ FAIL" in summary.read_text()
    assert summary.read_text() == (repository / "rollout-summary.md").read_text()
    assert "<testsuites" in (repository / "rollout-report.xml").read_text()
    assert git(repository, "worktree", "list").count("\n") == 0  # the base's checkout is gone


@pytest.mark.slow
def test_a_new_scenario_has_nothing_to_compare_with(repository: Path) -> None:
    (repository / "desk.yaml").rename(repository / "new.yaml")
    git(repository, "add", ".")
    done = run(repository, SCENARIOS="new.yaml", BASE="HEAD")
    assert done.returncode == 0, done.stderr
    assert "new.yaml is new" in (repository / "rollout-summary.md").read_text()


@pytest.mark.slow
def test_no_such_file_and_no_such_base(repository: Path) -> None:
    assert run(repository, SCENARIOS="none/*.yaml").returncode == 2
    missing = run(repository, SCENARIOS="desk.yaml", BASE="0123456789abcdef")
    assert missing.returncode == 2
    assert "fetch-depth: 0" in missing.stderr


def test_inputs_of_the_action_reach_the_script() -> None:
    action = YAML(typ="safe").load((ROOT / "action.yml").read_text(encoding="utf-8"))
    step = action["runs"]["steps"][-1]
    used = {value.split("inputs.")[1].rstrip(" }") for value in step["env"].values()}
    assert used == set(action["inputs"]) - {"python-version"}
    script = SCRIPT.read_text(encoding="utf-8")
    assert [name for name in step["env"] if f"${{{name}" not in script and f"${name}" not in script] == []
    assert "${{" not in step["run"]
