"""Whether a rollout is worth it, what would save most, and whether its forecast agrees with a bill, for people."""

from collections.abc import Iterator
from functools import partial

from simulator.render.numbers import Unit, quantity
from simulator.render.sections import Cell, Figure, Quantity, Row, Section, Table
from simulator.studies.cost.case_report import BillMonth, CaseRange, LeverSaving
from simulator.studies.cost.figures import saving_figure
from simulator.studies.cost.report import CostReport
from simulator.studies.cost.wording import break_even_rate, within_one
from simulator.theory.estimate import Estimate


def baseline_sections(report: CostReport) -> Iterator[Section]:
    """The rollout against the process of today; nothing, if the scenario states none."""
    case = report.case
    if case is None:
        return
    horizon = f"{case.horizon_months} months, {quantity(case.discount_rate, 'share')} per year"
    ranges = case.ranges
    paybacks = (None,) * 3 if ranges is None else ranges.payback_month
    never = f"not within {case.horizon_months} months"
    rows: list[tuple[str, Cell, list[Cell]]] = [
        ("baseline, per action", report.money(case.baseline_per_action), []),
        (
            "rollout, per action",
            report.money(None if report.per_action is None else report.per_action.value),
            [],
        ),
        (
            "saving in all",
            report.money(case.saving),
            _levels(report, None if ranges is None else ranges.saving),
        ),
        ("saving per action", report.money(case.saving_per_action), []),
        (
            "saving per month after the stages",
            report.money(case.later_saving_per_month),
            _levels(report, None if ranges is None else ranges.later_saving_per_month),
        ),
        ("break-even volume per month", Quantity(case.break_even_actions_per_month, "count"), []),
        ("break-even success rate", break_even_rate(case.break_even_success_rate), []),
        ("success rate", within_one(case.success_rate), []),
        (
            "payback",
            case.payback_month or never,
            [] if ranges is None else [month or never for month in paybacks],
        ),
        (
            f"net present value ({horizon})",
            report.money(case.npv),
            _levels(report, None if ranges is None else ranges.npv),
        ),
        ("actions right without people", Quantity(round(case.deflected_actions), "count"), []),
    ]
    if case.freed_person_hours is not None:
        rows.append(("person-hours freed", Quantity(round(case.freed_person_hours), "count"), []))
    columns = ("as stated" if report.draws else "expected", *report.percentile_columns)
    shown = [Row(label, [cell, *(levels or [""] * 3)]) for label, cell, levels in rows]
    yield Table(columns, [shown], "against the baseline")
    if len(case.investments) > 1:
        paid = [Row(one.what, [one.month, report.money(one.amount)]) for one in case.investments]
        yield Table(
            ("month", "paid"), [paid, [Row("all", ["", report.money(case.investment)])]], "investment"
        )
    alt = "Saving of every month and in all, less what was invested"
    yield Figure("Saving against the process of today", partial(saving_figure, case, report.currency), alt)


def _levels(report: CostReport, found: CaseRange | None) -> list[Cell]:
    """P10, P50 and P90."""
    return [] if found is None else [report.money(level) for level in (found.p10, found.p50, found.p90)]


def lever_sections(report: CostReport) -> Iterator[Section]:
    """What would save most, and what users would feel."""
    if report.levers is None:
        return
    columns = ("saved per month", "per point", "p95 latency", "success")
    rows = [Row(one.lever, _lever_cells(report, one)) for one in report.levers.rows]
    yield Table(columns, [rows], f"lever, at {report.levers.stage}")


def _lever_cells(report: CostReport, one: LeverSaving) -> list[Cell]:
    return [
        report.money(one.saving),
        report.money(one.saving_per_point),
        _felt(one.latency_p95, "time"),
        _felt(one.success_rate, "share"),
    ]


def _felt(difference: Estimate | None, unit: Unit) -> Cell:
    """A difference with its sign; in words where its interval holds zero."""
    if difference is not None and difference.low <= 0.0 <= difference.high:
        return "no change"
    return Quantity(difference, unit, signed=True)


def bill_sections(report: CostReport) -> Iterator[Section]:
    """What was billed for hosted models, beside the forecast."""
    bill = report.bill
    if bill is None:
        return
    months = [Row(month.month, _bill_cells(report, month)) for month in bill.months]
    total = [
        report.money(bill.actual),
        report.money(bill.forecast),
        Quantity(bill.error, "share", signed=True),
    ]
    mean = Quantity(bill.mean_absolute_error, "share", before="±")
    below = [Row("all of these", total), Row("mean error of a month", ["", "", mean])]
    yield Table(("billed", "forecast", "error"), [months, below], "hosted models")


def _bill_cells(report: CostReport, month: BillMonth) -> list[Cell]:
    error = Quantity(month.error, "share", signed=True)
    return [report.money(month.actual), report.money(month.forecast), error]


def bill_notes(report: CostReport) -> Iterator[str]:
    """What keeps a month of the bill from being compared."""
    if report.bill is None:
        return
    yield from (f"{report.bill.file}: {note}" for note in report.bill.notes)
    if report.bill.other_months:
        yield f"billed, and not forecast: {', '.join(report.bill.other_months)}"
    for month in report.bill.months:
        if month.is_partial:
            yield (
                f"{month.month} is billed for {month.actual_days:.3g} days and forecast for "
                f"{month.forecast_days:.3g} days: its error says nothing yet"
            )
