"""Which alerts there are: a part of the page Failures."""

import streamlit as st

from simulator.app.components import missing
from simulator.app.escaping import plain
from simulator.app.snippets import ALERTS
from simulator.scenario.model import Scenario


def show_rules(scenario: Scenario) -> None:
    """Which alerts there are, and where they are written; what to add if there are none."""
    if not scenario.alerts:
        missing(
            "This scenario has no alerts, so nobody is paged. Add `alerts`, or leave the key out:", ALERTS
        )
        return
    if not any(slo.counts_actions for slo in scenario.slos):
        missing(
            "Alerts have nothing to watch: no objective counts actions one by one. Add one to `slos`:",
            'slos:\n  - {name: availability, indicator: availability, objective: ">= 99%"}\n',
        )
        return
    is_own = "alerts" in scenario.model_fields_set
    names = ", ".join(f"{name} → {alert.notify}" for name, alert in scenario.alerts.items())
    whose = "of the scenario" if is_own else "by default, from the SRE workbook"
    st.caption(plain(f"Alerts {whose}: {names}. Each fires while an error budget burns too fast."))
    if not is_own:
        with st.expander("Define your own alerts"):
            st.markdown("`alerts` on the page Scenario replaces the defaults:")
            st.code(ALERTS, language="yaml")
