"""The two sides of a comparison: a scenario file, or the scenario of a stored run."""

from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from simulator.errors import RolloutError
from simulator.results.store.stored_run import StoredRun, StoreError
from simulator.scenario.files import file_digest, files_of
from simulator.scenario.model import Scenario
from simulator.scenario.read.load import LoadedScenario


class CompareError(RolloutError, ValueError):
    """Two sides that cannot be compared."""

    prefix = "cannot compare: "


@dataclass(frozen=True)
class ComparisonSide:
    """One side of a comparison.

    Attributes
    ----------
    name : how it is spoken of: its file, or the key of its run
    scenario, base_dir : what is simulated, and the folder its files are relative to
    stages : that it has; one None: full exposure
    first_seed : of its first replication
    """

    name: str
    scenario: Scenario
    base_dir: Path
    stages: tuple[str | None, ...]
    first_seed: int


def side_of_file(loaded: LoadedScenario) -> ComparisonSide:
    """The side of a scenario file, with all its stages."""
    scenario = loaded.scenario
    stages = tuple(stage.name for stage in scenario.stages) or (None,)
    return ComparisonSide(loaded.file, scenario, loaded.base_dir, stages, scenario.seed)


def side_of_run(run: StoredRun, folder: Path) -> ComparisonSide:
    """The side of a stored run: its scenario, its stage and its seeds, simulated again.

    Replications of a run that is simulated again have the same bits, and more of them can be had. What the
    scenario reads (traces, profiles) is looked for in `folder` and must be what the run read.

    Raises
    ------
    CompareError
        If those files differ, or the run is of another version of the schema.
    StoreError
        If the run is damaged.
    """
    run.verify()
    identity = run.manifest.identity
    try:
        scenario = Scenario.model_validate(run.manifest.scenario)
    except ValidationError as error:
        raise CompareError(
            f"the scenario of run {run.key[:12]} is not one of this version: store a new baseline"
        ) from error
    seeds = identity.seeds
    if list(seeds) != list(range(seeds[0], seeds[0] + len(seeds))):
        raise StoreError(f"stored run {run.folder} is damaged: its seeds do not follow one another")
    names = files_of(scenario)
    if len(names) != len(identity.file_hashes):
        raise CompareError(f"run {run.key[:12]} does not say which files it read: store a new baseline")
    for name, expected in zip(names, identity.file_hashes, strict=True):
        if _digest(folder / name) != expected:
            raise CompareError(f"{folder / name} is not the file that run {run.key[:12]} read")
    return ComparisonSide(run.key[:12], scenario, folder, (identity.stage,), seeds[0])


def common_stages(base: ComparisonSide, head: ComparisonSide) -> tuple[str | None, ...]:
    """Stages that both sides have, in the head's order.

    Raises
    ------
    CompareError
        If there is none.
    """
    known = tuple(stage for stage in head.stages if stage in base.stages)
    if not known and base.stages == (None,):
        known = (None,)  # full exposure can be simulated of every scenario
    if not known:
        sides = (", ".join(stage or "full exposure" for stage in side.stages) for side in (base, head))
        raise CompareError("the two sides have no stage in common: {}; {}".format(*sides))
    return known


def _digest(path: Path) -> str | None:
    try:
        return file_digest(path)
    except OSError:
        return None
