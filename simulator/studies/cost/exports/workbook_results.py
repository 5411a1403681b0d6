"""Sheets of the workbook with results: summary, unit economics, months, scenarios and sensitivity."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from xlsxwriter.utility import xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from simulator.studies.cost.cost_tables import break_even_rate
from simulator.studies.cost.exports.workbook_book import Book, Formula
from simulator.studies.cost.exports.workbook_inputs import FACTORS, FIRST_ROW, GROUPS
from simulator.studies.sweep.sensitivity import MIN_POINTS

_ORANGE, _BLUE, _GREY = "#D55E00", "#0072B2", "#999999"  # Okabe and Ito: told apart by everybody
_LEVELS = ("p10", "p50", "p90")
_CASE_TITLES = (
    "baseline actions (simulated)",
    "baseline successes (simulated)",
    "baseline",
    "saving",
    "savings so far",
)


def unit_economics(book: Book, sheet: Worksheet, ledger: pd.DataFrame) -> str:
    """Cost by category, in all and per unit, as formulas; returns the cell of the total."""
    document = book.document
    book.header(sheet, FIRST_ROW - 1, ("category", "cost", "per action", "per success"))
    costs = (ledger["quantity"] * ledger["unit_price_usd"]).groupby(ledger["category"], sort=False).sum()
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
    if document["case"] is not None:
        _case_rows(book, sheet, row + 2)
    _waterfall_rows(book, sheet, row + 8)
    return total


def _unit_row(book: Book, sheet: Worksheet, row: int, cost: Formula, styles: tuple[str, str]) -> None:
    place = xl_rowcol_to_cell(row, 1)
    book.put(sheet, row, 1, cost, styles[0])
    for column, unit in ((2, "actions"), (3, "successes")):
        value = float(cost.value) / book.names[unit] if book.names[unit] else 0.0
        book.put(sheet, row, column, Formula(f"=IF({unit}=0,0,{place}/{unit})", value), styles[1])


def _case_rows(book: Book, sheet: Worksheet, row: int) -> None:
    """Saving against the baseline, as formulas."""
    names = book.names
    if "value_per_success" in names:
        text = (
            "=value_per_success*(baseline_successes-baseline_success_rate*baseline_actions)"
            "+baseline_cost_per_action*baseline_actions-total_cost"
        )
    else:
        text = "=baseline_cost_per_action/baseline_success_rate*baseline_successes-total_cost"
    saving = book.document["case"]["saving"]
    book.put(sheet, row, 0, "saving against the baseline")
    book.put(sheet, row, 1, Formula(text, saving), "money")
    place = xl_rowcol_to_cell(row, 1)
    book.put(sheet, row + 1, 0, "saving per action")
    per_action = saving / names["baseline_actions"] if names["baseline_actions"] else 0.0
    book.put(
        sheet, row + 1, 1, Formula(f"=IF(baseline_actions=0,0,{place}/baseline_actions)", per_action), "unit"
    )
    book.put(sheet, row + 2, 0, "saving less the investment")
    book.put(sheet, row + 2, 1, Formula(f"={place}-investment", saving - names["investment"]), "money")
    book.name("saving", "Unit economics", row, 1, saving)


def _waterfall_rows(book: Book, sheet: Worksheet, row: int) -> None:
    """From the happy path to the full cost: simulated parts, and their running total as formulas."""
    book.header(
        sheet,
        row,
        ("from the happy path to the full cost", "in all (simulated)", "per action", "running total"),
    )
    running = 0.0
    for number, part in enumerate(book.document["waterfall"]):
        at = row + 1 + number
        amount = part["per_action"] or 0.0
        running += amount
        book.put(sheet, at, 0, part["part"])
        book.put(sheet, at, 1, part["cost"], "money")
        book.put(sheet, at, 2, amount, "unit")
        here = xl_rowcol_to_cell(at, 2)
        before = "" if number == 0 else f"+{xl_rowcol_to_cell(at - 1, 3)}"
        book.put(sheet, at, 3, Formula(f"={here}{before}", running), "unit")


def monthly(book: Book) -> None:
    """Month by month: simulated volume, cost as formulas on the ledger, percentiles, budget and saving."""
    document = book.document
    case = {month["month"]: month for month in (document["case"] or {"months": []})["months"]}
    titles = [
        "month",
        "actions (simulated)",
        "successes (simulated)",
        "cost",
        "P10",
        "P50",
        "P90",
        "per success",
    ]
    titles += ["chance over budget"] if document["budget"] is not None else []
    titles += [*_CASE_TITLES] if case else []
    widths = (10, *(20 if title.startswith("baseline ") else 15 for title in titles[1:]))
    sheet = book.sheet("Monthly forecast", widths, "Percentiles and volumes are simulated.")
    book.header(sheet, FIRST_ROW - 1, titles)
    so_far = 0.0
    for number, month in enumerate(document["months"]):
        row = FIRST_ROW + number
        book.put(sheet, row, 0, month["month"])
        book.put(sheet, row, 1, month["actions"], "count")
        book.put(sheet, row, 2, month["successes"], "count")
        cost = month["cost"]["value"]
        book.put(sheet, row, 3, Formula(_month_formula(row), cost), "money")
        for column, level in enumerate(_LEVELS):
            book.put(sheet, row, 4 + column, month["cost"][level], "money")
        successes = month["successes"]
        per_success = cost / successes if successes else 0.0
        book.put(sheet, row, 7, Formula(f"=IF(C{row + 1}=0,0,D{row + 1}/C{row + 1})", per_success), "unit")
        column = 8
        if document["budget"] is not None:
            chance = month["over_budget"]
            book.put(sheet, row, column, None if chance is None else chance["value"], "share")
            column += 1
        if case:
            found = case[month["month"]]
            so_far += found["saving"]
            _saving_cells(book, sheet, (row, column), found, so_far)
    last = FIRST_ROW + len(document["months"]) - 1
    book.name_column("monthly_cost", "Monthly forecast", FIRST_ROW, last, 3)
    _month_chart(book, sheet, last)


def _month_formula(row: int) -> str:
    """Cost of a month: each group of the ledger with its factor."""
    parts = [
        f'SUMIFS(ledger_cost,ledger_month,A{row + 1},ledger_group,"{group}")*{factor}'
        for group, factor in FACTORS.items()
    ]
    return f'={"+".join(parts)}+SUMIFS(ledger_cost,ledger_month,A{row + 1},ledger_group,"other")'


def _saving_cells(
    book: Book, sheet: Worksheet, place: tuple[int, int], case: Mapping[str, Any], so_far: float
) -> None:
    row, column = place
    actions, successes = (xl_rowcol_to_cell(row, column + number) for number in range(2))
    for number, key in enumerate(("actions", "successes")):
        book.put(sheet, row, column + number, case[key], "count")
    column += 2
    if "value_per_success" in book.names:
        baseline = f"=baseline_cost_per_action*{actions}"
        worth = f"+value_per_success*({successes}-baseline_success_rate*{actions})"
    else:
        baseline, worth = f"=baseline_cost_per_action/baseline_success_rate*{successes}", ""
    book.put(sheet, row, column, Formula(baseline, case["baseline"]), "money")
    here = xl_rowcol_to_cell(row, column)
    book.put(sheet, row, column + 1, Formula(f"={here}{worth}-D{row + 1}", case["saving"]), "money")
    saving = xl_rowcol_to_cell(row, column + 1)
    before = "" if row == FIRST_ROW else f"+{xl_rowcol_to_cell(row - 1, column + 2)}"
    book.put(sheet, row, column + 2, Formula(f"={saving}{before}", so_far), "money")


def _month_chart(book: Book, sheet: Worksheet, last: int) -> None:
    chart = book.file.add_chart({"type": "line"})
    months = ["Monthly forecast", FIRST_ROW, 0, last, 0]
    for column, name, colour, dash in (
        (4, "P10", _GREY, "dash"),
        (3, "expected", _BLUE, "solid"),
        (6, "P90", _ORANGE, "dash"),
    ):
        chart.add_series(
            {
                "name": name,
                "categories": months,
                "values": ["Monthly forecast", FIRST_ROW, column, last, column],
                "line": {"color": colour, "dash_type": dash, "width": 2},
            }
        )
    chart.set_title({"name": "Cost per month"})
    chart.set_x_axis({"name": "month"})
    chart.set_y_axis({"name": book.document["currency"], "num_format": "#,##0"})
    chart.set_size({"width": 900, "height": 360})
    sheet.insert_chart(last + 3, 0, chart)


def scenarios(book: Book) -> None:
    """What is expected beside P10, P50 and P90 of every unit cost."""
    sheet = book.sheet(
        "Scenarios", (34, 18, 18, 18, 18), "Each percentile for itself: percentiles of parts do not add up."
    )
    book.header(sheet, FIRST_ROW - 1, ("", "expected", "P10", "P50", "P90"))
    rows = (
        ("cost in all", "total", "money"),
        ("cost per request", "per_request", "unit"),
        ("cost per action", "per_action", "unit"),
        ("cost per successful action", "per_successful_action", "unit"),
    )
    for number, (label, key, style) in enumerate(rows):
        row, found = FIRST_ROW + number, book.document[key]
        book.put(sheet, row, 0, label)
        for column, level in enumerate(("value", *_LEVELS)):
            book.put(sheet, row, 1 + column, None if found is None else found[level], style)
    row = FIRST_ROW + len(rows) + 1
    book.header(
        sheet, row, ("range of an input", "factor at P10", "factor at P90", "cost at P10", "cost at P90")
    )
    for number, swing in enumerate(book.document["sensitivity"]):
        at = row + 1 + number
        book.put(sheet, at, 0, swing["input"].replace("_", " "))
        for column, (key, style) in enumerate(
            (("low_factor", "number"), ("high_factor", "number"), ("low", "money"), ("high", "money"))
        ):
            book.put(sheet, at, 1 + column, swing[key], style)


def sensitivity(book: Book) -> None:
    """The tornado: what each input does alone to the cost in all."""
    note = (
        "Cost in all when one input is at the P10 or the P90 of its range, less what is expected (simulated)."
    )
    sheet = book.sheet("Sensitivity", (28, 18, 18, 22), note)
    book.header(sheet, FIRST_ROW - 1, ("input", "at its P10", "at its P90", "share of the variance"))
    total = book.document["total"]["value"]
    swings = book.document["sensitivity"]
    for number, swing in enumerate(swings):
        row = FIRST_ROW + number
        book.put(sheet, row, 0, swing["input"].replace("_", " "))
        book.put(sheet, row, 1, swing["low"] - total, "money")
        book.put(sheet, row, 2, swing["high"] - total, "money")
        share = swing["first_order"]
        if share is None:
            book.put(sheet, row, 3, f"from {MIN_POINTS} draws on", "indented")
        else:
            book.put(sheet, row, 3, share, "share")
    if not swings:
        book.put(sheet, FIRST_ROW, 0, "No input of the scenario has a range (economics.uncertain).", "note")
        return
    last = FIRST_ROW + len(swings) - 1
    chart = book.file.add_chart({"type": "bar", "subtype": "stacked"})
    for column, name, colour in ((1, "at its P10", _BLUE), (2, "at its P90", _ORANGE)):
        chart.add_series(
            {
                "name": name,
                "categories": ["Sensitivity", FIRST_ROW, 0, last, 0],
                "values": ["Sensitivity", FIRST_ROW, column, last, column],
                "fill": {"color": colour},
            }
        )
    chart.set_title({"name": "What each input does to the cost in all"})
    chart.set_x_axis({"name": f"change of the cost ({book.document['currency']})", "num_format": "#,##0"})
    chart.set_y_axis({"name": "input", "reverse": True, "label_position": "low"})
    chart.set_size({"width": 900, "height": 120 + 50 * len(swings)})
    sheet.insert_chart(last + 3, 0, chart)


def summary(book: Book, sheet: Worksheet, total: str) -> None:
    """The page that is printed: cost, unit costs, business case."""
    document, names = book.document, book.names
    book.header(sheet, FIRST_ROW - 1, ("", "expected", "P10", "P50", "P90"))
    rows = (
        ("cost in all", "total", "money", f"={total}", names["total_cost"]),
        ("cost per request", "per_request", "unit", f"={total}/requests", None),
        ("cost per action", "per_action", "unit", f"={total}/actions", None),
        ("cost per successful action", "per_successful_action", "unit", f"={total}/successes", None),
    )
    row = FIRST_ROW
    for label, key, style, text, value in rows:
        if document[key] is None:
            continue
        unit = {"per_request": "requests", "per_action": "actions", "per_successful_action": "successes"}.get(
            key
        )
        worth = value if unit is None else names["total_cost"] / names[unit]
        book.put(sheet, row, 0, label)
        book.put(sheet, row, 1, Formula(text, worth or 0.0), style)
        for column, level in enumerate(_LEVELS):
            book.put(sheet, row, 2 + column, document[key][level], style)
        row += 1
    case = document["case"]
    if case is None:
        return
    row += 1
    book.header(sheet, row, ("against the baseline", "expected"))
    book.put(sheet, row + 1, 0, "saving")
    book.put(sheet, row + 1, 1, Formula("=saving", names["saving"]), "money")
    volume, rate = case["break_even_actions_per_month"], case["break_even_success_rate"]
    later = (
        ("saving per month after the stages", case["later_saving_per_month"], "money"),
        (
            "break-even volume, actions per month",
            "none" if volume is None else volume,
            "count",
        ),
        ("break-even success rate", rate if rate and rate <= 1.0 else break_even_rate(rate), "share"),
        ("payback", case["payback_month"] or f"not within {case['horizon_months']} months", "text"),
        (f"net present value, {case['horizon_months']} months", case["npv"], "money"),
    )
    for number, (label, value, style) in enumerate(later):
        book.put(sheet, row + 2 + number, 0, label)
        book.put(sheet, row + 2 + number, 1, value, "right" if isinstance(value, str) else style)
        book.put(sheet, row + 2 + number, 2, "worked out by rollout: does not follow Assumptions", "remark")
