"""The workbook of `rollout cost --xlsx`: what finance opens, with live formulas on named assumptions.

Every formula is written with the value it has, because XlsxWriter does not calculate. What was simulated is marked and
does not follow the formulas: the workbook reprices a forecast, it does not simulate.
"""

from pathlib import Path

import pandas as pd
import xlsxwriter

from simulator.render.terminal_tables import Document
from simulator.studies.cost.exports.workbook_book import Book, formats_of
from simulator.studies.cost.exports.workbook_inputs import assumptions, ledger_sheet, provenance
from simulator.studies.cost.exports.workbook_results import (
    monthly,
    scenarios,
    sensitivity,
    summary,
    unit_economics,
)


def write_workbook(path: Path, document: Document, ledger: pd.DataFrame) -> None:
    """Write the workbook of a cost document.

    Parameters
    ----------
    ledger : of the forecast, amounts in the currency of the document (`simulator.economics.forecast_ledger`)
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with xlsxwriter.Workbook(str(path), {"strings_to_formulas": False, "strings_to_urls": False}) as file:
        file.set_properties({"title": f"Costs of {document['scenario']}", "author": "rollout-simulator"})
        book = Book(file, document, formats_of(file, document["currency"]), {})
        summary_sheet = book.sheet("Summary", (42, 18, 14, 14, 14))
        assumptions(book)
        economics_sheet = book.sheet(
            "Unit economics", (34, 18, 16, 18), "Live formulas on the names of Assumptions."
        )
        monthly(book)
        scenarios(book)
        sensitivity(book)
        ledger_sheet(book, ledger)
        provenance(book)
        total = unit_economics(book, economics_sheet, ledger)
        summary(book, summary_sheet, total)
