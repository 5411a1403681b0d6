"""Would the canary notice a bad release? Rehearsals of it, and what the traffic lets it see."""

import streamlit as st

from simulator.app import session
from simulator.app.components import report_downloads, show_sections, start_button
from simulator.app.escaping import plain
from simulator.app.planned_stage import chosen_side
from simulator.studies.canary.report import CanaryReport
from simulator.studies.canary.study import CanaryStudy


def show_canary(current: session.Current) -> None:
    """Show the tab."""
    scenario = current.loaded.scenario
    if scenario.canary is None or not scenario.releases:
        st.info(
            "This scenario has no canary. Add `releases` and `canary` on the page Scenario, or choose the scenario "
            "canary on the left.",
            icon=":material/science:",
        )
        return
    side = chosen_side(current, "Traffic of")
    key = f"canary:{side.key}"
    report = session.find_report(key, CanaryReport)
    label = "Rehearse again" if report is not None else "Rehearse"
    if start_button(label, "canary", is_first=report is None):
        session.start_study("Canary", key, CanaryStudy(stage=side.stage), side.loaded)
        st.rerun()
    if report is None:
        st.caption(
            f"{CanaryStudy.rehearsals} rehearsals of each case: as described, unchanged, and with worse releases."
        )
        return
    st.caption(plain(f"Rehearsed here, capacity {side.capacity_words}."))
    show_sections(report.sections(), key)
    report_downloads("canary", report)
