"""How soon do reviewers notice that quality falls, at which sampling rate, and what does the looking cost?"""

import streamlit as st

from simulator.app import session
from simulator.app.components import missing, report_downloads, show_sections, start_button
from simulator.app.escaping import plain
from simulator.app.planned_stage import chosen_side
from simulator.app.snippets import REVIEW
from simulator.scenario.model import Scenario
from simulator.studies.drift.drift import drift_of
from simulator.studies.drift.report import DriftReport
from simulator.studies.drift.review_sampling import review_rule
from simulator.studies.drift.study import DriftStudy

FALL = "fall"  # also the query parameter
_FALLS = (0.25, 0.5, 1.0, 2.0, 5.0)  # points of success a week


def show_drift(current: session.Current) -> None:
    """Show the tab."""
    scenario = current.loaded.scenario
    if all(review_rule(workload) is None for workload in scenario.workloads):
        missing("Nobody looks at any answer, so nobody notices. Add a `review` step and a team", REVIEW)
        return
    with st.container(horizontal=True):
        side = chosen_side(current, "Traffic of")
        per_week = _fall(scenario)
    key = f"drift:{side.key}:{per_week}"
    report = session.find_report(key, DriftReport)
    if start_button("Study again" if report else "Study", "drift", is_first=report is None):
        session.start_study("Drift", key, DriftStudy(stage=side.stage, per_week=per_week), side.loaded)
        st.rerun()
    if report is None:
        st.caption(
            "Simulates which answers reviewers could see, and works out when their chart (CUSUM) would raise the alarm, at "
            "every sampling rate that makes sense: some seconds."
        )
        return
    st.caption(plain(f"Capacity {side.capacity_words}."))
    show_sections(report.sections(), key)
    report_downloads("drift", report)


def _fall(scenario: Scenario) -> float | None:
    """By how much success falls every week; None: as the scenario says."""
    usual = " and ".join(
        dict.fromkeys(
            f"{100.0 * drift_of(scenario, workload.name):g}"
            for workload in scenario.workloads
            if review_rule(workload) is not None
        )
    )
    falls: dict[str, float | None] = {f"{usual} of 100 answers, as the scenario has it": None}
    falls |= {f"{points:g} of 100 answers": points / 100.0 for points in _FALLS}
    return falls[st.selectbox("Success falls every week by", list(falls), key=FALL, bind="query-params")]
