"""Where inputs come from, as the forms and the tab Sources show it: a badge per input, and a table of all."""

from typing import Literal

import streamlit as st

from simulator.app import session
from simulator.app.components import report_downloads, show_sections
from simulator.app.escaping import plain
from simulator.scenario.read.load import LoadedScenario
from simulator.studies.inputs.provenance.provenance import provenance_of
from simulator.studies.inputs.provenance.report import ProvenanceReport
from simulator.studies.inputs.provenance.view import grade_text, input_table, summary

_COLORS: dict[str, Literal["green", "blue", "orange"]] = {
    "measured": "green",
    "published": "blue",
    "vendor claim": "orange",
}


@st.cache_resource(max_entries=64, show_spinner=False)
def _report(key: str, _loaded: LoadedScenario) -> ProvenanceReport:  # noqa: ARG001  a hash says what is cached
    return provenance_of(_loaded)


def badges(current: session.Current) -> dict[str, str]:
    """By path, a badge with the grade of the input, as Markdown for a label."""
    report = _report(current.key, current.loaded)
    return {one.path: f":{_COLORS.get(one.grade, 'gray')}-badge[{plain(one.grade)}]" for one in report.inputs}


def show_grades(current: session.Current) -> None:
    """How many inputs are measured, published or assumed, in a row of badges."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption("Inputs", width="content")
        for grade, n_inputs in _report(current.key, current.loaded).grades.items():
            st.badge(plain(grade_text(grade, n_inputs)), color=_COLORS.get(grade, "gray"))


def show_sources() -> None:
    """Every input with its value, source, date and grade."""
    current = session.current()
    if current is None:
        return
    report = _report(current.key, current.loaded)
    st.caption(
        plain(
            f"{summary(report)}. State the source of an input under `sources` of the scenario; "
            "replace first the assumptions that you know better."
        )
    )
    chosen = st.pills("Only", list(report.grades), selection_mode="multi", key="grades", bind="query-params")
    shown = [one for one in report.inputs if not chosen or one.grade in chosen]
    show_sections([input_table(shown)], "sources")
    report_downloads("sources", report)
