"""What the rollout changes on its way: a stage's `changes` hold from it on, as if the file had these values.

They are set by path, as `--set` does, each stage on top of those before it. Whoever looks at a stage takes the scenario as
it is there first, and changes it further afterwards.
"""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from cachetools import LRUCache, cached

from simulator.scenario.change import ScenarioChange, setting
from simulator.scenario.check.checks import check_scenario
from simulator.scenario.check.diagnostics import Finding
from simulator.scenario.model import Scenario
from simulator.scenario.read.errors import Problem, ScenarioError
from simulator.scenario.read.explain import problem_at
from simulator.scenario.read.hashing import scenario_hash
from simulator.scenario.read.source_map import Located

SYSTEM = (  # the sections that a stage may change; names, demand and money are those of the whole rollout
    "network",
    "languages",
    "workloads",
    "caches",
    "services",
    "model_list",
    "quotas",
    "routes",
    "teams",
)


def _key(scenario: Scenario, name: str | None, folder: Path) -> tuple[str, str | None, Path]:
    return scenario_hash(scenario), name, folder


def at_stage(scenario: Scenario, name: str | None, folder: Path) -> Scenario:
    """The scenario as it is in a stage; None: before the first one.

    Parameters
    ----------
    folder : that the scenario's files are relative to

    Raises
    ------
    ScenarioError
        If the changes make no valid scenario; of a loaded one they do.
    """
    if name is None or not any(stage.changes for stage in scenario.stages):
        return scenario
    return _changed(scenario, name, folder)


@cached(LRUCache(64), key=_key, lock=threading.Lock())
def _changed(scenario: Scenario, name: str, folder: Path) -> Scenario:
    place = [stage.name for stage in scenario.stages].index(name)
    so_far = scenario.stages[: place + 1]
    overrides = tuple(setting(path, value) for stage in so_far for path, value in stage.changes.items())
    if not overrides:
        return scenario
    written = [stage.model_copy(update={"changes": {}}) for stage in so_far]
    before = scenario.model_copy(update={"stages": [*written, *scenario.stages[place + 1 :]]})
    return ScenarioChange(overrides=overrides).apply(before, folder)


def problems_of_changes(
    scenario: Scenario, folder: Path, tree: Located, findings: Sequence[Finding]
) -> Iterator[Problem]:
    """What is wrong with a scenario whose stages change it, at its lines.

    Parameters
    ----------
    findings : of the scenario before the first stage; what is without effect there may have one later
    """
    is_sound = not check_scenario(scenario, folder, is_variant=True)
    wrong = list(_problems(scenario, folder, tree)) if is_sound else []
    if wrong:
        yield from wrong
        return
    for stage in scenario.stages if is_sound else ():
        if stage.changes and findings:
            everywhere = {of.path for of in check_scenario(at_stage(scenario, stage.name, folder), folder)}
            findings = [of for of in findings if of.path in everywhere]
    yield from (problem_at(tree, of.path, of.message, of.hint) for of in findings)


def _problems(scenario: Scenario, folder: Path, tree: Located) -> Iterator[Problem]:
    """What is wrong with the changes themselves."""
    knobs = [knob.path for knob in scenario.capacity.knobs]
    names = _names(scenario)
    for index, stage in enumerate(scenario.stages):
        found = False
        for path in stage.changes:
            message = _misplaced(path, knobs)
            if message is not None:
                found = True
                yield problem_at(tree, ("stages", index, "changes", path), *message)
        if found or not stage.changes:
            continue
        try:
            changed = at_stage(scenario, stage.name, folder)
        except ScenarioError as error:
            for problem in error.problems:
                yield _at_change(problem, tree, index, tuple(stage.changes))
            return
        if _names(changed) != names:
            yield problem_at(
                tree,
                ("stages", index, "changes"),
                "adds, removes or renames a workload, service, model or team",
                "these are the same in every stage: declare it for all of them, and change who uses it",
            )


def _misplaced(path: str, knobs: list[str]) -> tuple[str, str] | None:
    """What is wrong with where a change is made, and what to do; None: nothing."""
    section = path.partition(".")[0]
    if section not in SYSTEM:
        return (
            f"a stage cannot change `{section}`",
            f"what a stage may change stands in {', '.join(SYSTEM)}",
        )
    same = next(
        (knob for knob in knobs if path in (knob, *_parents(knob)) or path.startswith(f"{knob}.")), None
    )
    if same is not None:
        return (
            f"`{same}` is a knob of `capacity`, so that the plan says how much there is",
            "remove one of both",
        )
    return None


def _parents(path: str) -> Iterator[str]:
    """Everything that a value is a part of."""
    parts = path.split(".")
    return (".".join(parts[:n]) for n in range(1, len(parts)))


def _names(scenario: Scenario) -> tuple[list[str], ...]:
    """What demand comes from and goes to: months add these up over stages."""
    return (
        [workload.name for workload in scenario.workloads],
        list(scenario.services),
        [model.model_name for model in scenario.model_list],
        list(scenario.teams),
    )


def _at_change(problem: Problem, tree: Located, index: int, paths: tuple[str, ...]) -> Problem:
    """The same mistake at the change that makes it, or at all of them."""
    where = next(
        (path for path in paths if path.startswith(problem.path) or problem.path.startswith(path)), None
    )
    keys = ("stages", index, "changes") if where is None else ("stages", index, "changes", where)
    found = problem_at(tree, keys, problem.message, problem.hint)
    is_inside = where is not None and problem.path not in ("", where)
    return replace(found, message=f"{problem.path}: {found.message}") if is_inside or where is None else found
