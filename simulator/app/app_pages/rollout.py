"""When does each stage begin, what stands before it, what is ordered by when, and what would more capacity do?"""

from dataclasses import replace

import streamlit as st

from simulator.app import session
from simulator.app.components import (
    chart,
    figures_row,
    head,
    missing,
    report_downloads,
    show_sections,
    show_tabs,
)
from simulator.app.planned import plan_shown
from simulator.app.snippets import KNOBS
from simulator.app.tabs.canary import show_canary
from simulator.app.tabs.checklist import show_checklist
from simulator.app.tabs.drift import show_drift
from simulator.app.tabs.gates import show_gates
from simulator.studies.plan.figures import timeline_figure
from simulator.studies.plan.stage_tables import LIMITS, ORDERS, TRADES
from simulator.studies.plan.trade_figures import trade_figures


def render() -> None:
    """Show the page."""
    head(
        "Rollout",
        "When does each stage begin, what must be there before it, and would a bad release or a slow decay be noticed?",
    )
    current = session.current()
    if current is None:
        return
    show_tabs(
        "rollout",
        Stages_and_orders=lambda: _stages(current),
        Gates=lambda: show_gates(current),
        Checklist=lambda: show_checklist(current),
        Trade_off=lambda: _trade_off(current),
        Canary=lambda: show_canary(current),
        Drift=lambda: show_drift(current),
    )


def _stages(current: session.Current) -> None:
    report = plan_shown(current)
    if report is None:
        return
    chart(timeline_figure(report.stages), "timeline", "Stages on the calendar, and the last days to order")
    st.subheader("Capacity to order", anchor=False)
    orders = ORDERS.over(report.stages)
    if not orders.rows:
        missing("Nothing is to be ordered. Say what can be bought in `capacity.knobs`, for example", KNOBS)
        return
    show_sections([replace(orders, title="")], "orders")
    report_downloads("orders", report, orders)
    limits = LIMITS.over(report.stages)
    if limits.rows:
        st.subheader("How full the limits of hosted models are", anchor=False)
        show_sections([replace(limits, title="")], "limits")


def _trade_off(current: session.Current) -> None:
    """What more or less capacity would do: the fronts of the plan."""
    if not current.loaded.scenario.capacity.knobs:
        missing(
            "There is nothing to choose from. Say what can be bought in `capacity.knobs`, for example", KNOBS
        )
        return
    report = plan_shown(current)
    if report is None:
        return
    figures = trade_figures(report.stages)
    if not figures:
        st.info(
            "The plan tried one capacity only at every stage, so there is nothing to trade. Wider "
            "`capacity.knobs` give it more.",
            icon=":material/balance:",
        )
        return
    st.caption(
        "Capacities that the plan tried and of which none is both dearer and worse; the star is what is planned. The "
        "cheapest that holds is planned: less misses an objective, more costs more."
    )
    figures_row(*((of.title, of.draw(), f"trade_{place}") for place, of in enumerate(figures)))
    points = TRADES.over(report.stages)
    show_sections([replace(points, title="")], "trades")
    report_downloads("trade-off", report, points)
