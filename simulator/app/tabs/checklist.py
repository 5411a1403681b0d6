"""The checklist before each stage: what is measured, what is attested, what is missing, and what that does."""

from collections.abc import Iterator

import pandas as pd
import streamlit as st

from simulator.app import session
from simulator.app.components import downloads, missing, table
from simulator.app.escaping import color_of, icon_of, plain
from simulator.app.planned import plan_shown
from simulator.app.snippets import READINESS
from simulator.studies.plan.readiness_view import asked_text, found_text, item_text, item_word, readiness_gaps
from simulator.studies.run.document import JsonObject

STAGE = "checked"  # also the query parameter
_THERE, _MISSING, _UNSURE = "there", "missing", "undecided"
_STATES = {"PASS": _THERE, "WARN": _MISSING, "FAIL": _MISSING, "UNDECIDED": _UNSURE}
_EFFECTS = {"block": "blocks", "warn": "warns"}


def show_checklist(current: session.Current) -> None:
    """Show the tab."""
    if not current.loaded.scenario.readiness.items():
        missing("Nothing else is asked before a stage. Add `readiness`, for example", READINESS)
        return
    document = plan_shown(current)
    if document is None:
        return
    table(_matrix(document))
    names = [stage["name"] for stage in document["stages"]]
    with_gaps = [stage["name"] for stage in document["stages"] if any(True for _ in readiness_gaps(stage))]
    first = names.index(with_gaps[-1]) if with_gaps else len(names) - 1
    name = st.selectbox("Checklist before", names, index=first, key=STAGE, bind="query-params")
    stage = next(one for one in document["stages"] if one["name"] == name)
    for item in stage.get("readiness", ()):
        _item(item)
    downloads("checklist", document, checklist_frame(document))


def _matrix(document: JsonObject) -> pd.DataFrame:
    """A row per item, a column per stage."""
    stages = document["stages"]
    items = {item["item"]: item for stage in stages for item in stage.get("readiness", ())}
    found = {(stage["name"], item["item"]): item for stage in stages for item in stage.get("readiness", ())}
    return pd.DataFrame(
        [
            {
                "item": item_text(name),
                "is": item["kind"],
                "if missing": _EFFECTS[item["missing"]],
                **{stage["name"]: _state(found.get((stage["name"], name))) for stage in stages},
            }
            for name, item in items.items()
        ]
    )


def _state(item: JsonObject | None) -> str:
    return "not asked" if item is None else _STATES[item_word(item)]


def _item(item: JsonObject) -> None:
    word = item_word(item)
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.badge(_STATES[word], color=color_of(item["verdict"]), icon=icon_of(item["verdict"]))
            st.markdown(f"**{plain(item_text(item['item']))}**")
            st.caption(f"{item['kind']}; {_EFFECTS[item['missing']]} if it is missing")
        if item["kind"] == "attested":
            says = f"rests on {item['evidence']}" if item["evidence"] else "names no evidence"
            st.text(f"{item['owner']} answers for it and {says}.")
        elif item["measurements"]:
            table(pd.DataFrame([_measurement(one) for one in item["measurements"]]))
        else:
            st.text("There was nothing to measure.")


def _measurement(one: JsonObject) -> dict[str, str]:
    return {
        "measured": one["what"],
        "found": found_text(one),
        "asked": asked_text(one),
        "verdict": one["verdict"],
    }


def checklist_frame(document: JsonObject) -> pd.DataFrame:
    """A row per stage and item; of what is measured, per measurement."""
    return pd.DataFrame([row for stage in document["stages"] for row in _rows(stage)])


def _rows(stage: JsonObject) -> Iterator[dict[str, object]]:
    for item in stage.get("readiness", ()):
        same = {
            "stage": stage["name"],
            "item": item["item"],
            "kind": item["kind"],
            "if_missing": item["missing"],
            "verdict": item["verdict"],
            "owner": item["owner"],
            "evidence": item["evidence"],
        }
        for one in item["measurements"] or [{}]:
            yield same | {
                key: one.get(key) for key in ("what", "unit", "value", "low", "high", "op", "limit")
            }
