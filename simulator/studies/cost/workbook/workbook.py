"""The workbook of `rollout cost --xlsx`: what finance opens, with live formulas on named assumptions.

Every formula is written with the value it has, because XlsxWriter does not calculate. What was simulated is marked and
does not follow the formulas: the workbook reprices a forecast, it does not simulate.
"""

from pathlib import Path

import pandas as pd

from simulator.formats.workbook.book import opened
from simulator.studies.cost.report import CostReport
from simulator.studies.cost.workbook.assumptions import assumptions
from simulator.studies.cost.workbook.ledger import ledger_sheet
from simulator.studies.cost.workbook.monthly import monthly
from simulator.studies.cost.workbook.provenance import provenance
from simulator.studies.cost.workbook.sensitivity import scenarios, sensitivity
from simulator.studies.cost.workbook.summary import summary
from simulator.studies.cost.workbook.unit_economics import unit_economics


def write_workbook(path: Path, report: CostReport, ledger: pd.DataFrame) -> None:
    """Write the workbook of a cost report.

    Parameters
    ----------
    ledger : of the forecast, amounts in the currency of the report (`simulator.economics.forecast_ledger`)
    """
    with opened(path, f"Costs of {report.scenario}", report.scenario, report.currency) as book:
        summary_sheet = book.sheet("Summary", (42, 18, 14, 14, 14))
        assumptions(book, report)
        economics_sheet = book.sheet(
            "Unit economics", (34, 18, 16, 18), "Live formulas on the names of Assumptions."
        )
        monthly(book, report)
        scenarios(book, report)
        sensitivity(book, report)
        ledger_sheet(book, ledger)
        provenance(book, report)
        total = unit_economics(book, report, economics_sheet, ledger)
        summary(book, report, summary_sheet, total)
