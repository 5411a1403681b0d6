"""What must be so before the rollout goes on to a stage, whether it is, and what waiting for it does to the dates."""

import pandas as pd
import streamlit as st

from simulator.app import session
from simulator.app.components import chart, downloads, missing, table
from simulator.app.escaping import color_of, icon_of, plain
from simulator.app.planned import plan_shown
from simulator.app.snippets import GATES
from simulator.render.criteria import found_text, limit_text, measure_text, part_text
from simulator.render.figures import gate_figure
from simulator.render.numbers import quantity
from simulator.scenario.calendar import approval_s
from simulator.scenario.model import Scenario, Stage
from simulator.studies.plan.gates_view import gate_notes
from simulator.studies.run.document import JsonObject


def show_gates(current: session.Current) -> None:
    """Show the tab."""
    scenario = current.loaded.scenario
    if not any(stage.gates for stage in scenario.stages):
        missing("Nothing is asked between the stages. Add `gates` to a stage, for example", GATES)
        return
    document = plan_shown(current)
    if document is None:
        return
    for stage in document["stages"]:
        _gate(scenario, stage)
    if any(stage.get("gates") for stage in document["stages"]):
        with st.container(border=True):
            st.markdown("**How far each condition is from its limit**")
            chart(gate_figure(document), "gate_figure", "Distance of every condition to its limit")
    st.subheader("What is waited for", anchor=False)
    dates = _dates(scenario, document)
    table(dates)
    downloads(
        "gates",
        document,
        gates_frame(document),
        lambda: {"How far each condition is from its limit": gate_figure(document)},
    )


def _gate(scenario: Scenario, stage: JsonObject) -> None:
    """What stands in front of one stage; nothing if nothing does."""
    gates, approval = stage.get("gates", ()), stage.get("approval")
    before = _before(scenario, stage["name"])
    pause_s = 0.0 if before is None or before.gates is None else before.gates.pause
    if not gates and approval is None and not pause_s:
        return
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            word = _word(gates)
            st.badge(word, color=color_of(word), icon=icon_of(word))
            come_from = "the start" if before is None else before.name
            st.markdown(plain(f"From {come_from} to {stage['name']}, on {stage['start'][:10]}"))
        if gates:
            table(gates_frame({"stages": [stage]}).drop(columns="before"))
        for note in gate_notes(stage):
            st.caption(plain(note[0].upper() + note[1:] + "."))
        if before is not None and pause_s:
            st.caption(plain(f"{before.name} goes on for a pause of {quantity(pause_s, 'time')} before."))


def _word(gates: list[JsonObject]) -> str:
    """The worst verdict of the conditions; of an approval nothing can be measured."""
    words = {gate["verdict"] for gate in gates}
    return next((word for word in ("FAIL", "UNDECIDED", "PASS") if word in words), "WAITS")


def gates_frame(document: JsonObject) -> pd.DataFrame:
    """A row per condition in front of every stage."""
    columns = ["before", "gate", "measured at", "condition", "of", "asked", "measured", "verdict"]
    rows = [
        [
            stage["name"],
            gate["gate"],
            gate["measured_at"],
            measure_text(gate),
            part_text(gate),
            limit_text(gate),
            found_text(gate),
            gate["verdict"],
        ]
        for stage in document["stages"]
        for gate in stage.get("gates", ())
    ]
    return pd.DataFrame(rows, columns=columns)


def _dates(scenario: Scenario, document: JsonObject) -> pd.DataFrame:
    """How long every stage lasts, and what of that is waiting for what comes after it."""
    stages = {stage.name: stage for stage in scenario.stages}
    return pd.DataFrame(
        [
            {
                "stage": stage["name"],
                "begins": stage["start"][:10],
                "is followed on": stage["end"][:10],
                "lasts as planned": quantity(stages[stage["name"]].duration, "time"),
                "pause": _time(_pause_s(stages[stage["name"]])),
                "approval of the next": _time(_approval_after_s(scenario, stage["name"])),
                "ask for it by": _asked_by(scenario, document, stage["name"]),
            }
            for stage in document["stages"]
        ]
    )


def _pause_s(stage: Stage) -> float:
    return 0.0 if stage.gates is None else stage.gates.pause


def _approval_after_s(scenario: Scenario, name: str) -> float:
    after = _after(scenario, name)
    return 0.0 if after is None else approval_s(after)


def _asked_by(scenario: Scenario, document: JsonObject, name: str) -> str:
    after = _after(scenario, name)
    planned = {stage["name"]: stage for stage in document["stages"]}
    approval = None if after is None else planned.get(after.name, {}).get("approval")
    return "" if approval is None else f"{approval['ask_by']}, of {approval['by']}"


def _time(span_s: float) -> str:
    return quantity(span_s, "time") if span_s else "none"


def _before(scenario: Scenario, name: str) -> Stage | None:
    place = [stage.name for stage in scenario.stages].index(name)
    return scenario.stages[place - 1] if place else None


def _after(scenario: Scenario, name: str) -> Stage | None:
    place = [stage.name for stage in scenario.stages].index(name) + 1
    return scenario.stages[place] if place < len(scenario.stages) else None
