"""The sheets of what is not sure: percentiles of every unit cost, and what each input does alone to the total."""

from xlsxwriter.worksheet import Worksheet

from simulator.formats.workbook.book import Book
from simulator.formats.workbook.styles import BLUE, ORANGE
from simulator.studies.cost.report import Amount, CostReport
from simulator.studies.cost.workbook.groups import FIRST_ROW
from simulator.theory.sensitivity import MIN_POINTS

_TORNADO = "Sensitivity"


def scenarios(book: Book, report: CostReport) -> None:
    """Inputs as stated beside P10, P50 and P90 of every unit cost, and the ranges of the inputs."""
    sheet = book.sheet(
        "Scenarios", (34, 18, 18, 18, 18), "Each percentile for itself: percentiles of parts do not add up."
    )
    book.header(sheet, FIRST_ROW - 1, ("", "as stated", *report.percentile_columns))
    rows: tuple[tuple[str, Amount | None, str], ...] = (
        ("cost in all", report.total, "money"),
        ("cost per request", report.per_request, "unit"),
        ("cost per action", report.per_action, "unit"),
        ("cost per successful action", report.per_successful_action, "unit"),
    )
    for number, (label, amount, style) in enumerate(rows):
        row = FIRST_ROW + number
        book.put(sheet, row, 0, label)
        levels = (None,) * 4 if amount is None else (amount.value, *amount.percentiles)
        for column, level in enumerate(levels):
            book.put(sheet, row, 1 + column, level, style)
    _ranges(book, sheet, FIRST_ROW + len(rows) + 1, report)


def _ranges(book: Book, sheet: Worksheet, row: int, report: CostReport) -> None:
    titles = ("range of an input", "factor at P10", "factor at P90", "cost at P10", "cost at P90")
    book.header(sheet, row, titles)
    for number, swing in enumerate(report.sensitivity):
        at = row + 1 + number
        book.put(sheet, at, 0, swing.input.replace("_", " "))
        for column, factor in enumerate((swing.low_factor, swing.high_factor)):
            book.put(sheet, at, 1 + column, factor, "number")
        for column, cost in enumerate((swing.low, swing.high)):
            book.put(sheet, at, 3 + column, cost, "money")


def sensitivity(book: Book, report: CostReport) -> None:
    """The tornado: what each input does alone to the cost in all."""
    note = "Cost in all when one input is at the P10 or the P90 of its range, less that with inputs as stated (simulated)."
    sheet = book.sheet(_TORNADO, (28, 18, 18, 22), note)
    book.header(sheet, FIRST_ROW - 1, ("input", "at its P10", "at its P90", "share of the variance"))
    total, swings = report.total.value, report.sensitivity
    for number, swing in enumerate(swings):
        row = FIRST_ROW + number
        book.put(sheet, row, 0, swing.input.replace("_", " "))
        book.put(sheet, row, 1, swing.low - total, "money")
        book.put(sheet, row, 2, swing.high - total, "money")
        if swing.first_order is None:
            book.put(sheet, row, 3, f"from {MIN_POINTS} draws on", "indented")
        else:
            book.put(sheet, row, 3, swing.first_order, "share")
    if swings:
        _chart(book, sheet, report)
    else:
        book.put(sheet, FIRST_ROW, 0, "No input of the scenario has a range (economics.uncertain).", "note")


def _chart(book: Book, sheet: Worksheet, report: CostReport) -> None:
    last = FIRST_ROW + len(report.sensitivity) - 1
    chart = book.file.add_chart({"type": "bar", "subtype": "stacked"})
    for column, name, color in ((1, "at its P10", BLUE), (2, "at its P90", ORANGE)):
        chart.add_series(
            {
                "name": name,
                "categories": [_TORNADO, FIRST_ROW, 0, last, 0],
                "values": [_TORNADO, FIRST_ROW, column, last, column],
                "fill": {"color": color},
            }
        )
    chart.set_title({"name": "What each input does to the cost in all"})
    chart.set_x_axis({"name": f"change of the cost ({report.currency})", "num_format": "#,##0"})
    chart.set_y_axis({"name": "input", "reverse": True, "label_position": "low"})
    chart.set_size({"width": 900, "height": 120 + 50 * len(report.sensitivity)})
    sheet.insert_chart(last + 3, 0, chart)
