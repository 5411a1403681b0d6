"""A check for people: a table per scenario, a row per criterion and stage; and as findings for the systems of CI."""

from collections.abc import Iterable
from functools import partial

from plotly.graph_objects import Figure as PlotlyFigure

from simulator.render.findings import PlacedVerdict, Suite
from simulator.render.numbers import quantity, unit_of
from simulator.render.sections import Cell, Figure, Notes, Quantity, Row, Section, Table, VerdictMark
from simulator.studies.check.report import CheckReport, PlacedCriterion, ScenarioCheck
from simulator.studies.common.slack_figure import slack_figure
from simulator.studies.common.verdicts.criterion_text import (
    EVERYWHERE,
    NOT_OBSERVED,
    both_figures,
    limit_text,
    measure_text,
    part_text,
    sentence,
    stage_text,
    subject_text,
    where_cell,
)
from simulator.studies.common.verdicts.verdict_view import missing_text
from simulator.studies.footer import step_time_line

COLUMNS = ("where", "limit", "measured", "runs", "verdict")
_FIGURE = "Distance to the limit"


def sections(report: CheckReport) -> list[Section]:
    """Everything `rollout check` shows."""
    found: list[Section] = []
    for one in report.scenarios:
        if not one.verdicts:
            found.append(Notes([f"{one.scenario}: nothing to check"], "text"))
            continue
        title = f"{one.scenario} ({one.file})"
        found += [
            Table(COLUMNS, [[row_of(verdict) for verdict in one.verdicts]], "threshold", title),
            Notes(list(_open(one))),
            Notes([step_time_line(name, times) for name, times in one.profiles.items()], "footer"),
        ]
    if any(verdict.slack is not None for verdict in report.verdicts):
        alt = "Distance of every threshold to its limit, as a share of it"
        found.append(Figure(_FIGURE, partial(_figure, report), alt))
    return [*found, Notes([f"{counts(report)}; checked in {quantity(report.wall_s, 'time')}"], "text")]


def counts(report: CheckReport) -> str:
    """How many criteria failed, are undecided and passed."""
    found = [verdict.verdict for verdict in report.verdicts]
    parts = [f"{found.count(word)} {word}" for word in ("FAIL", "UNDECIDED", "PASS") if word in found]
    return ", ".join(parts) or "nothing to check"


def row_of(found: PlacedCriterion, *more: Cell) -> Row:
    """The row of a criterion; `more` stands in columns of its own, before the verdict."""
    return Row(
        measure_text(found),
        [
            where_cell(found),
            limit_text(found),
            Quantity(found.estimate, unit_of(found.metric), nothing=NOT_OBSERVED),
            Quantity(found.n_replications, "count"),
            *more,
            VerdictMark(found.verdict),
        ],
    )


def suites(report: CheckReport) -> list[Suite]:
    """A suite per scenario and stage."""
    return [
        Suite(
            f"{one.scenario}.{stage_text(stage)}",
            one.file,
            [_finding(found) for found in one.verdicts if found.stage == stage],
        )
        for one in report.scenarios
        for stage in one.stages
    ]


def findings(report: CheckReport) -> Iterable[PlacedVerdict]:
    """Every verdict at its place."""
    return map(_finding, report.verdicts)


def _finding(found: PlacedCriterion) -> PlacedVerdict:
    region = found.region or EVERYWHERE
    part = part_text(found)
    narrowed = f" of {part}" if part not in (EVERYWHERE, region) else ""
    return PlacedVerdict(
        name=f"{found.criterion} {found.threshold}{narrowed} [{region}]",
        verdict=found.verdict,
        message=sentence(found),
        place=found.place,
        file=found.file,
        line=found.line,
        column=found.column,
    )


def _figure(report: CheckReport) -> PlotlyFigure:
    return slack_figure(
        [
            (f"{one.scenario}: {subject_text(found)} {found.threshold}", found)
            for one in report.scenarios
            for found in one.verdicts
        ]
    )


def _open(one: ScenarioCheck) -> Iterable[str]:
    """What does not pass and where it is written, each line once."""
    lines = [
        *one.findings,
        *(
            f"{subject_text(found)}: {both_figures(found.futures, found)}"
            for found in one.verdicts
            if found.futures is not None
        ),
    ]
    lines += [
        f"{found.place} is {found.verdict}"
        + (f": {missing_text(found.estimate, found.futures)}" if found.verdict == "UNDECIDED" else "")
        for found in one.verdicts
        if found.verdict != "PASS" and found.line is not None
    ]
    if one.aborted_by is not None:
        lines.append(f"stopped early by abort_on_fail of {one.aborted_by}")
    return dict.fromkeys(lines)
