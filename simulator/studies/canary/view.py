"""A rehearsed canary for people: how each case ends, what the test set and the traffic let it see, and what to change."""

from collections.abc import Sequence
from functools import partial

from simulator.render.numbers import quantity
from simulator.render.sections import (
    Cell,
    Figure,
    Notes,
    Quantity,
    Row,
    Section,
    Table,
    Words,
    table_of,
)
from simulator.studies.canary.figures import canary_figure
from simulator.studies.canary.report import CanaryReport, CaseOutcome, DetectableChange, EvaluationPower
from simulator.studies.footer import footer

_SHARES = ("promoted", "aborted", "inconclusive")
_SIZES = ("duration", "exposed", "harmed")
_COPIES = ("copied", "copy cost")
_CHANGES = ("weight", "time needed", "time available", "detectable")


def sections(report: CanaryReport) -> list[Section]:
    """Everything `rollout canary` shows."""
    return [
        cases_table(report),
        figure(report),
        *([] if report.evaluation is None else [_evaluation(report.evaluation)]),
        _changes(report),
        Notes(_warnings(report)),
        _footer(report),
    ]


def cases_table(report: CanaryReport) -> Table:
    """How the rehearsals of each case end."""
    where = report.stage or "full exposure"
    title = (
        f"{report.scenario}: canary of {report.release}, {where}, {quantity(report.arrivals_rps, 'rate')}, "
        f"{quantity(report.span_s, 'time')} when nothing aborts it"
    )
    columns = [*_SHARES, *_SIZES]
    if report.evaluation is not None:
        columns = ["stopped by test set", *_SHARES, "reaches everybody", *_SIZES]
    if any(case.copies is not None for case in report.cases):
        columns += _COPIES
    return table_of(title, "release", columns, [Row(case.name, _cells(case)) for case in report.cases])


def figure(report: CanaryReport) -> Figure:
    """How the rehearsals end."""
    alt = "Share of rehearsals aborted, promoted and inconclusive"
    return Figure("How the rehearsals end", partial(canary_figure, report), alt)


def _cells(case: CaseOutcome) -> list[Cell]:
    cells: list[Cell] = [
        Quantity(case.promoted, "share"),
        Quantity(case.aborted, "share"),
        Quantity(case.inconclusive, "share"),
    ]
    if case.test_set_stops is not None:
        cells = [Quantity(case.test_set_stops, "share"), *cells, Quantity(case.reaches_all, "share")]
    cells += [
        Quantity(case.duration_s, "time"),
        Quantity(case.exposed, "count"),
        Quantity(case.harmed, "count"),
    ]
    if case.copies is not None:
        cells += [Quantity(case.copies.actions, "count"), Quantity(case.copies.cost, "money")]
    return cells


def _evaluation(found: EvaluationPower) -> Table:
    """What the test set sees."""
    title = (
        f"test set of {quantity(found.questions, 'count')} questions ({quantity(found.alpha, 'share')} false alarms at "
        f"most; questions needed for {quantity(found.power, 'share')} power)"
    )
    rows = [
        Row(
            f"success −{_points(one.fall)}",
            [Quantity(one.stopped, "share"), Quantity(one.questions_needed, "count")],
        )
        for one in found.falls
    ]
    return table_of(title, "change", ("stopped", "questions needed"), rows)


def _points(fall: float) -> str:
    points = quantity(100.0 * fall, "number")
    return f"{points} point" if points == "1" else f"{points} points"


def _changes(report: CanaryReport) -> Table:
    """What the traffic lets the canary see."""
    found = report.detectability
    title = (
        f"time needed to detect a change ({quantity(found.alpha, 'share')} false alarms, "
        f"{quantity(found.power, 'share')} power, one look)"
    )
    rows = [Row(change.what, _change_cells(change)) for change in found.changes]
    return table_of(title, "change", _CHANGES, rows)


def _change_cells(change: DetectableChange) -> Sequence[Cell]:
    return [
        _weight(change),
        Quantity(change.needed_s, "time", nothing="never"),
        Quantity(change.available_s, "time"),
        "yes" if change.is_detectable else Words("no", emphasis="strong"),
    ]


def _weight(change: DetectableChange) -> str:
    """The weight, and the share of the actions that is copied beside it."""
    weight = quantity(change.weight, "share")
    return f"{weight} + {quantity(change.mirrored, 'share')} copied" if change.mirrored > 0.0 else weight


def _warnings(report: CanaryReport) -> list[str]:
    """What is wrong with the rules: false alarms of repeated looks, bad releases promoted, good ones that are not."""
    found = []
    for looks in report.looks:
        if looks.false_alarm_rate > 1.2 * looks.alpha:
            alpha = quantity(looks.alpha, "share")
            found.append(
                f"{looks.analysis} looks {looks.n_looks} times at {alpha} each: it aborts "
                f"{quantity(looks.false_alarm_rate, 'share')} of releases that are just as good; `correction: "
                f"obrien-fleming` keeps {alpha} over all looks"
            )
    for case in report.cases:
        promoted = quantity(case.promoted.value, "share")
        if case.is_good is False and case.promoted.value > 0.5:
            found.append(f"{case.name} is promoted in {promoted} of the rehearsals")
        if case.is_good is True and case.promoted.value < 0.9:
            found.append(f"a release that changes nothing is promoted in only {promoted} of the rehearsals")
    return found


def _footer(report: CanaryReport) -> Notes:
    return footer(
        report,
        f"seed {report.seed} · {report.n_runs} rehearsals of each release, on the same users with the same luck · "
        f"{quantity(report.interval_level, 'share')} intervals",
        "actions exposed: with the new version · harmed: without a right answer, more than without the release",
    )
