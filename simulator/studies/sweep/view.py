"""A sweep for people: what was done, the Pareto front, what moves what, and the figures."""

from collections.abc import Sequence
from functools import partial

from simulator.render.numbers import plural, unit_of
from simulator.render.sections import (
    Cell,
    Figure,
    Heading,
    Notes,
    Quantity,
    Row,
    Section,
    Table,
    VerdictMark,
    table_of,
)
from simulator.studies.footer import footer
from simulator.studies.sweep.figures import (
    all_points,
    parallel_coordinates,
    sensitivity_figure,
    trade_off,
)
from simulator.studies.sweep.report import Sensitivity, Setting, SweepPoint, SweepReport
from simulator.studies.sweep.responses import BACKLOG, response_label, response_metric
from simulator.theory.estimate import Estimate

ALL_POINTS = "Points"
MAX_ROWS = 20
_ANSWERED = "availability"


def sections(report: SweepReport) -> list[Section]:
    """Everything `rollout sweep` and `rollout merge` show."""
    return [
        Heading(_headline(report)),
        Notes(_done(report), "remark"),
        Notes(_missing(report)),
        _points(report),
        Notes(_backlogs(report)),
        _sensitivity(report.sensitivities),
        *figures(report),
        _footer(report),
    ]


def figures(report: SweepReport) -> list[Figure]:
    """The figures of a sweep that have something to show."""
    found: list[Figure] = []
    if report.seen_goals:
        found.append(Figure("Trade-off", partial(trade_off, report), "The goals against each other"))
        found.append(
            Figure(
                "Parallel coordinates",
                partial(parallel_coordinates, report),
                "A line per point through what was varied and the goals",
            )
        )
    if report.sensitivities:
        alt = "Share of the variance that each path explains"
        found.append(Figure("Sensitivity", partial(sensitivity_figure, report), alt))
    if len(report.points) > MAX_ROWS:
        found.append(Figure(ALL_POINTS, partial(all_points, report), "Every point"))
    return found


def _headline(report: SweepReport) -> str:
    shard = "" if report.shard is None else " · shard {}/{}".format(*report.shard)
    return f"{report.scenario} · {report.design} of {report.n_points:,} points{shard}"


def _done(report: SweepReport) -> list[str]:
    n_points = len(report.points)
    return [f"{report.n_simulated:,} simulated, {report.n_reused:,} reused; {n_points:,} in the table"]


def _missing(report: SweepReport) -> list[str]:
    """Points that are not there, those that failed with the reason, and what was damaged."""
    found = [f"{len(report.missing):,} points are missing: go on with --resume"] if report.missing else []
    failed = [f"point {one.point} failed every time it was tried: {one.reason}" for one in report.failed]
    return [*found, *_first(failed), *_first(report.damaged)]


def _first(lines: Sequence[str]) -> list[str]:
    more = len(lines) - MAX_ROWS
    return [*lines[:MAX_ROWS], *([f"and {more:,} more"] if more > 0 else [])]


def _backlogs(report: SweepReport) -> list[str]:
    """Points at which more work comes than is done."""
    hours = [(point.point, point.responses.get(BACKLOG)) for point in report.points]
    growing = [number for number, found in hours if found is not None and found.value > 0.0]
    if not growing:
        return []
    names = ", ".join(map(str, growing[:MAX_ROWS])) + (", …" if len(growing) > MAX_ROWS else "")
    return [f"more work comes than is done at {plural(len(growing), 'point')}: {names} (`{BACKLOG}`)"]


def _points(report: SweepReport) -> Table:
    """The points on the front, or all where they are few."""
    shown = [point for point in report.points if point.is_pareto]
    title = f"Pareto front: {len(shown)} of {len(report.points)} points"
    if len(report.points) <= MAX_ROWS:
        shown, title = list(report.points), "points (* on the Pareto front)"
    if len(shown) > MAX_ROWS:
        shown, title = shown[:MAX_ROWS], f"{title}, the first {MAX_ROWS}"
    # beside any goal how many are answered: what is cheaper or quicker because fewer are is not better
    asked = dict.fromkeys([*(goal.response for goal in report.goals), _ANSWERED])
    goals = [name for name in asked if name in report.responses]
    columns = [*report.paths, *map(response_label, goals), "verdict"]
    rows = [Row(_number(point), _cells(report, point, goals)) for point in shown]
    return table_of(title, "point", columns, rows)


def _number(point: SweepPoint) -> str:
    return f"{point.point}{'*' if point.is_pareto else ''}"


def _cells(report: SweepReport, point: SweepPoint, goals: Sequence[str]) -> list[Cell]:
    return [
        *(_setting(point.settings[path]) for path in report.paths),
        *(Quantity(point.responses[goal], unit_of(response_metric(goal))) for goal in goals),
        "" if point.verdict is None else VerdictMark(point.verdict),
    ]


def _setting(value: Setting) -> str:
    """With digits enough to set it again."""
    return f"{value:.6g}" if isinstance(value, float) else value


def _sensitivity(found: Sequence[Sensitivity]) -> Table:
    has_total = any(row.total is not None for row in found)
    columns = ["path", "share of variance alone", *(["with the others"] if has_total else []), "PAWN"]
    rows = [Row(response_label(row.response), _shares(row, has_total=has_total)) for row in found]
    return table_of("what moves what", "response", columns, rows)


def _shares(row: Sensitivity, *, has_total: bool) -> list[Cell]:
    total = [_share(row.total, row.total_half_width)] if has_total else []
    return [row.factor, _share(row.first_order, row.half_width), *total, Quantity(row.pawn, "number")]


def _share(value: float | None, half_width: float | None) -> Quantity:
    if value is None or half_width is None:
        return Quantity(value, "share")
    return Quantity(Estimate(value, value - half_width, value + half_width), "share")


def _footer(report: SweepReport) -> Notes:
    return footer(
        report,
        f"seed {report.seed} · replications per point: {report.replications}, with the same seeds at all, so that "
        "differences between points are not luck of the draw",
        f"table: {report.files.responses} · page: {report.files.page}",
    )
