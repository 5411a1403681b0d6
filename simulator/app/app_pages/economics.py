"""What does an action cost and why, how sure is that, is it worth it, and what moves it?"""

import streamlit as st
from plotly.graph_objects import Figure

from simulator.app import session
from simulator.app.components import (
    chart,
    downloads,
    figures_row,
    file_button,
    head,
    metrics_row,
    show_tabs,
    start_button,
)
from simulator.app.escaping import plain
from simulator.app.exports import FOCUS_NAME, WORKBOOK_NAME, with_exports
from simulator.app.tabs.bridge import show_bridge
from simulator.engine import Runner
from simulator.render.frames import cost_frame
from simulator.render.numbers import EstimateText, quantity
from simulator.studies.cost.cost_job import CostRequest, KnownPlan, cost_job
from simulator.studies.cost.cost_tables import break_even_rate, within_one
from simulator.studies.cost.economics_figures import (
    month_cost_figure,
    saving_figure,
    stage_cost_figure,
    tornado_figure,
    waterfall_figure,
)
from simulator.studies.cost.money import Amounts
from simulator.studies.run.document import JsonObject

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def render() -> None:
    """Show the page."""
    head(
        "Economics", "What does an action cost and why, how sure is that, is it worth it, and what moves it?"
    )
    current = session.current()
    if current is None:
        return
    if not current.loaded.scenario.stages:
        st.info(
            "This scenario has no `stages`, so there are no months to reckon: add some on the page Scenario.",
            icon=":material/payments:",
        )
        return
    show_tabs("economics", Costs=lambda: _costs(current), Bridge=lambda: show_bridge(current))


def _costs(current: session.Current) -> None:
    document, is_shipped = session.cost_of(current)
    plan, _ = session.plan_of(current)
    with st.container(horizontal=True, vertical_alignment="center"):
        label = "Work out costs again" if document else "Work out costs"
        if start_button(label, "cost", is_first=document is None):
            _start(current, plan)
            st.rerun()
        _origin(document, has_plan=plan is not None, is_shipped=is_shipped)
    if document is None:
        return
    _headlines(document)
    figures_row(
        ("From the happy path to the full cost", waterfall_figure(document), "waterfall"),
        ("Cost of a successful action by stage", stage_cost_figure(document), "stage_costs"),
    )
    with st.container(border=True):
        st.markdown("**Cost of every month**")
        chart(month_cost_figure(document), "month_costs", "Cost of every month, with the monthly budget")
    _sensitivity(document)
    _case(document)
    _files(current, document)


def _start(current: session.Current, plan: JsonObject | None) -> None:
    loaded, kept, key = current.loaded, session.exports(), session.cost_key(current)
    known = None if plan is None or plan["interrupted"] else KnownPlan("the plan on the page Overview", plan)
    request = CostRequest(plan=known)

    def work(runner: Runner) -> JsonObject:
        document, files = with_exports(request, lambda complete: cost_job(loaded, complete, runner))
        kept.keep(key, files)
        return document

    session.start(f"Costs of {current.name}", key, work)


def _origin(document: JsonObject | None, *, has_plan: bool, is_shipped: bool) -> None:
    if document is None:
        how = "with the capacity of the plan" if has_plan else "after planning its capacity"
        st.caption(f"Every month of the rollout is simulated {how}, then again over the ranges of inputs.")
        return
    part = ", interrupted: without the ranges of inputs" if document["interrupted"] else ""
    ranges = f"{document['draws']} draws of uncertain inputs" if document["draws"] else "no ranges of inputs"
    st.caption(
        plain(
            f"{'Shipped with the app, worked out before' if is_shipped else 'Worked out here'}, in "
            f"{document['currency']}{part}; capacity: {document['capacity_from']}; {ranges}. "
            "± is the 95 % interval of the simulation; P10 and P90 come from the ranges."
        )
    )


def _headlines(document: JsonObject) -> None:
    amount = Amounts(document["currency"])
    shown = []
    for label, key, of in (
        ("Cost of the rollout", "total", "All stages, everything included."),
        ("Per action", "per_action", "Whatever came of it."),
        ("Per successful action", "per_successful_action", "Waste, rework and people included."),
    ):
        found = document[key]
        low, _, high = amount.band(found)
        shown.append((label, amount.words(found), f"{of} P10 {low}, P90 {high}."))
    shown.append(
        ("Actions", EstimateText(quantity(round(document["actions"]), "count"), ""), "In all stages.")
    )
    metrics_row(*shown)


def _sensitivity(document: JsonObject) -> None:
    if not document["sensitivity"]:
        st.info(
            "No input of this scenario has a range, so P10 and P90 tell the simulation's own spread only. Add "
            "`economics.uncertain`, for example `users: {distribution: triangular, low: -20%, mode: 0%, high: 35%}`.",
            icon=":material/tune:",
        )
        return
    with st.container(border=True):
        st.markdown("**What each uncertain input does by itself**")
        chart(tornado_figure(document), "tornado", "Cost of the rollout with each input at its P10 and P90")


def _case(document: JsonObject) -> None:
    st.subheader("Is it worth it?", anchor=False)
    case = document["case"]
    if case is None:
        st.info(
            "There is nothing to hold the costs against. Add `economics.baseline` with the `cost_per_action` and "
            "`success_rate` of the process of today, and `economics.investment`: then break-even, payback and net "
            "present value stand here.",
            icon=":material/balance:",
        )
        return
    amount = Amounts(document["currency"])

    def exact(text: str) -> EstimateText:
        return EstimateText(text, "")

    within = f"{case['horizon_months']} months, {quantity(case['discount_rate'], 'share')} per year"
    metrics_row(
        ("Net present value", exact(amount(case["npv"])), f"Over {within}, less the investment."),
        (
            "Payback",
            exact(case["payback_month"] or f"not in {case['horizon_months']} months"),
            "Month in which savings have paid the investment back.",
        ),
        (
            "Break-even volume per month",
            exact(quantity(case["break_even_actions_per_month"], "count")),
            "Actions per month from which it saves, at the capacity of the last full month.",
        ),
        (
            "Break-even success rate",
            exact(break_even_rate(case["break_even_success_rate"])),
            f"It is {within_one(case['success_rate'])}.",
        ),
    )
    with st.container(border=True):
        st.markdown("**Saving against the process of today**")
        chart(saving_figure(document), "saving", "Saving of every month and in all, less the investment")


def _files(current: session.Current, document: JsonObject) -> None:
    files = session.exports().find(session.cost_key(current))
    stem = f"cost-{current.key[:12]}"
    if files:
        with st.container(horizontal=True):
            file_button("Workbook (XLSX)", files[WORKBOOK_NAME], f"{stem}.xlsx", _XLSX, "table")
            file_button(
                "FOCUS 1.3 (ZIP)", files[FOCUS_NAME], f"{stem}-focus.zip", "application/zip", "receipt_long"
            )
    elif not document["interrupted"]:
        st.caption(
            "Work out costs again for the workbook and the FOCUS export: files are made with a result."
        )
    downloads(stem, document, cost_frame(document), lambda: _figures(document))


def _figures(document: JsonObject) -> dict[str, Figure]:
    """Those of the page, for its report."""
    figures = {
        "From the happy path to the full cost": waterfall_figure(document),
        "Cost of a successful action by stage": stage_cost_figure(document),
        "Cost of every month": month_cost_figure(document),
    }
    if document["sensitivity"]:
        figures["What each uncertain input does by itself"] = tornado_figure(document)
    if document["case"] is not None:
        figures["Saving against the process of today"] = saving_figure(document)
    return figures
