"""What happens when something fails, does it come back, what would help, and how far is the cliff?"""

import streamlit as st

from simulator.app import session
from simulator.app.components import (
    head,
    metrics_row,
    report_downloads,
    show_sections,
    show_tabs,
    start_button,
)
from simulator.app.escaping import color_of, icon_of, plain
from simulator.app.planned_stage import Side, chosen_side
from simulator.app.tabs.alerts import show_rules
from simulator.render.numbers import EstimateText, estimate
from simulator.studies.cliff.report import Bound, CliffReport
from simulator.studies.cliff.study import CliffStudy
from simulator.studies.drill import view
from simulator.studies.drill.report import DrillReport, DrillResult
from simulator.studies.drill.study import DrillStudy

INCIDENTS = "incidents"  # also the query parameter
_PAIRS = 4


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
    report = session.find_report(key, DrillReport)
    if start_button("Play again" if report is not None else "Play", "drill", is_first=report is None):
        study = DrillStudy(tuple(chosen), stage=side.stage, runs=_PAIRS, cures=with_cures)
        session.start_study(f"Drill of {', '.join(chosen)}", key, study, side.loaded)
        st.rerun()
    if report is None:
        st.caption(
            plain(
                f"Each incident is played at the peak, with and without, on the same users; capacity {side.capacity_words}."
            )
        )
        return
    st.caption(plain(f"Played here, capacity {side.capacity_words}."))
    for drill in report.drills:
        _drill(drill, key)
    with st.container(border=True):
        show_sections([view.figure(report)], key)
    show_sections([*view.alert_sections(report), *view.notes(report)], key)
    report_downloads("drill", report)


def _drill(drill: DrillResult, key: str) -> None:
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.badge(drill.verdict, color=color_of(drill.verdict), icon=icon_of(drill.verdict))
            st.markdown(f"**{plain(drill.name)}**")
        metrics_row(
            (
                "Actions harmed",
                estimate(drill.actions_hurt.difference, "count"),
                "More than without the incident.",
            ),
            ("Error rate", estimate(drill.error_rate.difference, "share"), "Added by the incident."),
            ("Extra cost", estimate(drill.cost.difference, "money"), "In the span that was played."),
            ("Time to recover", estimate(drill.recovery_s, "time"), "After the cause is gone."),
        )
        n_runs = drill.error_rate.n_pairs
        st.text(
            f"Recovered in {round(drill.recovered_share * n_runs)} of {n_runs} runs. "
            f"Metastable (stays down after the cause ends): {drill.metastable}."
        )
        for one in drill.unwatched:
            st.warning(plain(view.unwatched_text(one)), icon=":material/visibility_off:")
            st.code(f"  - {one.slo}", language="yaml")
        for spot in drill.blind_spots:
            st.warning(plain(view.blind_spot_text(spot)), icon=":material/notifications_off:")
        show_sections([view.mitigation_table(drill)], f"{key} {drill.name}")


def _cliff(side: Side) -> None:
    key = f"cliff:{side.key}"
    report = session.find_report(key, CliffReport)
    label = "Look again" if report is not None else "Find the cliff"
    if start_button(label, "cliff", is_first=report is None):
        session.start_study("Cliff", key, CliffStudy(stage=side.stage), side.loaded)
        st.rerun()
    if report is None:
        st.caption(
            plain(
                "Load is raised until goodput collapses, then lowered until it recovers: a minute or so; capacity "
                f"{side.capacity_words}."
            )
        )
        return
    st.caption(plain(f"Looked for here, capacity {side.capacity_words}."))
    st.badge(report.verdict, color=color_of(report.verdict), icon=icon_of(report.verdict))
    metrics_row(
        ("Collapses at", _load(report.collapse), ""),
        ("Headroom over the peak", estimate(report.headroom, "share"), ""),
        ("Recovers below", _load(report.recovery), ""),
    )
    show_sections(report.sections(), key)
    report_downloads("cliff", report)


def _load(found: Bound | None) -> EstimateText:
    return estimate(None if found is None else found.rps, "rate")
