"""A comparison for people: what is judged, what else moved, missed thresholds, and how the verdicts were reached."""

from collections.abc import Sequence
from functools import partial

from simulator.render.numbers import quantity, unit_of
from simulator.render.sections import Cell, Figure, Notes, Quantity, Row, Section, Table, VerdictMark
from simulator.studies.common.changes.change_text import (
    after_cell,
    difference_cell,
    difference_unit,
    direction_text,
    reading_text,
)
from simulator.studies.common.changes.paired_change import PairedChange
from simulator.studies.common.changes.statements import LEAST_MISSING, tolerance_scale
from simulator.studies.common.verdicts.criterion_text import (
    measure_text,
    sentence,
    where_cell,
)
from simulator.studies.compare.figures import compare_figure
from simulator.studies.compare.report import CompareReport, JudgedChange
from simulator.studies.footer import step_time_line

_COLUMNS = ("where", "base", "head", "change", "reads as")
_JUDGED_COLUMNS = ("where", "verdict", "base", "head", "change", "tolerated", "reads as")


def sections(report: CompareReport) -> list[Section]:
    """Everything `rollout compare` shows."""
    base, head = report.base, report.head
    title = f"{base.scenario} ({base.name}) → {head.scenario} ({head.name})"
    moved = [found for found in report.unjudged if found.is_significant]
    found: list[Section] = [
        judged_table(report, report.changes, title),
        unjudged_table(moved, "Also changed"),
        Notes([*finding_lines(report), *(f"missed: {sentence(one)}" for one in report.missed)]),
    ]
    if any(one.relative is not None for one in report.changes):
        alt = "Change of every judged measure as a share of the base, with its interval and the tolerance"
        found.append(Figure("Change of every measure", partial(compare_figure, report), alt))
    return [*found, footer(report)]


def finding_lines(report: CompareReport) -> list[str]:
    """How many runs of either side collapsed, and where work piles up."""
    return [f"{side.name}, {line}" for side in (report.base, report.head) for line in side.findings]


def judged_table(report: CompareReport, changes: Sequence[JudgedChange], title: str = "") -> Table:
    """Changes with their verdicts."""
    rows = [
        Row(
            measure_text(found),
            [
                where_cell(found),
                VerdictMark(found.verdict),
                *_values(found),
                _tolerated(found, report.tolerance),
                direction_text(found),
            ],
        )
        for found in changes
    ]
    return Table(_JUDGED_COLUMNS, [rows], "measure", title)


def unjudged_table(changes: Sequence[PairedChange], title: str = "") -> Table:
    """Changes without a verdict."""
    rows = [
        Row(measure_text(found), [where_cell(found), *_values(found), reading_text(found)])
        for found in changes
    ]
    return Table(_COLUMNS, [rows], "measure", title)


def footer(report: CompareReport) -> Notes:
    """How the verdicts were reached, and where the step times of either side are from."""
    share, error = quantity(report.tolerance, "share"), quantity(report.level, "share")
    least = quantity(report.tolerance * LEAST_MISSING, "points")
    profiles = [*report.base.profiles.items(), *report.head.profiles.items()]
    tolerated = (
        f"tolerated: worse by {share} of the base; a rate such as availability by {share} of what it lacks to 100 %, "
        f"at least {least}"
    )
    verdicts = (
        f"FAIL: significantly worse than tolerated (chance of any false alarm: {error}); PASS: significantly not, and no "
        "run of the head collapsed; change: 95 % interval of the pairs"
    )
    lines = dict.fromkeys(step_time_line(name, times) for name, times in profiles)
    end = f"compared in {quantity(report.wall_s, 'time')} · engine {report.engine_version}"
    return Notes([_pairs_text(report), tolerated, verdicts, *lines, end], "footer")


def _pairs_text(report: CompareReport) -> str:
    pairs = [found.n_pairs for found in report.changes]
    ratios = sorted(found.variance_ratio for found in report.changes if found.variance_ratio)
    worth = f"; pairing was worth {1 / ratios[len(ratios) // 2]:.3g} × the runs" if ratios else ""
    least, most = min(pairs, default=0), max(pairs, default=0)
    counted = f"{least} to {most}" if least != most else f"{most}"
    return f"{counted} pairs of replications with the same seeds, from {report.seed} on{worth}"


def _values(found: PairedChange) -> list[Cell]:
    return [
        Quantity(found.before.value, unit_of(found.metric)),
        after_cell(found),
        difference_cell(found),
    ]


def _tolerated(found: JudgedChange, tolerance: float) -> Quantity:
    """By how much the measure may be worse."""
    is_lower_better = found.better == "lower"
    scale = tolerance_scale(found.metric, found.before.value, is_lower_better=is_lower_better)
    worse = tolerance * scale * (1.0 if is_lower_better else -1.0)
    return Quantity(worse, difference_unit(found), signed=True)
