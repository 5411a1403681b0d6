"""A folder of immutable runs: same inputs, same key, not run again; and the audit trail of every decision.

One run is one folder named by its key. It is written under a temporary name, forced to disk and renamed, so
a run is there whole or not at all: whatever a crash leaves behind is ignored and may be cleaned. Every
file's checksum is in the manifest and is checked when the file is read.
"""

import hashlib
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import pyarrow as pa
from pyarrow import parquet

from simulator.results.store.manifest import RunIdentity, StoredFile, new_manifest
from simulator.results.store.stored_run import (
    LEDGER,
    MANIFEST,
    REQUESTS,
    SERIES,
    SUMMARY,
    StoredRun,
    StoreError,
    open_run,
)

_KEY = re.compile(r"[0-9a-f]{64}")
_TEMPORARY_PREFIX = ".writing-"
_DAMAGED_PREFIX = "damaged-"


class RunTables(NamedTuple):
    """What of a run stands in Parquet files."""

    series: pa.Table
    ledger: pa.Table
    requests: pa.Table | None = None

    def by_file(self) -> Iterator[tuple[str, pa.Table]]:
        """Every table with the name of its file."""
        yield SERIES, self.series
        yield LEDGER, self.ledger
        if self.requests is not None:
            yield REQUESTS, self.requests


class Store:
    """A folder of runs, made when the first one is written."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._is_cleaned = False  # of what killed writers left behind

    def find(self, key: str) -> StoredRun | None:
        """Return the run with this key, or None; a damaged one is an error, not a reason to run again."""
        folder = self._folder_of(key)
        if not os.path.lexists(folder):
            return None
        return open_run(folder)

    def resolve(self, prefix: str) -> StoredRun:
        """Return the one run whose key begins with `prefix` (as shown in a listing)."""
        if not re.fullmatch(r"[0-9a-f]{4,64}", prefix):
            raise StoreError(f"{prefix!r} is not (the first four or more digits of) a run's key")
        found = [folder for folder in self._run_folders() if folder.name.startswith(prefix)]
        if len(found) != 1:
            raise StoreError(
                f"{len(found) or 'no'} runs in {self.folder} have a key that begins with {prefix!r}"
            )
        return open_run(found[0])

    def scan(self) -> tuple[list[StoredRun], list[StoreError]]:
        """Return all runs, oldest first, and what is wrong with the folders that cannot be opened."""
        runs, errors = [], []
        for folder in self._run_folders():
            try:
                runs.append(open_run(folder))
            except StoreError as error:  # one damaged run must not hide the others
                errors.append(error)
        return sorted(runs, key=lambda run: (run.manifest.created, run.key)), errors

    def runs(self) -> list[StoredRun]:
        """Return all runs that can be opened, oldest first."""
        return self.scan()[0]

    def write(
        self,
        identity: RunIdentity,
        *,
        scenario: Mapping[str, Any],
        summary: str,
        tables: RunTables,
        who: str | None = None,
        why: str | None = None,
    ) -> StoredRun:
        """Store a run; if it is there already, the stored one stands and is returned.

        Parameters
        ----------
        identity : what the run is; its key names the folder
        scenario : the full resolved scenario, as JSON
        summary : what the run says, as JSON
        who, why : for the audit trail
        """
        final = self._folder_of(identity.key)
        if (stored := self.find(identity.key)) is not None:
            return stored
        if not self._is_cleaned:
            self.clean()
            self._is_cleaned = True
        temporary = self.folder / f"{_TEMPORARY_PREFIX}{identity.key[:12]}-{secrets.token_hex(6)}"
        try:
            temporary.mkdir(parents=True)
            files = {SUMMARY: _write_text(temporary / SUMMARY, summary)}
            for name, table in tables.by_file():
                files[name] = _write_table(temporary / name, table)
            manifest = new_manifest(identity, scenario, files, who=who, why=why)
            _write_text(temporary / MANIFEST, manifest.to_json())
            _sync_folder(temporary)
            _rename(temporary, final)
            _sync_folder(self.folder)
        except OSError as error:
            raise StoreError(f"cannot store the run in {self.folder}: {error.strerror or error}") from error
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
        return open_run(final)

    def adopt(self, run: StoredRun) -> StoredRun:
        """Copy a run of another store, whole or not at all, after checking it; one that is there stands."""
        if (stored := self.find(run.key)) is not None:
            return stored
        run.verify()
        temporary = self.folder / f"{_TEMPORARY_PREFIX}{run.key[:12]}-{secrets.token_hex(6)}"
        try:
            temporary.mkdir(parents=True)
            for name in (MANIFEST, *run.manifest.files):
                with (temporary / name).open("xb") as file:
                    file.write((run.folder / name).read_bytes())
                    _to_disk(file, temporary / name)
            _sync_folder(temporary)
            _rename(temporary, self._folder_of(run.key))
            _sync_folder(self.folder)
        except OSError as error:
            raise StoreError(f"cannot store the run in {self.folder}: {error.strerror or error}") from error
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
        return open_run(self._folder_of(run.key))

    def set_aside(self, key: str) -> None:
        """Give a damaged run another name, so that it can be run again; it stays beside the others to be looked at.

        Raises
        ------
        StoreError
            If the folder cannot be written.
        """
        folder = self._folder_of(key)
        try:
            folder.rename(folder.with_name(f"{_DAMAGED_PREFIX}{key[:12]}-{secrets.token_hex(4)}"))
        except OSError as error:
            raise StoreError(f"cannot set {folder} aside: {error.strerror or error}") from error

    def clean(self, older_than_s: float = 3600.0) -> list[str]:
        """Remove what interrupted writes left behind, if too old to be in use; returns the names."""
        removed = []
        for folder in self._entries():
            if folder.name.startswith(_TEMPORARY_PREFIX) and not folder.is_symlink():
                age_s = time.time() - folder.stat().st_mtime
                if age_s >= older_than_s:
                    shutil.rmtree(folder, ignore_errors=True)
                    removed.append(folder.name)
        return removed

    def _folder_of(self, key: str) -> Path:
        if not _KEY.fullmatch(key):
            raise StoreError(f"{key!r} is not a run's key (64 hexadecimal digits)")
        return self.folder / key

    def _run_folders(self) -> list[Path]:
        return [folder for folder in self._entries() if _KEY.fullmatch(folder.name)]

    def _entries(self) -> list[Path]:
        try:
            return sorted(self.folder.iterdir())
        except FileNotFoundError:
            return []
        except OSError as error:
            raise StoreError(f"cannot read the store {self.folder}: {error.strerror or error}") from error


def _write_text(path: Path, text: str) -> StoredFile:
    with path.open("xb") as file:
        file.write(text.encode())
        return _to_disk(file, path)


def _write_table(path: Path, table: pa.Table) -> StoredFile:
    text = [field.name for field in table.schema if pa.types.is_string(field.type)]
    with path.open("xb") as file:
        parquet.write_table(table, file, use_dictionary=text)
        return _to_disk(file, path)


def _to_disk(file: BinaryIO, path: Path) -> StoredFile:
    """Force a written file to disk; returns what the manifest says about it."""
    file.flush()
    os.fsync(file.fileno())
    with path.open("rb") as written:
        digest = hashlib.file_digest(written, "sha256").hexdigest()
    return StoredFile(sha256=digest, bytes=path.stat().st_size)


def _rename(temporary: Path, final: Path) -> None:
    """Give a finished run its name; if another process was first, its run is the same and stands."""
    try:
        temporary.rename(final)
    except OSError:
        if not final.is_dir():
            raise


def _sync_folder(folder: Path) -> None:
    """Force a folder's entries to disk, where the system can."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
