"""What `rollout plan` prints: everything that matters is there, and nothing is cut off at any width."""

import io
import re
from collections import Counter
from typing import Any

import pytest
from rich.console import Console

from simulator.app.bundled import bundled_plan
from simulator.render.numbers import NOTHING
from simulator.render.terminal import terminal
from simulator.studies.plan.report import PlanReport
from tests.unit.studies.plan.reports import interval, metrics, plan_report, stage_plan, verdict

WIDTHS = [40, 60, 80, 100, 120, 200]
_HALF_WIDTH = re.compile(r"± [\d,.]+")


def printed(report: PlanReport, width: int, **options: Any) -> str:
    console = Console(file=io.StringIO(), width=width, legacy_windows=False, **options)
    console.print(terminal(report.sections(), width))
    return str(console.file.getvalue())  # type: ignore[attr-defined]


def _rows(report: PlanReport) -> dict[str, list[str]]:
    """Cells by label of what is printed on a wide terminal."""
    lines = [re.split(r"\s{2,}", line.strip()) for line in printed(report, 300).splitlines()]
    return {label: cells for label, *cells in lines}


@pytest.mark.parametrize("width", WIDTHS)
def test_a_plan_fits_the_terminal(width: int) -> None:
    text = printed(plan_report(), width)
    assert max(len(line) for line in text.splitlines()) <= width
    assert "…" not in text


@pytest.mark.parametrize("width", WIDTHS)
def test_a_plan_says_everything_at_every_width(width: int) -> None:
    text = printed(plan_report(), width)
    wanted = ["pilot", "two-regions", "2027-01-18", "400,000", "first-token", "$0.240"]
    wanted += [
        "✔ GO",
        "✘ NO-GO",
        "? UNDECIDED",
        "✘ FAIL",
        "99.95 %",
        "p99 latency",
        "cost per month",
        "seed 7",
        "genai-prices",
    ]
    assert [word for word in wanted if word not in text] == []


def test_no_interval_is_cut_on_a_narrow_terminal() -> None:
    """Lines are folded, but no figure is cut: half a half-width is another one."""
    wide, narrow = (Counter(_HALF_WIDTH.findall(printed(bundled_plan(), width))) for width in (250, 80))
    assert wide.total() > 50
    assert narrow == wide


def test_a_mix_says_what_else_could_be_bought() -> None:
    rows = _rows(plan_report())
    assert rows["all on own"][1] == "$8,147"
    assert rows["all by use"][1] == "($14,808)"  # in brackets: it misses an objective
    assert "a cost in brackets" in printed(plan_report(), 200)
    assert "all on own" not in printed(plan_report(stage_plan(alternatives=())), 200)


def test_what_limits_a_stage_has_rows_of_its_own() -> None:
    lost = stage_plan("lost", limiting_slo="latency", limiting_contingency="region eu-west")
    rows = _rows(plan_report(stage_plan(), lost))
    assert rows["limiting SLO"] == ["first-token", "latency"]
    assert rows[NOTHING] == ["without region eu-west"]
    assert "without region" not in printed(plan_report(stage_plan()), 200)


def test_retries_fallbacks_and_hedges_have_a_row_where_there_were_any() -> None:
    tried = metrics(retries_per_action=interval(0.25, 0.01), hedges_per_action=interval(0.0, 0.0))
    rows = _rows(plan_report(stage_plan(metrics=tried)))
    assert rows["retries per action"] == ["0.250 ± 0.010"]
    assert "hedges per action" not in rows
    assert "fallbacks per action" not in rows


def test_colour_is_never_the_only_sign() -> None:
    plain = printed(plan_report(), 80, no_color=True, force_terminal=True)
    coloured = printed(plan_report(), 80, force_terminal=True)
    assert "\x1b[36m✔ GO" in coloured
    assert "36m" not in plain
    assert "✔ GO" in plain


def test_names_are_no_markup_and_cannot_steer_the_terminal() -> None:
    text = printed(plan_report(stage_plan("[bold]pi\x1b[2Jlot[/]"), scenario="[/nothing]"), 200)
    assert "[bold]pi\N{REPLACEMENT CHARACTER}[2Jlot[/]" in text
    assert "[/nothing]" in text


def test_an_interrupted_plan_says_what_is_there() -> None:
    cut = plan_report(stage_plan(), interrupted=True, decision=None)
    assert "interrupted: only the stages below were planned" in printed(cut, 200)
    kept = cut.model_copy(update={"kept": "plans/plan.sqlite3"})
    assert "the same command goes on from here" in printed(kept, 200)
    drawn = plan_report(stage_plan(), interrupted=True)
    assert "interrupted: not all draws were simulated" in printed(drawn, 200)


def test_a_plan_without_a_finished_stage_still_prints() -> None:
    empty = plan_report(interrupted=True, decision=None).model_copy(update={"stages": ()})
    assert "interrupted" in printed(empty, 80)


def test_objectives_speak_words_and_name_the_region_that_decides() -> None:
    slow = verdict("first-token", "p(95) ttft", "<", 2.0, interval(2.3, 0.1), "FAIL", region="us-east")
    text = printed(plan_report(stage_plan(verdicts=(slow,))), 200)
    assert "us-east" in text
    assert "p95 first token" in text
    assert "cost_per" not in text
