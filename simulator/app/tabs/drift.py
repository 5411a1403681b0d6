"""How soon do reviewers notice that quality falls, at which sampling rate, and what does the looking cost?"""

from functools import partial

import pandas as pd
import streamlit as st

from simulator.app import session
from simulator.app.components import chart, downloads, made_by, missing, start_button, table
from simulator.app.escaping import plain
from simulator.app.planned_stage import Side, chosen_side
from simulator.app.snippets import REVIEW
from simulator.render.numbers import estimate, quantity
from simulator.scenario.model import Scenario
from simulator.studies.drift.drift_document import drift_job
from simulator.studies.drift.drift_figures import drift_figure
from simulator.studies.drift.review_sampling import review_rule
from simulator.studies.drift.study import DriftOptions, drift_of
from simulator.studies.run.document import JsonObject

FALL = "fall"  # also the query parameter
_FALLS = (0.25, 0.5, 1.0, 2.0, 5.0)  # points of success a week
_NOT_SEEN = "not in a year"


def show_drift(current: session.Current) -> None:
    """Show the tab."""
    scenario = current.loaded.scenario
    if all(review_rule(workload) is None for workload in scenario.workloads):
        missing("Nobody looks at any answer, so nobody notices. Add a `review` step and a team", REVIEW)
        return
    with st.container(horizontal=True):
        side = chosen_side(current, "Traffic of")
        per_week = _fall(scenario)
    key = f"drift:{side.key}:{per_week}"
    document = session.find(key)
    if start_button("Study again" if document else "Study", "drift", is_first=document is None):
        _start(side, key, per_week)
        st.rerun()
    if document is None:
        st.caption(
            "Simulates which answers reviewers could see, and works out when their chart (CUSUM) would raise the alarm, at "
            "every sampling rate that makes sense: some seconds."
        )
        return
    alarm = quantity(document["false_alarm_every_s"], "time")
    made_by(document, f"Studied here, one false alarm in {alarm} put up with, capacity {side.capacity_words}")
    for of in document["workloads"]:
        _workload(of)
    downloads(
        "drift",
        document,
        drift_frame(document),
        lambda: {f"Drift of {of['workload']}": drift_figure(of) for of in document["workloads"]},
    )


def _fall(scenario: Scenario) -> float | None:
    """By how much success falls every week; None: as the scenario says."""
    usual = " and ".join(
        dict.fromkeys(
            f"{100.0 * drift_of(scenario, workload.name):g}"
            for workload in scenario.workloads
            if review_rule(workload) is not None
        )
    )
    falls: dict[str, float | None] = {f"{usual} of 100 answers, as the scenario has it": None}
    falls |= {f"{points:g} of 100 answers": points / 100.0 for points in _FALLS}
    return falls[st.selectbox("Success falls every week by", list(falls), key=FALL, bind="query-params")]


def _start(side: Side, key: str, per_week: float | None) -> None:
    loaded = side.loaded
    options = DriftOptions(side.stage, per_week)

    session.start("Drift", key, partial(drift_job, loaded, options))


def _workload(of: JsonObject) -> None:
    with st.container(border=True):
        st.markdown(f"**{plain(of['workload'])}**")
        st.caption(
            plain(
                f"{quantity(of['answers_per_week'], 'count')} answers a week, {estimate(of['wrong'], 'share').line} of them "
                f"wrong before; success falls by {quantity(-of['success_per_week'], 'share')} a week. "
                f"{quantity(of['sample'], 'share')} of the answers are reviewed by {of['team']} now."
            )
        )
        if of["sample"] == 0.0:
            st.warning(
                "No answer is sampled, so nobody notices: give the `review` step a `sample`.",
                icon=":material/warning:",
            )
        elif of["in_time"] < of["sample"]:
            st.warning(
                plain(
                    f"They find time for {quantity(of['in_time'], 'share')} of the answers only; "
                    "what is said of more presumes more people."
                ),
                icon=":material/warning:",
            )
        title = "Time until the drift is seen, and cost of reviews, by share of answers reviewed"
        chart(drift_figure(of), f"drift_figure {of['workload']}", title)
        table(_rates(of))


def _rates(of: JsonObject) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "answers reviewed": quantity(one["sample"], "share"),
                "": "now" if one["sample"] == of["sample"] else "",
                "reviews a week": quantity(one["reviews_per_week"], "count"),
                "people busy": quantity(one["people"], "number"),
                "cost per month": quantity(one["cost"]["month"], "money"),
                "seen after": _after(one),
                "9 of 10 by": _or_never(one["seen_after_s"]["p90"]),
                "success lost by then": quantity(one["fall"], "share"),
                "wrong answers by then": quantity(one["wrong_answers"], "count"),
                "a false alarm every": quantity(one["false_alarm_every_s"], "time"),
            }
            for one in of["sampling"]
        ]
    )


def _after(one: JsonObject) -> str:
    return _NOT_SEEN if one["seen_after_s"]["value"] is None else estimate(one["seen_after_s"], "time").line


def _or_never(span_s: float | None) -> str:
    return _NOT_SEEN if span_s is None else quantity(span_s, "time")


def drift_frame(document: JsonObject) -> pd.DataFrame:
    """A row per workload and sampling rate."""
    return pd.DataFrame(
        [
            {
                "workload": of["workload"],
                "sample": one["sample"],
                "reviews_per_week": one["reviews_per_week"],
                "cost_per_month_usd": one["cost"]["month"],
                **{f"seen_after_s_{key}": value for key, value in one["seen_after_s"].items()},
                "fall": one["fall"],
                "wrong_answers": one["wrong_answers"],
            }
            for of in document["workloads"]
            for one in of["sampling"]
        ]
    )
