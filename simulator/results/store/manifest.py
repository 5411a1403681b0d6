"""What a stored run is: its identity, from which its key follows, and its manifest, the audit trail."""

import hashlib
import json
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer

SCHEMA = 2
_PACKAGES = ("numpy", "numba", "pandas", "pyarrow", "scipy", "simpy", "pydantic", "genai-prices")


@dataclass(frozen=True)
class RunIdentity:
    """Everything that the outcome of a run depends on; equal identities have equal results."""

    scenario_hash: str
    stage: str | None
    window: Mapping[str, Any]  # name, start, lengths: whatever tells windows apart, as JSON
    seeds: Sequence[int]
    engine_version: str
    kernel_hash: str  # of the kernels' sources
    file_hashes: Sequence[str] = ()  # of the files that the scenario names, in the order of `named_files`
    token_prices_usd: Mapping[str, Sequence[float]] = field(
        default_factory=dict
    )  # (input, output, cached input, long …) per million

    @property
    def key(self) -> str:
        """SHA-256 over the identity's canonical JSON, 64 hexadecimal digits."""
        return hashlib.sha256(canonical_json(self.to_document()).encode()).hexdigest()

    def to_document(self) -> dict[str, Any]:
        """Return the identity as it is written into the manifest."""
        prices = {name: list(pair) for name, pair in self.token_prices_usd.items()}
        lists = {
            "seeds": list(self.seeds),
            "file_hashes": list(self.file_hashes),
            "token_prices_usd": prices,
        }
        return {**asdict(self), **lists}


def canonical_json(document: object) -> str:
    """One text for one document: sorted keys, no spaces, no NaN."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


class StoredFile(BaseModel):
    """What a manifest says of a file: its checksum, and its size in bytes."""

    model_config = ConfigDict(frozen=True)

    sha256: str
    n_bytes: int = Field(default=0, alias="bytes")


class Manifest(BaseModel):
    """What a stored run is, and how it came about.

    Attributes
    ----------
    created : ISO 8601, UTC
    who, why : whoever asked for the run, and the reason, if known
    python, packages : versions it was made with
    scenario : full and resolved, as JSON; of a version that may not be this one
    checksum : of everything else in the manifest
    """

    model_config = ConfigDict(frozen=True, validate_by_name=True)

    schema_version: int = Field(default=SCHEMA, alias="schema")
    key: str
    identity: Annotated[RunIdentity, PlainSerializer(RunIdentity.to_document)]
    created: str
    who: str | None = None
    why: str | None = None
    python: str = ""
    packages: Mapping[str, str] = {}
    files: Mapping[str, StoredFile]
    scenario: Mapping[str, Any] = {}
    checksum: str = ""

    def to_json(self) -> str:
        """As it is written, with its checksum."""
        document = self.model_dump(mode="json", by_alias=True)
        return json.dumps({**document, "checksum": checksum_of(document)}, ensure_ascii=False)


def checksum_of(document: Mapping[str, object]) -> str:
    """SHA-256 of a manifest as JSON, but for its own checksum."""
    rest = {name: value for name, value in document.items() if name != "checksum"}
    return hashlib.sha256(canonical_json(rest).encode()).hexdigest()


def new_manifest(
    identity: RunIdentity,
    scenario: Mapping[str, Any],
    files: Mapping[str, StoredFile],
    *,
    who: str | None,
    why: str | None,
) -> Manifest:
    """Manifest of a run that is about to be stored.

    Parameters
    ----------
    identity : what the run is
    scenario : the full resolved scenario, as JSON
    who, why : whoever asked for the run, and the reason, if known
    """
    return Manifest(
        key=identity.key,
        identity=identity,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        who=who,
        why=why,
        python=platform.python_version(),
        packages=package_versions(),
        files=files,
        scenario=scenario,
    )


def package_versions() -> dict[str, str]:
    """Versions of the packages that a result could depend on."""
    return dict(_package_versions())


@cache  # looked up on disk, which takes as long as storing a run
def _package_versions() -> dict[str, str]:
    versions = {}
    for name in _PACKAGES:
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            versions[name] = "not installed"
    return versions
