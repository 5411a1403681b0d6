"""Figures of costs: what they show are the numbers of the report."""

import pytest

from simulator.api.rollout import load
from simulator.studies.cost.figures import (
    month_cost_figure,
    saving_figure,
    stage_cost_figure,
    tornado_figure,
    waterfall_figure,
)
from simulator.studies.cost.report import CostReport
from tests.unit.studies.money import ANSWERS


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> CostReport:
    path = tmp_path_factory.mktemp("cost") / "answers.yaml"
    path.write_text(ANSWERS, encoding="utf-8")
    return load(path).cost(as_written=True, draws=2, replications=2)


def test_the_waterfall_leads_to_the_cost_of_a_success(report: CostReport) -> None:
    [trace] = waterfall_figure(report).data
    assert report.per_successful_action is not None
    assert sum(step for step in trace.x if step is not None) == pytest.approx(
        report.per_successful_action.value
    )
    assert trace.y[-1] == "per successful action"


def test_months_and_stages_have_whiskers_from_p10_to_p90(report: CostReport) -> None:
    [months] = month_cost_figure(report).data
    assert list(months.x) == [month.month for month in report.months]
    for month, above, below in zip(
        report.months, months.error_y.array, months.error_y.arrayminus, strict=True
    ):
        low, _, high = month.cost.percentiles
        assert high is not None
        assert low is not None
        assert above == pytest.approx(max(0.0, high - month.cost.value))
        assert below == pytest.approx(max(0.0, month.cost.value - low))
    [stages] = stage_cost_figure(report).data
    assert list(stages.x) == ["half", "all"]


def test_the_tornado_starts_from_the_total(report: CostReport) -> None:
    low, high = tornado_figure(report).data
    [swing] = report.sensitivity
    assert low.base[0] == report.total.value
    assert low.base[0] + low.x[0] == pytest.approx(swing.low)
    assert high.base[0] + high.x[0] == pytest.approx(swing.high)


def test_savings_add_up_after_the_investment(report: CostReport) -> None:
    assert report.case is not None
    bars, line = saving_figure(report.case, report.currency).data
    assert line.y[-1] == pytest.approx(sum(bars.y) - report.case.investment)
