"""From a scenario to the document of `rollout plan`, and into a folder if asked to."""

import json
import os
import secrets
import time
from dataclasses import dataclass, replace
from pathlib import Path

from simulator import __version__
from simulator.economics.price_book import price_book
from simulator.engine import Runner
from simulator.numerics.jit import kernel_source_hash
from simulator.render.step_times import step_time_sources
from simulator.results.store.manifest import package_versions
from simulator.results.store.run_memory import RunMemory
from simulator.scenario.read.hashing import scenario_hash
from simulator.scenario.read.load import LoadedScenario
from simulator.studies.common.replicator import MIN_RUNS
from simulator.studies.compare.comparison_sides import files_of
from simulator.studies.plan.plan_parts import add_decision_parts
from simulator.studies.plan.plan_ranges import add_ranges
from simulator.studies.plan.plan_uncertainty import plan_uncertainty
from simulator.studies.plan.study import PlanOptions, plan
from simulator.studies.run.document import JsonObject, plan_document
from simulator.studies.run.execution import file_digest


@dataclass(frozen=True)
class PlanRequest:
    """How to plan.

    Attributes
    ----------
    replications : of every window at least; None: planning's own minimum
    out : folder that the document is written to, and where simulations are kept until the plan is whole; None: nowhere
    draws : of uncertain inputs; 0: none
    """

    replications: int | None
    out: Path | None = None
    draws: int = 0


def plan_job(loaded: LoadedScenario, request: PlanRequest, runner: Runner) -> JsonObject:
    """Plan every stage and return the document; when cancelled, that of the stages that were finished."""
    begin = time.perf_counter()
    memory = None if request.out is None else _memory(request.out, loaded)
    try:
        document = _planned(loaded, request, replace(runner, base_dir=loaded.base_dir, memory=memory))
    except BaseException:
        if memory is not None:
            memory.close()
        raise
    document["wall_s"] = time.perf_counter() - begin
    if request.out is not None and memory is not None:
        if document["interrupted"]:
            memory.close()
            document["kept"] = str(memory.path)
        else:
            memory.remove()
        document["file"] = str(_write(request.out, document))
    return document


def _planned(loaded: LoadedScenario, request: PlanRequest, runner: Runner) -> JsonObject:
    scenario = loaded.scenario
    min_runs = MIN_RUNS if request.replications is None else request.replications
    planned = plan(scenario, PlanOptions(min_runs=min_runs), runner)
    drawn = None
    if not planned.interrupted:
        drawn = plan_uncertainty(scenario, planned, request.draws, runner)
    document = plan_document(
        scenario, scenario_hash(scenario), planned, price_book(scenario), scenario.seed, min_runs
    )
    add_decision_parts(document, planned)
    add_ranges(document, drawn)
    document["interrupted"] |= drawn is None and runner.cancel.is_set()
    document["profiles"] = step_time_sources(scenario, loaded.base_dir)
    return document


def _memory(folder: Path, loaded: LoadedScenario) -> RunMemory:
    """Where a plan's simulations are kept: whoever asks for the same plan goes on with them."""
    scenario = loaded.scenario
    about = {
        "engine_version": __version__,
        "kernel_hash": kernel_source_hash(),
        "packages": package_versions(),
        "file_hashes": [file_digest(loaded.base_dir / name) for name in files_of(scenario)],
    }
    folder.mkdir(parents=True, exist_ok=True)
    return RunMemory(folder / f"{_name(scenario_hash(scenario), scenario.seed)}.sqlite3", about)


def _name(hash_: str, seed: int) -> str:
    return f"plan-{hash_[:12]}-seed{seed}"


def _write(folder: Path, document: JsonObject) -> Path:
    """Write the document whole or not at all; its name tells the scenario and the seed."""
    part = "-interrupted" if document["interrupted"] else ""
    path = folder / f"{_name(document['scenario_hash'], document['seed'])}{part}.json"
    temporary = folder / f".{path.name}-{secrets.token_hex(6)}"
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with temporary.open("x", encoding="utf-8") as file:
            json.dump(document, file, indent=1, allow_nan=False)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    return path
