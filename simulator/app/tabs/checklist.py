"""The checklist before each stage: what is measured, what is attested, what is missing, and what that does."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from simulator.app import session
from simulator.app.components import missing, report_downloads, table
from simulator.app.escaping import color_of, icon_of, plain
from simulator.app.planned import plan_shown
from simulator.app.snippets import READINESS
from simulator.studies.common.checklist import Measurement, ReadinessItem
from simulator.studies.plan.notes import item_limit_text, item_text, item_word, readiness_gaps, seen_text
from simulator.studies.plan.report import StagePlan
from simulator.studies.plan.stage_tables import CHECKLIST

STAGE = "checked"  # also the query parameter
_THERE, _MISSING, _UNSURE = "there", "missing", "undecided"
_STATES = {"PASS": _THERE, "WARN": _MISSING, "FAIL": _MISSING, "UNDECIDED": _UNSURE}
_EFFECTS = {"block": "blocks", "warn": "warns"}


def show_checklist(current: session.Current) -> None:
    """Show the tab."""
    if not current.loaded.scenario.readiness.items():
        missing("Nothing else is asked before a stage. Add `readiness`, for example", READINESS)
        return
    report = plan_shown(current)
    if report is None:
        return
    table(_matrix(report.stages))
    names = [stage.name for stage in report.stages]
    with_gaps = [stage.name for stage in report.stages if any(readiness_gaps(stage))]
    first = names.index(with_gaps[-1]) if with_gaps else len(names) - 1
    name = st.selectbox("Checklist before", names, index=first, key=STAGE, bind="query-params")
    for item in report.stages[names.index(name)].readiness:
        _item(item)
    report_downloads("checklist", report, CHECKLIST.over(report.stages))


def _matrix(stages: Sequence[StagePlan]) -> pd.DataFrame:
    """A row per item, a column per stage."""
    items = {item.name: item for stage in stages for item in stage.readiness}
    found = {(stage.name, item.name): item for stage in stages for item in stage.readiness}
    return pd.DataFrame(
        [
            {
                "item": item_text(item),
                "is": item.kind,
                "if missing": _EFFECTS[item.missing],
                **{stage.name: _state(found.get((stage.name, name))) for stage in stages},
            }
            for name, item in items.items()
        ]
    )


def _state(item: ReadinessItem | None) -> str:
    return "not asked" if item is None else _STATES[item_word(item)]


def _item(item: ReadinessItem) -> None:
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.badge(_STATES[item_word(item)], color=color_of(item.verdict), icon=icon_of(item.verdict))
            st.markdown(f"**{plain(item_text(item))}**")
            st.caption(f"{item.kind}; {_EFFECTS[item.missing]} if it is missing")
        if item.kind == "attested":
            says = f"rests on {item.evidence}" if item.evidence else "names no evidence"
            st.text(f"{item.owner} answers for it and {says}.")
        elif item.measurements:
            table(pd.DataFrame([_measurement(one) for one in item.measurements]))
        else:
            st.text("There was nothing to measure.")


def _measurement(one: Measurement) -> dict[str, str]:
    return {
        "measured": one.what,
        "found": seen_text(one),
        "limit": item_limit_text(one),
        "verdict": one.verdict,
    }
