"""Pages under test become `__main__`; the module that was is given back after each test."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from simulator.app.bundled import RUNS

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
