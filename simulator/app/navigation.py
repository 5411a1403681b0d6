"""The frame around every page: navigation, the choice of a scenario, and the job that is at work."""

import streamlit as st

from simulator.app import address, session
from simulator.app.app_pages import (
    economics,
    failures,
    flow,
    overview,
    rollout,
    runs,
    scenario,
    studies,
    what_if,
)
from simulator.app.bundled import ICON
from simulator.app.components import job_strip

_PAGES = (
    (overview.render, "Overview", "dashboard", "", "Is every stage a GO, what limits it, what does it cost?"),
    (scenario.render, "Scenario", "edit_note", "scenario", "Choose, upload, edit and check a scenario."),
    (what_if.render, "What-if", "tune", "what-if", "Turn a lever and see what it changes at the peak."),
    (flow.render, "Flow", "account_tree", "flow", "Where requests go, and where they queue."),
    (failures.render, "Failures", "bolt", "failures", "Play incidents, and find the load at which it collapses."),
    (rollout.render, "Rollout", "calendar_month", "rollout", "Stages, orders with their dates, and the canary."),
    (economics.render, "Economics", "payments", "economics", "What an action costs and why, and whether it is worth it."),
    (runs.render, "Sweeps and runs", "grid_on", "runs", "Many points at once, and what was run before."),
    (studies.render, "Studies", "science", "studies", "Any question of the command line, with all its options."),
)  # fmt: skip


def show() -> None:
    """Show the app."""
    st.set_page_config("Rollout simulator", ICON, layout="wide")
    pages = [
        st.Page(
            render,
            title=title,
            icon=f":material/{icon}:",
            url_path=path or None,
            help=answers,
            default=not path,
        )
        for render, title, icon, path, answers in _PAGES
    ]
    page = st.navigation(pages)
    session.know_pages({page.title: page for page in pages})
    chosen = st.session_state.pop(session.CHOOSE_NEXT, None)
    if chosen is not None:
        st.session_state[session.SCENARIO] = chosen
    address.open_link()
    with st.sidebar:
        st.selectbox(
            "Scenario",
            session.names(),
            key=session.SCENARIO,
            bind="query-params",
            help="What all pages are about.",
        )
    address.write_link()
    with st.container():  # there whether or not a job is, so that what is below keeps its place
        address.tell_gone()
        job_strip()
    page.run()
