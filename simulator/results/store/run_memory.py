"""Results of simulations kept in one file, so that long work that was stopped goes on where it was.

A result is looked up by everything that it depends on, so that what is found is what would be simulated again. The file is
an SQLite database: whatever ends the process, each result is in it whole or not at all.
"""

import hashlib
import io
import json
import sqlite3
import threading
from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from simulator.compiler.demand import DemandWindow
from simulator.compiler.streams import Stream
from simulator.mechanisms.codes import BudgetEvent, Station
from simulator.results.run_result import RunResult
from simulator.results.store.manifest import canonical_json
from simulator.results.store.stored_run import StoreError
from simulator.scenario.model import Scenario
from simulator.scenario.read.hashing import scenario_hash

_WAIT_S = 30.0  # for another process to finish writing
_DIGEST_BYTES = 32
_HEAD = "head"  # of an archive: what is not an array, as JSON
_NAMES = {"streams": Stream, "stations": Station, "budget_events": BudgetEvent}
_PLAIN = (
    "seed",
    "stage",
    "window",
    "warmup_s",
    "duration_s",
    "bucket_s",
    "n_warmup_buckets",
    "n_events",
    "wall_s",
)


class RunMemory:
    """Results by what they depend on; for many threads.

    Parameters
    ----------
    path : of the file, made if it is not there
    about : what every result in it depends on beside scenario, window and seed, as JSON; with anything else than the
        file was made for, it is emptied

    Raises
    ------
    StoreError
        Now or later, if the file cannot be used.
    """

    def __init__(self, path: Path, about: Mapping[str, Any]) -> None:
        self.path = path
        self._lock = threading.Lock()
        text = canonical_json(dict(about))
        try:
            self._file = sqlite3.connect(path, timeout=_WAIT_S, check_same_thread=False, isolation_level=None)
            self._file.execute("PRAGMA journal_mode = WAL")
            self._file.execute(
                "PRAGMA synchronous = NORMAL"
            )  # the last results may go with the power, none by half
            self._file.execute("CREATE TABLE IF NOT EXISTS about (text TEXT)")
            self._file.execute("CREATE TABLE IF NOT EXISTS run (key BLOB PRIMARY KEY, result BLOB)")
            if self._file.execute("SELECT text FROM about").fetchall() != [(text,)]:
                self._file.executescript("BEGIN; DELETE FROM about; DELETE FROM run; COMMIT")
                self._file.execute("INSERT INTO about VALUES (?)", (text,))
        except sqlite3.Error as error:
            raise self._unusable(error) from error

    def __len__(self) -> int:
        with self._lock:
            return int(self._file.execute("SELECT count(*) FROM run").fetchone()[0])

    def key(self, scenario: Scenario, window: DemandWindow, keeps_buckets: bool) -> bytes:
        """What tells the results of a scenario and a window from all others, but for the seed."""
        told = {
            "scenario": scenario_hash(scenario),
            "window": [window.name, window.stage, window.start.isoformat()],
            "spans_s": [window.duration_s, window.warmup_s, window.piece_s, window.lead_s],
            "staff": None
            if window.staff is None
            else [[*place, staff] for place, staff in window.staff.items()],
            "share_times_s": [time_s for time_s, _ in window.share],
            "keeps_buckets": keeps_buckets,
        }
        digest = hashlib.sha256(canonical_json(told).encode())
        for array in (window.rate_rps, *(share for _, share in window.share)):
            digest.update(np.ascontiguousarray(array, dtype=np.float64).tobytes())
        return digest.digest()

    def get(self, key: bytes, seed: int) -> RunResult | None:
        """A result, or None if there is none."""
        try:
            with self._lock:
                row = self._file.execute(
                    "SELECT result FROM run WHERE key = ?", (_with_seed(key, seed),)
                ).fetchone()
            return None if row is None else _from_bytes(row[0])
        except (sqlite3.Error, ValueError) as error:
            raise self._unusable(error) from error

    def put(self, key: bytes, result: RunResult) -> None:
        """Keep a result."""
        data = _to_bytes(result)
        try:
            with self._lock:
                self._file.execute(
                    "INSERT OR IGNORE INTO run VALUES (?, ?)", (_with_seed(key, result.seed), data)
                )
        except sqlite3.Error as error:
            raise self._unusable(error) from error

    def close(self) -> None:
        """Leave the file as it is."""
        self._file.close()

    def remove(self) -> None:
        """The work is done: remove the file."""
        self.close()
        for suffix in ("", "-wal", "-shm"):
            self.path.with_name(self.path.name + suffix).unlink(missing_ok=True)

    def _unusable(self, error: Exception) -> StoreError:
        return StoreError(
            f"cannot use {self.path} ({error}); make room if the disk is full, else delete it to start again"
        )


def _with_seed(key: bytes, seed: int) -> bytes:
    return key + seed.to_bytes(8, "big")


def _to_bytes(result: RunResult) -> bytes:
    values = {field.name: getattr(result, field.name) for field in fields(result)}
    head = {name: values[name] for name in (*_PLAIN, *_NAMES)} | {"start": result.start.isoformat()}
    arrays: dict[str, Any] = {name: value for name, value in values.items() if isinstance(value, np.ndarray)}
    arrays[_HEAD] = np.frombuffer(json.dumps(head).encode(), dtype=np.uint8)
    file = io.BytesIO()
    np.savez(file, **arrays)
    plain = file.getvalue()
    packed: bytes = pa.Codec("zstd").compress(plain, asbytes=True)
    data = len(plain).to_bytes(8, "big") + packed
    return hashlib.sha256(data).digest() + data


def _from_bytes(checked: bytes) -> RunResult:
    digest, data = checked[:_DIGEST_BYTES], checked[_DIGEST_BYTES:]
    if hashlib.sha256(data).digest() != digest:
        raise ValueError("a result does not match its checksum")
    plain = pa.Codec("zstd").decompress(data[8:], int.from_bytes(data[:8], "big"), asbytes=True)
    with np.load(io.BytesIO(plain), allow_pickle=False) as archive:
        values: dict[str, Any] = {name: archive[name] for name in archive.files}
    values |= json.loads(values.pop(_HEAD).tobytes())
    for name, kind in _NAMES.items():
        values[name] = tuple(kind(*row) for row in values[name])
    return RunResult(**{**values, "start": datetime.fromisoformat(values["start"])})
