"""Drills and cliffs on the terminal: every number has its sign, unit and interval, whatever came out."""

from typing import Any

import pytest
from rich.console import Console

from simulator.studies.cliff.cliff_tables import cliff_report
from simulator.studies.drill.drill_tables import drill_report
from tests.unit.studies.documents import Document, interval


def _pair(without: float, more: float, half: float = 0.0) -> Document:
    return {"without": without, "with": without + more, "difference": interval(more, half), "pairs": 4}


def _drill(**changes: Any) -> Document:
    return {
        "name": "slow",
        "begins_s": 300.0,
        "duration_s": 180.0,
        "watched_s": 1800.0,
        "verdict": "PASS",
        "error_rate": _pair(0.0002, 0.0262),
        "latency_p95_s": _pair(5.4, 1.0),
        "minutes_out_of_slo": interval(17.0, 3.0),
        "missed_without": [],
        "actions_hurt": _pair(12.0, 430.0, 60.0),
        "wrong_answers": _pair(900.0, -30.0, 20.0),
        "residency_blocked": None,
        "cost": _pair(900.0, 0.54, 0.07),
        "error_budget": [{"slo": "availability", "burnt": interval(0.0012, 0.0002)}],
        "recovery_s": interval(960.0, 200.0),
        "recovered_share": 1.0,
        "late_goodput": interval(1.0, 0.01),
        "metastable": "no",
        "cures": [{"name": "no retries", "gain_rps": _pair(10.0, 0.4, 0.1)}],
        "best_cure": "no retries",
        "alerts": [_seen("page", interval(1320.0, 60.0)), _seen("ticket", None)],
        "series": {
            "bucket_s": 60.0,
            "arrivals_rps": [10.0] * 12,
            "goodput_rps": [10.0] * 5 + [0.0] * 3 + [5.0] + [10.0] * 3,
            "goodput_without_rps": [10.0] * 12,
            "out_of_slo_share": [0.0] * 12,
            "out_of_slo_share_without": [0.0] * 12,
        },
    } | changes


def _seen(alert: str, after_s: Document | None, **changes: Any) -> Document:
    share = 0.0 if after_s is None else 1.0
    return {
        "alert": alert,
        "notify": "sre",
        "seen": interval(share, 0.0),
        "after_s": after_s,
        "slo": "availability",
        "burn_rate": 14.4,
        "on_before": 0.0,
    } | changes


def _watch(alert: str, **changes: Any) -> Document:
    return {
        "alert": alert,
        "notify": "sre",
        "slos": ["availability"],
        "false_per_month": {"value": 0.0, "low": 0.0, "high": 0.154},
        "on_share": 0.0,
        "unseen": [],
        "out_of_reach": [],
    } | changes


def _drilled(*drills: Document) -> Document:
    return {
        "scenario": "help [desk]",
        "scenario_hash": "ab" * 32,
        "engine_version": "1",
        "profiles": {},
        "stage": "all",
        "seed": 1,
        "pairs": 4,
        "collapsed_below": 0.5,
        "drills": list(drills),
        "alerts": [_watch("page"), _watch("ticket", unseen=["success"], on_share=0.25)],
        "interrupted": False,
        "wall_s": 1.0,
    }


def _text(renderable: Any, width: int = 200) -> str:
    console = Console(width=width, highlight=False, emoji=False)
    with console.capture() as shown:
        console.print(renderable)
    return shown.get()


def test_a_drill_says_what_was_felt_and_what_helps() -> None:
    text = _text(drill_report(_drilled(_drill()), 200))
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
        "22.0 min ± 1.0 by availability ×14.4",
        "not in 33 min",
        "(0\N{EN DASH}0.15)",
        "25 %",
        "! alert ticket cannot see success",
        "slow  █████|▁▁▁|▅███",
    ):
        assert part in text, part


def test_a_drill_that_does_not_recover_says_so() -> None:
    lost = _drill(
        duration_s=0.0,
        recovery_s=None,
        recovered_share=0.0,
        metastable="yes",
        verdict="FAIL",
        latency_p95_s=None,
        best_cure=None,
    )
    text = _text(drill_report(_drilled(lost), 200))
    for part in ("at once", "not in 30 min", "yes", "nothing that was tried", "✘ FAIL"):
        assert part in text, part


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"recovery_s": interval(0.0, 0.0)}, "at once"),
        ({"recovered_share": 0.5}, "in 50% of runs"),
        ({"best_cure": None, "cures": []}, "not tried"),
        ({"best_cure": None, "cures": [], "actions_hurt": _pair(1.0, 0.0)}, "not needed"),
        ({"actions_hurt": _pair(1.0, 0.0)}, "none"),
        ({"minutes_out_of_slo": interval(0.0, 0.0)}, "none"),
        ({"residency_blocked": _pair(0.0, 0.0)}, "none"),
        (
            {"residency_blocked": _pair(0.0, 40.0, 5.0)},
            "slow: residency was kept; +40 ± 5 times nothing was left",
        ),
        ({"missed_without": ["first-token"]}, "without any incident: first-token"),
        ({"alerts": [_seen("page", None, on_before=1.0)] * 2}, "on already"),
        (
            {"alerts": [_seen("page", interval(60.0, 0.0), seen=interval(0.5, 0.4))] * 2},
            "×14.4, in 50% of runs",
        ),
    ],
)
def test_what_is_rare_has_words(changes: Document, expected: str) -> None:
    assert expected in _text(drill_report(_drilled(_drill(**changes)), 200))


def test_alerts_that_watch_nothing_or_never_fire_are_told() -> None:
    watches = [_watch("page", slos=[]), _watch("ticket", out_of_reach=["success"])]
    text = _text(drill_report(_drilled(_drill()) | {"alerts": watches}, 200))
    assert "! alert page: no objective counts actions one by one" in text
    assert "! alert ticket never fires for success" in text


def test_without_alerts_there_is_no_table_of_them() -> None:
    text = _text(drill_report(_drilled(_drill(alerts=[])) | {"alerts": []}, 200))
    assert "alerts after" not in text


def test_it_fits_a_narrow_terminal() -> None:
    text = _text(drill_report(_drilled(_drill(name="a-name-of-some-length")), 80), 80)
    assert max(map(len, text.splitlines())) <= 80


def _cliff(**changes: Any) -> Document:
    load = {
        "factor": 1.0,
        "arrivals_rps": 15.0,
        "goodput_rps": interval(14.7, 0.1),
        "good_share": interval(0.98, 0.01),
    }
    return {
        "scenario": "help-desk",
        "scenario_hash": "ab" * 32,
        "engine_version": "1",
        "profiles": {},
        "stage": None,
        "seed": 1,
        "replications": 4,
        "verdict": "FAIL",
        "peak_rps": 15.0,
        "carried_from": 0.95,
        "collapse": {"factor": interval(1.6, 0.1), "rps": interval(24.0, 1.5)},
        "headroom": interval(0.6, 0.1),
        "shape": "collapses",
        "goodput_kept": 0.12,
        "bottleneck": {"target": "search", "region": "eu"},
        "overloads": ["search in eu is offered 2 servers' worth of work"],
        "recovery": {"factor": {"value": 0.7, "low": 0.7, "high": None}, "rps": interval(10.5, 0.0)},
        "curve": [load],
        "wall_s": 1.0,
    } | changes


def test_a_cliff_is_told_in_words() -> None:
    text = _text(cliff_report(_cliff(), 120), 120)
    for part in (
        "full exposure, peak 15/s",
        "1.6 (1.5 to 1.7) times the peak",
        "24 /s (22.5 /s to 25.5 /s)",
        "60 % (50 % to 70 %)",
        "falls to 12 % of its best",
        "search in eu",
        "0.7 (0.7 to ?) times the peak, 10.5 /s",
        "✘ FAIL",
        "98.0 % ± 1.0",
        "! search in eu is offered",
    ):
        assert part in text, part


def test_a_system_that_recovers_at_no_load_is_told() -> None:
    never = {"factor": interval(0.0, 0.0), "rps": interval(0.0, 0.0)}
    assert "no load, within forty minutes" in _text(cliff_report(_cliff(recovery=never), 120), 120)


def test_no_cliff_is_told_too() -> None:
    text = _text(cliff_report(_cliff(collapse=None, recovery=None, overloads=[], verdict="PASS"), 120), 120)
    assert "none up to 1 times the peak" in text
    assert "recovers below" not in text
