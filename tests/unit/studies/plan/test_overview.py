"""How well each class, language and model is answered at every stage: on the terminal, on the page and in a figure."""

from pathlib import Path

import pytest

import simulator
from simulator.render.numbers import estimate
from simulator.render.sections import Quantity
from simulator.studies.plan.figures import plan_figures
from simulator.studies.plan.overview import overview
from simulator.studies.plan.report import PlanReport
from tests.unit.studies.plan.reports import plan_report, stage_plan

_FILE = Path(__file__).parents[4] / "scenarios" / "gated-rollout.yaml"
_QUICK = {"window.duration": "4m", "window.warmup": "1m"}
_GERMANS = {"regions.eu-west.languages": {"en": 0.6, "de": 0.4}, "languages": {"de": {"success_factor": 0.7}}}
_FIGURE = "Correct answers by complexity, language and model"


@pytest.fixture(scope="module")
def report() -> PlanReport:
    """Three stages; in the second half of the users speak German, and are answered worse."""
    return simulator.load(_FILE, _QUICK | _GERMANS).plan(replications=2)


def test_every_part_stands_under_the_success_rate(report: PlanReport) -> None:
    rows = overview(report.stages).rows
    place = next(number for number, row in enumerate(rows) if row.label == "success rate")
    found = rows[place + 1 : place + 7]
    assert [row.label for row in found] == [
        "accuracy: simple",
        "accuracy: complex",
        "accuracy: en",
        "accuracy: de",
        "accuracy: small",
        "accuracy: large",
    ]
    stage = report.stages[1]
    of_germans = stage.by.language["de"].metrics.success_rate
    assert of_germans is not None
    assert stage.metrics.success_rate is not None
    assert of_germans.value < stage.metrics.success_rate.value - 0.1
    assert found[3].cells[1] == Quantity(of_germans, "share")


def test_the_page_says_what_people_do_too(report: PlanReport) -> None:
    page = report.to_html()
    assert "<h2>Correct answers</h2>" in page
    changed = report.stages[1].by.complexity["complex"].metrics.override_rate
    assert changed is not None
    assert estimate(changed, "share").line in page


def test_the_figure_has_every_part_with_its_interval(report: PlanReport) -> None:
    figure = next(one for one in plan_figures(report) if one.title == _FIGURE).draw()
    assert [trace.name for trace in figure.data][2:4] == ["accuracy: en", "accuracy: de"]
    of_germans = report.stages[1].by.language["de"].metrics.success_rate
    assert of_germans is not None
    trace = figure.data[3]
    place = list(trace.x).index("country")
    assert trace.y[place] == pytest.approx(100.0 * of_germans.value)
    assert trace.error_y.array[place] == pytest.approx(100.0 * (of_germans.high - of_germans.value))


def test_what_is_not_told_apart_is_not_listed() -> None:
    plain = plan_report(stage_plan())
    assert not any(row.label.startswith("accuracy") for row in overview(plain.stages).rows)
    assert _FIGURE not in [one.title for one in plan_figures(plain)]
    assert "Correct answers" not in plain.to_html()
