"""The gallery of scenarios: what each is about, in its own words, to begin with."""

import streamlit as st

from simulator.app import session
from simulator.app.bundled import scenario_folder, scenario_names
from simulator.app.escaping import plain
from simulator.scenario.library.examples import read_example

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
                    st.session_state[session.CHOOSE_NEXT] = name
                    st.rerun()
