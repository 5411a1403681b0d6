"""Reading a stored run: every part is checked against the manifest before it is believed."""

import hashlib
import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd
from pydantic import BaseModel, ValidationError

from simulator.errors import ExitCode, RolloutError
from simulator.results.store.manifest import SCHEMA, Manifest, canonical_json, checksum_of
from simulator.scenario.read.hashing import document_hash

MANIFEST = "manifest.json"
SUMMARY = "summary.json"
SERIES = "series.parquet"
LEDGER = "ledger.parquet"
REQUESTS = "requests.parquet"

SummaryT = TypeVar("SummaryT", bound=BaseModel)


class StoreError(RolloutError):
    """The store cannot be read or written; the message says which run or folder, and why."""

    exit_code = ExitCode.ENGINE_ERROR
    prefix = "error: "


@dataclass(frozen=True)
class StoredRun:
    """A run in the store; its parts are read, and checked against the manifest, when they are asked for."""

    folder: Path
    manifest: Manifest

    @property
    def key(self) -> str:
        """Return the run's key, which is also its folder's name."""
        return self.folder.name

    def summary(self, kind: type[SummaryT]) -> SummaryT:
        """Read what the run says, as the kind of report that it is."""
        try:
            return kind.model_validate_json(self._read(SUMMARY))
        except ValidationError as error:
            found = error.errors()[0]
            where = ".".join(map(str, found["loc"]))
            raise _damaged(
                self.folder, f"{SUMMARY} is no {kind.__name__} ({where}: {found['msg']})"
            ) from error

    def series(self) -> pd.DataFrame:
        """Return counts, rates and mean latency per time bucket."""
        return self._frame(SERIES)

    def ledger(self) -> pd.DataFrame:
        """Return the cost lines."""
        return self._frame(LEDGER)

    def requests(self) -> pd.DataFrame | None:
        """Return one row per action, or None if they were not recorded."""
        return self._frame(REQUESTS) if REQUESTS in self.manifest.files else None

    def verify(self) -> None:
        """Raise `StoreError` if any file is missing or differs from its checksum."""
        for name in self.manifest.files:
            self._read(name)

    def _frame(self, name: str) -> pd.DataFrame:
        try:
            return pd.read_parquet(io.BytesIO(self._read(name)))
        except (OSError, ValueError) as error:  # pyarrow's own errors are ValueErrors
            raise _damaged(self.folder, f"{name} is not a Parquet file ({error})") from error

    def _read(self, name: str) -> bytes:
        facts = self.manifest.files.get(name)
        if facts is None:
            raise _damaged(self.folder, f"{name} is not in its manifest")
        data = _read_inside(self.folder, name)
        if hashlib.sha256(data).hexdigest() != facts.sha256:
            raise _damaged(self.folder, f"{name} does not match its checksum")
        return data


def open_run(folder: Path) -> StoredRun:
    """Open a run whose manifest is whole and is its own: the key follows from what it says about the run."""
    document = _parse_json(_read_inside(folder, MANIFEST), folder / MANIFEST)
    if document.get("schema") != SCHEMA:
        raise _damaged(
            folder, f"its manifest has schema {document.get('schema')!r}, this version reads {SCHEMA}"
        )
    try:
        manifest = Manifest.model_validate(document)
    except ValidationError as error:
        raise _damaged(folder, "its manifest is incomplete") from error
    names = set(manifest.files)
    if not {SUMMARY, SERIES, LEDGER} <= names or any(Path(name).name != name for name in names):
        raise _damaged(folder, "its manifest is incomplete")
    # Of what is written: another version may have written more of an identity than this one reads.
    key = hashlib.sha256(canonical_json(document["identity"]).encode()).hexdigest()
    if key != folder.name or manifest.key != key:
        raise _damaged(folder, "its manifest describes another run")
    if document.get("checksum") != checksum_of(document):
        raise _damaged(folder, "its manifest does not match its checksum")
    if document_hash(manifest.scenario) != manifest.identity.scenario_hash:
        raise _damaged(folder, "its scenario is not the one it was made with")
    return StoredRun(folder, manifest)


def _read_inside(folder: Path, name: str) -> bytes:
    """Read a file of a run; links could lead out of the store and are refused."""
    path = folder / name
    if folder.is_symlink() or path.is_symlink():
        raise _damaged(folder, "it is, or holds, a symbolic link")
    try:
        return path.read_bytes()
    except OSError as error:
        raise _damaged(folder, f"cannot read {name}: {error.strerror or error}") from error


def _parse_json(data: bytes, path: Path) -> dict[str, Any]:
    try:
        document = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise _damaged(path.parent, f"{path.name} is not JSON ({error})") from error
    if not isinstance(document, dict):
        raise _damaged(path.parent, f"{path.name} is not a JSON object")
    return document


def _damaged(folder: Path, reason: str) -> StoreError:
    return StoreError(f"stored run {folder} is damaged: {reason}; delete the folder to run it again")
