"""How soon a drift is noticed, for people: a row per sampling rate, a chart per workload, and where the numbers are from."""

from functools import partial

from simulator.render.numbers import NOTHING, estimate, quantity
from simulator.render.sections import Cell, Figure, Notes, Quantity, Row, Section, Table
from simulator.studies.drift.figures import drift_figure
from simulator.studies.drift.report import DriftReport, Sampling, WorkloadDrift
from simulator.studies.footer import footer

_COLUMNS = (
    "reviews a week",
    "people",
    "cost per month",
    "seen after",
    "9 of 10 by",
    "success by then",
    "wrong answers",
    "false alarm every",
)
_NOT_SEEN = "not in a year"


def sections(report: DriftReport) -> list[Section]:
    """Everything `rollout drift` shows."""
    found: list[Section] = []
    for of in report.workloads:
        found += [_table(report, of), Notes(warnings(of)), _figure(of)]
    return [*found, _footer(report)]


def warnings(of: WorkloadDrift) -> list[str]:
    """What keeps the reviewers of a workload from seeing a drift."""
    if of.sample == 0.0:
        return [f"{of.workload}: no answer is sampled, so nobody notices; give `review` a `sample`"]
    if of.in_time < of.sample:
        share = quantity(of.in_time, "share")
        return [
            f"{of.workload}: {of.team} have time to review {share} of the answers; more takes more people"
        ]
    return []


def _table(report: DriftReport, of: WorkloadDrift) -> Table:
    where = report.stage or "full exposure"
    title = (
        f"{report.scenario}  {where}, {of.workload}: success falls by {quantity(-of.success_per_week, 'share')} a week; "
        f"{quantity(of.answers_per_week, 'count')} answers a week, {estimate(of.wrong, 'share').line} of them wrong before"
    )
    rows = [Row(_label(one, of), _cells(one)) for one in of.sampling]
    return Table(_COLUMNS, [rows], "reviewed", title)


def _label(one: Sampling, of: WorkloadDrift) -> str:
    return f"{quantity(one.sample, 'share')}{' (now)' if one.sample == of.sample else ''}"


def _cells(one: Sampling) -> list[Cell]:
    return [
        Quantity(one.reviews_per_week, "count"),
        Quantity(one.people, "number"),
        Quantity(one.cost.month, "money"),
        Quantity(one.seen_after_s.estimate, "time", nothing=_NOT_SEEN),
        Quantity(one.seen_after_s.p90, "time", nothing=_NOT_SEEN),
        Quantity(one.fall if one.is_seen else None, "share", before="−", nothing=NOTHING),
        Quantity(one.wrong_answers if one.is_seen else None, "count", before="+", nothing=NOTHING),
        Quantity(one.false_alarm_every_s, "time"),
    ]


def _figure(of: WorkloadDrift) -> Figure:
    alt = "Time until the drift is seen, and cost of reviews, by share of answers reviewed"
    return Figure(f"Drift of {of.workload}", partial(drift_figure, of), alt)


def _footer(report: DriftReport) -> Notes:
    return footer(
        report,
        f"seed {report.seed} · a CUSUM chart on the reviewed answers, exact; one false alarm in "
        f"{quantity(report.false_alarm_every_s, 'time')} · intervals: of the share wrong before",
        "people: busy with reviews around the clock; cost: their time · the wait for a review comes on top",
        profiles=report.profiles,
    )
