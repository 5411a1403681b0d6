"""Drills for people: every number has its sign, unit and interval, whatever came out."""

from typing import Any

import pytest

from simulator.render.html import page
from simulator.studies.drill.view import page_sections, sections
from tests.unit.studies.drill.made_up import baseline, detection, drill_report, drill_result
from tests.unit.studies.estimates import around, paired
from tests.unit.studies.shown import terminal_text


def test_a_drill_says_what_was_felt_and_what_helps() -> None:
    text = terminal_text(sections(drill_report(drill_result())))
    for part in (
        "help [desk]  all, incidents at the peak",
        "3 min",
        "0.02 % → 2.64 %",
        "5.4 s → 6.4 s",
        "17 min ± 3",
        "+430 ± 60",
        "−30 ± 20",
        "+$0.54 ± 0.07",
        "16 min ± 3",
        "+0.12 % ± 0.02",
        "no retries, +0.40/s good",
        "✔ PASS",
        "page → sre",
        "22.0 min ± 1.0 by availability at 14.4× burn rate",
        "not in 33 min",
        "(0\N{EN DASH}0.15)",
        "25 %",
        "! alert ticket cannot see success",
        "slow  █████|▁▁▁|▅███",
    ):
        assert part in text, part


def test_a_drill_that_does_not_recover_says_so() -> None:
    lost = drill_result(
        duration_s=0.0,
        recovery_s=None,
        recovered_share=0.0,
        metastable="yes",
        verdict="FAIL",
        latency_p95=None,
        best_mitigation=None,
    )
    text = terminal_text(sections(drill_report(lost)))
    for part in ("instant", "not in 30 min", "yes", "none of those tried", "✘ FAIL"):
        assert part in text, part


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"recovery_s": around(0.0)}, "at once"),
        ({"recovered_share": 0.5}, "in 2 of 4 runs"),
        ({"best_mitigation": None, "mitigations": ()}, "not tried"),
        ({"best_mitigation": None, "mitigations": (), "actions_hurt": paired(1.0, 0.0)}, "not needed"),
        ({"actions_hurt": paired(1.0, 0.0)}, "none"),
        ({"minutes_out_of_slo": around(0.0)}, "none"),
        ({"residency_blocked": paired(0.0, 0.0)}, "none"),
        (
            {"residency_blocked": paired(0.0, 40.0, 5.0)},
            "slow: data residency was kept; +40 ± 5 times no target was left",
        ),
        ({"missed_without": ("first-token",)}, "without any incident: first-token"),
        ({"alerts": (detection("page", None, on_before=1.0),) * 2}, "firing already"),
        (
            {"alerts": (detection("page", around(60.0), seen=around(0.5, 0.4)),) * 2},
            "burn rate, in 2 of 4 runs (10\N{EN DASH}90 %)",
        ),
    ],
)
def test_what_is_rare_has_words(changes: dict[str, Any], expected: str) -> None:
    assert expected in terminal_text(sections(drill_report(drill_result(**changes))))


def test_alerts_that_watch_nothing_or_never_fire_are_named() -> None:
    alerts = (baseline("page", slos=()), baseline("ticket", out_of_reach=("success",)))
    text = terminal_text(sections(drill_report(drill_result(), alerts=alerts)))
    assert "! alert page watches no objective" in text
    assert "! alert ticket never fires for success" in text


def test_without_alerts_there_is_no_table_of_them() -> None:
    text = terminal_text(sections(drill_report(drill_result(alerts=()), alerts=())))
    assert "alert after" not in text


def test_it_fits_a_narrow_terminal() -> None:
    report = drill_report(drill_result(name="a-name-of-some-length"))
    text = terminal_text(sections(report), 80)
    assert max(map(len, text.splitlines())) <= 80


def test_a_page_has_every_mitigation_that_was_tried() -> None:
    shown = page("drill", page_sections(drill_report(drill_result())))
    assert "slow: mitigations" in shown
    assert "+0.40/s" in shown
    assert "█████|▁▁▁|▅███" in shown
