"""A cost report: one total whatever it is broken down by, the same read back from JSON, and how it is shown."""

from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from simulator.api.rollout import load
from simulator.app.bundled import bundled_plan
from simulator.render.sections import Figure, Table
from simulator.render.terminal import terminal
from simulator.studies.cost.report import CostReport, CostRow
from simulator.studies.cost.wording import break_even_rate
from tests.unit.studies.money import ANSWERS


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("cost") / "answers.yaml"
    path.write_text(ANSWERS, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def report(file: Path) -> CostReport:
    return load(file).cost(as_written=True, draws=4, by="month, stage,region,category", levers=True)


def test_json_is_read_back_as_it_was(report: CostReport) -> None:
    assert CostReport.model_validate_json(report.to_json()) == report


def test_the_report_has_one_total(report: CostReport) -> None:
    total = report.total.value
    assert sum(row.cost for row in report.table.rows) == pytest.approx(total)
    assert sum(step.cost for step in report.waterfall) == pytest.approx(total)
    assert sum(month.cost.value for month in report.months) == pytest.approx(total)
    assert sum(stage.cost.value for stage in report.stages) == pytest.approx(total)
    for rows in report.by.values():
        assert sum(row.cost for row in rows) == pytest.approx(total)
    assert report.per_successful_action is not None
    per_success = report.per_successful_action.value
    assert sum(step.per_action or 0.0 for step in report.waterfall) == pytest.approx(per_success)
    assert total / report.successes == pytest.approx(per_success)


def test_it_says_how_sure_it_is_and_where_prices_are_from(report: CostReport) -> None:
    low, middle, high = report.total.percentiles
    assert low is not None
    assert middle is not None
    assert high is not None
    assert low <= middle <= high
    assert report.draws == 4
    assert report.prices["large"].as_of.isoformat() == "2027-01-18"
    assert report.capacity_from == "as the scenario states it"
    for month in report.months:
        assert month.over_budget is not None
        assert 0.0 <= month.over_budget.value <= 1.0
    assert {swing.input for swing in report.sensitivity} == {"users"}


def test_rows_of_a_table_have_its_columns_beside_the_amounts_in_json(report: CostReport) -> None:
    assert report.table.by == ("month", "stage", "region", "category")
    row = report.table.rows[0]
    assert set(row.to_dict()) == {*report.table.by, "cost", "wasted"}
    assert CostRow.model_validate({"stage": "all", "cost": 2.0, "wasted": 1.0}).values == {"stage": "all"}


def test_the_frame_has_a_row_per_month_with_percentiles(report: CostReport) -> None:
    frame = report.to_frame()
    assert frame["month"].tolist() == ["2027-01", "2027-02"]
    assert frame["cost"].sum() == pytest.approx(report.total.value)
    assert (frame["cost_low"] <= frame["cost"]).all()
    assert frame["cost_p90"].tolist() == [month.cost.p90 for month in report.months]


def test_every_number_is_shown_in_the_currency(report: CostReport) -> None:
    figures = [section.title for section in report.sections() if isinstance(section, Figure)]
    assert figures[0] == "From the happy path to the full cost"
    assert "Saving against the process of today" in figures
    corners = [section.corner for section in report.sections() if isinstance(section, Table)]
    assert corners == [
        "cost",
        "month",
        "stage",
        "from the happy path to the full cost",
        "month",
        "against the baseline",
        "lever, at all",
        "input alone",
    ]
    for page in (report.to_html(), report.to_markdown()):
        assert "€" in page
        assert "$" not in page.replace("--draws", "").split("<script")[0]


def test_on_a_narrow_terminal_names_of_stages_and_the_rows_left_out_stay_whole(report: CostReport) -> None:
    month = report.months[0]
    cost = month.cost.model_copy(
        update={"estimate": month.cost.estimate.exact(1e6), "p10": 1e6, "p50": 1e6, "p90": 1e6}
    )
    stages = ("production", "two-regions")
    big = month.model_copy(update={"stages": stages, "actions": 4_026_111.0, "cost": cost})
    row = CostRow(values={"month": "2027-01", "category": "input_tokens"}, cost=1.0, wasted=0.0)
    table = report.table.model_copy(update={"by": ("month", "category"), "rows": (row,) * 62})
    assert report.case is not None
    case = report.case.model_copy(update={"break_even_success_rate": 0.0})
    shown = report.model_copy(update={"months": (big,), "table": table, "case": case})
    console = Console(width=80, file=StringIO(), record=True)
    console.print(terminal(shown.sections(), 80))
    lines = console.export_text().splitlines()
    assert any("production, two-regions" in line for line in lines)
    assert any(line.split() == ["break-even", "success", "rate", "at", "any"] for line in lines)
    assert "… 2 more rows, which count in all: see --json" in [line.strip() for line in lines]


def test_break_even_rates_are_words_where_every_rate_or_none_would_do() -> None:
    assert [break_even_rate(value) for value in (0.0, 0.25, 1.5, None)] == ["at any", "25 %", "none", "none"]


def test_options_are_checked(file: Path) -> None:
    with pytest.raises(ValueError, match="no column 'colour'"):
        load(file).cost(by=("month", "colour"))
    with pytest.raises(ValueError, match="not both"):
        load(file).cost(plan=file, as_written=True)


def test_a_plan_that_lacks_a_stage_is_refused(file: Path, report: CostReport) -> None:
    plan = bundled_plan().model_copy(update={"scenario_hash": report.scenario_hash})
    with pytest.raises(ValueError, match="the plan that was given lacks the stages half, all"):
        load(file).cost(plan=plan)
