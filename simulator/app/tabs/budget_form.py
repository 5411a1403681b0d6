"""The form that says what a workload may spend in a period, what counts, and what happens when it is spent."""

from collections.abc import Callable
from zoneinfo import available_timezones

import streamlit as st

from simulator.app import session
from simulator.scenario.model import Scenario

Apply = Callable[[list[str]], None]

# of `on_exceed`, what needs no other key: `throttle` and `downgrade` say how far, in the file
_REACTIONS = {"alert": "only say so", "stop": "let nobody in"}
_PERIODS = ("1d", "1h", "7d")


def budget_form(current: session.Current, apply: Apply) -> None:
    """Show the form; `apply` is given the overrides that its button asks for."""
    scenario = current.loaded.scenario
    with (
        st.expander("What a workload may spend"),
        st.form("budget", border=False),
        st.container(horizontal=True, vertical_alignment="bottom"),
    ):
        workload = st.selectbox("Workload", [one.name for one in scenario.workloads], key="budget workload")
        amount = st.text_input("At most, e.g. `$90`", max_chars=20, key="budget amount")
        period = st.selectbox("In each", _PERIODS, key="budget period")
        zones = ["UTC", *sorted(available_timezones() - {"UTC"})]
        zone = st.selectbox("From midnight of", zones, key="budget timezone")
        reaction = st.selectbox(
            "When spent", _REACTIONS, format_func=lambda one: _REACTIONS[one], key="budget reaction"
        )
        units = holds_units(scenario) and st.checkbox("Count provisioned units held", key="budget units")
        if st.form_submit_button("Set the budget", icon=":material/savings:") and amount.strip():
            apply([override(workload, amount.strip(), period, zone, reaction, provisioned=units)])


def holds_units(scenario: Scenario) -> bool:
    """Whether some model is paid by provisioned units, which a budget may count."""
    return any(model.provisioned is not None for model in scenario.model_list)


def override(
    workload: str, amount: str, period: str, timezone: str, reaction: str, *, provisioned: bool
) -> str:
    """What `--set` would be given."""
    keys = f"max_budget: {amount}, budget_duration: {period}, timezone: {timezone}, on_exceed: {reaction}"
    more = ", provisioned: true" if provisioned else ""
    return f"workloads.{workload}.budget={{{keys}{more}}}"
