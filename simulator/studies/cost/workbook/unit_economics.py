"""The sheet of unit economics: cost by category, in all and per unit, the saving, and the way to the full cost."""

import pandas as pd
from xlsxwriter.utility import xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from simulator.formats.workbook.book import Book, Formula
from simulator.studies.cost.case_report import BaselineComparison
from simulator.studies.cost.report import CostReport
from simulator.studies.cost.workbook.groups import FACTORS, FIRST_ROW, GROUPS


def unit_economics(book: Book, report: CostReport, sheet: Worksheet, ledger: pd.DataFrame) -> str:
    """Fill the sheet; returns the cell of the total."""
    book.header(sheet, FIRST_ROW - 1, ("category", "cost", "per action", "per success"))
    costs = (ledger.quantity * ledger.unit_price_usd).groupby(ledger.category, sort=False).sum()
    row = FIRST_ROW
    for category, value in costs.items():
        factor = FACTORS.get(GROUPS.get(str(category), ""))
        by = f"*{factor}" if factor else ""
        text = f'=SUMIFS(ledger_cost,ledger_category,"{category}"){by}'
        book.put(sheet, row, 0, str(category).replace("_", " "))
        _unit_row(book, sheet, row, Formula(text, float(value)), ("money", "unit"))
        row += 1
    first, last = xl_rowcol_to_cell(FIRST_ROW, 1), xl_rowcol_to_cell(row - 1, 1)
    book.put(sheet, row, 0, "all", "total")
    _unit_row(book, sheet, row, Formula(f"=SUM({first}:{last})", float(costs.sum())), ("total", "total unit"))
    total = f"'Unit economics'!{xl_rowcol_to_cell(row, 1, row_abs=True, col_abs=True)}"
    book.name("total_cost", "Unit economics", row, 1, float(costs.sum()))
    if report.case is not None:
        _case_rows(book, report.case, sheet, row + 2)
    _waterfall_rows(book, report, sheet, row + 8)
    return total


def _unit_row(book: Book, sheet: Worksheet, row: int, cost: Formula, styles: tuple[str, str]) -> None:
    place = xl_rowcol_to_cell(row, 1)
    book.put(sheet, row, 1, cost, styles[0])
    for column, unit in ((2, "actions"), (3, "successes")):
        value = float(cost.value) / book.value(unit) if book.value(unit) else 0.0
        book.put(sheet, row, column, Formula(f"=IF({unit}=0,0,{place}/{unit})", value), styles[1])


def _case_rows(book: Book, case: BaselineComparison, sheet: Worksheet, row: int) -> None:
    """Saving against the baseline, as formulas."""
    if book.has("value_per_success"):
        text = (
            "=value_per_success*(baseline_successes-baseline_success_rate*baseline_actions)"
            "+baseline_cost_per_action*baseline_actions-total_cost"
        )
    else:
        text = "=baseline_cost_per_action/baseline_success_rate*baseline_successes-total_cost"
    saving, actions = case.saving, book.value("baseline_actions")
    book.put(sheet, row, 0, "saving against the baseline")
    book.put(sheet, row, 1, Formula(text, saving), "money")
    place = xl_rowcol_to_cell(row, 1)
    book.put(sheet, row + 1, 0, "saving per action")
    per_action = saving / actions if actions else 0.0
    book.put(
        sheet, row + 1, 1, Formula(f"=IF(baseline_actions=0,0,{place}/baseline_actions)", per_action), "unit"
    )
    book.put(sheet, row + 2, 0, "saving less the investment")
    book.put(sheet, row + 2, 1, Formula(f"={place}-investment", saving - book.value("investment")), "money")
    book.name("saving", "Unit economics", row, 1, saving)


def _waterfall_rows(book: Book, report: CostReport, sheet: Worksheet, row: int) -> None:
    """From the happy path to the full cost: simulated parts, and their running total as formulas."""
    book.header(
        sheet,
        row,
        ("from the happy path to the full cost", "in all (simulated)", "per action", "running total"),
    )
    running = 0.0
    for number, step in enumerate(report.waterfall):
        at = row + 1 + number
        amount = step.per_action or 0.0
        running += amount
        book.put(sheet, at, 0, step.part)
        book.put(sheet, at, 1, step.cost, "money")
        book.put(sheet, at, 2, amount, "unit")
        here = xl_rowcol_to_cell(at, 2)
        before = "" if number == 0 else f"+{xl_rowcol_to_cell(at - 1, 3)}"
        book.put(sheet, at, 3, Formula(f"={here}{before}", running), "unit")
