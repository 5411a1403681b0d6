"""Where do requests go, where do they get stuck, and what does an incident do to that, minute by minute?"""

from collections.abc import Sequence
from typing import Literal

import streamlit as st

from simulator.app import session
from simulator.app.components import (
    chart,
    head,
    report_downloads,
    show_sections,
    show_tabs,
    start_button,
)
from simulator.app.escaping import plain
from simulator.app.planned_stage import Side, chosen_side, quick_side
from simulator.render.numbers import quantity
from simulator.studies.flow.figures import flow_figure
from simulator.studies.flow.flow import flow_of
from simulator.studies.flow.replay_view import figure
from simulator.studies.flow.report import ReplayReport
from simulator.studies.flow.study import ReplayStudy
from simulator.studies.flow.view import notes, path_figure, stations_table

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
    report = flow_of(found.scenario, found.results)
    if not report.workloads:
        st.info("Nobody asks for anything at this stage: give it exposure on the page Scenario.")
        return
    show_sections(notes(report), "bottleneck")
    workload = _chosen(list(report.workloads), _WORKLOAD)
    with st.container(border=True):
        show_sections([path_figure(report, workload)], "flow_figure")
    st.caption(
        plain(
            f"Edges are as wide as they were taken per second: actions, turns (questions) and tries, so that what "
            f"enters a node need not be what leaves it. {report.replications} replications of "
            f"{report.window_s / 60:.0f} minutes, capacity {side.capacity_words}."
        )
    )
    show_sections([stations_table(report)], "stations")
    report_downloads("flow", report)


def _chosen(names: Sequence[str], key: str) -> str:
    if len(names) == 1:
        return names[0]
    is_linked: Literal["query-params"] | None = "query-params" if key == _WORKLOAD else None
    return st.segmented_control("Workload", names, default=names[0], key=key, required=True, bind=is_linked)


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
    report = session.find_report(key, ReplayReport)
    if start_button("Replay again" if report else "Replay", "replay", is_first=report is None):
        study = ReplayStudy(incident=incident, stage=side.stage)
        session.start_study(f"Replay of {incident}", key, study, side.loaded)
        st.rerun()
    if report is None:
        st.caption("The incident is played once at the held peak; then every minute of it can be looked at.")
        return
    _moments(report)
    report_downloads("replay", report)


@st.fragment
def _moments(report: ReplayReport) -> None:
    minutes = [f"{moment.begin_s / 60.0:.3g}" for moment in report.moments]
    first = min(int((report.begins_s + 60.0) / report.bucket_s), len(minutes) - 1)
    chosen = st.select_slider("Minute", minutes, minutes[first], key="minute")
    place = minutes.index(chosen)
    moment = report.moments[place]
    with st.container(border=True):
        show_sections([figure(report, place)], "moments_figure")
    named = _chosen(list(moment.workloads), "replayed workload")
    latency = quantity(moment.latency_s, "time")
    title = f"Path of {named} from minute {chosen} on: mean latency {latency}, per second"
    with st.container(border=True):
        st.markdown(f"**{plain(title)}**")
        path = moment.workloads[named]
        if path.edges:
            chart(flow_figure(path), "replay_figure", title)
        else:
            st.caption("Nothing happened in this minute.")
