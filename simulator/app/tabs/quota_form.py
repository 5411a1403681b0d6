"""The form that says how a hosted model's limits count, and what `max_tokens` its requests ask for."""

from collections.abc import Callable

import streamlit as st

from simulator.app import session
from simulator.mechanisms.providers.limit_rules import LIMIT_KEYS
from simulator.scenario.model import Scenario
from simulator.scenario.read.catalogs import catalog

_AS_WRITTEN = "as written"
Apply = Callable[[list[str]], None]


def quota_form(current: session.Current, apply: Apply) -> None:
    """Show the form where a model has limits; `apply` is given the overrides that its button asks for."""
    models = limited_models(current.loaded.scenario)
    if not models:
        return
    with (
        st.expander("How the limits of a hosted model count"),
        st.form("quota", border=False),
        st.container(horizontal=True),
    ):
        model = st.selectbox("Model", models, key="quota model")
        rules = [_AS_WRITTEN, *catalog("limit_rules").entries]
        rule = st.selectbox("Counts as", rules, rules.index(_rule(current, model)), key="quota rule")
        most = st.text_input("`max_tokens` of requests", max_chars=12, key="quota max_tokens")
        if st.form_submit_button("Count so", icon=":material/speed:"):
            apply(overrides(current.loaded.scenario, model, rule, most.strip()))


def limited_models(scenario: Scenario) -> list[str]:
    """Names of the hosted models that have a limit per minute."""
    return [
        model.model_name
        for model in scenario.model_list
        if any(getattr(model, key) is not None for key in LIMIT_KEYS)
    ]


def overrides(scenario: Scenario, model: str, rule: str, most: str) -> list[str]:
    """What `--set` would be given: the rule of a model, and where it is said the `max_tokens` of what asks."""
    found = [f"model_list.{model}.limits_as={'null' if rule == _AS_WRITTEN else rule}"]
    if most:
        asking = [w.name for w in scenario.workloads if w.output_tokens is not None]
        found += [f"workloads.{name}.max_tokens={most}" for name in asking]
    return found


def _rule(current: session.Current, name: str) -> str:
    model = next(one for one in current.loaded.scenario.model_list if one.model_name == name)
    return model.limits_as or _AS_WRITTEN
