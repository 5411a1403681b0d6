"""The plan that the tabs of the page Rollout speak of, and what they say while there is none."""

import streamlit as st

from simulator.app import session
from simulator.app.components import made_by, missing
from simulator.app.snippets import GATES
from simulator.studies.run.document import JsonObject


def plan_shown(current: session.Current) -> JsonObject | None:
    """The plan of the scenario; None: there is none yet, which is told."""
    if not current.loaded.scenario.stages:
        missing("This scenario has no stages. Add `stages`", GATES)
        return None
    document, is_shipped = session.plan_of(current)
    if document is not None and document["stages"]:
        plan_origin(document, is_shipped=is_shipped)
        return document
    st.info(
        "There is no plan of this scenario yet: start one on the page Overview.", icon=":material/dashboard:"
    )
    return None


def plan_origin(document: JsonObject, *, is_shipped: bool) -> None:
    """Say where the numbers of a plan come from."""
    what = "Shipped with the app, planned before" if is_shipped else "Planned here"
    part = ", interrupted: these stages were finished" if document["interrupted"] else ""
    made_by(document, f"{what}{part}: {document['n_runs']:,} runs")
