"""With what is every sheet of a workbook written? Cells that are escaped, formulas with their value, names of cells."""

import io
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from simulator.formats.escaping import escaped_text
from simulator.formats.workbook.styles import formats_of
from simulator.results.store.whole_file import write_whole

Cell = str | float | int | None


@dataclass(frozen=True)
class Formula:
    """A live formula and what it comes to."""

    text: str
    value: float | str


@dataclass
class Book:
    """The workbook being written.

    Attributes
    ----------
    subject : what it is of; every sheet's title names it
    formats : of cells, by name (`simulator.formats.workbook.styles`)
    names : of cells, with their values
    """

    file: xlsxwriter.Workbook
    subject: str
    formats: Mapping[str, Format]
    names: dict[str, float] = field(default_factory=dict)

    def has(self, name: str) -> bool:
        """Whether a cell has a name."""
        return name in self.names

    def value(self, name: str) -> float:
        """The value of a named cell."""
        return self.names[name]

    def sheet(self, name: str, widths: Sequence[float], note: str = "") -> Worksheet:
        """A new sheet with its title in the first row; a note below it."""
        made = self.file.add_worksheet(name)
        made.hide_gridlines(2)
        made.set_landscape()
        made.set_paper(9)  # A4
        made.fit_to_pages(1, 0)  # all columns on a page, as many pages as there are rows
        for column, width in enumerate(widths):
            made.set_column(column, column, width)
        made.write_string(0, 0, f"{name}: {escaped_text(self.subject)}", self.formats["title"])
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


@contextmanager
def opened(path: Path, title: str, subject: str, currency: str) -> Iterator[Book]:
    """Open a workbook to write; it is on the disk when this ends.

    Parameters
    ----------
    title : in the properties of the file
    subject : what it is of; every sheet's title names it
    currency : of amounts
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    content = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(content, options) as file:
        file.set_properties({"title": title, "author": "rollout-simulator"})
        yield Book(file, subject, formats_of(file, currency))
    write_whole(path, content.getvalue())
