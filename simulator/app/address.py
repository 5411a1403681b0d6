"""The address in the browser: which scenario it is, what forms changed in it; a link opens it again, anywhere."""

import streamlit as st

from simulator.app import session
from simulator.app.bundled import kept_folder
from simulator.app.escaping import plain
from simulator.app.kept import keep, kept

_OWN = "own"  # query parameter: key of a scenario of the user's own
_SHOWN = "shown_for_gone"
_LONGEST_NAME = 100


def write_link() -> None:
    """Put what forms changed into the address, and which own scenario it is, so that the link restores it."""
    name = st.session_state.get(session.SCENARIO, "")
    own = keep(kept_folder(), session.own_texts()[name]) if name in session.own_texts() else None
    if own is None:
        st.query_params.pop(_OWN, None)
    elif st.query_params.get(_OWN) != own:
        st.query_params[_OWN] = own
    changed = list(session.overrides_of(st.session_state.get(session.SCENARIO, "")))
    if st.query_params.get_all(session.CHANGES) != changed:
        st.query_params[session.CHANGES] = changed
        if not changed:
            st.query_params.pop(session.CHANGES, None)


def open_link() -> None:
    """Take the scenario that the address names, the first time a page is shown; what is not here is kept in mind to be told.

    Called before the scenario can be chosen: the choice drops a name from the address that it does not know.
    """
    if session.SCENARIO in st.session_state or "choose_next" in st.session_state:
        return
    name, key = st.query_params.get(session.SCENARIO), st.query_params.get(_OWN)
    if name is None:
        return
    text = None if key is None else kept(kept_folder(), key)
    if text is not None:
        session.own_texts()[name[:_LONGEST_NAME]] = text
        st.session_state[session.SCENARIO] = name[:_LONGEST_NAME]
    elif key is not None or name not in session.names():
        st.session_state[session.GONE] = name[:_LONGEST_NAME]
        st.query_params.pop(session.CHANGES, None)  # it was of that scenario


def tell_gone() -> None:
    """Say that what a link asked for is not here, until something is chosen."""
    name, shown = st.session_state.get(session.GONE), st.session_state.get(session.SCENARIO)
    if name is None:
        return
    if st.session_state.setdefault(_SHOWN, shown) != shown:
        del st.session_state[session.GONE], st.session_state[_SHOWN]
        return
    st.warning(
        f"The link is about the scenario **{plain(name)}**, which is not at this server. "
        f"Upload it again on the page Scenario. What you see is **{plain(str(shown))}**.",
        icon=":material/link_off:",
    )
