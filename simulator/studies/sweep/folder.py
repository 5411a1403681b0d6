"""What a folder of points says about itself: `sweep.json`, beside the runs; written whole or not at all.

The runs are in the same folder, named by their keys (`simulator.results.store.store`). So the file needs no account of
what has been done: a point is done when its run is there.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, BinaryIO

from pydantic import ValidationError

from simulator.results.store.stored_run import StoreError
from simulator.results.store.whole_file import write_whole
from simulator.studies.record import Record, json_key
from simulator.studies.sweep.designs import shard_points
from simulator.studies.sweep.report import Direction, Goal, VariedPath

SWEEP = "sweep.json"
SCHEMA = 1


class SweepRecord(Record):
    """A sweep as asked for: enough to go on with it, to merge its shards, and to make its tables.

    Attributes
    ----------
    scenario, scenario_hash : name of the scenario and what it says before anything is varied
    stage, seeds : of every point
    design : how the points were chosen
    factors : what is varied
    points : a value per factor and point
    keys : of the points' runs, in the same order
    engine_version, kernel_hash : of the simulator; another one gives every point another key
    goal_pairs : what the Pareto front is of: a response and `minimise` or `maximise`
    shard : which part of the points this folder is for, (number from 1, of how many)
    """

    schema_version: Annotated[int, json_key("schema")] = SCHEMA
    scenario: str
    scenario_hash: str
    stage: str | None
    seeds: tuple[int, ...]
    design: str
    factors: tuple[VariedPath, ...]
    points: tuple[tuple[str, ...], ...]
    keys: tuple[str, ...]
    engine_version: str
    kernel_hash: str
    goal_pairs: Annotated[tuple[tuple[str, Direction], ...], json_key("goals")] = ()
    shard: tuple[int, int] | None = None

    @property
    def goals(self) -> tuple[Goal, ...]:
        """What the Pareto front is of."""
        return tuple(Goal(response=name, direction=direction) for name, direction in self.goal_pairs)

    def own_points(self) -> list[int]:
        """Indices of the points that this folder is for."""
        return shard_points(len(self.points), *(self.shard or (1, 1)))

    def differences(self, other: "SweepRecord") -> list[str]:
        """Names of what two records do not agree on, as they stand in the file; their shards may differ."""
        ours, theirs = self.to_dict(), other.to_dict()
        return [name for name, value in ours.items() if name != "shard" and value != theirs[name]]


def write_record(folder: Path, record: SweepRecord) -> None:
    """Write `sweep.json`, in place of one that is there."""
    text = record.to_json(indent=1)
    replace_file(folder / SWEEP, lambda file: file.write(text.encode()))


def read_record(folder: Path) -> SweepRecord | None:
    """Read `sweep.json`; None if the folder has none.

    Raises
    ------
    StoreError
        If it cannot be read, or is of another version.
    """
    path = folder / SWEEP
    try:
        document = json.loads(path.read_bytes())
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StoreError(f"cannot read {path}: {error.strerror or error}") from error
    except (ValueError, RecursionError) as error:
        raise StoreError(f"{path} is damaged: it is not JSON ({error}); {_HINT}") from error
    schema = document.get("schema") if isinstance(document, dict) else None
    if schema != SCHEMA:
        raise StoreError(f"{path} has schema {schema!r}, this version reads {SCHEMA}; {_HINT}")
    try:
        record = SweepRecord.model_validate(document)
        is_whole = len(record.points) == len(record.keys) and all(
            len(point) == len(record.factors) for point in record.points
        )
    except ValidationError:
        is_whole = False
    if not is_whole:
        raise StoreError(f"{path} is damaged: it is incomplete; {_HINT}")
    return record


def replace_file(path: Path, write: Callable[[BinaryIO], object]) -> None:
    """Write a file whole or not at all.

    Raises
    ------
    StoreError
        If the disk is full, or the folder cannot be written.
    """
    try:
        write_whole(path, write)
    except OSError as error:
        raise StoreError(f"cannot write {path}: {error.strerror or error}") from error


_HINT = "run the sweep again into this folder: the points in it are kept"
