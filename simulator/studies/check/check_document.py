"""The JSON document of `rollout check`, which its tables, JUnit, Markdown and annotations are made from."""

from math import isfinite
from pathlib import Path

from simulator import __version__
from simulator.render.step_times import step_time_sources
from simulator.results.samples import CONFIDENCE
from simulator.scenario.read.explain import readable
from simulator.scenario.read.hashing import scenario_hash
from simulator.scenario.read.load import LoadedScenario
from simulator.scenario.read.overrides import ORIGIN
from simulator.studies.check.study import ScenarioCheck
from simulator.studies.common.criteria import Criterion
from simulator.studies.common.sequential_verdicts import CriterionVerdict
from simulator.studies.run.document import SCHEMA, JsonObject, estimate_document


def check_document(scenarios: list[JsonObject], wall_s: float, *, interrupted: bool) -> JsonObject:
    """Document of a whole check; `interrupted`: scenarios or stages are missing."""
    verdicts = [verdict["verdict"] for scenario in scenarios for verdict in scenario["verdicts"]]
    worst = next((word for word in ("FAIL", "UNDECIDED", "PASS") if word in verdicts), None)
    return {
        "schema": SCHEMA,
        "engine_version": __version__,
        "interval_level": CONFIDENCE,
        "verdict": worst,
        "interrupted": interrupted,
        "wall_s": wall_s,
        "scenarios": scenarios,
    }


def scenario_check_document(file: Path, loaded: LoadedScenario, found: ScenarioCheck) -> JsonObject:
    """What was found about one scenario file."""
    scenario = loaded.scenario
    return {
        "file": str(file),
        "scenario": scenario.metadata.name,
        "scenario_hash": scenario_hash(scenario),
        "seed": scenario.seed,
        "profiles": step_time_sources(scenario, loaded.base_dir),
        "stages": list(found.stages),
        "verdicts": [
            {**verdict_entry(verdict), **place_of(file, loaded, verdict.criterion)}
            for verdict in found.verdicts
        ],
        "aborted_by": None if found.aborted_by is None else found.aborted_by.criterion.name,
        "interrupted": found.interrupted,
    }


def verdict_entry(found: CriterionVerdict) -> JsonObject:
    """One criterion at one stage: what was asked, what was measured, and whether it holds."""
    criterion = found.criterion
    measure = criterion.measure
    return {
        "criterion": criterion.name,
        "threshold": criterion.objective.text,
        "stage": found.stage,
        "metric": measure.metric,
        "statistic": measure.statistic,
        **measure.selection.labels,
        **(estimate_document(found.estimate) or {"value": None, "low": None, "high": None}),
        "op": criterion.objective.op,
        "limit": criterion.objective.limit,
        "slack": found.slack if isfinite(found.slack) else None,
        "replications": found.n_runs,
        "verdict": found.verdict,
    }


def place_of(file: Path, loaded: LoadedScenario, criterion: Criterion) -> JsonObject:
    """Path, file and line of a criterion; files that are extended are named beside the one that was given."""
    known = criterion.path
    while known and loaded.tree.find(known) is None:
        known = known[:-1]
    node = loaded.tree.find(known)
    place = (loaded.tree if node is None else node).place
    path = readable(loaded.tree, criterion.path)
    if place.file == ORIGIN:
        return {"path": path, "file": str(file), "line": None, "column": None}
    source = file if place.file == str(file) else file.parent / place.file
    return {"path": path, "file": str(source), "line": place.line, "column": place.column}
