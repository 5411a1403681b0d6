"""Drills for people: what users felt, whether it ended, which alerts fired, what would help, and how goodput went."""

from collections.abc import Sequence
from functools import partial
from math import isfinite

from simulator.metrics.registry import ACTIONS
from simulator.render.numbers import estimate, quantity
from simulator.render.sections import (
    Bars,
    Cell,
    Change,
    Figure,
    Notes,
    Quantity,
    Row,
    Section,
    Table,
    VerdictMark,
    Words,
    table_of,
)
from simulator.studies.alerts.view import alert_label, alert_remarks, baseline_rows, detection_cell
from simulator.studies.common.changes.change_text import ANSWERS_FEWER
from simulator.studies.drill.figures import drill_figure
from simulator.studies.drill.report import BlindSpot, DrillReport, DrillResult, Series, Unwatched
from simulator.studies.footer import footer
from simulator.theory.estimate import Estimate

_DURING = (
    "duration",
    "answered in time",
    "error rate",
    "p95 latency",
    "out of SLO",
    "actions harmed",
    "wrong answers",
    "extra cost",
)
_AFTERWARDS = (
    "recovery time",
    "backlog left",
    "late goodput",
    "metastable",
    "error budget burned",
    "best mitigation",
)


def sections(report: DrillReport) -> list[Section]:
    """Everything `rollout drill` shows."""
    return [
        *harm_tables(report),
        *alert_sections(report),
        _bars(report.drills),
        figure(report),
        *notes(report),
    ]


def page_sections(report: DrillReport) -> list[Section]:
    """The same with every mitigation that was tried."""
    *shown, last = sections(report)
    return [*shown, *(mitigation_table(drill) for drill in report.drills), last]


def harm_tables(report: DrillReport) -> list[Table]:
    """What users felt, and whether it ended."""
    title = f"{report.scenario}  {report.stage or 'full exposure'}, incidents at the peak"
    during = [Row(drill.name, _during(drill)) for drill in report.drills]
    is_unseen = any(drill.unwatched for drill in report.drills)
    columns = [*_AFTERWARDS, *(["nobody watches"] if is_unseen else []), "verdict"]
    afterwards = [Row(drill.name, _afterwards(drill, is_unseen=is_unseen)) for drill in report.drills]
    return [
        table_of(title, "during the incident", _DURING, during),
        table_of("", "afterwards", columns, afterwards),
    ]


def alert_sections(report: DrillReport) -> list[Section]:
    """When each alert fires for each incident, how often without any, and what it cannot see."""
    if not report.alerts:
        return []
    rows = [
        Row(drill.name, [detection_cell(found, drill.span_s, report.n_pairs) for found in drill.alerts])
        for drill in report.drills
    ]
    columns = [alert_label(alert) for alert in report.alerts]
    return [
        Table(columns, [rows, baseline_rows(report.alerts)], "alert after"),
        Notes(alert_remarks(report.alerts)),
    ]


def mitigation_table(drill: DrillResult) -> Table:
    """Every change that was tried against an incident, the most helpful first."""
    rows = [
        Row(one.name, [Quantity(one.gain_rps.difference, "rate", signed=True), _is_best(drill, one.name)])
        for one in drill.mitigations
    ]
    return table_of(f"{drill.name}: mitigations", "change", ("good answers gained", ""), rows)


def figure(report: DrillReport) -> Figure:
    """Good answers through each incident, and when alerts fire."""
    return Figure(
        "Good answers through each incident, and when alerts fire",
        partial(drill_figure, report),
        "Good answers per second with and without each incident, and when alerts fire",
    )


def notes(report: DrillReport) -> list[Section]:
    """What to know besides, and where the numbers are from."""
    return [Notes(_warnings(report)), _footer(report)]


def unwatched_text(one: Unwatched) -> str:
    """What moves and no objective sees."""
    return f"nobody watches {one.metric} of {one.workload}, which {_moved(one)}"


def blind_spot_text(one: BlindSpot) -> str:
    """Who is hurt, and no alert fires."""
    before, after = (
        quantity(side, "share") for side in (one.answered_in_time.before, one.answered_in_time.after)
    )
    part = f"{one.dimension} {one.name}".strip()
    return f"no alert fires for {part}: {after} are answered in time instead of {before}"


def _moved(one: Unwatched) -> str:
    """How far a metric moves, as its objective counts it."""
    before, after = one.moved.before or 0.0, one.moved.after or 0.0
    if one.metric == "latency":
        return f"has its p95 at {quantity(after, 'time')} instead of {quantity(before, 'time')}"
    if ACTIONS[one.metric].better == "high":
        before, after = 1.0 - before, 1.0 - after
    way = "falls" if after < before else "rises"
    return f"{way} from {quantity(before, 'share')} to {quantity(after, 'share')}"


def _is_best(drill: DrillResult, name: str) -> str:
    return "best" if name == drill.best_mitigation else ""


def _during(drill: DrillResult) -> list[Cell]:
    return [
        quantity(drill.duration_s, "time") if drill.duration_s > 0.0 else "instant",
        Change(drill.answered_in_time.before, drill.answered_in_time.after, "share"),
        Change(drill.error_rate.before, drill.error_rate.after, "share"),
        _latency(drill),
        _minutes(drill.minutes_out_of_slo),
        Quantity(drill.actions_hurt.difference, "count", signed=True),
        Quantity(drill.wrong_answers.difference, "count", signed=True),
        Quantity(drill.cost.difference, "money", signed=True),
    ]


def _latency(drill: DrillResult) -> Cell:
    """The p95 of those who are answered; where they are fewer it says nothing of the others, and is not shown as better."""
    latency_s = drill.latency_p95
    if latency_s is None:
        return Quantity(None, "time")
    if drill.answered_in_time.difference.high < 0.0 and latency_s.difference.value < 0.0:
        return Words(ANSWERS_FEWER, emphasis="quiet")
    return Change(latency_s.before, latency_s.after, "time")


def _minutes(found: Estimate) -> Cell:
    if found.value == 0.0:
        return Quantity(None, "time", nothing="none")
    return Quantity(Estimate(60.0 * found.value, 60.0 * found.low, 60.0 * found.high), "time")


def _afterwards(drill: DrillResult, *, is_unseen: bool) -> list[Cell]:
    burnt = max((budget.burnt for budget in drill.error_budget), key=_size)
    return [
        _recovery(drill),
        _backlog(drill),
        Quantity(drill.late_goodput, "share"),
        _metastable(drill),
        Quantity(burnt, "share", signed=True),
        _help(drill),
        *([_unwatched(drill)] if is_unseen else []),
        VerdictMark(drill.verdict),
    ]


def _metastable(drill: DrillResult) -> Cell:
    if drill.metastable != "yes":
        return drill.metastable
    runs = "" if drill.late_goodput_others is None else f"in {drill.n_collapsed} runs"
    return Words(drill.metastable, runs, emphasis="strong")


def _backlog(drill: DrillResult) -> Cell:
    """Actions that still wait at the end because of the incident, and the work of people in them."""
    if drill.backlog.difference.low <= 0.0:
        return Quantity(None, "count", nothing="none")
    work_h = drill.backlog_work_h.difference.value
    usd = quantity(drill.backlog_cost.difference.value, "money")
    work = f"{work_h:.0f} h of work, {usd}" if work_h >= 1.0 else ""
    return Words(Quantity(drill.backlog.difference, "count", signed=True).text.value, work)


def _unwatched(drill: DrillResult) -> Cell:
    """Metrics that get worse and that no objective sees."""
    metrics = ", ".join(dict.fromkeys(one.metric for one in drill.unwatched))
    return Words(metrics, emphasis="strong") if metrics else Words("", emphasis="quiet")


def _size(burnt: Estimate) -> float:
    return burnt.value if isfinite(burnt.value) else 0.0


def _recovery(drill: DrillResult) -> Cell:
    if drill.recovery_s is None:
        return Quantity(None, "time", nothing=f"not in {quantity(drill.watched_s, 'time')}")
    if drill.recovered_share < 1.0:
        n_runs = drill.error_rate.n_pairs
        n_well = round(drill.recovered_share * n_runs)
        return Words(estimate(drill.recovery_s, "time").value, f"in {n_well} of {n_runs} runs")
    if drill.recovery_s.value == 0.0:
        return Quantity(None, "time", nothing="at once")
    return Quantity(drill.recovery_s, "time")


def _help(drill: DrillResult) -> Words:
    """The change that is shown to help most."""
    for one in drill.mitigations:
        if one.name == drill.best_mitigation:
            gain = Quantity(one.gain_rps.difference, "rate", signed=True).text
            return Words(f"{one.name}, {gain.value} good")
    if drill.mitigations:
        return Words("none of those tried", emphasis="quiet")
    hurts = drill.actions_hurt.difference.low > 0.0
    return Words("not tried" if hurts else "not needed", emphasis="quiet")


def _bars(drills: Sequence[DrillResult]) -> Bars:
    """Goodput over time, a line per incident."""
    lines = [
        (drill.name, _shares(drill.series), [_bucket(drill, 0.0), _bucket(drill, drill.duration_s)])
        for drill in drills
    ]
    return Bars("goodput as a share of that without the incident: ▁ none, █ all; | start and end", lines)


def _bucket(drill: DrillResult, after_s: float) -> int:
    return int((drill.begins_s + after_s) / drill.series.bucket_s)


def _shares(series: Series) -> list[float]:
    both = zip(series.goodput_rps, series.goodput_without_rps, strict=True)
    return [ours / theirs if theirs > 0.0 else 1.0 for ours, theirs in both]


def _warnings(report: DrillReport) -> list[str]:
    """Objectives that the peak misses anyway, and what the rule of residency cost."""
    found = []
    missed = dict.fromkeys(slo for drill in report.drills for slo in drill.missed_without)
    if missed:
        found.append(
            f"missed at this peak without any incident: {', '.join(missed)}; size the capacity first (rollout plan): until "
            "then harm to it counts only where a whole allowance is added"
        )
    found += [
        f"{drill.name}: {unwatched_text(one)}; add to `slos`: {one.slo}"
        for drill in report.drills
        for one in drill.unwatched
    ]
    found += [f"{drill.name}: {blind_spot_text(one)}" for drill in report.drills for one in drill.blind_spots]
    for drill in report.drills:
        if drill.late_goodput_collapsed is not None and drill.late_goodput_others is not None:
            down, well = (
                estimate(one, "share").line
                for one in (drill.late_goodput_collapsed, drill.late_goodput_others)
            )
            found.append(
                f"{drill.name}: {drill.n_collapsed} of {report.n_pairs} runs collapsed: {down} of the goodput long after "
                f"the end in them, {well} in the others"
            )
        blocked = drill.residency_blocked
        if blocked is not None and blocked.difference.value > 0.0:
            more = Quantity(blocked.difference, "count", signed=True).text.line
            found.append(
                f"{drill.name}: data residency was kept; {more} times no target was left where data may go"
            )
    return found


def _footer(report: DrillReport) -> Notes:
    return footer(
        report,
        f"seed {report.seed} · {report.n_pairs} pairs of replications, with and without on the same users · 95 % intervals",
        "error budget burned: of the worst objective, over 28 days · metastable (stays down after the cause ends): less "
        f"than {quantity(report.collapsed_below, 'share')} of the goodput long after the end",
        profiles=report.profiles,
    )
