"""A plan with a row per stage: the page for a board with figures and evidence, the summary for a pull request, the frame."""

from collections.abc import Callable, Iterable, Sequence

from simulator.metrics.registry import label_of
from simulator.render.numbers import estimate, unit_of
from simulator.render.sections import Cell, Heading, Notes, Quantity, Row, Section, VerdictMark, table_of
from simulator.studies.common.accuracy_by_class import answered_table
from simulator.studies.common.verdicts.verdict_view import collapse_notes, limit_text
from simulator.studies.footer import version
from simulator.studies.plan.figures import plan_figures
from simulator.studies.plan.notes import (
    backlog_notes,
    gate_notes,
    readiness_gaps,
    remedy_notes,
    shortfalls,
    survival_notes,
    without,
)
from simulator.studies.plan.ranges.view import drawn_stages, ranges_summary
from simulator.studies.plan.report import PlanReport, StagePlan
from simulator.studies.plan.stage_tables import CHECKLIST, CONTINGENCIES, GATES, ORDERS, objectives
from simulator.studies.plan.view import plan_footer

_COLUMNS = (
    "from",
    "peak demand",
    label_of("p95 latency"),
    "success",
    "cost per month",
    "per success",
    "limiting SLO",
    "decision",
)
_INTERVALS = "95 % intervals over replications; the same seeds in every stage."

Say = Callable[[StagePlan], Iterable[str]]


def board(report: PlanReport) -> list[Section]:
    """Everything a board asks: decision, stages, orders, what may go wrong, and the evidence."""
    stages = report.stages
    span = f"{stages[0].start.date()} to {stages[-1].end.date()}, " if stages else ""
    return [
        _heading(report, f"{span}{len(stages)} stages. {_INTERVALS}"),
        _stage_table(stages, "Stages"),
        ORDERS.over(stages),
        answered_table({stage.name: stage.by for stage in stages}, "Correct answers"),
        GATES.over(stages),
        Notes(_each(stages, gate_notes), "remark"),
        CONTINGENCIES.over(stages),
        Notes(_each(stages, survival_notes), "remark"),
        CHECKLIST.over(stages),
        ranges_summary(drawn_stages(stages)),
        *plan_figures(report),
        objectives(stages),
        Notes(_each(stages, _warnings), title="Warnings"),
        plan_footer(report),
    ]


def summary(report: PlanReport) -> list[Section]:
    """The same in short: the stages, what fails, what to order, what to know."""
    stages = report.stages
    return [
        _heading(report),
        _stage_table(stages),
        Notes(_each(stages, _missed), "remark"),
        Notes(_each(stages, _orders), "remark"),
        Notes(_each(stages, _to_know), "remark"),
        ranges_summary(drawn_stages(stages)),
        Notes([_INTERVALS, version(report)], "footer"),
    ]


def frame_row(stage: StagePlan) -> dict[str, object]:
    """A stage as a row of a data frame, its capacity by knob and region in columns of their own."""
    return {
        "stage": stage.name,
        "start": stage.start,
        "end": stage.end,
        "peak_rps": stage.demand.peak_rps,
        "decision": stage.decision,
        "cost_per_month": stage.cost.month.estimate,
        "cost_per_action": stage.cost.per_action,
        "cost_per_successful_action": stage.cost.per_successful_action,
        "latency_p95_s": stage.metrics.latency.p95,
        "success_rate": stage.metrics.success_rate,
        **{
            f"{path}[{region}]": amount
            for path, by_region in stage.capacity.items()
            for region, amount in by_region.items()
        },
    }


def limiting_text(stage: StagePlan) -> str:
    """The objective that limits a stage, and where; empty: there are none."""
    if stage.limiting_slo is None:
        return ""
    at = f", at {stage.limiting_place}" if stage.limiting_place else ""
    under = "" if stage.limiting_contingency is None else f", {without(stage.limiting_contingency)}"
    return f"{stage.limiting_slo}{at}{under}"


def _heading(report: PlanReport, remark: str = "") -> Heading:
    state = ": interrupted" if report.decision is None else ""
    return Heading(f"Plan of {report.scenario}{state}", report.decision, remark)


def _stage_table(stages: Sequence[StagePlan], title: str = "") -> Section:
    return table_of(title, "stage", _COLUMNS, [Row(stage.name, _cells(stage)) for stage in stages])


def _cells(stage: StagePlan) -> list[Cell]:
    return [
        stage.start.date().isoformat(),
        Quantity(stage.demand.peak_rps, "rate"),
        Quantity(stage.metrics.latency.p95, "time"),
        Quantity(stage.metrics.success_rate, "share"),
        Quantity(stage.cost.month.estimate, "money"),
        Quantity(stage.cost.per_successful_action, "money"),
        limiting_text(stage),
        VerdictMark(stage.decision),
    ]


def _each(stages: Sequence[StagePlan], say: Say) -> list[str]:
    """Sentences about every stage, its name in front."""
    return [f"{stage.name}: {text}" for stage in stages for text in say(stage)]


def _warnings(stage: StagePlan) -> list[str]:
    return [
        *collapse_notes(stage.collapse, stage.verdicts),
        *backlog_notes(stage),
        *stage.warnings,
        *shortfalls(stage),
        *remedy_notes(stage),
        *readiness_gaps(stage),
    ]


def _missed(stage: StagePlan) -> list[str]:
    return [
        f"{found.slo} {limit_text(found)}, measured {estimate(found.estimate, unit_of(found.metric)).line}: "
        f"{found.verdict}"
        for found in stage.verdicts
        if found.verdict != "PASS"
    ]


def _orders(stage: StagePlan) -> list[str]:
    return [f"order {path} by {day}" for path, day in stage.order_by.items()]


def _to_know(stage: StagePlan) -> list[str]:
    return [
        *gate_notes(stage),
        *survival_notes(stage),
        *shortfalls(stage),
        *remedy_notes(stage),
        *readiness_gaps(stage),
    ]
