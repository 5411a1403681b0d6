"""The forms that say how a hosted model's limits count, what `max_tokens` its requests ask for, and what models share."""

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


def shared_quota_form(current: session.Current, apply: Apply) -> None:
    """Show the form that lets models draw on one quota; `apply` is given the overrides that its button asks for."""
    scenario = current.loaded.scenario
    models = [model.model_name for model in scenario.model_list if model.pool is None]
    if not models:
        return
    with (
        st.expander("A quota that models share"),
        st.form("shared quota", border=False),
        st.container(horizontal=True, vertical_alignment="bottom"),
    ):
        chosen = st.multiselect("Models", models, models, key="shared models")
        tpm = st.text_input("Tokens per minute, e.g. `1M`", max_chars=20, key="shared tpm")
        rules = [_AS_WRITTEN, *catalog("limit_rules").entries]
        rule = st.selectbox("Counts as", rules, key="shared rule")
        drawers = ["nobody", *_drawers(scenario)]
        drawer = st.selectbox("Keep a share for", drawers, key="shared drawer")
        share = st.text_input("Share, e.g. `60%`", max_chars=12, key="shared share")
        if st.form_submit_button("Share the quota", icon=":material/call_split:") and chosen and tpm.strip():
            kept = "" if drawer == "nobody" or not share.strip() else f"{drawer}: {share.strip()}"
            apply([shared_override(chosen, tpm.strip(), rule, kept)])


def shared_override(models: list[str], tpm: str, rule: str, kept: str) -> str:
    """What `--set` would be given: a quota called `organisation`.

    Parameters
    ----------
    kept : for whom which share is kept, e.g. `chat: 60%`; nothing: for nobody
    """
    keys = [f"models: [{', '.join(models)}]", f"tpm: {tpm}"]
    keys += [] if rule == _AS_WRITTEN else [f"limits_as: {rule}"]
    keys += [f"reserved: {{{kept}}}"] if kept else []
    return f"quotas.organisation={{{', '.join(keys)}}}"


def _drawers(scenario: Scenario) -> list[str]:
    """Workloads and tenants, for whom a share may be kept."""
    names = [workload.name for workload in scenario.workloads]
    return list(dict.fromkeys([*names, *(name for one in scenario.workloads for name in one.tenants)]))


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
