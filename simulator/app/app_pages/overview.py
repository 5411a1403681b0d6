"""Is every stage a GO, what holds it up, and what does it cost?"""

from dataclasses import replace
from typing import Any

import pandas as pd
import streamlit as st

from simulator.app import session
from simulator.app.components import downloads, figures_row, head, metrics_row, start_button, table
from simulator.app.escaping import color_of, icon_of, plain
from simulator.app.planned import plan_origin
from simulator.app.planned_stage import STAGE as STAGE_AT
from simulator.app.tabs.provenance import show_grades
from simulator.engine import Runner, threads_or_all
from simulator.metrics.registry import label_of
from simulator.render.frames import plan_frame
from simulator.render.numbers import Unit, estimate, quantity, unit_of
from simulator.studies.plan.plan_figures import TRADES, plan_figures
from simulator.studies.plan.plan_job import PlanRequest, plan_job
from simulator.studies.plan.plan_page import plan_page
from simulator.studies.plan.plan_tables import stage_notes
from simulator.studies.run.document import JsonObject

STAGE = "stage"  # also the query parameter
_CARD_WIDTH_PX = 185  # four fit beside each other into a window of 1280 pixels


def render() -> None:
    """Show the page."""
    head("Overview", "Is every stage a GO, what holds it up, what does it cost, and what must be in place?")
    current = session.current()
    if current is None:
        return
    if not current.loaded.scenario.stages:
        st.info("This scenario has no `stages` to plan: add some on the page Scenario, or see What-if.")
        return
    document, is_shipped = session.plan_of(current)
    with st.container(horizontal=True, vertical_alignment="center"):
        if start_button("Plan again" if document else "Plan", "plan", is_first=document is None):
            _start(current)
            st.rerun()
        _origin(document, is_shipped=is_shipped)
    show_grades(current)
    if document is None or not document["stages"]:
        return
    _decision(document)
    _verdicts(document["stages"])
    stage = chosen_stage(document["stages"])
    _figures_of(stage)
    _notes(current, stage)
    _calendar(document)
    st.subheader(plain(f"What {stage['name']} is held to"), anchor=False)
    table(_objectives(stage))
    downloads(f"plan-{current.key[:12]}", document, plan_frame(document), page=lambda: plan_page(document))


def chosen_stage(stages: list[JsonObject]) -> JsonObject:
    """The stage that is looked at; the first that is no GO, else the last."""
    names = [stage["name"] for stage in stages]
    open_ = [stage["name"] for stage in stages if stage["decision"] != "GO"]
    name = st.selectbox(
        "Stage",
        names,
        index=names.index(open_[0]) if open_ else len(names) - 1,
        key=STAGE,
        bind="query-params",
    )
    return next(stage for stage in stages if stage["name"] == name)


def _start(current: session.Current) -> None:
    loaded = current.loaded

    def work(runner: Runner) -> JsonObject:
        return plan_job(loaded, PlanRequest(None), replace(runner, n_threads=threads_or_all(None)))

    session.start(f"Plan of {current.name}", session.plan_key(current), work)


def _origin(document: JsonObject | None, *, is_shipped: bool) -> None:
    """Say where the numbers come from."""
    if document is None:
        st.caption("Not planned yet. A plan searches the cheapest capacity of every stage: a minute or so.")
        return
    plan_origin(document, is_shipped=is_shipped)


def _decision(document: JsonObject) -> None:
    """Whether the rollout is a GO, and what holds it up if it is not."""
    word = document["decision"]
    if word is None:  # interrupted
        return
    held_up = [stage for stage in document["stages"] if stage["decision"] != "GO"]
    why = ", ".join(f"{stage['name']} is {stage['decision']}" for stage in held_up)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.badge(word, color=color_of(word), icon=icon_of(word))
        st.markdown(f"**{plain(why or 'Every stage holds what is asked of it')}**")


def _notes(current: session.Current, stage: JsonObject) -> None:
    """Why the stage is decided so and what else is to be known of it, and the way to what would change it."""
    notes = list(stage_notes(stage))
    if notes:
        with st.container(border=True):
            st.markdown(f"**What to know of {plain(stage['name'])}**")
            st.markdown("\n".join(f"- {plain(note)}" for note in notes))
    session.link(
        "What-if",
        f"What would change it? Turn a lever at the peak of {stage['name']}",
        current,
        **{STAGE_AT: stage["name"]},
    )


def _verdicts(stages: list[JsonObject]) -> None:
    with st.container(horizontal=True):
        for stage in stages:
            word = stage["decision"]
            with st.container(border=True, width=_CARD_WIDTH_PX, height="stretch"):
                st.badge(word, color=color_of(word), icon=icon_of(word))
                st.markdown(f"**{plain(stage['name'])}**")
                st.caption(plain(f"{stage['start'][:10]} to {stage['end'][:10]}"))
                st.text(_binding(stage))


def _binding(stage: JsonObject) -> str:
    missed = [verdict["slo"] for verdict in stage["verdicts"] if verdict["verdict"] != "PASS"]
    if missed:
        return "missed or open: " + ", ".join(dict.fromkeys(missed))
    if stage["binding"] is None:
        return "nothing binds"
    at = "" if stage["binding_at"] is None else f", at {stage['binding_at']}"
    return f"held up by {stage['binding']}{at}"


def _figures_of(stage: JsonObject) -> None:
    metrics = stage["metrics"]
    busiest, load = _busiest(stage)
    shown: list[tuple[str, Any, Unit, str]] = [
        (
            "p95 latency",
            metrics["latency_s"]["p95"],
            "time",
            "From the question to the answer, all workloads.",
        ),
        ("Availability", metrics["availability"], "share", "Actions that got an answer."),
        ("Cost per successful action", stage["cost"]["per_successful_action"], "money", "Of the month."),
        (f"Busiest: {busiest}", load, "share", "Utilization of the target that is busiest at the peak."),
    ]
    metrics_row(*((label, estimate(value, unit), help_) for label, value, unit, help_ in shown))


def _busiest(stage: JsonObject) -> tuple[str, Any]:
    loads = {
        name: part["metrics"]["utilization"] if "metrics" in part else part.get("utilization")
        for name, part in stage["by"]["target"].items()
    }
    known = {name: load for name, load in loads.items() if load is not None and load["value"] is not None}
    if not known:
        return "none", None
    name = max(known, key=lambda one: known[one]["value"])
    return name, known[name]


def _calendar(document: JsonObject) -> None:
    """What a plan's figures show; its trade-offs are on the page Rollout."""
    figures = [found for found in plan_figures(document).items() if found[0] not in TRADES]
    figures_row(*((title, figure, f"plan_figure_{place}") for place, (title, figure) in enumerate(figures)))


def _objectives(stage: JsonObject) -> pd.DataFrame:
    rows = []
    for verdict in stage["verdicts"]:
        unit = unit_of(verdict["metric"])
        rows.append(
            {
                "objective": verdict["slo"],
                "measure": label_of(verdict["metric"]),
                "users": verdict["region"] or "all",
                "workload": verdict["workload"] or "all",
                "asked": f"{verdict['op']} {quantity(verdict['limit'], unit)}",
                "measured": estimate(verdict, unit).line,
                "verdict": verdict["verdict"],
            }
        )
    return pd.DataFrame(rows)
