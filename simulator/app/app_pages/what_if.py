"""Turn a lever: what does it change at the peak, on the same users with the same luck?"""

import pandas as pd
import streamlit as st

from simulator.app import session
from simulator.app.components import head, report_downloads, show_sections, table
from simulator.app.escaping import plain
from simulator.app.planned_stage import Side, chosen_side, quick_side
from simulator.app.tabs.capacity_needed import capacity_headlines, capacity_text
from simulator.app.tabs.what_if_refinement import leave_what_was_refined, refined_answer
from simulator.scenario.change import ScenarioChange
from simulator.scenario.read.errors import ScenarioError
from simulator.studies.common.changes.change_text import after_text, before_text, difference_cell
from simulator.studies.common.changes.paired_change import PairedChange
from simulator.studies.common.verdicts.criterion_text import FULL_EXPOSURE, measure_text, part_text
from simulator.studies.what_if.capacity_view import tables
from simulator.studies.what_if.levers import Lever, levers_of
from simulator.studies.what_if.report import WhatIfReport
from simulator.studies.what_if.view import findings, measures_table, moved_figure
from simulator.studies.what_if.what_if import what_if_of

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
        report = _answered(side, variant, turned)
        if report is not None:
            report = refined_answer(side, variant, report, is_wanted=bool(turned))
            _evidence(current, report, turned)
    if report is not None:
        with top:
            _headlines(report)


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


def _answered(side: Side, variant: ScenarioChange, turned: list[str]) -> WhatIfReport | None:
    """What the variant changes; None: it makes no scenario, and the page says so."""
    leave_what_was_refined(side, variant)
    try:
        with st.spinner("simulating the peak on both sides", show_time=True):
            base, with_change = quick_side(side), quick_side(side, variant)
            report = what_if_of(side.loaded, base, with_change, variant)
    except ScenarioError as error:
        st.error("Not a valid combination: move the last lever back.")
        st.code(str(error), language=None, wrap_lines=True)
        return None
    st.markdown(f"**{plain('; '.join(turned) or 'Move a slider to see its effect')}**")
    st.caption(
        plain(
            f"From {report.n_pairs} pairs of {report.window_s / 60:.0f} minutes at the "
            f"peak as expected, without headroom; capacity {side.capacity_words}. "
            "Intervals are 95 % of the paired difference."
        )
    )
    return report


def _evidence(current: session.Current, report: WhatIfReport, turned: list[str]) -> None:
    capacity = [] if report.capacity is None else tables(report.capacity)
    show_sections([findings(report), *moved_figure(report), measures_table(report), *capacity], "what_if")
    with st.container(horizontal=True):
        if st.button("Pin to the basket", icon=":material/push_pin:", disabled=not turned):
            session.basket(current)["; ".join(turned)] = report
    _show_basket(current)
    report_downloads("what-if", report)


def _headlines(report: WhatIfReport) -> None:
    with st.container(horizontal=True):  # what has no room goes to the next line
        for name in _HEADLINES:
            found = report.measure(name)
            if found is not None:
                _headline(found, f"{measure_text(found)}, peak")
        if report.busiest is not None:
            _headline(report.busiest, f"Busiest, peak: {report.busiest.target}")
        if report.capacity is not None:
            capacity_headlines(report.capacity)


def _headline(found: PairedChange, label: str) -> None:
    change = difference_cell(found).text.line
    higher_is_better = found.better == "higher"
    is_judged = found.direction in ("worse", "better")
    st.metric(
        plain(label),
        after_text(found),
        "no change" if found.direction == "none" else change.replace("−", "-"),  # its sign is read
        delta_color=("normal" if higher_is_better else "inverse") if is_judged else "off",
        delta_arrow="auto" if found.is_significant else "off",
        help=plain(f"{part_text(found)}; the baseline has {before_text(found)}"),
        border=True,
    )


def _show_basket(current: session.Current) -> None:
    basket = session.basket(current)
    if not basket:
        return
    st.subheader("Basket", anchor=False)
    table(pd.DataFrame([_basket_row(name, report) for name, report in basket.items()]))
    if st.button("Empty the basket", icon=":material/delete:"):
        basket.clear()
        st.rerun()


def _basket_row(name: str, report: WhatIfReport) -> dict[str, str]:
    row = {"variant": name, "at the peak of": report.stage or FULL_EXPOSURE}
    for found in report.measures:
        if found.metric in _HEADLINES:
            text = f"{after_text(found)} ({difference_cell(found).text.line})"
            row.setdefault(measure_text(found), text)
    if report.capacity is not None:
        row["capacity needed"] = capacity_text(report.capacity)
    return row
