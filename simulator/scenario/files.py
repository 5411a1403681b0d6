"""Which files does a scenario read besides itself? What is simulated depends on their content."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from simulator.mechanisms.traffic.config import CsvProfile
from simulator.scenario.model import CsvCurve, Scenario

_TRACES = (".csv", ".jsonl", ".ndjson", ".parquet")


class NamedFile(NamedTuple):
    """A file that a scenario names: where, its name relative to the scenario, and how its name may end."""

    path: tuple[str | int, ...]
    name: str
    endings: tuple[str, ...]


def named_files(scenario: Scenario) -> Iterator[NamedFile]:
    """Traces and profiles of workloads, profiles of pools and curves of adoption, each in the scenario's order."""
    for index, workload in enumerate(scenario.workloads):
        if workload.trace is not None:
            yield NamedFile(("workloads", index, "trace", "file"), workload.trace.file, _TRACES)
        if isinstance(workload.profile, CsvProfile):
            yield NamedFile(("workloads", index, "profile", "file"), workload.profile.file, (".csv",))
    for index, model in enumerate(scenario.model_list):
        if model.pool is not None and model.pool.profile is not None:
            yield NamedFile(("model_list", index, "pool", "profile"), model.pool.profile, (".csv", ".json"))
    for index, stage in enumerate(scenario.stages):
        if stage.adoption is not None and isinstance(stage.adoption.curve, CsvCurve):
            yield NamedFile(
                ("stages", index, "adoption", "curve", "file"), stage.adoption.curve.file, (".csv",)
            )


def files_of(scenario: Scenario) -> list[str]:
    """The names of those files, in that order."""
    return [file.name for file in named_files(scenario)]


def file_digest(path: Path) -> str:
    """SHA-256 of a file's content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
