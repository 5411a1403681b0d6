"""Incidents as SimPy processes: each begins its effects and ends them, when its time has come."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, time

from simulator.compiler.blueprint import Blueprint
from simulator.compiler.places import BlueprintPlaces
from simulator.control.environment import Environment, Process
from simulator.control.incident_schedule import IncidentSpan, incident_spans
from simulator.mechanisms.incidents.codes import Effect
from simulator.mechanisms.incidents.quality import Drift
from simulator.numerics.events import INSTANT_S

_DAY_S = 86_400.0
_WEEK_S = 7 * _DAY_S


def play_incidents(env: Environment, blueprint: Blueprint, seed: int) -> None:
    """Start a process for every incident of a scenario, or for every component that fails by itself."""
    warmup_s, places = blueprint.window.warmup_s, BlueprintPlaces(blueprint)
    for incident in blueprint.scenario.incidents:
        if isinstance(incident, Drift):
            env.process(drift(env, tuple(incident.effects(places)), _age_s(blueprint)))
            continue
        if incident.is_for_drills_only:
            continue
        for names, effects in incident.components(places):
            env.process(recur(env, effects, incident_spans(incident, seed, warmup_s, *names)))


def recur(env: Environment, effects: Sequence[Effect], occurrences: Iterator[IncidentSpan]) -> Process:
    """Let effects begin and end with every occurrence; those that are over before the run are left out."""
    for begin_s, end_s in occurrences:
        if end_s < 0.0:
            continue
        yield env.timeout(max(0.0, begin_s - env.now))
        env.process(_last(env, effects, end_s))


def _last(env: Environment, effects: Sequence[Effect], end_s: float) -> Process:
    happening = env.effects.begin(effects)
    yield env.timeout(max(0.0, end_s - env.now))
    env.effects.end(happening)


def drift(env: Environment, per_week: Sequence[Effect], age_s: float) -> Process:
    """Let what changes by the week go on changing, from day to day; `age_s`: of the drift when the run begins."""
    happening = env.effects.begin([])
    while True:
        days = (age_s + env.now + INSTANT_S) // _DAY_S
        weeks = max(0.0, days) * _DAY_S / _WEEK_S
        env.effects.end(happening)
        happening = env.effects.begin([effect._replace(value=effect.value * weeks) for effect in per_week])
        yield env.timeout((days + 1) * _DAY_S - age_s - env.now)


def _age_s(blueprint: Blueprint) -> float:
    """Time from midnight (UTC) of the scenario's start to the start of the run, negative before it."""
    start = datetime.combine(blueprint.scenario.start, time(), UTC)
    return (blueprint.window.start - start).total_seconds() - blueprint.window.warmup_s
