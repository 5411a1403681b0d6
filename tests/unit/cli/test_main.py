"""The command line: what it prints where, and the exit code it ends with."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from ruamel.yaml import YAML

from simulator import __version__
from simulator.engine import threads_or_all
from simulator.studies.plan import remedies
from simulator.studies.run import run as run_module
from tests.unit.invoking import invoke

DESK = """
apiVersion: rollout/v1
kind: Scenario
metadata: {name: help-desk}
workloads: [{name: ticket, arrival_rate: 7.2 rps, steps: [{call: desk}]}]
services: {desk: {max_ongoing_requests: 8, service_time: {distribution: exponential, mean: 1s}}}
window: {duration: 5m, warmup: 1m}
slos: [{name: wait, indicator: queue_wait, objective: "p(95) < LIMIT"}]
stages: [{name: all, duration: 4w, exposure: 100%}]
capacity: {knobs: [{path: services.desk.replicas, min: 1, max: 4, lead_time: 2w}]}
"""
HEAVY = {"numba", "numpy", "pandas", "pydantic", "pyarrow", "rich", "scipy", "simpy"}


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    path = tmp_path / "desk.yaml"
    path.write_text(DESK.replace("LIMIT", "60s"), encoding="utf-8")
    return path


def run_process(arguments: Sequence[object], **options: Any) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "simulator.cli.main", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False, **options)


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys, contextlib, io\n"
        "from simulator.cli.main import main\n"
        "sys.argv = ['rollout', '--help']\n"
        "with contextlib.suppress(SystemExit), contextlib.redirect_stdout(io.StringIO()): main()\n"
        f"print(*sorted({HEAVY} & set(sys.modules)))\n"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.split() == []


def test_the_version_is_printed() -> None:
    result = invoke("--version")
    assert (result.exit_code, result.stdout) == (0, f"rollout {__version__}\n")


def test_a_run_prints_tables_and_ends_with_its_verdict(desk: Path) -> None:
    result = invoke("run", desk, "--replications", 2)
    assert result.exit_code == 0, result.output
    assert "help-desk  full exposure" in result.stdout
    assert "✔ PASS" in result.stdout


@pytest.mark.parametrize(("limit", "code"), [("60s", 0), ("1ms", 99)])
def test_the_exit_code_of_a_run_is_its_verdict(desk: Path, limit: str, code: int) -> None:
    asked = f"slos.wait.objective=p(95) < {limit}"
    result = invoke("run", desk, "--replications", 8, "--set", asked, "--json")
    assert result.exit_code == code


def test_an_interval_around_the_limit_is_undecided(desk: Path) -> None:
    first = json.loads(invoke("run", desk, "--replications", 3, "--json").stdout)
    [verdict] = first["verdicts"]
    limit = f"slos.wait.objective=p(95) < {(verdict['low'] + verdict['high']) / 2}s"
    assert invoke("run", desk, "--replications", 3, "--set", limit).exit_code == 11


def test_json_is_one_document_and_nothing_else(desk: Path) -> None:
    result = invoke(
        "run", desk, "--replications", 2, "--seed", 5, "--stage", "all", "--until", "2m", "--json"
    )
    document = json.loads(result.stdout)
    assert (document["seed"], document["replications"], document["stage"]) == (5, 2, "all")
    assert document["window_s"] == 120.0


def test_a_plan_says_what_to_have_and_by_when(desk: Path, tmp_path: Path) -> None:
    limit = "slos.wait.objective=p(95) < 100ms"
    result = invoke("plan", desk, "--set", limit, "--json", "--out", tmp_path / "plans")
    document = json.loads(result.stdout)
    [stage] = document["stages"]
    assert (result.exit_code, document["decision"], stage["decision"]) == (0, "GO", "GO")
    assert stage["capacity"] == {"services.desk.replicas": {"home": 2.0}}
    assert stage["order_by"] == {"services.desk.replicas": "2026-12-21"}
    [kept] = (tmp_path / "plans").iterdir()
    assert json.loads(kept.read_text(encoding="utf-8"))["stages"] == document["stages"]


def test_a_plan_that_no_knob_can_save_is_a_no_go(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remedies, "_N_HALVINGS", 1)  # what would pass lies at a limit, and is not shown
    result = invoke("plan", desk, "--set", "services.desk.service_time.mean=10s")
    assert result.exit_code == 99
    assert "✘ NO-GO" in result.stdout
    assert "wait cannot be met by adding capacity" in " ".join(result.stdout.split())


def test_a_run_is_kept_and_not_simulated_again(desk: Path, tmp_path: Path) -> None:
    command = ("run", desk, "--replications", 2, "--json", "--out", tmp_path / "runs")
    first, second = (json.loads(invoke(*command).stdout) for _ in range(2))
    [folder] = (tmp_path / "runs").iterdir()
    assert second.pop("from_store") == folder.name
    assert second == first
    names = {path.name for path in folder.iterdir()}
    assert names == {"manifest.json", "summary.json", "series.parquet", "ledger.parquet"}


def test_rows_are_kept_on_request(desk: Path, tmp_path: Path) -> None:
    result = invoke("run", desk, "--replications", 2, "--rows", "--out", tmp_path / "runs", "--json")
    [folder] = (tmp_path / "runs").iterdir()
    assert result.exit_code == 0
    assert (folder / "requests.parquet").stat().st_size > 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["run", "nowhere.yaml"], "does not exist"),
        (["run", "{desk}", "--stage", "moon"], "no stage 'moon'; there are: all"),
        (["run", "{desk}", "--rows"], "give --out DIR too"),
        (["run", "{desk}", "--replications", "0"], "--replications"),
        (["run", "{desk}", "--until", "soon"], "`soon` is not a duration such as"),
        (["run", "{desk}", "--until", "-5m"], "`-5m` must be greater than zero"),
        (["run", "{desk}", "--until", ""], "is not a duration"),
        (["run", "{folder}"], "is a directory"),
        (["plan", "{desk}", "--set", "stages=null"], "has no `stages` to plan"),
        (["plan", "{desk}", "--out", "{desk}/x"], "cannot make"),
        (["fly"], "No such command"),
    ],
)
def test_a_wrong_command_line_is_explained(desk: Path, arguments: list[str], message: str) -> None:
    result = invoke(*(argument.format(desk=desk, folder=desk.parent) for argument in arguments))
    assert result.exit_code == 2
    assert message in " ".join(result.stderr.split())
    assert result.stdout == ""


@pytest.mark.parametrize("verb", ["validate", "run", "plan"])
def test_a_file_that_may_not_be_read(desk: Path, monkeypatch: pytest.MonkeyPatch, verb: str) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: not (mode & os.R_OK and Path(path) == desk))
    result = invoke(verb, desk)
    assert result.exit_code == 2
    assert "is not readable" in " ".join(result.stderr.split())


def test_a_folder_that_may_not_be_written(
    desk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: not (mode & os.W_OK and Path(path) == tmp_path))
    result = invoke("run", desk, "--out", tmp_path)
    assert result.exit_code == 2
    assert f"{tmp_path} cannot be written" in " ".join(result.stderr.split()).replace("\n", "")


@pytest.mark.parametrize("verb", ["run", "plan", "show"])
def test_an_invalid_scenario_is_explained_with_its_line(desk: Path, verb: str) -> None:
    desk.write_text(desk.read_text(encoding="utf-8").replace("arrival_rate", "arival_rate"), encoding="utf-8")
    result = invoke(verb, desk)
    assert result.exit_code == 104
    assert f"{desk}:5:" in result.stderr
    assert "did you mean `arrival_rate`?" in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("window.duration=soon", "--set: window.duration: `soon` is not a duration such as"),
        ("workloads.tickt.arrival_rate=1", "no item `tickt` (did you mean `ticket`?)"),
        ("servces.desk.replicas=2", "unknown key `servces` (did you mean `services`?)"),
        ("window", "`window` is not of the form path=value"),
    ],
)
def test_an_override_that_does_not_fit_is_an_invalid_scenario(
    desk: Path, override: str, message: str
) -> None:
    result = invoke("run", desk, "--set", override)
    assert result.exit_code == 104
    assert message in result.stderr


BAD_FILES = [
    (b"", "1:1: the file is empty"),
    (b"just words", "1:1: a scenario is a map of keys"),
    (b"metadata: {name: caf\xe9}", "1:21: not UTF-8 text"),
    (b"a: [1, 2", "1:9: not valid YAML"),
    (b"a: &a [x]\nb: *a\n", "1:4: a: anchors and aliases are not allowed"),
    (b"extends: bad.yaml\n", "1:1: extends: `extends` goes in a circle"),
    (b"#" * (50 << 20), "the file has 52,428,800 bytes"),
    (
        DESK.replace("mean: 1s", "mean: 1 parsec").encode(),
        "services.desk.service_time.mean: `1 parsec` is not",
    ),
    (
        DESK.replace("7.2 rps", "-7.2 rps").encode(),
        "workloads.ticket.arrival_rate: must be at least 0, not -7.2",
    ),
    (DESK.replace("call: desk", "generate: gpt").encode(), "no model or route `gpt`"),
    (
        DESK.replace("arrival_rate: 7.2 rps", "trace: {file: x.csv, time: t, replay: arrivals}").encode(),
        "no file `x.csv`",
    ),
]


@pytest.mark.parametrize("verb", ["validate", "run", "plan"])
@pytest.mark.parametrize(("content", "message"), BAD_FILES, ids=[message[:30] for _, message in BAD_FILES])
def test_a_bad_file_gets_a_message_and_no_traceback(
    tmp_path: Path, verb: str, content: bytes, message: str
) -> None:
    path = tmp_path / "bad.yaml"
    path.write_bytes(content.replace(b"LIMIT", b"1s"))
    result = invoke(verb, path)
    assert result.exit_code == 104
    assert message in result.output
    assert "bad.yaml:" in result.output
    assert "Traceback" not in result.output


def test_a_trace_with_a_mistake_is_told_before_anything_is_simulated(desk: Path) -> None:
    desk.with_name("log.csv").write_text("ts\n1\n2\n", encoding="utf-8")
    override = "workloads.ticket.trace={file: log.csv, time: time, replay: arrivals}"
    result = invoke("run", desk, "--set", "workloads.ticket.arrival_rate=null", "--set", override)
    assert result.exit_code == 104
    assert result.stderr == "--set: workloads.ticket.trace: log.csv: no column 'time'; the columns are ts\n"


@pytest.mark.parametrize("verb", ["run", "plan"])
def test_too_much_load_is_simulated_and_told(desk: Path, verb: str) -> None:
    more = ("--set", "workloads.ticket.arrival_rate=12 rps", "--set", "capacity=null")
    result = invoke(verb, desk, *more, "--json")
    document = json.loads(result.stdout)
    [warning] = document["warnings"] if verb == "run" else document["stages"][0]["warnings"]
    assert result.exit_code == 99
    assert re.fullmatch(
        r"desk in home is offered 1[12]\.\d* servers' worth of work, (4|5)\d% more than its 8", warning
    )


def test_every_file_is_validated(desk: Path) -> None:
    wrong = desk.with_name("wrong.yaml")
    wrong.write_text("kind: Scenario\n", encoding="utf-8")
    result = invoke("validate", wrong, desk)
    assert result.exit_code == 104
    assert f"{wrong}:1:1: metadata" in result.stdout
    assert f"{desk}: valid" in result.stdout
    assert invoke("validate", desk).exit_code == 0


def test_the_schema_is_one_that_scenarios_meet() -> None:
    result = invoke("schema")
    schema = json.loads(result.stdout)
    jsonschema.Draft7Validator.check_schema(schema)
    jsonschema.validate(YAML(typ="safe").load(DESK.replace("LIMIT", "1s")), schema)


def test_the_schema_is_the_committed_one_to_the_letter() -> None:
    committed = Path(__file__).parents[3] / "docs" / "scenario.schema.json"
    assert invoke("schema").stdout == committed.read_text(encoding="utf-8")


def test_values_and_their_origin_are_shown(desk: Path) -> None:
    lines = invoke("show", desk, "--origin", "--resolved", "--set", "window.duration=2h").stdout.splitlines()
    origins = {value.strip(): origin for value, origin in (line.split("  # ") for line in lines)}
    assert origins["window.duration=7200.0"] == "--set"
    assert origins["workloads.ticket.arrival_rate=7.2"] == f"{desk}:5"
    assert origins["services.desk.replicas=1"] == "default"
    assert origins["slos.wait.objective=p(95) < 60s"] == f"{desk}:8"


@pytest.mark.parametrize("debug", ["", "1"])
def test_an_error_of_the_simulator_is_one_message(
    desk: Path, monkeypatch: pytest.MonkeyPatch, debug: str
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("the cat sat on the keyboard")

    monkeypatch.setattr(run_module, "run_window", fail)
    monkeypatch.setenv("ROLLOUT_DEBUG", debug)
    result = invoke("run", desk)
    assert result.exit_code == 103
    assert "error of the simulator: RuntimeError: the cat sat on the keyboard" in result.stderr
    assert ("Traceback" in result.stderr) == bool(debug)
    assert result.stdout == ""


def test_a_reader_that_has_had_enough_changes_nothing(desk: Path) -> None:
    command = f"'{sys.executable}' -m simulator.cli.main show '{desk}' --resolved | head -n 1"
    found = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command], capture_output=True, text=True, check=False, timeout=60
    )
    assert (found.returncode, found.stdout, found.stderr) == (0, "apiVersion=rollout/v1\n", "")


def test_a_terminal_without_unicode_gets_ascii(desk: Path) -> None:
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    found = run_process(["run", desk, "--replications", 2], env=environment)
    assert found.returncode == 0, found.stderr
    assert "+ PASS" in found.stdout


def test_threads_are_counted_where_cores_cannot_be_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    assert threads_or_all(None) == os.cpu_count()
    assert threads_or_all(3) == 3


_TALKATIVE = """
from simulator.cli import progress
from simulator.cli.main import main
progress._LINE_EVERY_S = 0.1
main()
"""


def _interrupted(
    arguments: Sequence[object], sent: signal.Signals, at_percent: int = 0
) -> tuple[int, str, str, float]:
    """Start the command, interrupt it when it has come so far; exit code, both outputs, and seconds to the end."""
    command = [sys.executable, "-c", _TALKATIVE, *map(str, arguments)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        percent = -1
        while percent < at_percent:  # a line of progress has a percentage
            line = process.stderr.readline()
            assert line, "ended before it could be interrupted"
            found = re.search(r"\((\d+)%\)", line)
            percent = percent if found is None else int(found[1])
        time.sleep(0.5)
        begin = time.perf_counter()
        process.send_signal(sent)
        stdout, stderr = process.communicate(timeout=60)
        return process.returncode, stdout, stderr, time.perf_counter() - begin


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_ends_a_long_run_at_once(desk: Path, sent: signal.Signals) -> None:
    code, stdout, stderr, waited_s = _interrupted(["run", desk, "--until", "200d", "--replications", 2], sent)
    assert (code, stdout) == (105, "")
    assert "interrupted" in stderr
    assert "Traceback" not in stderr
    assert waited_s < 20.0  # of minutes that it would take


def test_what_an_interrupted_run_has_finished_is_printed_and_kept(desk: Path, tmp_path: Path) -> None:
    arguments = ["run", desk, "--replications", 1000, "--until", "6h", "--json", "--out", tmp_path / "runs"]
    code, stdout, _, _ = _interrupted(arguments, signal.SIGINT, at_percent=1)
    document = json.loads(stdout)
    assert code == 105
    assert document["interrupted"]
    assert 0 < document["replications"] < 1000
    assert len([path for path in (tmp_path / "runs").iterdir() if not path.name.startswith(".")]) == 1
