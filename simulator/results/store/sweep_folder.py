"""What a folder of points says about itself: `sweep.json`, beside the runs; written whole or not at all.

The runs are in the same folder, named by their keys (`simulator.results.store.store`). So the file needs no account of
what has been done: a point is done when its run is there.
"""

import json
import os
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

from simulator.results.store.stored_run import StoreError

SWEEP = "sweep.json"
SCHEMA = 1


@dataclass(frozen=True)
class SweepRecord:
    """A sweep as asked for: enough to go on with it, to merge its shards, and to make its tables.

    Attributes
    ----------
    scenario, scenario_hash : name of the scenario and what it says before anything is varied
    stage, seeds : of every point
    design : how the points were chosen
    factors : what is varied, as JSON
    points : a value per factor and point
    keys : of the points' runs, in the same order
    engine_version, kernel_hash : of the simulator; another one gives every point another key
    goals : what the Pareto front is of: a response and `minimise` or `maximise`
    shard : which part of the points this folder is for, (number from 1, of how many)
    """

    scenario: str
    scenario_hash: str
    stage: str | None
    seeds: Sequence[int]
    design: str
    factors: Sequence[Mapping[str, Any]]
    points: Sequence[Sequence[str]]
    keys: Sequence[str]
    engine_version: str
    kernel_hash: str
    goals: Sequence[Sequence[str]] = ()
    shard: Sequence[int] | None = None

    def whole(self) -> dict[str, Any]:
        """What all shards of a sweep agree on."""
        document = json.loads(json.dumps(asdict(self)))
        del document["shard"]
        return dict(document)

    def own_points(self) -> list[int]:
        """Indices of the points that this folder is for."""
        number, n_shards = self.shard or (1, 1)
        return list(range(number - 1, len(self.points), n_shards))


def write_record(folder: Path, record: SweepRecord) -> None:
    """Write `sweep.json`, in place of one that is there."""
    text = json.dumps({"schema": SCHEMA, **asdict(record)}, indent=1, allow_nan=False)
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
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        found = document.get("schema") if isinstance(document, dict) else None
        raise StoreError(f"{path} has schema {found!r}, this version reads {SCHEMA}; {_HINT}")
    try:
        record = SweepRecord(**{key: value for key, value in document.items() if key != "schema"})
        is_whole = len(record.points) == len(record.keys) and all(
            len(point) == len(record.factors) for point in record.points
        )
    except TypeError:
        is_whole = False
    if not is_whole:
        raise StoreError(f"{path} is damaged: it is incomplete; {_HINT}")
    return record


def replace_file(path: Path, write: Callable[[BinaryIO], object]) -> None:
    """Write a file under another name, force it to disk and rename it: readers see the old or the new one.

    Raises
    ------
    StoreError
        If the disk is full, or the folder cannot be written.
    """
    temporary = path.with_name(f".{path.name}-{secrets.token_hex(6)}")
    try:
        with temporary.open("xb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        raise StoreError(f"cannot write {path}: {error.strerror or error}") from error
    finally:
        temporary.unlink(missing_ok=True)


_HINT = "run the sweep again into this folder: the points in it are kept"
