"""The gallery of scenarios: what each is about, in its own words, to begin with."""

from collections.abc import Iterator

import streamlit as st

from simulator.ui import session
from simulator.ui.shipped import scenario_names, scenario_text
from simulator.ui.words import plain

_CARD_PX = 380


def headline(text: str) -> tuple[str, str]:
    """What a scenario file says of itself first: its first line, and the paragraph behind it.

    Lines for editors (`yaml-language-server`) are passed over; a file without comments says nothing.
    """
    first, second, *_ = [*(" ".join(lines) for lines in _paragraphs(text)), "", ""]
    return first, second


def _paragraphs(text: str) -> Iterator[list[str]]:
    lines: list[str] = []
    for line in text.splitlines():
        if not line.startswith("#"):
            break
        words = line.lstrip("#").strip()
        if words.startswith("yaml-language-server"):
            continue
        if words:
            lines.append(words)
        elif lines:
            yield lines
            lines = []
    if lines:
        yield lines


def gallery() -> None:
    """Show the scenarios of the folder as cards; a button takes one."""
    st.caption(
        "Each of these plans, runs and fails out of the box: take the nearest to yours, then change it."
    )
    with st.container(horizontal=True):
        for name in scenario_names():
            about, question = headline(scenario_text(name))
            with st.container(border=True, width=_CARD_PX):
                st.markdown(f"**{plain(name)}**")
                st.text(about or "No comment at the top of the file says what it is about.")
                if question:
                    st.caption(plain(question))
                is_taken = st.session_state.get(session.SCENARIO) == name
                if st.button("Chosen" if is_taken else "Use it", key=f"use {name}", disabled=is_taken):
                    st.session_state["choose_next"] = name
                    st.rerun()
