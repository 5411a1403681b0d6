"""A plan that is kept in a folder: its report when it is whole, its simulations until then.

Whoever asks for the same plan in the same folder goes on from what was simulated there.
"""

import os
import secrets
from dataclasses import replace
from pathlib import Path

from simulator import __version__
from simulator.engine import Runner
from simulator.numerics.jit import kernel_source_hash
from simulator.results.store.manifest import package_versions
from simulator.results.store.run_memory import RunMemory
from simulator.scenario.files import file_digest, files_of
from simulator.scenario.read.hashing import scenario_hash
from simulator.scenario.read.load import LoadedScenario
from simulator.studies.plan.plan import plan_scenario
from simulator.studies.plan.report import PlanReport
from simulator.studies.plan.study import PlanStudy


def plan_in_folder(loaded: LoadedScenario, study: PlanStudy, runner: Runner, folder: Path) -> PlanReport:
    """Plan every stage, and write the report into a folder."""
    memory = _memory(folder, loaded)
    try:
        found = plan_scenario(loaded, study, replace(runner, memory=memory))
    except BaseException:
        memory.close()
        raise
    path = folder / _file_name(found)
    if found.interrupted:
        memory.close()
        found = found.model_copy(update={"kept": str(memory.path)})
    else:
        memory.remove()
    _write(path, found)
    return found.model_copy(update={"file": str(path)})


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
    return RunMemory(folder / f"{_stem(scenario_hash(scenario), scenario.seed)}.sqlite3", about)


def _stem(hash_: str, seed: int) -> str:
    return f"plan-{hash_[:12]}-seed{seed}"


def _file_name(found: PlanReport) -> str:
    """Tells the scenario and the seed."""
    part = "-interrupted" if found.interrupted else ""
    return f"{_stem(found.scenario_hash, found.seed)}{part}.json"


def _write(path: Path, found: PlanReport) -> None:
    """Write the report whole or not at all."""
    temporary = path.with_name(f".{path.name}-{secrets.token_hex(6)}")
    try:
        with temporary.open("x", encoding="utf-8") as file:
            file.write(found.to_json(indent=1))
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
