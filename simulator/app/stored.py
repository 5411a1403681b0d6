"""The run store as the app sees it: runs and sweeps in one folder, named by what they are, never by what a user types."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from simulator.app.bundled import run_folder
from simulator.results.store.manifest import canonical_json
from simulator.results.store.store import Store
from simulator.results.store.stored_run import StoredRun, StoreError
from simulator.scenario.read.hashing import scenario_hash
from simulator.scenario.read.load import LoadedScenario
from simulator.studies.common.verdicts.criterion_text import FULL_EXPOSURE
from simulator.studies.run.report import RunReport
from simulator.studies.sweep.folder import SweepRecord, read_record

_SWEEP = re.compile(r"sweep-[0-9a-f]{16}")
_MOST_RUNS = 300


@dataclass(frozen=True)
class Listed:
    """A stored run: where it is from, and what it says."""

    run: StoredRun
    source: str  # "run", or the sweep that it is a point of
    report: RunReport

    @property
    def label(self) -> str:
        """What tells it apart in a list."""
        created = self.run.manifest.created[:16].replace("T", " ")
        stage = self.report.stage or FULL_EXPOSURE
        return f"{self.run.key[:12]} · {self.report.scenario}, {stage} · {created}"


def sweep_folder(loaded: LoadedScenario, asked: Mapping[str, Any]) -> Path:
    """The folder of a sweep: the same question has the same folder, so that its points are not run again."""
    text = canonical_json({"scenario": scenario_hash(loaded.scenario), **asked})
    return run_folder() / f"sweep-{hashlib.sha256(text.encode()).hexdigest()[:16]}"


def sweeps() -> list[tuple[str, SweepRecord]]:
    """Sweeps in the store by the name of their folder, the newest first; damaged ones are left out."""
    found = []
    for folder in sorted(_sweep_folders(), key=lambda folder: -folder.stat().st_mtime):
        try:
            record = read_record(folder)
        except StoreError:
            continue
        if record is not None:
            found.append((folder.name, record))
    return found


def find_sweep(name: str) -> Path:
    """The folder of a sweep that is in the store.

    Raises
    ------
    StoreError
        If there is none of that name.
    """
    found = [folder for folder in _sweep_folders() if folder.name == name]
    if not found:
        raise StoreError(f"there is no sweep {name[:40]!r} in the store")
    return found[0]


def listed_runs() -> tuple[list[Listed], list[str]]:
    """The newest runs of the store and of its sweeps, and what is wrong with those that cannot be read."""
    runs: list[tuple[str, StoredRun]] = []
    problems: list[str] = []
    for folder in [run_folder(), *_sweep_folders()]:
        found, errors = Store(folder).scan()
        source = "run" if folder == run_folder() else folder.name
        runs += [(source, run) for run in found]
        problems += [str(error) for error in errors]
    runs.sort(key=lambda item: item[1].manifest.created, reverse=True)
    listed = []
    for source, run in runs[:_MOST_RUNS]:
        try:
            listed.append(Listed(run, source, _report(run.key, run)))
        except StoreError as error:
            problems.append(str(error))
    return listed, problems


@st.cache_resource(max_entries=1000, show_spinner=False)
def _report(key: str, _run: StoredRun) -> RunReport:  # noqa: ARG001  a run never changes under its key
    return _run.summary(RunReport)


def _sweep_folders() -> list[Path]:
    try:
        entries = list(run_folder().iterdir())
    except OSError:
        return []
    return [
        entry
        for entry in entries
        if _SWEEP.fullmatch(entry.name) and entry.is_dir() and not entry.is_symlink()
    ]
