"""A stage with the capacity that is planned for it: what What-if compares with, Flow looks into, and incidents befall."""

from dataclasses import dataclass

import streamlit as st

from simulator.app import session
from simulator.engine import Runner
from simulator.scenario.change import ScenarioChange
from simulator.scenario.read.hashing import scenario_hash
from simulator.scenario.read.load import LoadedScenario, with_overrides
from simulator.studies.common.replications import Replications
from simulator.studies.what_if.peak import N_QUICK, planned, simulated

STAGE = "at"  # also the query parameter


@dataclass(frozen=True)
class Side:
    """A stage, with the capacity that is planned for it."""

    loaded: LoadedScenario
    stage: str | None
    is_planned: bool

    @property
    def key(self) -> str:
        """Tells sides apart."""
        return f"{scenario_hash(self.loaded.scenario)}:{self.stage or ''}"

    @property
    def capacity_words(self) -> str:
        """Where its capacity comes from."""
        return "as planned" if self.is_planned else "as written, since it is not planned yet"


def chosen_side(current: session.Current, label: str = "At the peak of") -> Side:
    """Let the user choose a stage; the same one on every page."""
    stages = [stage.name for stage in current.loaded.scenario.stages]
    if not stages:
        return Side(current.loaded, None, is_planned=False)
    name = st.selectbox(label, stages, index=len(stages) - 1, key=STAGE, bind="query-params")
    plan, _ = session.plan_of(current)
    stage = None if plan is None else next((one for one in plan.stages if one.name == name), None)
    if stage is None:
        return Side(current.loaded.at_stage(name), name, is_planned=False)
    return Side(with_overrides(current.loaded, planned(stage.capacity)).at_stage(name), name, is_planned=True)


def quick_side(side: Side, variant: ScenarioChange = ScenarioChange()) -> Replications:  # noqa: B008  it is frozen
    """A short span at the peak, simulated once for everybody."""
    return _simulated(side.loaded, scenario_hash(side.loaded.scenario), variant, side.stage)


@st.cache_resource(max_entries=64, show_spinner=False)
def _simulated(
    _loaded: LoadedScenario,
    key: str,  # noqa: ARG001  what identifies the scenario: its hash
    variant: ScenarioChange,
    stage: str | None,
) -> Replications:
    with session.quick_places():
        return simulated(_loaded, variant, stage, N_QUICK, Runner())
