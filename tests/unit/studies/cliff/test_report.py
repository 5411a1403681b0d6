"""A cliff for people, as a frame, and read back."""

from typing import Any

from simulator.studies.cliff.figures import cliff_figure
from simulator.studies.cliff.report import Bound, CliffReport, Load, StrainedStation
from simulator.studies.cliff.view import sections
from simulator.theory.estimate import Estimate
from tests.unit.studies.estimates import around
from tests.unit.studies.shown import terminal_text


def _cliff(**changes: Any) -> CliffReport:
    fields: dict[str, Any] = {
        "scenario": "help-desk",
        "scenario_hash": "ab" * 32,
        "engine_version": "1",
        "interval_level": 0.95,
        "profiles": {},
        "stage": None,
        "seed": 1,
        "n_runs": 4,
        "verdict": "FAIL",
        "peak_rps": 15.0,
        "asked_factor": 1.2,
        "carried_from": 0.95,
        "collapse": Bound(factor=around(1.6, 0.1), rps=around(24.0, 1.5)),
        "headroom": around(0.6, 0.1),
        "shape": "collapses",
        "goodput_kept": 0.12,
        "bottleneck": StrainedStation(target="search", region="eu"),
        "overloads": ("search in eu is offered 2 servers' worth of work",),
        "recovery": Bound(factor=Estimate(0.7, 0.7, float("inf")), rps=around(10.5)),
        "curve": (_load(1.0, 14.7), _load(2.0, 3.0)),
        "wall_s": 1.0,
    }
    return CliffReport(**(fields | changes))


def _load(factor: float, goodput_rps: float) -> Load:
    arrivals_rps = 15.0 * factor
    share = goodput_rps / arrivals_rps
    return Load(
        factor=factor,
        arrivals_rps=arrivals_rps,
        goodput_rps=around(goodput_rps, 0.1),
        good_share=around(share, 0.01),
    )


def test_a_cliff_is_said_in_words() -> None:
    text = terminal_text(sections(_cliff()), 120)
    for part in (
        "full exposure, peak 15/s",
        "1.6 (1.5 to 1.7) times the peak",
        "24/s (22.5/s to 25.5/s)",
        "60 % (50 % to 70 %)",
        "falls to 12 % of its best",
        "search in eu",
        "0.7 (0.7 to ?) times the peak, 10.5/s",
        "✘ FAIL",
        "98.0 % ± 1.0",
        "! search in eu is offered",
    ):
        assert part in text, part


def test_a_system_that_recovers_at_no_load_says_so() -> None:
    never = Bound(factor=around(0.0), rps=around(0.0))
    assert "no load, within 40 minutes" in terminal_text(sections(_cliff(recovery=never)))


def test_no_cliff_is_said_too() -> None:
    text = terminal_text(sections(_cliff(collapse=None, recovery=None, overloads=(), verdict="PASS")))
    assert "none up to 2 times the peak" in text
    assert "recovers below" not in text


def test_the_figure_has_the_curve_on_the_diagonal_of_what_arrives() -> None:
    diagonal, good = cliff_figure(_cliff()).data
    assert (diagonal.x, diagonal.y) == ((15.0, 30.0), (15.0, 30.0))
    assert good.y == (14.7, 3.0)


def test_json_is_read_back_as_it_was() -> None:
    report = _cliff()
    assert CliffReport.model_validate_json(report.to_json()) == report
    assert report.to_frame()["goodput_rps_low"].tolist() == [14.6, 2.9]
