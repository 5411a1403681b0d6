"""Forms that add and remove stages, regions and routes."""

from collections.abc import Callable
from zoneinfo import available_timezones

import streamlit as st

from simulator.app import session
from simulator.app.escaping import plain
from simulator.app.structure import (
    StructureError,
    names_of,
    steps_with_targets,
    with_region,
    with_route,
    with_stage,
    without,
)

_KINDS = {"Stage": "stages", "Region": "regions", "Route": "routes"}
Apply = Callable[[list[str]], None]


def structure_form(current: session.Current, apply: Apply) -> None:
    """Show the forms; `apply` is given the override that a button asks for."""
    with st.expander("Add or remove a stage, region or route"):
        kind = st.segmented_control("What", list(_KINDS), default="Stage", key="part", required=True)
        section = _KINDS[kind]
        document = current.loaded.document
        try:
            found = _added(kind, current) or _removed(section, names_of(document, section), current)
        except StructureError as error:
            st.error(plain(str(error)), icon=":material/error:")
            return
        if found is not None:
            apply(found)


def _added(kind: str, current: session.Current) -> list[str] | None:
    document, scenario = current.loaded.document, current.loaded.scenario
    with st.form(f"add {kind}", border=False, clear_on_submit=True):
        first, second, third = st.columns(3)
        name = first.text_input("Name", max_chars=40, key=f"{kind} name")
        if kind == "Stage":
            duration = second.text_input("Duration", "4w", max_chars=20, key="stage duration")
            exposure = third.text_input("Exposure of all users", "100%", max_chars=20, key="stage exposure")
        elif kind == "Region":
            zones = sorted(available_timezones())
            timezone = second.selectbox("Time zone", zones, zones.index("UTC"), key="region zone")
        else:
            targets = [model.model_name for model in scenario.model_list] + list(scenario.services)
            chosen = second.multiselect("Models or services", targets, key="route targets")
            steps = steps_with_targets(document)
            served = third.selectbox("Serves the step", list(steps), key="route step")
        if not st.form_submit_button(f"Add {kind.lower()}", icon=":material/add:"):
            return None
    if kind == "Stage":
        return [with_stage(document, name.strip(), duration, exposure)]
    if kind == "Region":
        return [with_region(document, name.strip(), timezone)]
    if served is None:
        raise StructureError("there is no step that a route could serve")
    return with_route(document, name.strip(), chosen, *steps[served])


def _removed(section: str, names: list[str], current: session.Current) -> list[str] | None:
    if not names:
        return None
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.selectbox("Of those there are", names, key=f"remove {section}")
        if not st.button("Remove", icon=":material/delete:", key=f"remove button {section}"):
            return None
    return [without(current.loaded.document, section, name)]
