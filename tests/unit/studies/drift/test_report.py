"""A drift report: the same in JSON and read back, as sections, as a frame, as a figure, and in a notebook."""

import pytest

from simulator.api.rollout import load
from simulator.render.sections import Figure, Notes, Table
from simulator.studies.drift.report import DriftReport
from tests.unit.studies.reviewed import REVIEWED


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> DriftReport:
    file = tmp_path_factory.mktemp("desk") / "desk.yaml"
    file.write_text(REVIEWED, encoding="utf-8")
    return load(file).drift(false_alarm_weeks=13.0)


def test_json_is_read_back_as_it_was(report: DriftReport) -> None:
    assert DriftReport.model_validate_json(report.to_json()) == report


def test_it_is_shown_as_a_table_a_figure_and_a_footer(report: DriftReport) -> None:
    table, figure, footer = report.sections()
    assert isinstance(table, Table)
    assert isinstance(figure, Figure)
    assert isinstance(footer, Notes)
    assert len(table.rows) == len(report.workloads[0].sampling)


def test_the_frame_has_numbers_in_base_units(report: DriftReport) -> None:
    frame = report.to_frame()
    assert list(frame["cost per month"]) == [one.cost.month for one in report.workloads[0].sampling]
    assert (frame["seen after low"] <= frame["seen after"]).all()


def test_the_figure_has_a_star_at_the_scenarios_own_rate(report: DriftReport) -> None:
    trace = report.figure().data[0]
    assert [x for x, symbol in zip(trace.x, trace.marker.symbol, strict=True) if symbol == "star"] == [2.0]


def test_a_notebook_shows_the_table(report: DriftReport) -> None:
    assert "<table>" in report._repr_html_()  # what notebooks call
    assert "2 % (now)" in report.to_html()
    assert "2 % (now)" in report.to_markdown()


def test_options_are_checked(tmp_path_factory: pytest.TempPathFactory) -> None:
    file = tmp_path_factory.mktemp("other") / "desk.yaml"
    file.write_text(REVIEWED, encoding="utf-8")
    with pytest.raises(ValueError, match="no stage 'pilot'"):
        load(file).drift(stage="pilot")
