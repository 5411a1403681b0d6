"""The sheet of months: volume, cost as formulas on the ledger, percentiles, budget and saving."""

from xlsxwriter.utility import xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from simulator.formats.workbook.book import Book, Formula
from simulator.formats.workbook.styles import BLUE, GRAY, ORANGE
from simulator.studies.cost.case_report import BaselineMonth
from simulator.studies.cost.report import CostOfMonth, CostReport
from simulator.studies.cost.workbook.groups import FACTORS, FIRST_ROW

SHEET = "Monthly forecast"
_TITLES = (
    "month",
    "actions (simulated)",
    "successes (simulated)",
    "cost",
    "P10",
    "P50",
    "P90",
    "per success",
)
_CASE_TITLES = (
    "baseline actions (simulated)",
    "baseline successes (simulated)",
    "baseline",
    "saving",
    "savings so far",
)


def monthly(book: Book, report: CostReport) -> None:
    """Month by month."""
    case = {} if report.case is None else {month.month: month for month in report.case.months}
    has_budget = report.budget is not None
    titles = [*_TITLES, *(["chance over budget"] if has_budget else []), *(_CASE_TITLES if case else [])]
    widths = (10, *(20 if title.startswith("baseline ") else 15 for title in titles[1:]))
    sheet = book.sheet(SHEET, widths, "Percentiles and volumes are simulated.")
    book.header(sheet, FIRST_ROW - 1, titles)
    so_far = 0.0
    for number, month in enumerate(report.months):
        row, column = FIRST_ROW + number, len(_TITLES)
        _month_cells(book, sheet, row, month)
        if has_budget:
            chance = month.over_budget
            book.put(sheet, row, column, None if chance is None else chance.value, "share")
            column += 1
        if case:
            found = case[month.month]
            so_far += found.saving
            _saving_cells(book, sheet, (row, column), found, so_far)
    last = FIRST_ROW + len(report.months) - 1
    book.name_column("monthly_cost", SHEET, FIRST_ROW, last, 3)
    _chart(book, report, sheet, last)


def _month_cells(book: Book, sheet: Worksheet, row: int, month: CostOfMonth) -> None:
    cost, successes = month.cost, month.successes
    book.put(sheet, row, 0, month.month)
    book.put(sheet, row, 1, month.actions, "count")
    book.put(sheet, row, 2, successes, "count")
    book.put(sheet, row, 3, Formula(_month_formula(row), cost.value), "money")
    for column, level in enumerate(cost.percentiles):
        book.put(sheet, row, 4 + column, level, "money")
    per_success = cost.value / successes if successes else 0.0
    book.put(sheet, row, 7, Formula(f"=IF(C{row + 1}=0,0,D{row + 1}/C{row + 1})", per_success), "unit")


def _month_formula(row: int) -> str:
    """Cost of a month: each group of the ledger with its factor."""
    parts = [
        f'SUMIFS(ledger_cost,ledger_month,A{row + 1},ledger_group,"{group}")*{factor}'
        for group, factor in FACTORS.items()
    ]
    return f'={"+".join(parts)}+SUMIFS(ledger_cost,ledger_month,A{row + 1},ledger_group,"other")'


def _saving_cells(
    book: Book, sheet: Worksheet, place: tuple[int, int], case: BaselineMonth, so_far: float
) -> None:
    row, column = place
    actions, successes = (xl_rowcol_to_cell(row, column + number) for number in range(2))
    for number, volume in enumerate((case.actions, case.successes)):
        book.put(sheet, row, column + number, volume, "count")
    column += 2
    if book.has("value_per_success"):
        baseline = f"=baseline_cost_per_action*{actions}"
        worth = f"+value_per_success*({successes}-baseline_success_rate*{actions})"
    else:
        baseline, worth = f"=baseline_cost_per_action/baseline_success_rate*{successes}", ""
    book.put(sheet, row, column, Formula(baseline, case.baseline), "money")
    here = xl_rowcol_to_cell(row, column)
    book.put(sheet, row, column + 1, Formula(f"={here}{worth}-D{row + 1}", case.saving), "money")
    saving = xl_rowcol_to_cell(row, column + 1)
    before = "" if row == FIRST_ROW else f"+{xl_rowcol_to_cell(row - 1, column + 2)}"
    book.put(sheet, row, column + 2, Formula(f"={saving}{before}", so_far), "money")


def _chart(book: Book, report: CostReport, sheet: Worksheet, last: int) -> None:
    chart = book.file.add_chart({"type": "line"})
    for column, name, color, dash in (
        (4, "P10", GRAY, "dash"),
        (3, "as stated", BLUE, "solid"),
        (6, "P90", ORANGE, "dash"),
    ):
        chart.add_series(
            {
                "name": name,
                "categories": [SHEET, FIRST_ROW, 0, last, 0],
                "values": [SHEET, FIRST_ROW, column, last, column],
                "line": {"color": color, "dash_type": dash, "width": 2},
            }
        )
    chart.set_title({"name": "Cost per month"})
    chart.set_x_axis({"name": "month"})
    chart.set_y_axis({"name": report.currency, "num_format": "#,##0"})
    chart.set_size({"width": 900, "height": 360})
    sheet.insert_chart(last + 3, 0, chart)
