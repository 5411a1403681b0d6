"""The sheet that is printed: cost, unit costs, business case."""

from xlsxwriter.worksheet import Worksheet

from simulator.formats.workbook.book import Book, Cell, Formula
from simulator.studies.cost.case_report import BaselineComparison
from simulator.studies.cost.report import Amount, CostReport
from simulator.studies.cost.wording import break_even_rate
from simulator.studies.cost.workbook.groups import FIRST_ROW


def summary(book: Book, report: CostReport, sheet: Worksheet, total: str) -> None:
    """Fill the sheet.

    Parameters
    ----------
    total : cell of the total cost
    """
    book.header(sheet, FIRST_ROW - 1, ("", "as stated", *report.percentile_columns))
    rows: tuple[tuple[str, Amount | None, str, str], ...] = (
        ("cost in all", report.total, "money", ""),
        ("cost per request", report.per_request, "unit", "requests"),
        ("cost per action", report.per_action, "unit", "actions"),
        ("cost per successful action", report.per_successful_action, "unit", "successes"),
    )
    row = FIRST_ROW
    for label, amount, style, unit in rows:
        if amount is None:
            continue
        worth = book.value("total_cost") / book.value(unit) if unit else book.value("total_cost")
        book.put(sheet, row, 0, label)
        book.put(sheet, row, 1, Formula(f"={total}/{unit}" if unit else f"={total}", worth), style)
        for column, level in enumerate(amount.percentiles):
            book.put(sheet, row, 2 + column, level, style)
        row += 1
    if report.case is not None:
        _case_rows(book, report.case, sheet, row + 1)


def _case_rows(book: Book, case: BaselineComparison, sheet: Worksheet, row: int) -> None:
    book.header(sheet, row, ("against the baseline", "as stated"))
    book.put(sheet, row + 1, 0, "saving")
    book.put(sheet, row + 1, 1, Formula("=saving", book.value("saving")), "money")
    volume, rate = case.break_even_actions_per_month, case.break_even_success_rate
    later: tuple[tuple[str, Cell, str], ...] = (
        ("saving per month after the stages", case.later_saving_per_month, "money"),
        ("break-even volume, actions per month", "none" if volume is None else volume, "count"),
        ("break-even success rate", rate if rate and rate <= 1.0 else break_even_rate(rate), "share"),
        ("payback", case.payback_month or f"not within {case.horizon_months} months", "text"),
        (f"net present value, {case.horizon_months} months", case.npv, "money"),
    )
    for number, (label, value, style) in enumerate(later):
        book.put(sheet, row + 2 + number, 0, label)
        book.put(sheet, row + 2 + number, 1, value, "right" if isinstance(value, str) else style)
        book.put(sheet, row + 2 + number, 2, "worked out by rollout: does not follow Assumptions", "remark")
