"""What does an action cost and why, how sure is that, is it worth it, and what moves it?"""

import streamlit as st

from simulator.app import session
from simulator.app.components import (
    chart,
    figures_row,
    file_button,
    head,
    metrics_row,
    report_downloads,
    show_tabs,
    start_button,
)
from simulator.app.escaping import plain
from simulator.app.exports import FOCUS_NAME, WORKBOOK_NAME, with_exports
from simulator.app.snippets import RANGES
from simulator.app.tabs.bridge import show_bridge
from simulator.engine import Runner
from simulator.render.numbers import EstimateText, quantity
from simulator.render.sections import Quantity
from simulator.studies.cost.case_report import CaseRanges
from simulator.studies.cost.figures import (
    month_cost_figure,
    saving_figure,
    stage_cost_figure,
    tornado_figure,
    waterfall_figure,
)
from simulator.studies.cost.report import CostReport
from simulator.studies.cost.study import CostStudy
from simulator.studies.cost.wording import break_even_rate, within_one
from simulator.studies.plan.report import PlanReport

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
            "This scenario has no `stages`, so there are no months to forecast: add some on the page Scenario.",
            icon=":material/payments:",
        )
        return
    show_tabs("economics", Costs=lambda: _costs(current), Bridge=lambda: show_bridge(current))


def _costs(current: session.Current) -> None:
    report, is_shipped = session.cost_of(current)
    plan, _ = session.plan_of(current)
    with st.container(horizontal=True, vertical_alignment="center"):
        label = "Work out costs again" if report else "Work out costs"
        if start_button(label, "cost", is_first=report is None):
            _start(current, plan)
            st.rerun()
        _origin(report, has_plan=plan is not None, is_shipped=is_shipped)
    if report is None:
        return
    _headlines(report)
    figures_row(
        ("From the happy path to the full cost", waterfall_figure(report), "waterfall"),
        ("Cost of a successful action by stage", stage_cost_figure(report), "stage_costs"),
    )
    with st.container(border=True):
        st.markdown("**Cost of every month**")
        chart(month_cost_figure(report), "month_costs", "Cost of every month, with the monthly budget")
    _sensitivity(report)
    _case(report)
    _files(current, report)


def _start(current: session.Current, plan: PlanReport | None) -> None:
    loaded, kept, key = current.loaded, session.exports(), session.cost_key(current)
    known = None if plan is None or plan.interrupted else plan
    study = CostStudy(plan=known, plan_name="plan on the page Overview")

    def work(runner: Runner) -> CostReport:
        report, files = with_exports(study, lambda asked: asked.run(loaded, runner.at(loaded.base_dir)))
        kept.keep(key, files)
        return report

    session.start(f"Costs of {current.name}", key, work)


def _origin(report: CostReport | None, *, has_plan: bool, is_shipped: bool) -> None:
    if report is None:
        how = "with the capacity of the plan" if has_plan else "after planning its capacity"
        st.caption(f"Every month of the rollout is simulated {how}, then again over the ranges of inputs.")
        return
    part = ", interrupted: without the ranges of inputs" if report.interrupted else ""
    ranges = f"{report.draws} draws of uncertain inputs" if report.draws else "no ranges of inputs"
    st.caption(
        plain(
            f"{'Shipped with the app, worked out before' if is_shipped else 'Worked out here'}, in "
            f"{report.currency}{part}; capacity: {report.capacity_from}; {ranges}. "
            f"± is the 95 % interval of the simulation; P10 and P90 are "
            f"{'of the uncertain inputs' if report.draws else 'simulation noise'}."
        )
    )


def _headlines(report: CostReport) -> None:
    shown = []
    for label, amount, of in (
        ("Cost of the rollout", report.total, "All stages, everything included."),
        ("Per action", report.per_action, "Whatever came of it."),
        ("Per successful action", report.per_successful_action, "Waste, rework and people included."),
    ):
        low, _, high = amount.percentiles if amount else (None, None, None)
        band = f"{of} P10 {report.money(low).text.line}, P90 {report.money(high).text.line}."
        shown.append((label, report.money(amount).text, band))
    shown.append(("Actions", Quantity(round(report.actions), "count").text, "In all stages."))
    metrics_row(*shown)


def _sensitivity(report: CostReport) -> None:
    if not report.sensitivity:
        st.info(
            "No input of this scenario has a range, so P10 and P90 tell the simulation's own spread only. Add "
            "`economics.uncertain`: users, success_rate, hand_off_rate, exchange_rate and others (below); staff, quota and "
            "replicas follow the demand of each draw.",
            icon=":material/tune:",
        )
        st.code(RANGES, language="yaml")
        return
    with st.container(border=True):
        st.markdown("**What each uncertain input does by itself**")
        chart(tornado_figure(report), "tornado", "Cost of the rollout with each input at its P10 and P90")


def _band(report: CostReport, ranges: CaseRanges | None) -> str:
    """P10 and P90 of the net present value, and the months of payback between them."""
    if ranges is None:
        return ""
    low, high = (report.money(level).text.line for level in (ranges.npv.p10, ranges.npv.p90))
    early, _, late = (month or "later than the horizon" for month in ranges.payback_month)
    of = "" if report.draws else "simulation noise: "
    return f" {of}P10 {low}, P90 {high}; payback {early} to {late}."


def _case(report: CostReport) -> None:
    st.subheader("Is it worth it?", anchor=False)
    case = report.case
    if case is None:
        st.info(
            "There is nothing to compare the costs with. Add `economics.baseline` with the `cost_per_action` and "
            "`success_rate` of the process of today, and `economics.investment`: then break-even, payback and net "
            "present value stand here.",
            icon=":material/balance:",
        )
        return
    within = f"{case.horizon_months} months, {quantity(case.discount_rate, 'share')} per year"
    metrics_row(
        (
            "Net present value",
            report.money(case.npv).text,
            f"Over {within}, less the investment.{_band(report, case.ranges)}",
        ),
        (
            "Payback",
            _exact(case.payback_month or f"not in {case.horizon_months} months"),
            "Month in which savings have paid the investment back.",
        ),
        (
            "Break-even volume per month",
            Quantity(case.break_even_actions_per_month, "count").text,
            "Actions per month from which it saves, at the capacity of the last full month.",
        ),
        (
            "Break-even success rate",
            _exact(break_even_rate(case.break_even_success_rate)),
            f"It is {within_one(case.success_rate)}.",
        ),
    )
    with st.container(border=True):
        st.markdown("**Saving against the process of today**")
        figure = saving_figure(case, report.currency)
        chart(figure, "saving", "Saving of every month and in all, less the investment")


def _exact(text: str) -> EstimateText:
    return EstimateText(text, "")


def _files(current: session.Current, report: CostReport) -> None:
    files = session.exports().find(session.cost_key(current))
    stem = f"cost-{current.key[:12]}"
    if files:
        with st.container(horizontal=True):
            file_button("Workbook (XLSX)", files[WORKBOOK_NAME], f"{stem}.xlsx", _XLSX, "table")
            file_button(
                "FOCUS 1.3 (ZIP)", files[FOCUS_NAME], f"{stem}-focus.zip", "application/zip", "receipt_long"
            )
    elif not report.interrupted:
        st.caption(
            "Work out costs again for the workbook and the FOCUS export: files are made with a result."
        )
    report_downloads(stem, report)
