"""Stored runs are whole or not there, found again by what they are, and never outside the store."""

import errno
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from pydantic import BaseModel

from simulator.results.store.manifest import RunIdentity, checksum_of
from simulator.results.store.store import RunTables, Store
from simulator.results.store.stored_run import StoredRun, StoreError
from simulator.scenario.read.hashing import document_hash

IDENTITY = RunIdentity(
    scenario_hash=document_hash({"metadata": {"name": "support"}}),
    stage="pilot",
    window={"name": "peak", "start": "2027-01-04T09:00:00+00:00", "duration_s": 3600.0},
    seeds=(1, 2, 3),
    engine_version="0.1.0",
    kernel_hash="cd" * 8,
)
SERIES = pd.DataFrame({"time_s": [0.0, 60.0], "arrived": [3, 4], "workload": ["a", "b"]})
LEDGER = pd.DataFrame({"category": ["input_tokens"], "cost_usd": [1.25]})
SUMMARY = '{"seed":7}'
SCENARIO = {"metadata": {"name": "support"}}


class Says(BaseModel):
    """A report as small as can be."""

    seed: int


def write(store: Store, identity: RunIdentity = IDENTITY, **changes: object) -> StoredRun:
    frames = {"series": SERIES, "ledger": LEDGER} | {
        name: value for name, value in changes.items() if isinstance(value, pd.DataFrame)
    }
    tables = RunTables(**{name: pa.Table.from_pandas(frame) for name, frame in frames.items()})
    texts = {"scenario": SCENARIO, "summary": SUMMARY} | {
        name: value for name, value in changes.items() if name not in frames
    }
    return store.write(identity, tables=tables, **texts)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "runs")


def test_what_is_written_is_read(store: Store) -> None:
    requests = pd.DataFrame({"latency_s": np.linspace(0.0, 1.0, 1000)})
    write(store, requests=requests, who="ana", why="before the pilot")
    run = store.find(IDENTITY.key)
    assert run.summary(Says) == Says(seed=7)
    pd.testing.assert_frame_equal(run.series(), SERIES)
    pd.testing.assert_frame_equal(run.ledger(), LEDGER)
    pd.testing.assert_frame_equal(run.requests(), requests)
    run.verify()
    manifest = run.manifest
    assert (manifest.who, manifest.why, manifest.schema_version) == ("ana", "before the pilot", 2)
    assert manifest.scenario == SCENARIO
    assert list(manifest.identity.seeds) == [1, 2, 3]
    assert manifest.packages["numpy"] == np.__version__
    assert sorted(path.name for path in store.folder.iterdir()) == [IDENTITY.key]


def test_requests_are_optional(store: Store) -> None:
    assert write(store).requests() is None


def test_nothing_is_found_before_it_is_written(store: Store) -> None:
    assert store.find(IDENTITY.key) is None
    assert store.runs() == []
    assert store.clean() == []


@pytest.mark.parametrize(
    "change",
    [
        {"scenario_hash": "00" * 32},
        {"stage": None},
        {"window": {**IDENTITY.window, "duration_s": 60.0}},
        {"seeds": (1, 2)},
        {"engine_version": "0.2.0"},
        {"kernel_hash": "00" * 8},
        {"file_hashes": ("ef" * 32,)},
        {"token_prices_usd": {"large": (2.0, 8.0)}},
    ],
)
def test_the_key_changes_with_everything_that_matters(change: dict) -> None:
    assert replace(IDENTITY, **change).key != IDENTITY.key
    assert replace(IDENTITY, seeds=[1, 2, 3]).key == IDENTITY.key


def test_a_stored_run_stands(store: Store) -> None:
    first = write(store)
    again = write(store, summary='{"seed":8}')
    assert again.summary(Says) == Says(seed=7)
    assert again.folder == first.folder


def test_a_run_written_meanwhile_by_another_process_stands(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(store)
    monkeypatch.setattr(store, "find", lambda _key: None)
    assert write(store, summary='{"seed":8}').summary(Says) == Says(seed=7)
    assert len(list(store.folder.iterdir())) == 1


def test_runs_are_listed_and_resolved_by_prefix(store: Store) -> None:
    keys = {write(store, replace(IDENTITY, seeds=(seed,))).key for seed in range(3)}
    assert {run.key for run in store.runs()} == keys
    key = sorted(keys)[0]
    assert store.resolve(key[:10]).key == key
    with pytest.raises(StoreError, match="no runs"):
        store.resolve("0000")
    with pytest.raises(StoreError, match=r"not .* a run's key"):
        store.resolve("../..")


@pytest.mark.parametrize(
    "key", ["../outside", "/etc/passwd", "..", "", "a" * 63, "A" * 64, "a" * 64 + "\n", "%2e%2e"]
)
def test_names_never_leave_the_store(store: Store, key: str) -> None:
    with pytest.raises(StoreError, match="not a run's key"):
        store.find(key)


def test_links_are_not_followed(store: Store, tmp_path: Path) -> None:
    run = write(store)
    outside = tmp_path / "outside"
    run.folder.rename(outside)
    run.folder.symlink_to(outside)
    with pytest.raises(StoreError, match="symbolic link"):
        store.find(IDENTITY.key)
    run.folder.unlink()
    outside.rename(run.folder)
    secret = tmp_path / "secret.json"
    secret.write_text("{}")
    (run.folder / "summary.json").unlink()
    (run.folder / "summary.json").symlink_to(secret)
    with pytest.raises(StoreError, match="symbolic link"):
        store.find(IDENTITY.key).summary(Says)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("manifest.json", b"", "manifest.json is not JSON"),
        ("manifest.json", b"\xff\xfe", "manifest.json is not JSON"),
        ("manifest.json", b"[" * 100_000, "manifest.json is not JSON"),
        ("manifest.json", b"[]", "not a JSON object"),
        ("manifest.json", b'{"schema": 99}', "schema 99"),
        ("manifest.json", b'{"schema": 2}', "incomplete"),
        ("manifest.json", b'{"schema": 2, "identity": {}, "files": {"summary.json": 3}}', "incomplete"),
        ("summary.json", b"{}", "summary.json does not match its checksum"),
        ("series.parquet", b"PAR1", "series.parquet does not match its checksum"),
    ],
)
def test_a_damaged_run_is_an_error_that_names_it(
    store: Store, name: str, content: bytes, message: str
) -> None:
    run = write(store)
    (run.folder / name).write_bytes(content)
    with pytest.raises(StoreError, match=f"{run.key}.*damaged.*{message}"):
        store.find(run.key).verify()


def test_a_missing_file_and_a_missing_manifest_are_named(store: Store) -> None:
    run = write(store)
    (run.folder / "ledger.parquet").unlink()
    with pytest.raises(StoreError, match=r"cannot read ledger.parquet: No such file"):
        store.find(run.key).ledger()
    (run.folder / "manifest.json").unlink()
    with pytest.raises(StoreError, match=r"cannot read manifest.json"):
        store.find(run.key)


def test_a_file_that_matches_its_checksum_but_is_no_parquet_is_an_error(store: Store) -> None:
    import hashlib

    run = write(store)
    (run.folder / "series.parquet").write_bytes(b"x")
    manifest = json.loads((run.folder / "manifest.json").read_text())
    manifest["files"]["series.parquet"]["sha256"] = hashlib.sha256(b"x").hexdigest()
    manifest["checksum"] = checksum_of(manifest)
    (run.folder / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(StoreError, match="not a Parquet file"):
        store.find(run.key).series()


def test_a_folder_under_anothers_name_is_refused(store: Store) -> None:
    run = write(store)
    moved = store.folder / ("0" * 64)
    run.folder.rename(moved)
    with pytest.raises(StoreError, match="describes another run"):
        store.find(moved.name)


def test_one_damaged_run_does_not_hide_the_others(store: Store) -> None:
    good, bad = write(store), write(store, replace(IDENTITY, stage=None))
    (bad.folder / "manifest.json").write_text("{")
    runs, errors = store.scan()
    assert [run.key for run in runs] == [good.key]
    assert len(errors) == 1
    assert bad.key in str(errors[0])


@pytest.mark.parametrize("summary", ["", "{", '{"seed":"seven"}', "[]"])
def test_a_summary_that_is_no_such_report_is_an_error(store: Store, summary: str) -> None:
    run = write(store, summary=summary)
    with pytest.raises(StoreError, match=r"stored run .* is damaged: summary.json is no Says"):
        run.summary(Says)


@pytest.mark.parametrize("n_writes", range(6))
@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EIO])
def test_a_full_disk_is_one_clear_error_and_leaves_nothing(
    store: Store, monkeypatch: pytest.MonkeyPatch, n_writes: int, error: int
) -> None:
    """The disk fails at the n-th time something is forced to it; the seventh is after the rename."""
    real, calls = os.fsync, []

    def failing(descriptor: int) -> None:
        calls.append(descriptor)
        if len(calls) > n_writes:
            raise OSError(error, os.strerror(error))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", failing)
    if n_writes == 5:  # only the store's own folder was not forced to disk: the run is there, and whole
        with pytest.raises(StoreError, match="cannot store the run"):
            write(store)
        monkeypatch.undo()
        store.find(IDENTITY.key).verify()
        return
    with pytest.raises(StoreError, match=f"cannot store the run in .*runs: {os.strerror(error)}"):
        write(store)
    assert list(store.folder.iterdir()) == []
    monkeypatch.undo()
    write(store).verify()


def test_a_file_size_limit_is_a_clear_error(tmp_path: Path) -> None:
    script = f"""
import resource, sys
import numpy as np, pyarrow as pa
from simulator.results.store.manifest import RunIdentity, checksum_of
from simulator.results.store.store import RunTables, Store, StoreError
table = pa.table({{"x": np.random.default_rng(1).random(100_000)}})
resource.setrlimit(resource.RLIMIT_FSIZE, (65536, 65536))
store = Store(__import__("pathlib").Path({str(tmp_path / "runs")!r}))
try:
    identity = RunIdentity("a", None, {{}}, [1], "1", "k")
    store.write(identity, scenario={{"metadata": {{"name": "support"}}}}, summary='{{}}', tables=RunTables(table, table))
except StoreError as error:
    print(error)
print(list(store.folder.iterdir()))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert "File too large" in done.stdout
    assert done.stdout.endswith("[]\n")


def test_a_store_that_is_a_file_is_a_clear_error(tmp_path: Path) -> None:
    path = tmp_path / "runs"
    path.write_text("not a folder")
    with pytest.raises(StoreError, match=r"Not a directory|File exists"):
        write(Store(path))
    with pytest.raises(StoreError, match="cannot read the store"):
        Store(path).runs()


def test_what_an_interrupted_write_left_is_ignored_and_cleaned_when_old(store: Store) -> None:
    run = write(store)
    torn = store.folder / ".writing-abc-123"
    torn.mkdir()
    (torn / "summary.json").write_text("{")
    assert [stored.key for stored in store.runs()] == [run.key]
    assert store.clean() == []
    os.utime(torn, (time.time() - 7200, time.time() - 7200))
    assert store.clean() == [torn.name]
    assert not torn.exists()
    assert [stored.key for stored in store.runs()] == [run.key]


_WRITER = """
import sys
from pathlib import Path
import numpy as np, pyarrow as pa
from simulator.results.store.manifest import RunIdentity
from simulator.results.store.store import RunTables, Store
from simulator.scenario.read.hashing import document_hash
store = Store(Path(sys.argv[1]))
table = pa.table({"x": np.arange(20_000.0)})
for seed in range(int(sys.argv[2]), 10**9):
    identity = RunIdentity(document_hash({}), None, {}, [seed], "1", "k")
    store.write(identity, scenario={}, summary=f'{{"seed": {seed}}}', tables=RunTables(table, table, table))
    if seed == int(sys.argv[2]):
        print("ready", flush=True)
"""


def _kill_writers(store: Store, n_kills: int) -> None:
    rng = np.random.default_rng(5)
    for kill in range(n_kills):
        command = [sys.executable, "-c", _WRITER, str(store.folder), str(kill * 10_000)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as writer:
            assert writer.stdout.readline() == b"ready\n"
            time.sleep(float(rng.uniform(0.0, 0.15)))
            writer.send_signal(signal.SIGKILL)
    runs, errors = store.scan()
    assert errors == []
    assert len(runs) > n_kills // 4
    for run in runs:
        run.verify()
        assert run.summary(Says).seed == run.manifest.identity.seeds[0]
    store.clean(older_than_s=0.0)
    assert {path.name for path in store.folder.iterdir()} == {run.key for run in runs}


def test_killed_writers_leave_only_whole_runs(store: Store) -> None:
    _kill_writers(store, 3)


@pytest.mark.slow
def test_killed_writers_leave_only_whole_runs_full_size(store: Store) -> None:
    _kill_writers(store, 200)
