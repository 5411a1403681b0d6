"""Turn a lever: what does it change at the peak, on the same users with the same luck?"""

import pandas as pd
import streamlit as st

from simulator.app import session
from simulator.app.components import chart, downloads, head, table
from simulator.app.escaping import plain
from simulator.app.planned_stage import Side, chosen_side, quick_side
from simulator.app.tabs.capacity_needed import capacity_headlines, capacity_text, show_capacity
from simulator.app.tabs.what_if_refinement import leave_what_was_refined, refined_answer
from simulator.scenario.change import ScenarioChange
from simulator.scenario.read.errors import ScenarioError
from simulator.studies.common.changes.change_text import (
    after_text,
    before_text,
    difference_cell,
    reading_text,
    relative_text,
)
from simulator.studies.common.changes.paired_change import PairedChange
from simulator.studies.common.criterion_text import measure_text, part_text
from simulator.studies.run.document import JsonObject
from simulator.studies.what_if.figures import what_if_figure
from simulator.studies.what_if.levers import Lever, levers_of
from simulator.studies.what_if.what_if_job import what_if_document

_HEADLINES = ("latency", "availability", "success_rate", "cost_per_successful_action")


def render() -> None:
    """Show the page."""
    head("What-if", "What would a change do at the peak? Both sides meet the same users with the same luck.")
    current = session.current()
    if current is None:
        return
    side = chosen_side(current)
    top = st.container()
    left, right = st.columns([2, 5], gap="medium")
    with left:
        variant, turned = _levers(side)
    with right:
        document = _answered(side, variant, turned)
        if document is not None:
            document = refined_answer(side, variant, document, is_wanted=bool(turned))
            _evidence(current, document, turned)
    if document is not None:
        with top:
            _headlines(document)


def _levers(side: Side) -> tuple[ScenarioChange, list[str]]:
    """The sliders, by group; what they say together, and which are turned."""
    overrides: list[str] = []
    turned: list[str] = []
    demand = 1.0
    levers = levers_of(side.loaded.scenario)
    st.button("Back to the baseline", icon=":material/undo:", on_click=_reset, args=(levers,))
    for group in dict.fromkeys(lever.group for lever in levers):
        with st.expander(group, expanded=group in ("Demand", "Caches", "People")):
            for lever in levers:
                if lever.group != group:
                    continue
                labels = [position.label for position in lever.positions]
                label = st.select_slider(
                    plain(lever.label), labels, labels[lever.now], key=lever.key, bind="query-params"
                )
                position = lever.positions[labels.index(label)]
                overrides += position.overrides
                demand *= position.demand_factor
                if labels.index(label) != lever.now:
                    turned.append(f"{lever.label} {label}")
    return ScenarioChange(overrides=tuple(overrides), demand_factor=demand), turned


def _reset(levers: tuple[Lever, ...]) -> None:
    for lever in levers:
        st.session_state[lever.key] = lever.positions[lever.now].label


def _answered(side: Side, variant: ScenarioChange, turned: list[str]) -> JsonObject | None:
    """What the variant changes; None: it makes no scenario, and the page says so."""
    leave_what_was_refined(side, variant)
    try:
        with st.spinner("simulating the peak on both sides", show_time=True):
            base = quick_side(side)
            head_ = quick_side(side, variant)
            document = what_if_document(side.loaded, base, head_, variant)
    except ScenarioError as error:
        st.error("These positions make no scenario that can be run. Turn the last lever back.")
        st.code(str(error), language=None, wrap_lines=True)
        return None
    st.markdown(f"**{plain('; '.join(turned) or 'Nothing is turned yet: move a slider')}**")
    st.caption(
        plain(
            f"From {document['pairs']} pairs of {document['window_s'] / 60:.0f} minutes at the "
            f"peak, capacity {side.capacity_words}. Intervals are 95 % of the paired difference."
        )
    )
    return document


def _measures(document: JsonObject) -> list[PairedChange]:
    return [PairedChange.model_validate(one) for one in document["measures"]]


def _evidence(current: session.Current, document: JsonObject, turned: list[str]) -> None:
    measures = _measures(document)
    if turned:
        chart(what_if_figure(measures), "what_if_figure", "Change of every measure with its interval")
    rows = _rows(measures)
    table(rows)
    if "capacity" in document:
        show_capacity(document["capacity"])
    with st.container(horizontal=True):
        if st.button("Pin to the basket", icon=":material/push_pin:", disabled=not turned):
            session.basket(current)["; ".join(turned)] = document
    _show_basket(current)
    downloads("what-if", document, rows, lambda: {"Change of every measure": what_if_figure(measures)})


def _headlines(document: JsonObject) -> None:
    measures = _measures(document)
    with st.container(horizontal=True):  # what has no room goes to the next line
        for name in _HEADLINES:
            entry = next((one for one in measures if one.metric == name), None)
            if entry is not None:
                _headline(entry, measure_text(entry))
        busiest = _busiest(measures)
        if busiest is not None:
            _headline(busiest, f"Busiest: {busiest.target}")
        if "capacity" in document:
            capacity_headlines(document["capacity"])


def _busiest(measures: list[PairedChange]) -> PairedChange | None:
    """How busy the target is that is busiest with the change."""
    loads = [one for one in measures if one.metric == "utilization"]
    return max(loads, key=lambda one: one.after.value, default=None)


def _headline(entry: PairedChange, label: str) -> None:
    change = difference_cell(entry).text.line
    higher_is_better = entry.better == "higher"
    st.metric(
        plain(label),
        after_text(entry),
        "no change" if entry.direction == "none" else change.replace("−", "-"),  # its sign is read
        delta_color=("normal" if higher_is_better else "inverse") if entry.is_significant else "off",
        delta_arrow="auto" if entry.is_significant else "off",
        help=plain(f"{part_text(entry)}; the baseline has {before_text(entry)}"),
        border=True,
    )


def _rows(measures: list[PairedChange]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "measure": measure_text(entry),
                "of": part_text(entry),
                "difference": difference_cell(entry).text.line,
                "relative": relative_text(entry),
                "reads as": reading_text(entry),
                "baseline": before_text(entry),
                "with the change": after_text(entry),
            }
            for entry in measures
        ]
    )


def _show_basket(current: session.Current) -> None:
    basket = session.basket(current)
    if not basket:
        return
    st.subheader("Basket", anchor=False)
    rows = []
    for name, document in basket.items():
        row = {"variant": name, "at the peak of": document["stage"] or "full exposure"}
        for entry in _measures(document):
            if entry.metric in _HEADLINES:
                row.setdefault(
                    measure_text(entry), f"{after_text(entry)} ({difference_cell(entry).text.line})"
                )
        if "capacity" in document:
            row["capacity needed"] = capacity_text(document["capacity"])
        rows.append(row)
    table(pd.DataFrame(rows))
    if st.button("Empty the basket", icon=":material/delete:"):
        basket.clear()
        st.rerun()
