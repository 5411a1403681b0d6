"""What every sheet of the workbook is written with: cells that are escaped, formulas with their value, names."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from simulator.render.terminal_tables import Document
from simulator.studies.cost.exports.escaping import escaped_text

Cell = str | float | int | None
_MONEY_FORMAT = {"USD": '"$"#,##0', "EUR": '"€"#,##0', "GBP": '"£"#,##0'}


@dataclass(frozen=True)
class Formula:
    """A live formula and what it comes to."""

    text: str
    value: float | str


@dataclass
class Book:
    """The workbook being written: its formats, and the named cells with their values."""

    file: xlsxwriter.Workbook
    document: Document
    formats: Mapping[str, Format]
    names: dict[str, float]

    def sheet(self, name: str, widths: Sequence[float], note: str = "") -> Worksheet:
        """A new sheet with its title in the first row; a note below it."""
        made = self.file.add_worksheet(name)
        made.hide_gridlines(2)
        made.set_landscape()
        made.set_paper(9)  # A4
        made.fit_to_pages(1, 0)  # all columns on a page, as many pages as there are rows
        for column, width in enumerate(widths):
            made.set_column(column, column, width)
        made.write_string(
            0, 0, f"{name}: {escaped_text(str(self.document['scenario']))}", self.formats["title"]
        )
        if note:
            made.write_string(1, 0, note, self.formats["note"])
        return made

    def header(
        self, sheet: Worksheet, row: int, titles: Sequence[str], texts: Collection[int] = (0,)
    ) -> None:
        """A row of column titles, high enough for two lines; right above numbers, left above the columns of text."""
        sheet.set_row(row, 30)
        for column, title in enumerate(titles):
            style = "header" if column in texts else "header right"
            sheet.write_string(row, column, title, self.formats[style])

    def put(self, sheet: Worksheet, row: int, column: int, cell: Cell | Formula, style: str = "text") -> None:
        """One cell: text is escaped, a formula is written with its value, None stays empty."""
        form = self.formats[style]
        if isinstance(cell, Formula):
            sheet.write_formula(row, column, cell.text, form, cell.value)
        elif isinstance(cell, str):
            sheet.write_string(row, column, escaped_text(cell), form)
        elif cell is None:
            sheet.write_blank(row, column, None, form)
        else:
            sheet.write_number(row, column, cell, form)

    def name(self, name: str, sheet: str, row: int, column: int, value: float) -> None:
        """Give a cell a name that formulas can use."""
        place = xl_rowcol_to_cell(row, column, row_abs=True, col_abs=True)
        self.file.define_name(name, f"='{sheet}'!{place}")
        self.names[name] = value

    def name_column(self, name: str, sheet: str, first: int, last: int, column: int) -> None:
        """Give rows of a column a name."""
        top = xl_rowcol_to_cell(first, column, row_abs=True, col_abs=True)
        bottom = xl_rowcol_to_cell(last, column, row_abs=True, col_abs=True)
        self.file.define_name(name, f"='{sheet}'!{top}:{bottom}")


def formats_of(file: xlsxwriter.Workbook, currency: str) -> dict[str, Format]:
    """How cells of every kind look; amounts in the currency."""
    money = _MONEY_FORMAT.get(currency, f'"{currency}" #,##0')
    kinds: dict[str, dict[str, Any]] = {
        "text": {},
        "right": {"align": "right"},
        "indented": {"indent": 1},
        "note": {"italic": True, "font_color": "#555555"},
        "remark": {"italic": True, "font_color": "#555555", "indent": 1},
        "title": {"bold": True, "font_size": 14},
        "header": {"bold": True, "bottom": 1, "text_wrap": True, "valign": "bottom"},
        "header right": {"bold": True, "bottom": 1, "text_wrap": True, "valign": "bottom", "align": "right"},
        "money": {"num_format": money},
        "cents": {"num_format": f"{money}.00"},
        "unit": {"num_format": f"{money}.000000"},
        "price": {"num_format": "0.000000000"},
        "count": {"num_format": "#,##0"},
        "share": {"num_format": "0.0%"},
        "number": {"num_format": "0.000"},
        "fraction": {"num_format": "#,##0.000"},
        "input": {"num_format": "General", "bg_color": "#FFF2CC", "border": 1},
        "input money": {"num_format": f"{money}.00", "bg_color": "#FFF2CC", "border": 1},
        "input share": {"num_format": "0.0%", "bg_color": "#FFF2CC", "border": 1},
        "simulated": {"num_format": "#,##0", "bg_color": "#DDEBF7", "border": 1},
        "total": {"num_format": money, "bold": True, "top": 1},
        "total unit": {"num_format": f"{money}.000000", "bold": True, "top": 1},
    }
    return {name: file.add_format(kind) for name, kind in kinds.items()}
