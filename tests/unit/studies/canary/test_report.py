"""A canary report: how its rehearsals end, in a figure, in words, and read back from JSON."""

from typing import Any

import pytest

from simulator.studies.canary.figures import canary_figure
from simulator.studies.canary.report import (
    CanaryReport,
    CaseOutcome,
    Copies,
    Detectability,
    DetectableChange,
    Looks,
)
from simulator.studies.canary.view import sections
from simulator.theory.estimate import Estimate
from tests.unit.studies.estimates import around
from tests.unit.studies.shown import terminal_text


def _case(name: str, **changes: Any) -> CaseOutcome:
    fields: dict[str, Any] = {
        "name": name,
        "is_good": False,
        "n_runs": 40,
        "promoted": around(0.2),
        "aborted": Estimate(0.7, 0.6, 0.9),
        "inconclusive": around(0.1),
        "duration_s": around(3600.0),
        "exposed": around(500.0),
        "harmed": around(25.0, 13.0),
        "copies": None,
        "test_set_stops": None,
        "reaches_all": around(0.2),
    }
    return CaseOutcome(**(fields | changes))


def _report(*cases: CaseOutcome) -> CanaryReport:
    change = DetectableChange(
        what="latency +10 %",
        weight=0.05,
        mirrored=0.2,
        available_s=60.0,
        needed_s=None,
        actions_needed=None,
        is_detectable=False,
    )
    looks = Looks(
        analysis="quality",
        metric="success_rate",
        n_looks=6,
        correction="none",
        alpha=0.05,
        false_alarm_rate=0.17,
        bounds=(1.6,) * 6,
    )
    return CanaryReport(
        scenario="desk",
        scenario_hash="ab" * 32,
        engine_version="1",
        interval_level=0.95,
        seed=1,
        stage=None,
        release="new-prompt",
        span_s=7200.0,
        arrivals_rps=4.0,
        verdict="FAIL",
        cases=cases,
        detectability=Detectability(alpha=0.05, power=0.8, changes=(change,)),
        evaluation=None,
        looks=(looks,),
    )


def test_outcomes_of_rehearsals_add_up() -> None:
    figure = canary_figure(_report(_case("worse")))
    assert sum(trace.x[0] for trace in figure.data) == pytest.approx(100.0)
    aborted = figure.data[0]
    assert aborted.name == "aborted"
    assert (aborted.error_x.arrayminus[0], aborted.error_x.array[0]) == pytest.approx((10.0, 20.0))


def test_json_is_read_back_as_it_was() -> None:
    report = _report(_case("worse"), _case("same", copies=Copies(actions=around(2.0), cost=around(0.1))))
    assert CanaryReport.model_validate_json(report.to_json()) == report


def test_rules_that_let_bad_releases_through_are_warned_of() -> None:
    bad = _case("slower", promoted=around(0.9))
    same = _case("no change", is_good=True, promoted=around(0.8))
    text = " ".join(terminal_text(sections(_report(bad, same))).split())
    assert "! quality looks 6 times at 5 % each: it aborts 17 % of releases that are just as good" in text
    assert "! slower is promoted in 90 % of the rehearsals" in text
    assert "! a release that changes nothing is promoted in only 80 % of the rehearsals" in text
    assert "5 % + 20 % copied never" in text


def test_a_failed_canary_says_how_often_the_release_is_promoted() -> None:
    described = _case("new-prompt, as described", is_good=None)
    assert repr(_report(described)) == (
        "<CanaryReport FAIL>\nnew-prompt, as described: promoted in 20% of the rehearsals"
    )
