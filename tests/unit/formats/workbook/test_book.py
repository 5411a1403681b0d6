"""A workbook: text that is only text, formulas with their value, named cells, amounts in its currency."""

from pathlib import Path

from openpyxl import load_workbook

from simulator.formats.workbook.book import Formula, opened


def test_cells_are_read_back_as_they_were_written(tmp_path: Path) -> None:
    path = tmp_path / "new" / "book.xlsx"
    with opened(path, "Costs", "=1+1", "CHF") as book:
        sheet = book.sheet("Summary", (20, 10), "a note")
        book.header(sheet, 2, ("what", "value"))
        book.put(sheet, 3, 0, "@what")
        book.put(sheet, 3, 1, 2.5, "money")
        book.name("price", "Summary", 3, 1, 2.5)
        book.put(sheet, 4, 1, Formula("=price*2", 5.0), "money")
        book.put(sheet, 5, 1, None)
        assert (book.has("price"), book.has("cost")) == (True, False)
        assert book.value("price") == 2.5
    written, values = load_workbook(path), load_workbook(path, data_only=True)
    assert written.properties.title == "Costs"
    assert written["Summary"]["A1"].value == "Summary: '=1+1"
    assert written["Summary"]["A4"].value == "'@what"
    assert written["Summary"]["B4"].number_format == '"CHF" #,##0'
    assert written["Summary"]["B5"].value == "=price*2"
    assert values["Summary"]["B5"].value == 5.0
    assert written["Summary"]["B6"].value is None
    assert written.defined_names["price"].attr_text == "'Summary'!$B$4"
