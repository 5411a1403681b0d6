"""Pages under test become `__main__`; the module that was is given back after each test."""

import sys
from collections.abc import Iterator

import pytest

_MAIN = sys.modules["__main__"]  # before any page has run


@pytest.fixture(autouse=True)
def _own_main() -> Iterator[None]:
    """Give back `__main__`, which a page under test becomes: processes that are spawned later begin by running it."""
    yield
    sys.modules["__main__"] = _MAIN
