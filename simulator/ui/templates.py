"""The gallery of scenarios: what each is about, in its own words, to begin with."""

import streamlit as st

from simulator.scenario.examples import read_example
from simulator.ui import session
from simulator.ui.shipped import scenario_folder, scenario_names
from simulator.ui.words import plain

_CARD_PX = 380


def gallery() -> None:
    """Show the scenarios of the folder as cards; a button takes one."""
    st.caption("Take the nearest to yours, then change it.")
    with st.container(horizontal=True):
        for name in scenario_names():
            about = read_example(scenario_folder() / f"{name}.yaml")
            with st.container(border=True, width=_CARD_PX):
                st.markdown(f"**{plain(name)}**")
                st.text(about.title or "No comment at the top of the file says what it is about.")
                if about.story:
                    st.caption(plain(about.story[0]))
                is_taken = st.session_state.get(session.SCENARIO) == name
                if st.button("Chosen" if is_taken else "Use it", key=f"use {name}", disabled=is_taken):
                    st.session_state["choose_next"] = name
                    st.rerun()
