"""`rollout check` and `rollout compare` as a user calls them: files, reports and exit codes."""

import errno
import json
from pathlib import Path
from xml.etree.ElementTree import fromstring

import pytest

from simulator.results.store.manifest import checksum_of
from tests.unit.invoking import invoke

DESK = """metadata: {name: help-desk}
workloads: [{name: ticket, arrival_rate: 7.2 rps, steps: [{call: desk}]}]
services: {desk: {max_ongoing_requests: 16, service_time: {distribution: exponential, mean: 1s}}}
window: {duration: 5m, warmup: 1m}
stages: [{name: all, duration: 4w, exposure: 100%}]
thresholds:
  latency{region:home}:
    - "p(95) < LIMIT"
"""


@pytest.fixture(autouse=True)
def no_runner(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand on a laptop, wherever the tests run."""
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)


def write(path: Path, limit: str = "60s", mean: str = "1s") -> Path:
    path.write_text(DESK.replace("LIMIT", limit).replace("mean: 1s", f"mean: {mean}"), encoding="utf-8")
    return path


def test_what_holds_passes(tmp_path: Path) -> None:
    result = invoke("check", write(tmp_path / "desk.yaml"), "--budget", 4)
    assert result.exit_code == 0, result.output
    assert "✔ PASS" in result.stdout


def test_what_is_missed_fails_at_its_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = write(tmp_path / "desk.yaml", "1s")
    junit, markdown = tmp_path / "out" / "report.xml", tmp_path / "out" / "summary.md"
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    result = invoke("check", file, "--json", "--junit", junit, "--markdown", markdown)
    assert result.exit_code == 99, result.output
    [scenario] = json.loads(result.stdout)["scenarios"]
    assert (scenario["verdicts"][0]["line"], scenario["verdicts"][0]["verdict"]) == (8, "FAIL")
    assert f"::error file={file},line=8,col=" in result.stderr
    assert fromstring(junit.read_text()).get("failures") == "1"
    assert "1 FAIL" in markdown.read_text()


def test_what_stays_open_is_undecided(tmp_path: Path) -> None:
    file = write(tmp_path / "desk.yaml", "2.9s")
    result = invoke("check", file, "--replications", 4, "--budget", 4, "--set", "window.duration=40s")
    assert result.exit_code == 11, result.output


def test_a_baseline_makes_the_summary_quiet(tmp_path: Path) -> None:
    file, baseline, summary = write(tmp_path / "desk.yaml"), tmp_path / "base.json", tmp_path / "summary.md"
    baseline.write_text(invoke("check", file, "--json").stdout, encoding="utf-8")
    assert invoke("check", file, "--baseline", baseline, "--markdown", summary).exit_code == 0
    assert summary.read_text() == "Nothing changed: 1 PASS.\n"
    baseline.write_text("{}", encoding="utf-8")
    assert invoke("check", file, "--baseline", baseline).exit_code == 2


def test_several_files_and_one_that_is_invalid(tmp_path: Path) -> None:
    good, bad = write(tmp_path / "good.yaml"), write(tmp_path / "bad.yaml")
    bad.write_text(bad.read_text().replace("latency{", "latencey{"), encoding="utf-8")
    result = invoke("check", good, bad)
    assert result.exit_code == 104
    assert "did you mean `latency`?" in result.stderr


def test_nothing_to_hold_a_scenario_to(tmp_path: Path) -> None:
    file = write(tmp_path / "desk.yaml")
    file.write_text(file.read_text().split("thresholds:")[0], encoding="utf-8")
    assert invoke("check", file).exit_code == 2


def test_a_report_that_cannot_be_written_is_told_before_the_work(tmp_path: Path) -> None:
    result = invoke("check", write(tmp_path / "desk.yaml"), "--junit", "/proc/none/report.xml")
    assert result.exit_code == 2
    assert "cannot write" in result.stderr


def test_comparisons_end_with_their_codes(tmp_path: Path) -> None:
    base, head = write(tmp_path / "base.yaml"), write(tmp_path / "head.yaml", "2s", "1.3s")
    summary = tmp_path / "summary.md"
    worse = invoke("compare", base, head, "--fail-on", "regression", "--markdown", summary)
    assert worse.exit_code == 10, worse.output
    assert "A regression" in summary.read_text()
    assert invoke("compare", base, head, "--fail-on", "threshold").exit_code == 99
    assert invoke("compare", base, head, "--fail-on", "nothing").exit_code == 0
    assert invoke("compare", base, base).exit_code == 0
    assert invoke("compare", base, base, "--tolerance", "lots").exit_code == 2


def _signed(manifest: str) -> str:
    """With a checksum that fits."""
    document = json.loads(manifest)
    return json.dumps({**document, "checksum": checksum_of(document)})


def test_a_stored_run_is_a_baseline(tmp_path: Path) -> None:
    base, head = write(tmp_path / "base.yaml"), write(tmp_path / "head.yaml", mean="1.3s")
    assert (
        invoke("run", base, "--stage", "all", "--replications", 4, "--out", tmp_path / "runs").exit_code == 0
    )
    [stored] = [folder for folder in (tmp_path / "runs").iterdir() if len(folder.name) == 64]
    result = invoke("compare", stored, head, "--json")
    assert result.exit_code == 10, result.output
    assert json.loads(result.stdout)["base"]["name"] == stored.name[:12]
    assert invoke("compare", stored, base).exit_code == 0
    honest = (stored / "manifest.json").read_text()
    for forged in (
        honest.replace('"mean": 1.0', '"mean": 9.0'),
        _signed(honest.replace('"mean": 1.0', '"mean": 9.0')),
    ):
        assert forged != honest
        (stored / "manifest.json").write_text(forged)
        refused = invoke("compare", stored, base)
        assert refused.exit_code == 103
        assert "is damaged: its " in refused.stderr
    (stored / "manifest.json").write_text(honest)
    (stored / "summary.json").write_text("{}")
    damaged = invoke("compare", stored, base)
    assert damaged.exit_code == 103
    assert "does not match its checksum" in damaged.stderr


def test_a_stage_that_only_one_of_several_files_has(tmp_path: Path) -> None:
    one, other = write(tmp_path / "one.yaml"), write(tmp_path / "other.yaml")
    other.write_text(other.read_text().replace("name: all", "name: some"), encoding="utf-8")
    result = invoke("check", one, other, "--stage", "all", "--budget", 4, "--json")
    assert [scenario["file"] for scenario in json.loads(result.stdout)["scenarios"]] == [str(one)]
    unknown = invoke("check", one, other, "--stage", "none")
    assert unknown.exit_code == 2
    assert "there are: all, some" in unknown.stderr


def test_no_foreign_text_is_a_command_of_the_ci_system(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    evil = "x\\n::stop-commands::t\\n  ::error file=a::boo\\n##[error]boo\\x1b[31m"
    file = write(tmp_path / "evil.yaml", "1s")
    text = (
        file.read_text()
        .replace("help-desk", f'"{evil}"')
        .replace("name: ticket", "name: '::error file=a::boo'")
    )
    source = f'sources: [{{of: [workloads], source: "{evil}", date: 2026-11-01, grade: assumption}}]\n'
    file.write_text(text + source, encoding="utf-8")
    result = invoke("check", file, "--budget", 2)
    assert result.exit_code in (11, 99)
    lines = [line.strip() for line in (result.stdout + result.stderr).splitlines()]
    commands = [line for line in lines if line.startswith(("::", "##["))]
    assert commands
    assert all(
        line.startswith(("::error file=", "::warning file=")) and str(file) in line for line in commands
    )
    assert not any("\x1b" in line for line in lines)


def test_a_full_disk_leaves_the_report_that_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, report = write(tmp_path / "base.yaml"), tmp_path / "junit.xml"
    report.write_text("old")

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("simulator.results.store.whole_file.os.fsync", full)
    result = invoke("check", file, "--budget", 2, "--junit", report)
    assert result.exit_code not in (0, 99)
    assert "junit.xml" in result.stderr
    assert "No space left on device" in result.stderr
    assert "Traceback" not in result.stderr
    assert report.read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["base.yaml", "junit.xml"]
