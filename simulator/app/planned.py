"""The plan that the tabs of the page Rollout speak of, and what they say while there is none."""

import streamlit as st

from simulator.app import session
from simulator.app.components import missing
from simulator.app.escaping import plain
from simulator.app.snippets import GATES
from simulator.studies.footer import version
from simulator.studies.plan.report import PlanReport


def plan_shown(current: session.Current) -> PlanReport | None:
    """The plan of the scenario; None: there is none yet, and the tab says so."""
    if not current.loaded.scenario.stages:
        missing("This scenario has no stages. Add `stages`", GATES)
        return None
    report, is_shipped = session.plan_of(current)
    if report is not None and report.stages:
        plan_origin(report, is_shipped=is_shipped)
        return report
    st.info(
        "There is no plan of this scenario yet: start one on the page Overview.", icon=":material/dashboard:"
    )
    return None


def plan_origin(report: PlanReport, *, is_shipped: bool) -> None:
    """Say where the numbers of a plan come from."""
    what = "Shipped with the app, planned before" if is_shipped else "Planned here"
    part = ", interrupted: these stages were finished" if report.interrupted else ""
    origin = (
        f"{what}{part}: {report.n_runs:,} runs; seed {report.seed} · {version(report)}. Intervals are 95 %."
    )
    st.caption(plain(origin))
