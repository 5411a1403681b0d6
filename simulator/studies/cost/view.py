"""Costs for people: what an action costs, month by month, from what it is made, and what its uncertain inputs do."""

from collections.abc import Iterator
from functools import partial

from simulator.render.draws_cell import draws_cell
from simulator.render.numbers import NOTHING
from simulator.render.sections import Cell, Figure, Heading, Notes, Quantity, Row, Section, Table, VerdictMark
from simulator.studies.common.priced import basis_line
from simulator.studies.cost.case_report import CostSwing
from simulator.studies.cost.case_view import baseline_sections, bill_notes, bill_sections, lever_sections
from simulator.studies.cost.figures import (
    month_cost_figure,
    stage_cost_figure,
    tornado_figure,
    waterfall_figure,
)
from simulator.studies.cost.report import Amount, CostOfMonth, CostOfStage, CostReport
from simulator.studies.footer import footer
from simulator.theory.sensitivity import MIN_POINTS

_MOST_ROWS = 60  # of the table that was asked for


def sections(report: CostReport) -> list[Section]:
    """Everything `rollout cost` shows."""
    return [
        _heading(report),
        _unit_costs(report),
        Figure("From the happy path to the full cost", partial(waterfall_figure, report)),
        _months(report),
        Notes([one.message(report.currency) for one in report.undone]),
        Figure(
            "Cost of every month",
            partial(month_cost_figure, report),
            "Cost of every month, with the monthly budget",
        ),
        _stages(report),
        Figure("Cost of a successful action by stage", partial(stage_cost_figure, report)),
        _waterfall(report),
        *_cost_table(report),
        *baseline_sections(report),
        *lever_sections(report),
        *bill_sections(report),
        *_sensitivity(report),
        Notes(
            [
                *_file_notes(report),
                *bill_notes(report),
                *_range_notes(report),
                *_rate_notes(report),
                *report.left_out,
            ],
            "footer",
        ),
        footer(
            report,
            basis_line(report.seed, report.replications, report.interval_level),
            *report.price_lines,
            profiles=report.profiles,
        ),
    ]


def _heading(report: CostReport) -> Heading:
    text = f"{report.scenario}: costs in {report.currency}, capacity: {report.capacity_from}"
    return Heading(text, remark="interrupted: this is what was finished" if report.interrupted else "")


def _unit_costs(report: CostReport) -> Table:
    rows = [
        Row(label, [report.money(amount), *_means(report, amount), *_band(report, amount)])
        for label, amount in (
            ("per request", report.per_request),
            ("per action", report.per_action),
            ("per success", report.per_successful_action),
            ("in all", report.total),
        )
        if amount is not None
    ]
    stated = ("as stated", "mean of draws") if report.draws else ("expected",)
    return Table((*stated, *report.percentile_columns), [rows], "cost")


def _means(report: CostReport, amount: Amount) -> list[Cell]:
    """The mean over the draws, which is what is expected, where anything was drawn."""
    return [report.money(amount.mean)] if report.draws else []


def _band(report: CostReport, amount: Amount | None) -> list[Cell]:
    """P10, P50 and P90."""
    return [report.money(level) for level in (amount.percentiles if amount else (None,) * 3)]


def _months(report: CostReport) -> Table:
    columns = ["stages", "actions", "cost", report.percentile_columns[-1], "per success"]
    rows = [Row(month.month, _month_cells(report, month)) for month in report.months]
    return Table([*columns, *([] if report.budget is None else ["over budget"])], [rows], "month")


def _month_cells(report: CostReport, month: CostOfMonth) -> list[Cell]:
    success = month.per_successful_action
    cells: list[Cell] = [
        ", ".join(month.stages),
        Quantity(round(month.actions), "count"),
        report.money(month.cost.value),
        report.money(month.cost.p90),
        report.money(None if success is None else success.value),
    ]
    return cells if report.budget is None else [*cells, _over(month, report.draws)]


def _over(month: CostOfMonth, n_draws: int) -> Cell:
    """Draws that exceed the budget; without ranges, whether the cost stays within it."""
    if month.over_budget is not None:
        return draws_cell(month.over_budget, n_draws)
    return VerdictMark(month.budget or "UNDECIDED")


def _stages(report: CostReport) -> Table:
    rows = [Row(stage.stage, _stage_cells(report, stage)) for stage in report.stages]
    low, _, high = report.percentile_columns
    return Table(("actions", "cost", "per success", low, high), [rows], "stage")


def _stage_cells(report: CostReport, stage: CostOfStage) -> list[Cell]:
    success = stage.per_successful_action
    low, _, high = _band(report, success)
    actions = Quantity(round(stage.actions), "count")
    return [actions, report.money(stage.cost.value), report.money(success), low, high]


def _waterfall(report: CostReport) -> Table:
    rows, running = [], 0.0
    for step in report.waterfall:
        running += step.per_action or 0.0
        cells = [report.money(amount) for amount in (step.per_action, running, step.cost or None)]
        rows.append(Row(step.part, cells))
    return Table(("per action", "running total", "in all"), [rows], "from the happy path to the full cost")


def _cost_table(report: CostReport) -> Iterator[Section]:
    """The table that was asked for."""
    (first, *others), rows = report.table.by, report.table.rows
    total = sum(row.cost for row in rows)
    shown = []
    for row in rows[:_MOST_ROWS]:
        label, *names = (_named(column, row.values[column]) for column in report.table.by)
        share = Quantity(row.cost / total if total else 0.0, "share")
        shown.append(Row(label, [*names, report.money(row.cost), share, report.money(row.wasted or None)]))
    every = Row("all", [*[""] * len(others), report.money(total), "", ""])
    yield Table((*others, "cost", "share", "unused"), [shown, [every]], first)
    if len(rows) > _MOST_ROWS:
        yield Notes([f"… {len(rows) - _MOST_ROWS} more rows, which count in all: see --json"], "remark")


def _named(column: str, value: str) -> str:
    """A value of the table; categories in words, as elsewhere."""
    return (value.replace("_", " ") if column == "category" else value) or NOTHING


def _sensitivity(report: CostReport) -> Iterator[Section]:
    columns = ("P10", "P90", "cost at P10", "cost at P90", "explains")
    rows = [Row(swing.input.replace("_", " "), _swing_cells(report, swing)) for swing in report.sensitivity]
    yield Table(columns, [rows], "input alone")
    if rows:
        alt = "Cost of the rollout with each input at its P10 and P90"
        yield Figure("What each uncertain input does by itself", partial(tornado_figure, report), alt)


def _swing_cells(report: CostReport, swing: CostSwing) -> list[Cell]:
    explains = None if swing.first_order is None else max(swing.first_order, 0.0)
    return [
        Quantity(swing.low_factor, "number", before="× "),
        Quantity(swing.high_factor, "number", before="× "),
        report.money(swing.low),
        report.money(swing.high),
        Quantity(explains, "share"),
    ]


def _file_notes(report: CostReport) -> Iterator[str]:
    if report.files:
        yield f"written: {', '.join(report.files)}"


def _range_notes(report: CostReport) -> Iterator[str]:
    if not report.draws:
        yield (
            "P10, P50, P90: simulation noise, nothing of the inputs; give `economics.uncertain` ranges to see how sure "
            "the rollout is"
        )
        return
    yield f"P10, P50, P90: {report.draws} draws of the uncertain inputs, each with the same users"
    if report.capacity:
        yield "in a draw staff, quota and replicas follow demand: in proportion, on the levels of their knobs"
    if report.draws < MIN_POINTS:
        yield f"an input's share of the variance needs {MIN_POINTS} draws (--draws {MIN_POINTS})"


def _rate_notes(report: CostReport) -> Iterator[str]:
    if report.fx is not None and report.currency in report.fx.usd:
        rate = report.fx.usd[report.currency]
        yield f"1 {report.currency} = {rate:g} USD on {report.fx.date}"
