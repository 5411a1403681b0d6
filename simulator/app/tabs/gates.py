"""What must be so before the rollout goes on to a stage, whether it is, and what waiting for it does to the dates."""

from dataclasses import replace

import pandas as pd
import streamlit as st

from simulator.app import session
from simulator.app.components import chart, missing, report_downloads, show_sections, table
from simulator.app.escaping import color_of, icon_of, plain
from simulator.app.planned import plan_shown
from simulator.app.snippets import GATES
from simulator.render.numbers import quantity
from simulator.scenario.calendar import approval_s
from simulator.scenario.model import Scenario, Stage
from simulator.studies.plan import stage_tables
from simulator.studies.plan.figures import gate_figure
from simulator.studies.plan.notes import gate_notes
from simulator.studies.plan.report import PlanReport, StagePlan
from simulator.theory.verdict import worst


def show_gates(current: session.Current) -> None:
    """Show the tab."""
    scenario = current.loaded.scenario
    if not any(stage.gates for stage in scenario.stages):
        missing("Nothing is asked between the stages. Add `gates` to a stage, for example", GATES)
        return
    report = plan_shown(current)
    if report is None:
        return
    for place, stage in enumerate(report.stages):
        _gate(scenario, stage, place)
    conditions = stage_tables.GATES.over(report.stages)
    if conditions.rows:
        with st.container(border=True):
            st.markdown("**How far each condition is from its limit**")
            figure = gate_figure(report.stages)
            chart(figure, "gate_figure", "Distance of every condition to its limit")
    st.subheader("What is waited for", anchor=False)
    table(_dates(scenario, report))
    report_downloads("gates", report, conditions)


def _gate(scenario: Scenario, stage: StagePlan, place: int) -> None:
    """What stands in front of one stage; nothing if nothing does."""
    before = _before(scenario, stage.name)
    pause_s = 0.0 if before is None or before.gates is None else before.gates.pause
    if not stage.gates and stage.approval is None and not pause_s:
        return
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            word = _word(stage)
            st.badge(word, color=color_of(word), icon=icon_of(word))
            come_from = "the start" if before is None else before.name
            st.markdown(plain(f"From {come_from} to {stage.name}, on {stage.start.date()}"))
        show_sections([replace(stage_tables.GATES.of(stage), title="")], f"gates {place}")
        for note in gate_notes(stage):
            st.caption(plain(note[0].upper() + note[1:] + "."))
        if before is not None and pause_s:
            st.caption(plain(f"{before.name} goes on for a pause of {quantity(pause_s, 'time')} before."))


def _word(stage: StagePlan) -> str:
    """The worst verdict of the conditions; of an approval nothing can be measured."""
    return worst(gate.verdict for gate in stage.gates) if stage.gates else "WAITS"


def _dates(scenario: Scenario, report: PlanReport) -> pd.DataFrame:
    """How long every stage lasts, and what of that is waiting for what comes after it."""
    stages = {stage.name: stage for stage in scenario.stages}
    return pd.DataFrame(
        [
            {
                "stage": stage.name,
                "begins": stage.start.date().isoformat(),
                "is followed on": stage.end.date().isoformat(),
                "lasts as planned": quantity(stages[stage.name].duration, "time"),
                "pause": _time(_pause_s(stages[stage.name])),
                "approval of the next": _time(_approval_after_s(scenario, stage.name)),
                "ask for it by": _asked_by(scenario, report, stage.name),
            }
            for stage in report.stages
        ]
    )


def _pause_s(stage: Stage) -> float:
    return 0.0 if stage.gates is None else stage.gates.pause


def _approval_after_s(scenario: Scenario, name: str) -> float:
    after = _after(scenario, name)
    return 0.0 if after is None else approval_s(after)


def _asked_by(scenario: Scenario, report: PlanReport, name: str) -> str:
    after = _after(scenario, name)
    planned = next((stage for stage in report.stages if after is not None and stage.name == after.name), None)
    approval = None if planned is None else planned.approval
    return "" if approval is None else f"{approval.ask_by}, of {approval.by}"


def _time(span_s: float) -> str:
    return quantity(span_s, "time") if span_s else "none"


def _before(scenario: Scenario, name: str) -> Stage | None:
    place = [stage.name for stage in scenario.stages].index(name)
    return scenario.stages[place - 1] if place else None


def _after(scenario: Scenario, name: str) -> Stage | None:
    place = [stage.name for stage in scenario.stages].index(name) + 1
    return scenario.stages[place] if place < len(scenario.stages) else None
