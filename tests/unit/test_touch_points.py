"""What a new command, metric, dimension, routing policy or incident kind costs: each is made in a copy of the package.

The numbers of files are those that `docs/architecture.md` states. A copy runs without the compiler: same bits, sooner.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
DESK = """
metadata: {name: desk}
workloads:
  - {name: ticket, arrival_rate: 2 rps, steps: [{call: desk}]}
services:
  desk: {max_ongoing_requests: 4, service_time: {distribution: exponential, mean: 1s}}
window: {duration: 1m, warmup: 10s}
"""
Edits = Mapping[
    str, Sequence[tuple[str, str]]
]  # of each file: what stands there, and what stands there afterwards


@dataclass(frozen=True)
class Copy:
    """A copy of the package with something new in it."""

    folder: Path
    n_files: int

    def rollout(self, *arguments: str) -> str:
        """What the command prints."""
        return self.python("-m", "simulator.cli.main", *arguments)

    def python(self, *arguments: str) -> str:
        """What Python prints."""
        environment = os.environ | {"PYTHONPATH": str(self.folder), "NUMBA_DISABLE_JIT": "1"}
        command = [sys.executable, *arguments]
        found = subprocess.run(
            command,
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert found.returncode == 0, found.stderr
        return found.stdout


def copy_with(folder: Path, edits: Edits, files: Mapping[str, str] | None = None) -> Copy:
    """Copy the package, change files, and add some; a folder that is added counts once."""
    shutil.copytree(ROOT / "simulator", folder / "simulator", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "desk.yaml").write_text(DESK, encoding="utf-8")
    for name, changes in edits.items():
        path = folder / "simulator" / name
        text = path.read_text(encoding="utf-8")
        for old, new in changes:
            assert text.count(old) == 1, f"{name} has {old!r} {text.count(old)} times"
            text = text.replace(old, new)
        path.write_text(text, encoding="utf-8")
    for name, text in (files or {}).items():
        path = folder / "simulator" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return Copy(folder, len(edits) + len({Path(name).parent for name in files or {}}))


def stated(what: str) -> int:
    """Files that a new one touches, as the architecture page says."""
    found = re.search(rf"^\| {what} \| (\d+) ", PAGE, re.MULTILINE)
    assert found, f"docs/architecture.md does not say what {what} costs"
    return int(found[1])


def test_a_command_is_a_folder_and_a_line(tmp_path: Path) -> None:
    study = '''"""How many workloads are there?"""
from dataclasses import dataclass
from typing import Annotated, ClassVar

from simulator.studies.base import Option, Study


@dataclass(frozen=True, kw_only=True)
class CountStudy(Study["CountReport"]):
    """Count the workloads."""

    verb: ClassVar[str] = "count"
    times: Annotated[int, Option("How often each is counted.", metavar="N", min=1)] = 1

    def run(self, loaded, runner):
        from simulator.studies.count.report import CountReport
        from simulator.studies.report import about

        return CountReport(**about(loaded.scenario), found=self.times * len(loaded.scenario.workloads))
'''
    report = '''"""What was counted."""
from typing import ClassVar

from simulator.studies.report import ScenarioReport


class CountReport(ScenarioReport):
    """A number."""

    view: ClassVar[str] = "simulator.studies.count.view"
    found: int
'''
    view = '''"""The number as a table."""
from simulator.render.sections import Quantity, Row, Table


def sections(report):
    return [Table(["found"], [[Row("workloads", [Quantity(report.found, "count")])]], "what")]
'''
    made = copy_with(
        tmp_path,
        {
            "studies/registry.py": [
                ("STUDIES = {\n", 'STUDIES = {\n    "count": "simulator.studies.count.study:CountStudy",\n')
            ]
        },
        {
            "studies/count/__init__.py": "",
            "studies/count/study.py": study,
            "studies/count/report.py": report,
            "studies/count/view.py": view,
        },
    )
    assert made.n_files <= stated("command")
    assert json.loads(made.rollout("count", "desk.yaml", "--times", "3", "--json"))["found"] == 3
    assert "workloads" in made.rollout("count", "desk.yaml", "--html", "count.html")
    assert "workloads" in (tmp_path / "count.html").read_text(encoding="utf-8")
    code = "import simulator; print(simulator.load('desk.yaml').count(times=2).found)"
    assert made.python("-c", code) == "2\n"


def test_a_metric_is_declared_once(tmp_path: Path) -> None:
    declared = """    degraded_rate: Annotated[
        Estimate | None,
        Definition(
            "share",
            "Actions that were answered in a lesser way.",
            of_actions(CountColumn.DEGRADED, is_of_trials=True),
            better="low",
        ),
    ]
    rejected_rate: Annotated["""
    made = copy_with(tmp_path, {"metrics/actions.py": [("    rejected_rate: Annotated[", declared)]})
    assert made.n_files <= stated("metric")
    threshold = 'thresholds={"degraded_rate{workload:ticket}": ["<= 50%"]}'
    document = json.loads(made.rollout("run", "desk.yaml", "--replications", "2", "--json"))
    assert document["metrics"]["degraded_rate"]["value"] == 0.0
    assert document["by"]["workload"]["ticket"]["metrics"]["degraded_rate"]["value"] == 0.0
    assert "degraded" in made.rollout(
        "check", "desk.yaml", "--replications", "2", "--budget", "2", "--set", threshold
    )
