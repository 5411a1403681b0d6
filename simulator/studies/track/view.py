"""Forecasts against what came, for people: every month, the causes of the difference, bias, budgets, corrections."""

from collections.abc import Iterator
from functools import partial
from math import isfinite

from simulator.render.sections import Cell, Figure, Heading, Notes, Quantity, Row, Section, Table
from simulator.studies.footer import version
from simulator.studies.track.figures import causes_figure, months_figure
from simulator.studies.track.report import Bias, BudgetDate, Compared, ComparedMonth, Correction, TrackReport


def sections(report: TrackReport) -> list[Section]:
    """Everything `rollout track` shows."""
    return [
        Heading(_headline(report), report.verdict),
        Notes(report.reasons),
        *(section for month in report.months[-1:] for section in _month(report, month)),
        *_over_time(report),
        Table(
            ("amount", "spent so far", "projected", "runs out on"),
            [[_budget(report, one) for one in report.budgets]],
            "budget",
            "Budgets",
        ),
        Table(
            ("forecast", "came", "part of the difference"),
            [[_correction(report, one) for one in report.corrections]],
            "in the scenario",
            "What to correct",
        ),
        Notes(report.warnings),
        Notes(list(_footer(report)), "footer"),
    ]


def _headline(report: TrackReport) -> str:
    if not report.months:
        return f"{report.scenario}: forecast kept, and nothing came yet"
    last = report.months[-1]
    return (
        f"{report.scenario}, {last.month}: forecast of {last.forecast_made} against {', '.join(last.files)}"
    )


def _month(report: TrackReport, month: ComparedMonth) -> Iterator[Section]:
    span = f"{month.begin} to {month.end}, {', '.join(month.stages)}"
    yield Table(
        ("forecast", "came", "forecast is off by"),
        [[_compared(report, one) for one in month.measures]],
        "measure",
        f"{month.month}: {span}",
    )
    yield Notes(month.notes)
    running = month.forecast
    rows = [Row("forecast", ["", report.money(running)])]
    for part in month.parts:
        running += part.amount
        rows.append(Row(part.cause, [_money(report, part.amount, signed=True), report.money(running)]))
    last = Row("came", [_money(report, month.difference, signed=True), report.money(month.actual)])
    if month.parts:
        yield Table(("change", "running total"), [rows, [last]], "cause", "Why the cost differs")
        yield Figure(
            "From the forecast to what came",
            partial(causes_figure, report),
            "Cost as forecast, the part of every cause, cost as it came",
        )


def _over_time(report: TrackReport) -> Iterator[Section]:
    if len(report.months) > 1:
        rows = [
            Row(
                month.month,
                [
                    month.forecast_made,
                    report.money(month.forecast),
                    report.money(month.actual),
                    Quantity(_error(month), "share", signed=True),
                ],
            )
            for month in report.months
        ]
        yield Table(("forecast made", "forecast", "came", "off by"), [rows], "month", "Cost by month")
        yield Figure("Cost by month", partial(months_figure, report), "Cost of each month: forecast and came")
    yield Table(
        ("months", "too high", "too low", "mean"),
        [[_bias(one) for one in report.bias]],
        "measure",
        "Bias of the forecasts",
    )


def _error(month: ComparedMonth) -> float | None:
    return month.forecast / month.actual - 1.0 if month.actual > 0.0 else None


def _money(report: TrackReport, amount: float, *, signed: bool) -> Quantity:
    return Quantity(amount, "money", signed=signed, currency=report.currency)


def _of_unit(report: TrackReport, value: float, unit: str) -> Quantity:
    return Quantity(value, unit, currency=report.currency)  # type: ignore[arg-type]


def _compared(report: TrackReport, one: Compared) -> Row:
    cells: list[Cell] = [
        _of_unit(report, one.forecast, one.unit),
        _of_unit(report, one.actual, one.unit),
        Quantity(one.error, "share", signed=True),
    ]
    return Row(one.metric, cells)


def _bias(one: Bias) -> Row:
    mean = one.mean
    value = None if mean is None else mean if isfinite(mean.high) else mean.value
    cells: list[Cell] = [
        Quantity(one.months, "count"),
        Quantity(one.too_high, "count"),
        Quantity(one.too_low, "count"),
        Quantity(value, "share", signed=True),
    ]
    return Row(one.metric, cells)


def _budget(report: TrackReport, one: BudgetDate) -> Row:
    cells: list[Cell] = [
        report.money(one.amount),
        report.money(one.spent),
        report.money(one.projected),
        one.date or "lasts",
    ]
    return Row(one.budget, cells)


def _correction(report: TrackReport, one: Correction) -> Row:
    amount: Cell = "" if one.amount is None else _money(report, one.amount, signed=True)
    cells: list[Cell] = [
        _of_unit(report, one.forecast, one.unit),
        _of_unit(report, one.actual, one.unit),
        amount,
    ]
    return Row(one.path, cells)


def _footer(report: TrackReport) -> Iterator[str]:
    if report.months:
        yield "off by: forecast over what came, less 1; the parts of the causes add up to the difference"
    if report.budgets and report.ratio is not None:
        ratio = f"its tokens at {report.ratio:.3g} times their cost, as in the last month"
        yield f"budgets: what came so far, then the forecast, {ratio}"
    if report.corrections:
        yield "`rollout calibrate LOGS --into FILE` writes what logs tell into the scenario"
    if report.kept_in is not None:
        yield f"{report.forecasts} forecast{'s' if report.forecasts != 1 else ''} kept in {report.kept_in}"
    else:
        yield "nothing was kept; `--out DIR` keeps forecasts and what came"
    yield version(report)
