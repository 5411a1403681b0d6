"""When does each stage begin, what is to be ordered by when, and would the canary notice a bad release?"""

import threading

import pandas as pd
import streamlit as st

from simulator.engine import Progress, RunOptions
from simulator.planning.canary import CanaryOptions, release_of
from simulator.planning.canary_cases import cases_of
from simulator.reporting.canary_job import canary_job
from simulator.reporting.document import JsonObject
from simulator.reporting.figures import timeline_figure
from simulator.reporting.format import estimate, quantity
from simulator.ui import session
from simulator.ui.parts import chart, downloads, head, show_tabs, start_button, table

_REHEARSALS = 40


def render() -> None:
    """Show the page."""
    head(
        "Rollout", "When does each stage begin, what is to be ordered by when, and what does the canary stop?"
    )
    current = session.current()
    if current is None:
        return
    show_tabs("rollout", Stages_and_orders=lambda: _stages(current), Canary=lambda: _canary(current))


def _stages(current: session.Current) -> None:
    document, _ = session.plan_of(current)
    if document is None or not document["stages"]:
        st.info(
            "There is no plan of this scenario yet: start one on the page Overview.",
            icon=":material/dashboard:",
        )
        return
    chart(timeline_figure(document), "timeline", "Stages on the calendar, and the last days to order")
    st.subheader("What is to be in place", anchor=False)
    orders = _orders(document)
    if orders.empty:
        st.caption("The scenario has no `capacity.knobs`: there is nothing to order.")
        return
    table(orders)
    downloads("orders", document, orders)


def _orders(document: JsonObject) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "stage": stage["name"],
                "begins": stage["start"][:10],
                "decision": stage["decision"],
                "capacity": path,
                "order by": stage["order_by"].get(path, ""),
                **{region: f"{amount:,.0f}" for region, amount in by_region.items()},
            }
            for stage in document["stages"]
            for path, by_region in stage["capacity"].items()
        ]
    ).fillna("")


def _canary(current: session.Current) -> None:
    scenario = current.loaded.scenario
    if scenario.canary is None or not scenario.releases:
        st.info(
            "This scenario has no canary. Add `releases` and `canary` on the page Scenario, or choose the scenario "
            "canary on the left.",
            icon=":material/science:",
        )
        return
    key = f"canary:{current.key}"
    document = session.find(key)
    if start_button("Rehearse again" if document else "Rehearse", "canary", is_first=document is None):
        _start(current, key)
        st.rerun()
    if document is None:
        st.caption(
            f"{_REHEARSALS} rehearsals of each case: as described, unchanged, and with worse releases."
        )
        return
    cases = _cases(document)
    table(cases)
    st.markdown("**What the traffic lets the canary see**")
    table(_sights(document))
    downloads("canary", document, cases)


def _start(current: session.Current, key: str) -> None:
    loaded = current.loaded
    stages = [stage.name for stage in loaded.scenario.stages]
    options = CanaryOptions(stages[0] if stages else None, None, _REHEARSALS, RunOptions(n_threads=2))

    def work(progress: Progress, cancel: threading.Event) -> JsonObject:
        cases = cases_of(release_of(loaded.scenario, None), None)
        return canary_job(loaded, cases, options, progress, cancel)

    session.start(f"Canary of {current.name}", key, work)


def _cases(document: JsonObject) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "release": case["name"],
                "should pass": {True: "yes", False: "no", None: ""}[case["is_good"]],
                **_test_set(case),
                "passed": estimate(case["passed"], "share").line,
                "stopped": estimate(case["stopped"], "share").line,
                "inconclusive": estimate(case["inconclusive"], "share").line,
                "ended after": estimate(case["ended_s"], "time").line,
                "actions exposed": estimate(case["exposed"], "count").line,
                "actions hurt": estimate(case["hurt"], "count").line,
            }
            for case in document["cases"]
        ]
    )


def _test_set(case: JsonObject) -> dict[str, str]:
    """What a test set does before the canary; nothing where there is none."""
    if case["evaluation_stops"] is None:
        return {}
    return {
        "test set stops": quantity(case["evaluation_stops"], "share"),
        "reaches all": estimate(case["reaches_all"], "share").line,
    }


def _sights(document: JsonObject) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "change": change["what"],
                "at weight": quantity(change["weight"], "share"),
                "time given": quantity(change["given_s"], "time"),
                "time needed": quantity(change["needed_s"], "time"),
                "seen": "yes" if change["seen"] else "no",
            }
            for change in document["sight"]["changes"]
        ]
    )
