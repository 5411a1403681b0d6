"""Which numbers can be changed in the workbook? The sheet of named assumptions; those that were simulated are marked."""

from collections.abc import Iterator
from typing import NamedTuple

from simulator.formats.workbook.book import Book
from simulator.studies.cost.case_report import BaselineComparison
from simulator.studies.cost.report import CostReport
from simulator.studies.cost.workbook.groups import FIRST_ROW

_INVESTED = "economics.investment, and those of stages, regions and languages"


class _Assumption(NamedTuple):
    """A named cell."""

    label: str
    name: str
    value: float
    source: str
    style: str


def assumptions(book: Book, report: CostReport) -> None:
    """Everything that formulas use, each cell with a name."""
    sheet = book.sheet(
        "Assumptions",
        (44, 18, 26, 48),
        "Yellow: yours to change. Blue: simulated; change the scenario and run again.",
    )
    book.header(sheet, FIRST_ROW - 1, ("assumption", "value", "name in formulas", "where from"), (0, 2, 3))
    for number, one in enumerate(_assumptions(report)):
        row = FIRST_ROW + number
        book.put(sheet, row, 0, one.label)
        book.put(sheet, row, 1, one.value, one.style)
        book.put(sheet, row, 2, one.name, "indented")
        book.put(sheet, row, 3, one.source)
        book.name(one.name, "Assumptions", row, 1, one.value)


def _assumptions(report: CostReport) -> Iterator[_Assumption]:
    prices = "what if prices change (promised spend stays)"
    yield _Assumption("Factor on token prices", "token_price_factor", 1.0, prices, "input")
    gpus = "what if GPUs cost more, or less"
    yield _Assumption("Factor on GPU prices", "gpu_price_factor", 1.0, gpus, "input")
    yield _Assumption(
        "Factor on the cost of people", "people_cost_factor", 1.0, "what if wages change", "input"
    )
    yield _Assumption("Factor on the platform", "platform_factor", 1.0, "what if it costs more", "input")
    if report.budget is not None:
        yield _Assumption(
            "Budget per month", "budget_per_month", report.budget, "economics.budget", "input money"
        )
    if report.case is not None:
        yield from _of_baseline(report.case)
    for label, name, value in (
        ("Actions", "actions", report.actions),
        ("Successful actions", "successes", report.successes),
        ("Requests (turns)", "requests", report.requests),
    ):
        yield _simulated(label, name, value)


def _of_baseline(case: BaselineComparison) -> Iterator[_Assumption]:
    stated = "economics.baseline"
    yield _Assumption(
        "Baseline, cost per action",
        "baseline_cost_per_action",
        case.baseline_per_action,
        stated,
        "input money",
    )
    yield _Assumption(
        "Baseline, success rate", "baseline_success_rate", case.baseline_success_rate, stated, "input share"
    )
    if case.value_per_success is not None:
        source = "economics.value_per_success"
        yield _Assumption(
            "Value of a success", "value_per_success", case.value_per_success, source, "input money"
        )
    yield _Assumption("Investment", "investment", case.investment, _INVESTED, "input money")
    actions = sum(month.actions for month in case.months)
    yield _simulated("Actions of the baseline", "baseline_actions", actions)
    successes = sum(month.successes for month in case.months)
    yield _simulated("Successes of these", "baseline_successes", successes)


def _simulated(label: str, name: str, value: float) -> _Assumption:
    return _Assumption(label, name, value, "simulated, all months", "simulated")
