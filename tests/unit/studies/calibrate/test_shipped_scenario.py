"""A log goes into the bundled scenario, whose lengths come from a trace and whose sources name it."""

from pathlib import Path

import numpy as np

import simulator
from simulator.scenario.read.load import load_scenario

SHIPPED = Path(__file__).parents[4] / "scenarios" / "support-copilot.yaml"


def _log(folder: Path, n: int) -> Path:
    generator = np.random.default_rng(1)
    times_s = np.cumsum(generator.exponential(20.0, n))
    rows = [
        f"2027-01-04 {9 + int(time_s // 3600):02}:{int(time_s // 60) % 60:02}:{time_s % 60:06.3f},{prompt},{answer}"
        for time_s, prompt, answer in zip(
            times_s, generator.integers(1_600, 4_000, n), generator.integers(50, 400, n), strict=True
        )
    ]
    file = folder / "log.csv"
    file.write_text("\n".join(["TIMESTAMP,ContextTokens,GeneratedTokens", *rows]) + "\n", encoding="utf-8")
    return file


def test_sources_of_what_is_replaced_go_with_it() -> None:
    before = load_scenario(SHIPPED).scenario
    assert before.workloads[0].trace is not None
    assert any("workloads.*.trace" in str(one.of) for one in before.sources)


def test_lengths_of_a_log_take_the_place_of_the_trace(tmp_path: Path) -> None:
    found = simulator.load(SHIPPED).calibrate(logs=[_log(tmp_path, 400)], dry_run=True)
    assert '-  - {of: "workloads.*.trace"' in found.diff
    assert "workloads.answer-ticket.actions_per_user" in {change.path for change in found.changes}
    assert not found.written


def test_prompts_shorter_than_what_is_added_are_reported(tmp_path: Path) -> None:
    """`vector-search` adds 1,500 tokens to each."""
    log = _log(tmp_path, 400)
    short = tmp_path / "short.csv"
    short.write_text(log.read_text().replace(",3", ",1").replace(",2", ",1"), encoding="utf-8")
    plain, found = (
        simulator.load(SHIPPED).calibrate(logs=[of], dry_run=True).warnings for of in (log, short)
    )
    assert not [line for line in plain if "1,500 tokens" in line]
    assert [line for line in found if "1,500 tokens" in line]


def test_a_handful_of_requests_says_nothing_of_demand(tmp_path: Path) -> None:
    found = simulator.load(SHIPPED).calibrate(logs=[_log(tmp_path, 12)], dry_run=True)
    assert found.changes == ()
    assert "12 actions are too few: its demand" in {kept.why for kept in found.kept}
