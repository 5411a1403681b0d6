"""The form that defines a sweep: what is varied, how points are chosen, and what is wanted of them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import streamlit as st

from simulator.app import session
from simulator.app.escaping import plain
from simulator.app.fields import Field, fields_of
from simulator.app.stored import sweep_folder
from simulator.studies.sweep.design_kind import DesignKind
from simulator.studies.sweep.parameters import SweepError
from simulator.studies.sweep.response_table import DEFAULT_GOALS
from simulator.studies.sweep.responses import known_responses
from simulator.studies.sweep.study import SweepStudy
from simulator.studies.sweep.sweep import design_of
from simulator.studies.what_if.levers import levers_of

MOST_POINTS = 400
_MOST_FACTORS = 6
_WORDS = {
    DesignKind.GRID: "grid: every combination",
    DesignKind.LIST: "list: the first values of all, the second, …",
    DesignKind.LHS: "Latin hypercube: so many points that fill the space",
    DesignKind.SOBOL: "Sobol sequence: so many points that fill the space",
    DesignKind.SALTELLI: "Saltelli: shares of the variance, interactions included",
    DesignKind.OAT: "one at a time: each factor by itself",
}
_SAMPLED = (DesignKind.LHS, DesignKind.SOBOL, DesignKind.SALTELLI)


@dataclass(frozen=True)
class SweepRequest:
    """What a form asks for, and what tells it from other sweeps."""

    study: SweepStudy
    key: str


def sweep_form(current: session.Current) -> SweepRequest | None:
    """Show the form; None: what it says makes no sweep yet, and the page says so."""
    choices = _choices(current)
    chosen = st.multiselect(
        "What to vary",
        list(choices),
        key="vary",
        bind="query-params",
        max_selections=_MOST_FACTORS,
        placeholder="Choose one or more values of the scenario",
    )
    if not chosen:
        st.caption("A sweep simulates the scenario at many points: choose what is different between them.")
        return None
    texts = {choices[label].path: _values(choices[label]) for label in chosen}
    first, second, third = st.columns(3)
    kinds = {words: kind for kind, words in _WORDS.items()}
    kind = kinds[first.selectbox("Points", list(kinds), key="design")]
    n_points = None
    if kind in _SAMPLED:
        n_points = int(second.number_input("Number of points", 2, MOST_POINTS, 32, key="points"))
    replications = int(third.number_input("Replications of each", 1, 20, 3, key="sweep replications"))
    stages = [stage.name for stage in current.loaded.scenario.stages]
    stage = first.selectbox("At the peak of", stages, len(stages) - 1, key="sweep stage") if stages else None
    responses = known_responses(current.loaded.scenario)
    goals = second.multiselect(
        "To be low",
        responses,
        [goal.response for goal in DEFAULT_GOALS],
        key="goals",
        help="The Pareto front is of these: points that no other point beats in all of them.",
    )
    try:
        return _asked(current, texts, kind, n_points, stage, replications, goals)
    except SweepError as error:
        st.error(plain(str(error)), icon=":material/error:")
        return None


def _choices(current: session.Current) -> dict[str, Field]:
    """What may be varied, by what people read: the fields of the form, and levers that are no fields."""
    fields = {field.path: field for field in fields_of(current.loaded.document)}
    for lever in levers_of(current.loaded.scenario):
        if "." in lever.key and lever.group != "Prices":
            now = lever.positions[lever.now].label
            fields.setdefault(lever.key, Field(lever.group, lever.label, lever.key, now))
    return {f"{field.label} ({field.path})": field for field in fields.values()}


def _values(field: Field) -> str:
    return st.text_input(
        plain(f"Values of {field.label}"),
        key=f"values {field.path}",
        placeholder=f"it is {field.written}; for example 1, 2, 3 or 1..9 by 2 or uniform(1m, 5m)",
        max_chars=300,
        help=plain(f"--vary {field.path}=…: a list, whole numbers, or a distribution."),
    )


def _asked(
    current: session.Current,
    texts: Mapping[str, str],
    kind: DesignKind,
    n_points: int | None,
    stage: str | None,
    replications: int,
    goals: list[str],
) -> SweepRequest | None:
    open_ = [path for path, text in texts.items() if not text.strip()]
    if open_:
        st.caption(plain(f"Give values for {', '.join(open_)}."))
        return None
    vary = [f"{path}={text}" for path, text in texts.items()]
    study = SweepStudy(
        vary, Path(), design=kind, points=n_points, stage=stage, replications=replications, minimise=goals
    )
    points = design_of(study, current.loaded.scenario.seed).points
    if len(points) > MOST_POINTS:
        raise SweepError(
            f"{len(points):,} points; the app runs {MOST_POINTS} at most: `rollout sweep` runs more, on many machines"
        )
    asked: dict[str, object] = {
        "factors": vary,
        "points": [list(point) for point in points],
        "stage": stage,
        "replications": replications,
    }
    folder = sweep_folder(current.loaded, asked)
    st.caption(f"{len(points)} points × {replications} replications, all with the same users.")
    return SweepRequest(replace(study, out=folder), f"sweep:{folder.name}:{','.join(goals)}")
