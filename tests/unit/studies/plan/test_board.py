"""The page and the summary of a plan say what its report says, and let no text of a scenario become markup."""

import re
from html import unescape

import pandas as pd
import pytest
from plotly.graph_objects import Figure

from simulator.app.bundled import bundled_plan
from simulator.metrics.registry import label_of
from simulator.studies.plan.report import PlanReport
from tests.unit.studies.plan.reports import plan_report, stage_plan

_NAME = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def report() -> PlanReport:
    """A plan as it was found, not made up."""
    return bundled_plan()


def _text(page: str) -> str:
    """What a reader sees, without scripts and markup."""
    body = re.sub(r"<(script|style)\b.*?</\1>", " ", page, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


def test_a_page_shows_every_stage_objective_and_order(report: PlanReport) -> None:
    text = _text(report.to_html())
    assert f"Plan of {report.scenario}: {report.decision}" in text
    for stage in report.stages:
        assert stage.name in text
        for verdict in stage.verdicts:
            assert f"{verdict.slo} {label_of(verdict.metric)}" in text
        for day in stage.order_by.values():
            assert day.isoformat() in text


def test_a_page_needs_no_network_and_sends_nothing(report: PlanReport) -> None:
    page = report.to_html()
    markup = re.sub(r"<script\b.*?</script>", "", page, flags=re.DOTALL)
    assert not re.search(r'(src|href)="?https?://', markup)
    assert not re.search(r"<script[^>]* src=", page)
    assert '"displaylogo": false' in page


def test_names_are_never_markup() -> None:
    found = plan_report(stage_plan(_NAME), scenario=_NAME)
    page = found.to_html()
    assert _NAME not in re.sub(r'<script type="text/javascript">.*?</script>', "", page, flags=re.DOTALL)
    assert "<script>" not in found.to_markdown()


def test_markdown_names_what_fails_and_what_to_order() -> None:
    text = plan_report().to_markdown()
    assert "pilot: first-token \\< 2 s, measured 2.30 s ± 0.10: FAIL" in text
    assert "pilot: order model\\_list.large.tpm by 2027-01-18" in text
    assert "large in eu-west" in text


def test_the_frame_has_a_row_per_stage_and_a_column_per_amount() -> None:
    frame = plan_report().to_frame()
    assert list(frame["stage"]) == ["pilot", "production", "two-regions", "global"]
    row = frame.iloc[0]
    assert row["model_list.large.tpm[us-east]"] == 800_000.0
    assert (row["cost_per_month_low"], row["cost_per_month"]) == (1_154.5, 1_234.5)
    assert isinstance(row["start"], pd.Timestamp)


def test_the_figure_has_cost_and_latency(report: PlanReport) -> None:
    figure = report.figure()
    assert isinstance(figure, Figure)
    assert [trace.name for trace in figure.data] == ["cost per month", "p95 latency"]
