"""Would the canary notice a bad release? Rehearsals of it, and what the traffic lets it see."""

import pandas as pd
import streamlit as st

from simulator.app import session
from simulator.app.components import chart, downloads, made_by, start_button, table
from simulator.app.escaping import plain
from simulator.app.planned_stage import Side, chosen_side
from simulator.engine import Runner
from simulator.render.numbers import estimate, quantity
from simulator.studies.canary.canary_job import canary_job
from simulator.studies.canary.cases import cases_of
from simulator.studies.canary.figures import canary_figure
from simulator.studies.canary.rehearsals import CanaryOptions, release_of
from simulator.studies.run.document import JsonObject

_REHEARSALS = 40


def show_canary(current: session.Current) -> None:
    """Show the tab."""
    scenario = current.loaded.scenario
    if scenario.canary is None or not scenario.releases:
        st.info(
            "This scenario has no canary. Add `releases` and `canary` on the page Scenario, or choose the scenario "
            "canary on the left.",
            icon=":material/science:",
        )
        return
    side = chosen_side(current, "Traffic of")
    key = f"canary:{side.key}"
    document = session.find(key)
    if start_button("Rehearse again" if document else "Rehearse", "canary", is_first=document is None):
        _start(side, key)
        st.rerun()
    if document is None:
        st.caption(
            f"{_REHEARSALS} rehearsals of each case: as described, unchanged, and with worse releases."
        )
        return
    made_by(document, f"Rehearsed here, capacity {side.capacity_words}")
    with st.container(border=True):
        st.markdown("**How the rehearsals end**")
        chart(
            canary_figure(document), "canary_figure", "Share of rehearsals stopped, passed and inconclusive"
        )
    cases = _cases(document)
    table(cases)
    st.subheader("What the traffic lets the canary see", anchor=False)
    sight = document["sight"]
    st.caption(
        plain(
            f"Time needed to see a change with a power of {quantity(sight['power'], 'share')}, at a false alarm rate of "
            f"{quantity(sight['alpha'], 'share')}, against the time that the canary gives."
        )
    )
    table(_sights(document))
    downloads("canary", document, cases, lambda: {"How the rehearsals end": canary_figure(document)})


def _start(side: Side, key: str) -> None:
    loaded = side.loaded
    options = CanaryOptions(side.stage, None, _REHEARSALS)

    def work(runner: Runner) -> JsonObject:
        cases = cases_of(release_of(loaded.scenario, None), None)
        return canary_job(loaded, cases, options, runner)

    session.start("Canary", key, work)


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
