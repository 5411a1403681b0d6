"""Pages under test become `__main__`; the module that was is given back after each test."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from simulator.app.bundled import RUNS
from simulator.app.jobs import Job, JobBoard
from tests.app.pages import TIMEOUT_S

_MAIN = sys.modules["__main__"]  # before any page has run


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep what users bring, and runs, in a folder of the test."""
    monkeypatch.setenv(RUNS, str(tmp_path / "runs"))


@pytest.fixture(autouse=True)
def _own_main() -> Iterator[None]:
    """Give back `__main__`, which a page under test becomes: processes that are spawned later begin by running it."""
    yield
    sys.modules["__main__"] = _MAIN


@pytest.fixture(autouse=True)
def _own_jobs(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """End what a page still works out when its test is over: the next test would wait for its place."""
    started: list[Job] = []
    start = JobBoard.start

    def noted(*args: Any, **options: Any) -> Job:
        started.append(start(*args, **options))
        return started[-1]

    monkeypatch.setattr(JobBoard, "start", noted)
    yield
    for job in started:
        job.cancel()
    assert all(job.ended.wait(TIMEOUT_S) for job in started)
