"""Is every stage a GO, what holds it up, and what does it cost?"""

from collections.abc import Sequence

import streamlit as st

from simulator.app import session
from simulator.app.components import (
    figures_row,
    head,
    metrics_row,
    report_downloads,
    show_sections,
    start_button,
)
from simulator.app.escaping import color_of, icon_of, plain
from simulator.app.planned import plan_origin
from simulator.app.planned_stage import STAGE as STAGE_AT
from simulator.app.tabs.provenance import show_grades
from simulator.metrics.registry import label_of
from simulator.render.numbers import Unit, estimate, quantity
from simulator.studies.common.verdicts.verdict_view import verdict_table
from simulator.studies.plan.board import limiting_text
from simulator.studies.plan.figures import stage_figures
from simulator.studies.plan.notes import headroom_text, stage_notes
from simulator.studies.plan.report import PlanReport, StagePlan
from simulator.studies.plan.study import PlanStudy
from simulator.theory.estimate import Estimate

STAGE = "stage"  # also the query parameter
_CARD_WIDTH_PX = 185  # four fit beside each other into a window of 1280 pixels


def render() -> None:
    """Show the page."""
    head("Overview", "Is every stage a GO, what limits it, what does it cost, and what must be in place?")
    current = session.current()
    if current is None:
        return
    if not current.loaded.scenario.stages:
        st.info("This scenario has no `stages` to plan: add some on the page Scenario, or see What-if.")
        return
    report, is_shipped = session.plan_of(current)
    with st.container(horizontal=True, vertical_alignment="center"):
        if start_button("Plan again" if report else "Plan", "plan", is_first=report is None):
            study = PlanStudy(draws=0)  # ranges take longer than anybody waits here
            session.start_study(f"Plan of {current.name}", session.plan_key(current), study, current.loaded)
            st.rerun()
        _origin(report, is_shipped=is_shipped)
    show_grades(current)
    if report is None or not report.stages:
        return
    _decision(report)
    _verdicts(report.stages)
    stage = chosen_stage(report.stages)
    _figures_of(stage)
    _notes(current, stage)
    _calendar(report)
    st.subheader(plain(f"Objectives of {stage.name}"), anchor=False)
    show_sections([verdict_table(stage.verdicts)], "objectives")
    report_downloads(f"plan-{current.key[:12]}", report)


def chosen_stage(stages: Sequence[StagePlan]) -> StagePlan:
    """The stage that is looked at; the first that is no GO, else the last."""
    names = [stage.name for stage in stages]
    open_ = [stage.name for stage in stages if stage.decision != "GO"]
    name = st.selectbox(
        "Stage",
        names,
        index=names.index(open_[0]) if open_ else len(names) - 1,
        key=STAGE,
        bind="query-params",
    )
    return stages[names.index(name)]


def _origin(report: PlanReport | None, *, is_shipped: bool) -> None:
    """Say where the numbers come from."""
    if report is None:
        st.caption("Not planned yet. A plan searches the cheapest capacity of every stage: a minute or so.")
        return
    plan_origin(report, is_shipped=is_shipped)


def _decision(report: PlanReport) -> None:
    """Whether the rollout is a GO, and which stages are not."""
    word = report.decision
    if word is None:  # interrupted
        return
    open_ = [stage for stage in report.stages if stage.decision != "GO"]
    why = ", ".join(f"{stage.name} is {stage.decision}" for stage in open_)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.badge(word, color=color_of(word), icon=icon_of(word))
        st.markdown(f"**{plain(why or 'Every stage meets its objectives')}**")


def _notes(current: session.Current, stage: StagePlan) -> None:
    """Why the stage is decided so and what else is to be known of it, and the way to what would change it."""
    notes = stage_notes(stage)
    if notes:
        with st.container(border=True):
            st.markdown(f"**What to know of {plain(stage.name)}**")
            st.markdown("\n".join(f"- {plain(note)}" for note in notes))
    session.link(
        "What-if",
        f"What would change it? Turn a lever at the peak of {stage.name}",
        current,
        **{STAGE_AT: stage.name},
    )


def _verdicts(stages: Sequence[StagePlan]) -> None:
    with st.container(horizontal=True):
        for stage in stages:
            word = stage.decision
            with st.container(border=True, width=_CARD_WIDTH_PX, height="stretch"):
                st.badge(word, color=color_of(word), icon=icon_of(word))
                st.markdown(f"**{plain(stage.name)}**")
                st.caption(plain(f"{stage.start.date()} to {stage.end.date()}"))
                st.text(_tightest(stage))


def _tightest(stage: StagePlan) -> str:
    missed = [verdict.slo for verdict in stage.verdicts if verdict.verdict != "PASS"]
    if missed:
        return "failed or undecided: " + ", ".join(dict.fromkeys(missed))
    limiting = limiting_text(stage)
    return f"tightest objective: {limiting}" if limiting else "no objectives"


def _figures_of(stage: StagePlan) -> None:
    busiest, load = _busiest(stage)
    headroom = stage.demand.headroom
    # other pages have other peaks; longer labels would leave no room for four figures beside each other
    where = f"+{quantity(headroom, 'share')}" if headroom > 0.0 else "peak"
    shown: list[tuple[str, Estimate | None, Unit, str]] = [
        (
            f"{label_of('p95 latency')}, {where}",
            stage.metrics.latency.p95,
            "time",
            "From the question to the answer, all workloads.",
        ),
        (f"Availability, {where}", stage.metrics.availability, "share", "Actions that got an answer."),
        (
            "Cost per success, month",
            stage.cost.per_successful_action,
            "money",
            "Cost of a month over its successful actions.",
        ),
        (
            f"Busiest, {where}: {busiest}",
            load,
            "share",
            "Utilization of the target that is busiest at the peak.",
        ),
    ]
    metrics_row(*((label, estimate(value, unit), help_) for label, value, unit, help_ in shown))
    if headroom > 0.0:
        st.caption(headroom_text(stage))


def _busiest(stage: StagePlan) -> tuple[str, Estimate | None]:
    known = {name: part.utilization for name, part in stage.by.target.items() if part.utilization is not None}
    name = max(known, key=lambda one: known[one].value, default=None)
    return ("none", None) if name is None else (name, known[name])


def _calendar(report: PlanReport) -> None:
    """What a plan's figures show; its trade-offs are on the page Rollout."""
    shown = enumerate(stage_figures(report))
    figures_row(*((of.title, of.draw(), f"plan_figure_{place}") for place, of in shown))
