"""The plan that the tabs of the page Rollout speak of, and what they say while there is none."""

import streamlit as st

from simulator.reporting.document import JsonObject
from simulator.ui import session
from simulator.ui.parts import missing
from simulator.ui.snippets import GATES


def plan_shown(current: session.Current) -> JsonObject | None:
    """The plan of the scenario; None: there is none yet, which is told."""
    if not current.loaded.scenario.stages:
        missing("This scenario has no stages. Add `stages`", GATES)
        return None
    document, _ = session.plan_of(current)
    if document is not None and document["stages"]:
        return document
    st.info(
        "There is no plan of this scenario yet: start one on the page Overview.", icon=":material/dashboard:"
    )
    return None
