"""What happens when something fails, does it come back, what would help, and how far is the cliff?"""

from functools import partial

import pandas as pd
import streamlit as st

from simulator.app import session
from simulator.app.components import (
    chart,
    downloads,
    head,
    made_by,
    metrics_row,
    show_tabs,
    start_button,
    table,
)
from simulator.app.escaping import color_of, icon_of, plain
from simulator.app.planned_stage import Side, chosen_side
from simulator.app.tabs.alerts import show_alerts, show_rules, told_frame
from simulator.render.frames import cliff_frame, drill_frame
from simulator.render.numbers import Unit, estimate, quantity
from simulator.studies.cliff.cliff import CliffOptions
from simulator.studies.drill.drill import DrillOptions
from simulator.studies.drill.drill_job import cliff_job, drill_job
from simulator.studies.drill.figures import cliff_figure, drill_figure
from simulator.studies.run.document import JsonObject

INCIDENTS = "incidents"  # also the query parameter


def render() -> None:
    """Show the page."""
    head("Failures", "What do users feel when something fails, does it come back, and what would help?")
    current = session.current()
    if current is None:
        return
    side = chosen_side(current)
    show_tabs("failures", Incidents=lambda: _drills(side), Cliff=lambda: _cliff(side))


def _drills(side: Side) -> None:
    names = [incident.name for incident in side.loaded.scenario.incidents if incident.kind != "drift"]
    if not names:
        st.info(
            "This scenario has no incidents to play. Add `incidents` on the page Scenario, or choose the "
            "scenario failures on the left.",
            icon=":material/bolt:",
        )
        return
    chosen = st.multiselect("Incidents", names, default=names[:1], key=INCIDENTS, bind="query-params")
    with_cures = st.checkbox(
        "Also try what would help",
        value=True,
        key="cures",
        bind="query-params",
        help="Each single change of policy: takes longer.",
    )
    show_rules(side.loaded.scenario)
    if not chosen:
        st.caption("Choose at least one incident.")
        return
    key = f"drill:{side.key}:{'+'.join(chosen)}:{with_cures}"
    document = session.find(key)
    if start_button("Play again" if document else "Play", "drill", is_first=document is None):
        _start_drill(side, key, chosen, with_cures=with_cures)
        st.rerun()
    if document is None:
        st.caption(
            plain(
                f"Each incident is played at the peak, with and without, on the same users; capacity {side.capacity_words}."
            )
        )
        return
    made_by(document, f"Played here: {document['pairs']} pairs, capacity {side.capacity_words}")
    for drill in document["drills"]:
        _drill(drill)
    with st.container(border=True):
        st.markdown("**Good answers through each incident, and when alerts fire**")
        chart(
            drill_figure(document),
            "drill_figure",
            "Good answers per second with and without each incident, and when alerts fire",
        )
    show_alerts(document)
    downloads(
        "drill",
        document,
        drill_frame(document),
        lambda: {"Good answers through each incident": drill_figure(document)},
        {"Who is told, and when": told_frame(document)},
    )


def _start_drill(side: Side, key: str, chosen: list[str], *, with_cures: bool) -> None:
    options = DrillOptions(tuple(chosen), side.stage, 4, with_cures)
    session.start(f"Drill of {', '.join(chosen)}", key, partial(drill_job, side.loaded, options))


def _drill(drill: JsonObject) -> None:
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.badge(drill["verdict"], color=color_of(drill["verdict"]), icon=icon_of(drill["verdict"]))
            st.markdown(f"**{plain(drill['name'])}**")
        shown: list[tuple[str, JsonObject | None, Unit, str]] = [
            ("Actions hurt", drill["actions_hurt"]["difference"], "count", "More than without the incident."),
            ("Error rate", drill["error_rate"]["difference"], "share", "Added by the incident."),
            ("Cost added", drill["cost"]["difference"], "money", "In the span that was played."),
            ("Time to recover", drill["recovery_s"], "time", "After the cause is gone."),
        ]
        metrics_row(*((label, estimate(value, unit), help_) for label, value, unit, help_ in shown))
        came_back = quantity(drill["recovered_share"], "share")
        st.text(
            f"Recovered in {came_back} of the runs; stays down without its cause: {_word(drill['metastable'])}."
        )
        if drill["cures"]:
            st.markdown("**What would help**")
            table(_cures(drill))


def _word(value: object) -> str:
    return {True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool) else str(value)


def _cures(drill: JsonObject) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "change": cure["name"],
                "good answers gained per second": estimate(cure["gain_rps"]["difference"], "number").line,
                "": "best" if cure["name"] == drill["best_cure"] else "",
            }
            for cure in drill["cures"]
        ]
    )


def _cliff(side: Side) -> None:
    key = f"cliff:{side.key}"
    document = session.find(key)
    if start_button("Look again" if document else "Find the cliff", "cliff", is_first=document is None):
        _start_cliff(side, key)
        st.rerun()
    if document is None:
        st.caption(
            plain(
                "Load is raised until goodput collapses, then lowered until it recovers: a minute or so; capacity "
                f"{side.capacity_words}."
            )
        )
        return
    made_by(document, f"Looked for here, capacity {side.capacity_words}")
    st.badge(document["verdict"], color=color_of(document["verdict"]), icon=icon_of(document["verdict"]))
    metrics_row(
        ("Collapses at", estimate((document["collapse"] or {}).get("rps"), "rate"), ""),
        ("Headroom over the peak", estimate(document["headroom"], "share"), ""),
        ("Recovers below", estimate((document["recovery"] or {}).get("rps"), "rate"), ""),
    )
    bottleneck = document["bottleneck"]
    if bottleneck is not None:
        st.text(f"The bottleneck is {bottleneck['target']} in {bottleneck['region']}.")
    chart(cliff_figure(document), "cliff_figure", "Good answers per second against arrivals per second")
    downloads(
        "cliff",
        document,
        cliff_frame(document),
        lambda: {"Good answers against arrivals": cliff_figure(document)},
    )


def _start_cliff(side: Side, key: str) -> None:
    session.start("Cliff", key, partial(cliff_job, side.loaded, CliffOptions(side.stage, 4)))
