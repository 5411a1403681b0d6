"""The sheet of the ledger: every line of the forecast, whose cost is a formula on its quantity and price."""

from typing import NamedTuple

import pandas as pd
from xlsxwriter.utility import xl_rowcol_to_cell

from simulator.formats.workbook.book import Book, Formula
from simulator.studies.cost.workbook.groups import FIRST_ROW, GROUPS


class _Column(NamedTuple):
    title: str
    key: str
    style: str
    width: int


_COLUMNS = (
    _Column("month", "month", "text", 9),
    _Column("stage", "stage", "text", 14),
    _Column("workload", "workload", "text", 16),
    _Column("users' region", "region", "text", 14),
    _Column("tenant", "tenant", "text", 14),
    _Column("target", "target", "text", 16),
    _Column("target's region", "target_region", "text", 14),
    _Column("category", "category", "text", 22),
    _Column("group", "group", "text", 10),
    _Column("quantity (simulated)", "quantity", "count", 18),
    _Column("unit", "unit", "indented", 9),
    _Column("unit price", "unit_price_usd", "price", 14),
    _Column("cost", "cost", "cents", 16),
)
_PLACES = {column.key: place for place, column in enumerate(_COLUMNS)}
_COUNTED = ("token", "call", "action")  # units without fractions


def ledger_sheet(book: Book, ledger: pd.DataFrame) -> None:
    """Fill the sheet.

    Parameters
    ----------
    ledger : in the currency of the workbook, whatever its columns are called
    """
    sheet = book.sheet(
        "Ledger",
        [column.width for column in _COLUMNS],
        "One line per month, stage, workload, region, tenant, target and category.",
    )
    texts = [place for place, column in enumerate(_COLUMNS) if column.style in ("text", "indented")]
    book.header(sheet, FIRST_ROW - 1, [column.title for column in _COLUMNS], texts)
    shown = _with_costs(ledger)
    lines = shown.itertuples(index=False, name=None)
    for row, (line, unit) in enumerate(zip(lines, shown.unit, strict=True), start=FIRST_ROW):
        for place, (column, cell) in enumerate(zip(_COLUMNS, line, strict=True)):
            is_fraction = column.key == "quantity" and unit not in _COUNTED
            found = Formula(_product(row), cell) if column.key == "cost" else cell
            book.put(sheet, row, place, found, "fraction" if is_fraction else column.style)
    last = FIRST_ROW + max(len(ledger) - 1, 0)
    for key in ("month", "category", "group", "cost"):
        book.name_column(f"ledger_{key}", "Ledger", FIRST_ROW, last, _PLACES[key])
    sheet.freeze_panes(FIRST_ROW, 0)
    sheet.repeat_rows(FIRST_ROW - 1)
    sheet.autofilter(FIRST_ROW - 1, 0, last, len(_COLUMNS) - 1)


def _with_costs(ledger: pd.DataFrame) -> pd.DataFrame:
    """The columns of the sheet."""
    groups = [GROUPS.get(category, "other") for category in ledger.category]
    shown = ledger.assign(group=groups, cost=ledger.quantity * ledger.unit_price_usd)
    return shown[[column.key for column in _COLUMNS]]


def _product(row: int) -> str:
    """Formula of a cost."""
    quantity, price = (xl_rowcol_to_cell(row, _PLACES[key]) for key in ("quantity", "unit_price_usd"))
    return f"={quantity}*{price}"
