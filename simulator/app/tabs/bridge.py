"""The bridge of the page Economics: why does one forecast cost more than another, driver by driver?"""

from dataclasses import dataclass, replace

import streamlit as st

from simulator.app import session
from simulator.app.components import report_downloads, show_sections, start_button
from simulator.scenario.read.errors import ScenarioError
from simulator.scenario.read.hashing import scenario_hash
from simulator.scenario.read.load import LoadedScenario, with_overrides
from simulator.studies.base import LoadedSource
from simulator.studies.bridge.report import BridgeReport
from simulator.studies.bridge.study import BridgeStudy
from simulator.studies.plan.report import PlanReport


@dataclass(frozen=True)
class _Choice:
    """A forecast to choose: a scenario as written or changed, and what is put on top of it."""

    name: str
    overrides: tuple[str, ...] = ()
    is_written: bool = False


def show_bridge(current: session.Current) -> None:
    """Show the bridge between two forecasts."""
    choices = _choices(current)
    first, second = st.columns(2)
    labels = list(choices)
    before = first.selectbox("From (A)", labels, key="bridge_from")
    has_variant = len(labels) > 1 and choices[labels[1]].name == current.name
    after = second.selectbox(
        "to (B)", labels, 1 if has_variant else None, key="bridge_to", placeholder="Choose another forecast"
    )
    as_written = st.checkbox(
        "Take the capacity that the scenarios state",
        help="Otherwise each side is planned first, which takes longer; a plan that is there is taken.",
    )
    if after is None or before == after:
        st.info(
            "Choose two forecasts that differ: change the scenario on the page Scenario, pin a variant on the page "
            "What-if, or choose another scenario.",
            icon=":material/compare_arrows:",
        )
        return
    try:
        sides = [_loaded(choices[label], current) for label in (before, after)]
    except ScenarioError as error:
        st.error("One of the two scenarios cannot be planned.")
        st.code(str(error), language=None, wrap_lines=True)
        return
    if not all(side.scenario.stages for side in sides):
        st.info("Both scenarios need `stages`: they say which months to forecast.")
        return
    hashes = [scenario_hash(side.scenario) for side in sides]
    key = f"bridge:{'written' if as_written else 'planned'}:{':'.join(hashes)}"
    report = session.find_report(key, BridgeReport)
    label = "Forecast both again" if report else "Forecast both"
    if start_button(label, "bridge", is_first=report is None):
        _start(key, (before, after), sides, as_written=as_written)
        st.rerun()
    if report is None:
        st.caption("Both are forecast with the same users; every driver gets its part of the difference.")
        return
    show_sections(report.sections(), key)
    report_downloads("bridge", report)


def _choices(current: session.Current) -> dict[str, _Choice]:
    """Forecasts by label: the scenario as written, as changed, its pinned variants, then the other scenarios."""
    choices = {current.name: _Choice(current.name, is_written=True)}
    if current.overrides:
        choices[f"{current.name}, as changed here"] = _Choice(current.name)
    for name, report in session.basket(current).items():
        if report.demand_factor == 1.0:
            choices[f"{current.name} with {name}"] = _Choice(current.name, report.overrides)
    for name in session.names():
        if name != current.name:
            choices[name] = _Choice(name)
    return choices


def _loaded(choice: _Choice, current: session.Current) -> LoadedScenario:
    if choice.name == current.name:
        written = () if choice.is_written else current.overrides
        loaded = session.checked(current.text, f"{current.name}.yaml", written)
    else:
        loaded = session.checked(
            session.text_of(choice.name), f"{choice.name}.yaml", session.overrides_of(choice.name)
        )
    return with_overrides(loaded, choice.overrides) if choice.overrides else loaded


def _start(key: str, names: tuple[str, str], loaded: list[LoadedScenario], *, as_written: bool) -> None:
    before, after = (replace(one, name=name) for name, one in zip(names, loaded, strict=True))
    plans = [None if as_written else _known_plan(one) for one in loaded]
    study = BridgeStudy(
        before=LoadedSource(before), as_written=as_written, before_plan=plans[0], plan=plans[1]
    )
    session.start_study("Bridge", key, study, after)


def _known_plan(loaded: LoadedScenario) -> PlanReport | None:
    plan = session.plan_by_hash(scenario_hash(loaded.scenario))[0]
    return None if plan is None or plan.interrupted else plan
