"""Who is told of which incident, after how long, and how often of none: a drill's alerts on the page Failures."""

import pandas as pd
import streamlit as st

from simulator.app.components import missing, table
from simulator.app.escaping import plain
from simulator.app.snippets import ALERTS
from simulator.render.numbers import estimate, quantity
from simulator.scenario.model import Scenario
from simulator.studies.alerts.alert_tables import alert_remarks, told_text
from simulator.studies.run.document import JsonObject


def show_rules(scenario: Scenario) -> None:
    """Which alerts there are, and where they are written; what to add if there are none."""
    if not scenario.alerts:
        missing("This scenario has no alerts, so nobody is told. Add `alerts`, or leave the key out:", ALERTS)
        return
    if not any(slo.counts_actions for slo in scenario.slos):
        missing(
            "Alerts have nothing to watch: no objective counts actions one by one. Add one to `slos`:",
            'slos:\n  - {name: availability, indicator: availability, objective: ">= 99%"}\n',
        )
        return
    is_own = "alerts" in scenario.model_fields_set
    names = ", ".join(f"{name} tells {alert.notify}" for name, alert in scenario.alerts.items())
    whose = "of the scenario" if is_own else "that are usual, from the SRE workbook"
    st.caption(plain(f"Alerts {whose}: {names}. Each fires while an error budget burns too fast."))
    if not is_own:
        with st.expander("Have alerts of your own"):
            st.markdown("`alerts` on the page Scenario takes the place of the usual ones:")
            st.code(ALERTS, language="yaml")


def show_alerts(document: JsonObject) -> None:
    """What every alert sees of each incident that was played, and of a healthy month."""
    if not document["alerts"]:
        return
    st.subheader("Who is told, and when", anchor=False)
    table(told_frame(document))
    st.markdown("**Without any incident**")
    table(_healthy(document))
    for remark in alert_remarks(document):
        st.caption(plain(remark))


def told_frame(document: JsonObject) -> pd.DataFrame:
    """A row per incident and alert."""
    rows = []
    for drill in document["drills"]:
        for seen in drill["alerts"]:
            told = told_text(seen, drill)
            rows.append(
                {
                    "incident": drill["name"],
                    "alert": seen["alert"],
                    "tells": seen["notify"],
                    "after": told.value
                    if seen["after_s"] is None
                    else estimate(seen["after_s"], "time").line,
                    "by": "" if seen["slo"] is None else f"{seen['slo']}, {seen['burn_rate']:g} × too fast",
                    "seen in runs": estimate(seen["seen"], "share").line,
                }
            )
    return pd.DataFrame(rows)


def _healthy(document: JsonObject) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "alert": alert["alert"],
                "tells": alert["notify"],
                "watches": ", ".join(alert["slos"]) or "nothing",
                "false alarms a month": estimate(alert["false_per_month"], "number").line,
                "on while all is well": quantity(alert["on_share"], "share"),
            }
            for alert in document["alerts"]
        ]
    )
