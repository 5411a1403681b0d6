"""Where inputs come from, as the forms and the tab Sources show it: a badge per input, and a table of all."""

from typing import Literal

import pandas as pd
import streamlit as st

from simulator.app import session
from simulator.app.components import downloads, table
from simulator.app.escaping import plain
from simulator.scenario.read.load import LoadedScenario
from simulator.studies.inputs.provenance import provenance_document
from simulator.studies.run.document import JsonObject

_COLORS: dict[str, Literal["green", "blue", "orange"]] = {
    "measured": "green",
    "published": "blue",
    "vendor claim": "orange",
}


@st.cache_resource(max_entries=64, show_spinner=False)
def _document(key: str, _loaded: LoadedScenario) -> JsonObject:  # noqa: ARG001  a hash says what is cached
    return provenance_document(_loaded)


def badges(current: session.Current) -> dict[str, str]:
    """By path, a badge with the grade of the input, as Markdown for a label."""
    rows = _document(current.key, current.loaded)["inputs"]
    return {row["path"]: f":{_COLORS.get(row['grade'], 'gray')}-badge[{plain(row['grade'])}]" for row in rows}


def show_grades(current: session.Current) -> None:
    """How many inputs are measured, published or assumed, in a row of badges."""
    counts = _document(current.key, current.loaded)["grades"]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption("Inputs", width="content")
        for grade, n_inputs in counts.items():
            st.badge(f"{n_inputs} {plain(grade)}", color=_COLORS.get(grade, "gray"))


def show_sources() -> None:
    """Every input with its value, source, date and grade."""
    current = session.current()
    if current is None:
        return
    document = _document(current.key, current.loaded)
    counts = ", ".join(f"{n} {grade}" for grade, n in document["grades"].items())
    st.caption(
        plain(
            f"{len(document['inputs'])} inputs: {counts}. State the source of an input under `sources` of the scenario; "
            "replace first the assumptions that you know better."
        )
    )
    chosen = st.pills(
        "Only", list(document["grades"]), selection_mode="multi", key="grades", bind="query-params"
    )
    rows = [row for row in document["inputs"] if not chosen or row["grade"] in chosen]
    frame = pd.DataFrame(
        [
            {
                "input": row["path"],
                "value": row["written"] or f"{row['value']:.6g}"
                if not isinstance(row["value"], str)
                else row["value"],
                "unit": row["unit"],
                "grade": row["grade"],
                "source": row["source"],
                "date": row["date"],
            }
            for row in rows
        ]
    )
    table(frame)
    downloads("sources", document, frame)
