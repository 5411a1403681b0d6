"""Where do requests go, where do they get stuck, and what does an incident do to that, minute by minute?"""

from functools import partial
from typing import Literal

import pandas as pd
import streamlit as st

from simulator.app import session
from simulator.app.components import chart, downloads, head, show_tabs, start_button, table
from simulator.app.escaping import plain
from simulator.app.planned_stage import Side, chosen_side, quick_side
from simulator.render.numbers import estimate, quantity
from simulator.studies.flow.flow_document import flow_document
from simulator.studies.flow.flow_figures import flow_figure, moments_figure
from simulator.studies.flow.flow_job import replay_job
from simulator.studies.flow.replay import ReplayOptions
from simulator.studies.run.document import JsonObject

_WORKLOAD = "workload"  # also the query parameter


def render() -> None:
    """Show the page."""
    head("Flow", "Where do requests go, where do they get stuck, and what does an incident do to that?")
    current = session.current()
    if current is None:
        return
    side = chosen_side(current)
    show_tabs("flow", At_the_peak=lambda: _peak(side), Incident_over_time=lambda: _replay(side))


def _peak(side: Side) -> None:
    with st.spinner("simulating the peak", show_time=True):
        found = quick_side(side)
    document = flow_document(found.scenario, found.results)
    if not document["workloads"]:
        st.info("Nobody asks for anything at this stage: give it exposure on the page Scenario.")
        return
    _bottleneck(document)
    workload = _chosen(document["workloads"], _WORKLOAD)
    path = document["workloads"][workload]
    title = f"Path of {workload}, per second"
    with st.container(border=True):
        st.markdown(f"**{plain(title)}**")
        chart(flow_figure(path, document["stations"], document["bottleneck"]), "flow_figure", title)
    st.caption(
        plain(
            f"Edges are as wide as they were taken per second: actions, turns (questions) and tries, so that what "
            f"enters a node need not be what leaves it. {document['replications']} replications of "
            f"{document['window_s'] / 60:.0f} minutes, capacity {side.capacity_words}."
        )
    )
    rows = _stations(document)
    table(rows)
    downloads(
        "flow",
        document,
        rows,
        lambda: {
            f"Path of {name}, per second": flow_figure(of, document["stations"], document["bottleneck"])
            for name, of in document["workloads"].items()
        },
    )


def _bottleneck(document: JsonObject) -> None:
    found = document["bottleneck"]
    if found is None:
        st.success("Nothing holds up work, and nothing has a limit.", icon=":material/check_circle:")
        return
    if found["held_up_share"] is None:
        text = f"Nothing holds up work to speak of. The fullest is {found['target']} in {found['region']}."
        st.success(plain(text), icon=":material/check_circle:")
        return
    share = quantity(found["held_up_share"], "share")
    st.warning(
        plain(
            f"The bottleneck is {found['target']} in {found['region']}: {share} of all work waits or is turned "
            "away there."
        ),
        icon=":material/warning:",
    )


def _chosen(workloads: JsonObject, key: str) -> str:
    names = list(workloads)
    if len(names) == 1:
        return names[0]
    is_linked: Literal["query-params"] | None = "query-params" if key == _WORKLOAD else None
    return st.segmented_control("Workload", names, default=names[0], key=key, required=True, bind=is_linked)


def _stations(document: JsonObject) -> pd.DataFrame:
    stuck = document["bottleneck"] or {}
    return pd.DataFrame(
        [
            {
                "target": station["target"],
                "in": station["region"],
                "tries": quantity(station["tries_per_s"], "rate"),
                "full (offered / limit)": quantity(station["full"], "share"),
                "limit": station["full_of"] or "none",
                "busy": estimate(station["utilization"], "share").line,
                "p95 wait": estimate(station["queue_wait_p95_s"], "time").line,
                "inside": estimate(station["in_system"], "number").line,
                "tries lost": quantity(station["lost_share"], "share"),
                "": "bottleneck"
                if (station["target"], station["region"]) == (stuck.get("target"), stuck.get("region"))
                else "",
            }
            for station in document["stations"]
        ]
    )


def _replay(side: Side) -> None:
    names = [incident.name for incident in side.loaded.scenario.incidents if incident.kind != "drift"]
    if not names:
        st.info(
            "This scenario has no incidents to replay. Add `incidents` on the page Scenario, or choose the scenario "
            "failures on the left.",
            icon=":material/bolt:",
        )
        return
    incident = st.selectbox("Incident", names, key="incident", bind="query-params")
    key = f"replay:{side.key}:{incident}"
    document = session.find(key)
    if start_button("Replay again" if document else "Replay", "replay", is_first=document is None):
        _start(side, key, incident)
        st.rerun()
    if document is None:
        st.caption("The incident is played once at the held peak; then every minute of it can be looked at.")
        return
    _moments(document)
    downloads(
        "replay",
        document,
        _series(document),
        lambda: {"Good answers through the incident": moments_figure(document, 0)},
    )


def _start(side: Side, key: str, incident: str) -> None:
    loaded = side.loaded
    request = ReplayOptions(incident, side.stage)

    session.start(f"Replay of {incident}", key, partial(replay_job, loaded, request))


@st.fragment
def _moments(document: JsonObject) -> None:
    moments = document["moments"]
    minutes = [f"{moment['begin_s'] / 60.0:.3g}" for moment in moments]
    first = min(int((document["begins_s"] + 60.0) / document["bucket_s"]), len(moments) - 1)
    chosen = st.select_slider("Minute", minutes, minutes[first], key="minute")
    place = minutes.index(chosen)
    moment = moments[place]
    with st.container(border=True):
        st.markdown("**Good answers through the incident**")
        chart(
            moments_figure(document, place),
            "moments_figure",
            "Arrivals and good answers per second by minute",
        )
    named = _chosen(moment["workloads"], "replayed workload")
    latency = quantity(moment["latency_s"], "time")
    title = f"Path of {named} from minute {chosen} on: mean latency {latency}, per second"
    with st.container(border=True):
        st.markdown(f"**{plain(title)}**")
        path = moment["workloads"][named]
        if path["edges"]:
            chart(flow_figure(path), "replay_figure", title)
        else:
            st.caption("Nothing happened in this minute.")


def _series(document: JsonObject) -> pd.DataFrame:
    keys = ("begin_s", "arrivals_rps", "goodput_rps", "latency_s")
    return pd.DataFrame([{key: moment[key] for key in keys} for moment in document["moments"]])
