"""What a new command, metric, dimension, routing policy or incident kind costs: each is made in a copy of the package.

The numbers of files are those that `docs/architecture.md` states. A copy runs without the compiler: same bits, sooner for
the few actions of these scenarios.
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

import pytest

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
ASK = """
import json, sys
from typer.testing import CliRunner
import pytest

from simulator.cli.main import app
answers = [CliRunner().invoke(app, arguments) for arguments in json.load(sys.stdin)]
for answer in answers:
    assert answer.exit_code == 0, answer.output
json.dump([answer.stdout for answer in answers], sys.stdout)
"""
RUN = ("run", "desk.yaml", "--replications", "2", "--json")
CHECK = ("check", "desk.yaml", "--replications", "2", "--budget", "2")
Edits = Mapping[
    str, Sequence[tuple[str, str]]
]  # of each file: what stands there, and what stands there afterwards


@dataclass(frozen=True)
class Copy:
    """A copy of the package with something new in it."""

    folder: Path
    n_files: int

    def rollout(self, *commands: Sequence[str]) -> list[str]:
        """What each command prints, one after another in one process."""
        answers: list[str] = json.loads(self.python(ASK, json.dumps(commands)))
        return answers

    def python(self, code: str, given: str = "") -> str:
        """What Python prints."""
        environment = os.environ | {"PYTHONPATH": str(self.folder), "NUMBA_DISABLE_JIT": "1"}
        found = subprocess.run(
            [sys.executable, "-c", code],
            cwd=self.folder,
            input=given,
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
    as_json, as_text = made.rollout(
        ["count", "desk.yaml", "--times", "3", "--json"], ["count", "desk.yaml", "--html", "count.html"]
    )
    assert json.loads(as_json)["found"] == 3
    assert "workloads" in as_text
    assert "workloads" in (tmp_path / "count.html").read_text(encoding="utf-8")
    code = "import simulator; print(simulator.load('desk.yaml').count(times=2).found)"
    assert made.python(code) == "2\n"


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
    ran, checked = made.rollout(RUN, [*CHECK, "--set", threshold])
    document = json.loads(ran)
    assert document["metrics"]["degraded_rate"]["value"] == 0.0
    assert document["by"]["workload"]["ticket"]["metrics"]["degraded_rate"]["value"] == 0.0
    assert "degraded" in checked


@pytest.mark.slow
def test_a_kind_of_incident_is_a_class_and_a_line(tmp_path: Path) -> None:
    brownout = '''class Brownout(Lasting):
    """A service is slow, and fails now and then."""

    targets = ("service",)

    kind: Literal["brownout"]
    target: str
    factor: float = Field(gt=1)
    share: Share = Field(gt=0)

    def effects(self, places: Places) -> Iterator[Effect]:
        """Slower, and a share of the attempts fails."""
        yield from at_stations(places, self.target, None, Aspect.SLOWNESS, self.factor)
        yield from at_stations(places, self.target, None, Aspect.ERROR, self.share)


class ErrorBurst(Lasting):
'''
    made = copy_with(
        tmp_path,
        {
            "mechanisms/incidents/trouble.py": [("class ErrorBurst(Lasting):\n", brownout)],
            "mechanisms/incidents/config.py": [
                ("incidents.trouble import ", "incidents.trouble import Brownout, "),
                ("    | Drift,\n", "    | Drift\n    | Brownout,\n"),
            ],
        },
    )
    assert made.n_files <= stated("kind of incident")
    values = (
        "incidents=[{name: brown, kind: brownout, target: desk, factor: 2, share: 30%, duration: 10m}]",
        'slos=[{name: availability, indicator: availability, objective: ">= 99%"}]',
        "workloads.ticket.arrival_rate=0.1 rps",  # the drill watches three quarters of an hour, in plain Python
    )
    settings = [word for value in values for word in ("--set", value)]
    [drilled] = made.rollout(["drill", "desk.yaml", *settings, "--runs", "2", "--no-cures", "--json"])
    [drill] = json.loads(drilled)["drills"]
    assert drill["incidents"][0]["kind"] == "brownout"
    assert drill["error_rate"]["difference"]["value"] > 0.1
    assert drill["latency_p95_s"] is None, "three in ten get no answer, which is slower than any"
    assert drill["answered_in_time"]["difference"]["value"] < -0.1


@pytest.mark.slow
def test_a_routing_policy_is_a_word_a_code_and_a_branch(tmp_path: Path) -> None:
    branch = """    if strategy == Strategy.FIRST_OPEN:
        return _tier_from(route, candidates, 0)
    if strategy == Strategy.CASCADE:
"""
    made = copy_with(
        tmp_path,
        {
            "mechanisms/routes/config.py": [
                ('    "least-busy",\n', '    "least-busy",\n    "first-open",\n')
            ],
            "mechanisms/routes/codes.py": [
                ("    COMPLEXITY = 7\n", "    COMPLEXITY = 7\n    FIRST_OPEN = 8\n")
            ],
            "mechanisms/routes/kernel/choosing.py": [("    if strategy == Strategy.CASCADE:\n", branch)],
        },
    )
    assert made.n_files <= stated("stateless routing policy")
    routed = DESK.replace("[{call: desk}]", "[{call: any}]").replace(
        "services:\n", "services:\n  spare: {service_time: {distribution: constant, value: 1s}}\n"
    )
    routed += "routes: {any: {choose: [desk, spare], routing_strategy: first-open}}\n"
    (tmp_path / "routed.yaml").write_text(routed, encoding="utf-8")
    [ran] = made.rollout(["run", "routed.yaml", *RUN[2:]])
    targets = json.loads(ran)["by"]["target"]
    asked = {name: target["requests_per_minute"]["value"] for name, target in targets.items()}
    assert asked["spare"] == 0.0 < asked["desk"], "while it is open, the first is asked"


@pytest.mark.slow
def test_a_dimension_is_declared_once_and_set_once(tmp_path: Path) -> None:
    made = copy_with(
        tmp_path,
        {
            "metrics/dimensions.py": [
                (
                    "RELEASE = Dimension(",
                    'PRIORITY = Dimension("priority", "Interactive or batch.")\nRELEASE = Dimension(',
                ),
                ("OF_ACTIONS = (WORKLOAD, REGION,", "OF_ACTIONS = (WORKLOAD, PRIORITY, REGION,"),
                (
                    "    complexity: str | None = None\n",
                    "    complexity: str | None = None\n    priority: str | None = None\n",
                ),
                (
                    "    complexity: Mapping[str, T]\n",
                    "    complexity: Mapping[str, T]\n    priority: Mapping[str, T]\n",
                ),
            ],
            "compiler/streams.py": [
                (
                    "    complexity: str = UNNAMED\n",
                    "    complexity: str = UNNAMED\n    priority: str = UNNAMED\n",
                ),
                (
                    "_replace(language=language, complexity=complexity)",
                    "_replace(language=language, complexity=complexity, priority=urgent[stream.workload])",
                ),
                (
                    "    told_apart = [\n",
                    "    urgent = {one.name: one.priority for one in scenario.workloads}\n    told_apart = [\n",
                ),
            ],
            "scenario/check/rollout/thresholds.py": [
                (
                    "        COMPLEXITY.name:",
                    '        "priority": ["interactive", "batch"],\n        COMPLEXITY.name:',
                )
            ],
            "studies/common/verdicts/criterion_record.py": [
                (
                    "    complexity: str | None = None\n",
                    "    complexity: str | None = None\n    priority: str | None = None\n",
                )
            ],
        },
    )
    assert made.n_files <= stated("dimension of results")
    threshold = 'thresholds={"availability{priority:interactive}": [">= 50%"]}'
    ran, checked = made.rollout(RUN, [*CHECK, "--set", threshold])
    assert json.loads(ran)["by"]["priority"]["interactive"]["metrics"]["availability"]["value"] == 1.0
    assert "interactive" in checked
