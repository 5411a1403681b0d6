"""From scenarios to the report of `rollout check`: each is checked after the other, each verdict has its place in a file."""

import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypedDict

from simulator.engine import Cancelled, Runner
from simulator.scenario.read.explain import readable
from simulator.scenario.read.hashing import scenario_hash
from simulator.scenario.read.load import LoadedScenario
from simulator.scenario.read.overrides import ORIGIN
from simulator.studies.check.check import Checked, check
from simulator.studies.check.report import CheckReport, PlacedCriterion, ScenarioCheck
from simulator.studies.check.study import CheckStudy
from simulator.studies.common.step_times import step_times
from simulator.studies.common.verdicts.criteria import Criterion
from simulator.studies.report import about_engine
from simulator.theory.verdict import worst


def check_scenarios(scenarios: Sequence[LoadedScenario], study: CheckStudy, runner: Runner) -> CheckReport:
    """Check scenario after scenario; when cancelled, return what was finished.

    An `abort_on_fail` that fails ends the whole check: the scenarios after it are not simulated.

    Parameters
    ----------
    scenarios : each has a stage that is asked for
    study : of the stages asked for, a scenario is checked at those it has

    Raises
    ------
    Cancelled
        If nothing was finished.
    """
    start = time.perf_counter()
    found: list[ScenarioCheck] = []
    interrupted = False
    for index, loaded in enumerate(scenarios):
        try:
            here = runner.at(loaded.base_dir).part(index, len(scenarios))
            found.append(_scenario_check(loaded, check(loaded.scenario, _own(study, loaded), here)))
        except Cancelled:
            if not found:
                raise
            interrupted = True
            break
        interrupted = found[-1].interrupted
        if interrupted or found[-1].aborted_by is not None:
            break
    return CheckReport(
        **about_engine(),
        verdict=worst(verdict.verdict for one in found for verdict in one.verdicts),
        interrupted=interrupted,
        wall_s=time.perf_counter() - start,
        scenarios=tuple(found),
    )


def _own(study: CheckStudy, loaded: LoadedScenario) -> CheckStudy:
    """The study of those stages asked for that the scenario has."""
    if study.stages is None:
        return study
    return replace(study, stages=[one.name for one in loaded.scenario.stages if one.name in study.stages])


def _scenario_check(loaded: LoadedScenario, found: Checked) -> ScenarioCheck:
    scenario = loaded.scenario
    return ScenarioCheck(
        file=loaded.file,
        scenario=scenario.metadata.name,
        scenario_hash=scenario_hash(scenario),
        seed=scenario.seed,
        profiles=step_times(scenario, loaded.base_dir),
        stages=found.stages,
        verdicts=tuple(
            PlacedCriterion.of(verdict, **_place(loaded, verdict.criterion)) for verdict in found.verdicts
        ),
        aborted_by=None if found.aborted_by is None else found.aborted_by.criterion.name,
        interrupted=found.interrupted,
        collapses=found.collapses,
        backlogs=found.backlogs,
        warnings=found.warnings,
    )


class _Place(TypedDict):
    """Where a criterion stands."""

    path: str
    file: str
    line: int | None
    column: int | None


def _place(loaded: LoadedScenario, criterion: Criterion) -> _Place:
    """Path, file and line of a criterion; files that are extended are named beside the one that was given."""
    known = criterion.path
    while known and loaded.tree.find(known) is None:
        known = known[:-1]
    node = loaded.tree.find(known)
    place = (loaded.tree if node is None else node).place
    path = readable(loaded.tree, criterion.path)
    if place.file == ORIGIN:
        return {"path": path, "file": loaded.file, "line": None, "column": None}
    source = place.file if place.file == loaded.file else str(Path(loaded.file).parent / place.file)
    return {"path": path, "file": source, "line": place.line, "column": place.column}
