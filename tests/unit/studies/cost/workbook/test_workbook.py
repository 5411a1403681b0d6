"""The workbook: every value of a formula is what LibreOffice calculates, and the totals are those of the ledger."""

import json
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from simulator.economics.categories import Category
from simulator.engine import Runner
from simulator.scenario.read.load import load_scenario
from simulator.studies.cost.breakdown import currency_ledger
from simulator.studies.cost.cost import cost_report
from simulator.studies.cost.costs import CostOptions, RolloutCosts, rollout_costs
from simulator.studies.cost.report import CostReport
from simulator.studies.cost.workbook.workbook import write_workbook
from tests.unit.studies.money import answers
from tests.unit.studies.office import recalculated

EVERYTHING = Path(__file__).parents[4] / "property" / "every_key_costs.yaml"
SHEETS = [
    "Summary",
    "Assumptions",
    "Unit economics",
    "Monthly forecast",
    "Scenarios",
    "Sensitivity",
    "Ledger",
    "Provenance",
]


def written(costs: RolloutCosts, folder: Path) -> tuple[Path, CostReport]:
    report = cost_report(costs, ["stage"], "as written")
    path = folder / "costs.xlsx"
    write_workbook(path, report, currency_ledger(costs))
    return path, report


@pytest.fixture(scope="module")
def study() -> RolloutCosts:
    loaded = load_scenario(EVERYTHING)
    return rollout_costs(loaded.scenario, CostOptions(n_runs=2, n_draws=4), Runner(loaded.base_dir))


@pytest.fixture(scope="module")
def workbook(study: RolloutCosts, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, CostReport]:
    return written(study, tmp_path_factory.mktemp("workbook"))


def cells(path: Path, *, values: bool) -> dict[tuple[str, str], Any]:
    book = load_workbook(path, data_only=values)
    return {
        (sheet.title, cell.coordinate): cell.value
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if cell.value is not None
    }


def test_libreoffice_calculates_the_values_that_were_written(
    workbook: tuple[Path, CostReport], tmp_path: Path
) -> None:
    path, _ = workbook
    formulas = {
        place
        for place, value in cells(path, values=False).items()
        if isinstance(value, str) and value.startswith("=")
    }
    assert len(formulas) > 100
    given, calculated = cells(path, values=True), cells(recalculated(path, tmp_path), values=True)
    errors = {
        place: value
        for place, value in calculated.items()
        if isinstance(value, str) and value.startswith("#")
    }
    assert not errors
    assert {place: calculated[place] for place in formulas} == pytest.approx(
        {place: given[place] for place in formulas}, rel=1e-9
    )


def test_totals_are_those_of_the_ledger(workbook: tuple[Path, CostReport], study: RolloutCosts) -> None:
    path, report = workbook
    values = cells(path, values=True)
    total = study.forecast.total_usd / 1.25
    assert values["Summary", "B4"] == pytest.approx(total, rel=1e-9)
    ledger = sum(
        value
        for (sheet, place), value in values.items()
        if sheet == "Ledger" and place[0] == "M" and place != "M3"
    )
    assert ledger == pytest.approx(total, rel=1e-9)
    months = [values["Monthly forecast", f"D{4 + number}"] for number in range(len(report.months))]
    assert sum(months) == pytest.approx(total, rel=1e-9)


def test_the_sheets_are_those_that_are_promised(workbook: tuple[Path, CostReport]) -> None:
    book = load_workbook(workbook[0])
    assert book.sheetnames == SHEETS
    assert {"token_price_factor", "baseline_cost_per_action", "actions", "ledger_cost", "saving"} <= set(
        book.defined_names
    )
    assert book["Sensitivity"]._charts
    assert book["Monthly forecast"]._charts


def test_provenance_names_scenario_seed_versions_and_the_day_of_the_prices(
    workbook: tuple[Path, CostReport],
) -> None:
    path, report = workbook
    values = cells(path, values=True)
    text = json.dumps([value for (sheet, _), value in values.items() if sheet == "Provenance"])
    for wanted in (report.scenario_hash, "2027-01-25", "genai-prices", "2026-11-01", "Student"):
        assert wanted in text


def test_an_assumption_that_is_changed_moves_what_hangs_on_it(
    workbook: tuple[Path, CostReport], tmp_path: Path, study: RolloutCosts
) -> None:
    """Tokens at twice the price: the total rises by what tokens cost."""
    book = load_workbook(workbook[0])
    sheet = book["Assumptions"]
    assert sheet["C4"].value == "token_price_factor"
    sheet["B4"] = 2
    book.save(tmp_path / "changed.xlsx")
    values = cells(recalculated(tmp_path / "changed.xlsx", tmp_path), values=True)
    tokens = sum(
        float(study.forecast.category_usd(line).mean())
        for line in {line.category for span in study.forecast.spans for line in span.lines}
        if line.value.endswith("_tokens")
    )
    assert values["Summary", "B4"] == pytest.approx((study.forecast.total_usd + tokens) / 1.25, rel=1e-9)


def test_names_that_look_like_formulas_are_text(tmp_path: Path) -> None:
    plain = answers(
        metadata={"name": "=1+1"}, stages=[{"name": "@all", "duration": 86_400.0, "exposure": 1.0}]
    )
    study = rollout_costs(plain, CostOptions(n_runs=2, n_draws=0), Runner())
    path, _ = written(study, tmp_path)
    values = cells(path, values=False)
    assert values["Ledger", "B4"] == "'@all"
    assert ("Provenance", "B4") in values
    assert values["Provenance", "B4"] == "'=1+1"


def test_a_scenario_without_baseline_budget_or_ranges_has_all_sheets(tmp_path: Path) -> None:
    study = rollout_costs(answers(), CostOptions(n_runs=2), Runner())
    path, _ = written(study, tmp_path)
    assert load_workbook(path).sheetnames == SHEETS
    values = cells(path, values=True)
    assert values["Summary", "B4"] == pytest.approx(study.forecast.total_usd)
    assert "no input" in values["Sensitivity", "A4"].lower()


def test_the_saving_of_a_month_stands_on_cells(workbook: tuple[Path, CostReport]) -> None:
    """No volume is hidden in a formula: what is simulated has a column of its own."""
    path, report = workbook
    formulas = cells(path, values=False)
    titles = [formulas["Monthly forecast", f"{column}3"] for column in "IJKLMN"]
    assert titles[1:3] == ["baseline actions (simulated)", "baseline successes (simulated)"]
    assert report.case is not None
    for number, month in enumerate(report.case.months):
        row = 4 + number
        assert formulas["Monthly forecast", f"J{row}"] == pytest.approx(month.actions)
        assert f"J{row}" in formulas["Monthly forecast", f"L{row}"]


def test_no_label_of_the_summary_is_cut(workbook: tuple[Path, CostReport]) -> None:
    sheet = load_workbook(workbook[0])["Summary"]
    width = sheet.column_dimensions["A"].width
    assert all(len(str(cell.value or "")) <= width for cell in sheet["A"][1:])


def test_every_sheet_prints_all_its_columns_on_one_page(workbook: tuple[Path, CostReport]) -> None:
    for sheet in load_workbook(workbook[0]):
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert sheet.page_setup.fitToWidth in (None, 1)  # None: one, which the format has as its default
        assert sheet.page_setup.fitToHeight == 0


def test_what_if_gpus_cost_twice_as_much(tmp_path: Path) -> None:
    """The ledger's GPU hours, on demand, reserved, spot or idle, follow their factor and nothing else does."""
    loaded = load_scenario(Path(__file__).parents[5] / "scenarios" / "own-gpus.yaml")
    study = rollout_costs(
        loaded.scenario, CostOptions(n_runs=2, n_draws=0, plan_capacity=False), Runner(loaded.base_dir)
    )
    path, _ = written(study, tmp_path)
    book = load_workbook(path)
    place = next(cell for cell in book["Assumptions"]["C"] if cell.value == "gpu_price_factor")
    book["Assumptions"][f"B{place.row}"] = 2
    book.save(tmp_path / "changed.xlsx")
    values = cells(recalculated(tmp_path / "changed.xlsx", tmp_path), values=True)
    gpus = sum(
        float(study.forecast.category_usd(category).mean())
        for category in Category
        if "gpu" in category.value
    )
    assert gpus > 0.0
    assert values["Summary", "B4"] == pytest.approx(study.forecast.total_usd + gpus, rel=1e-9)
