"""What is printed: everything that matters is there, and nothing is cut off at any width."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from rich.console import Console, Group

from simulator.studies.plan.plan_tables import plan_report

Document = dict[str, Any]
WIDTHS = [40, 60, 80, 100, 120, 200]


def printed(report: Callable[[Document, int], Group], document: Document, width: int, **options: Any) -> str:
    console = Console(file=io.StringIO(), width=width, legacy_windows=False, **options)
    console.print(report(document, width))
    return str(console.file.getvalue())  # type: ignore[attr-defined]


@pytest.mark.parametrize("width", WIDTHS)
def test_a_plan_fits_the_terminal(plan_example: Document, width: int) -> None:
    text = printed(plan_report, plan_example, width)
    assert max(len(line) for line in text.splitlines()) <= width
    assert "…" not in text


@pytest.mark.parametrize("width", WIDTHS)
def test_a_plan_says_everything_at_every_width(plan_example: Document, width: int) -> None:
    text = printed(plan_report, plan_example, width)
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
    ]
    assert [word for word in wanted if word not in text] == []


def test_a_mix_says_what_else_could_be_bought(plan_example: Document) -> None:
    text = printed(plan_report, plan_example, 200)
    lines = {line.split("  ")[1]: line for line in text.splitlines() if line.startswith("  ")}
    assert "$8,147" in lines["all on own"]
    assert "($14,808)" in lines["all by use"]  # in brackets: it misses an objective
    assert "a cost in brackets" in text
    for stage in plan_example["stages"]:
        stage["alternatives"] = []
    assert "all on own" not in printed(plan_report, plan_example, 200)


def test_colour_is_never_the_only_sign(plan_example: Document) -> None:
    plain = printed(plan_report, plan_example, 80, no_color=True, force_terminal=True)
    coloured = printed(plan_report, plan_example, 80, force_terminal=True)
    assert "\x1b[36m✔ GO" in coloured
    assert "36m" not in plain
    assert "✔ GO" in plain


def test_names_are_no_markup_and_cannot_steer_the_terminal(plan_example: Document) -> None:
    plan_example["stages"][0]["name"] = "[bold]pi\x1b[2Jlot[/]"
    plan_example["scenario"] = "[/nothing]"
    text = printed(plan_report, plan_example, 200)
    assert "[bold]pi\N{REPLACEMENT CHARACTER}[2Jlot[/]" in text
    assert "[/nothing]" in text


def test_an_interrupted_plan_says_so(plan_example: Document) -> None:
    plan_example |= {"interrupted": True, "decision": None, "stages": plan_example["stages"][:1]}
    text = printed(plan_report, plan_example, 80)
    assert "interrupted" in text
    assert "pilot" in text


def test_a_plan_without_a_finished_stage_still_prints(plan_example: Document) -> None:
    plan_example |= {"interrupted": True, "decision": None, "stages": []}
    assert "interrupted" in printed(plan_report, plan_example, 80)


def test_objectives_speak_words_and_name_the_region_that_decides(plan_example: Document) -> None:
    plan_example["stages"][0]["verdicts"][0]["region"] = "us-east"
    text = printed(plan_report, plan_example, 200)
    assert "us-east" in text
    assert "p95 first token" in text
    assert "cost_per" not in text
