"""Batches that are read ahead come in their order; what goes wrong is raised; who stops early leaves no thread."""

import threading
from collections.abc import Iterator

import pytest

from simulator.formats.logs.ahead import ahead


def test_items_come_in_their_order() -> None:
    assert list(ahead(iter(range(200)))) == list(range(200))
    assert list(ahead(iter([]))) == []


def test_exceptions_are_raised_after_what_came_before() -> None:
    def broken() -> Iterator[int]:
        yield 1
        raise ValueError("cut off")

    items = ahead(broken())
    assert next(items) == 1
    with pytest.raises(ValueError, match="cut off"):
        next(items)


def test_who_stops_early_leaves_no_thread() -> None:
    before = threading.active_count()
    items = ahead(iter(range(1000)))
    assert next(items) == 0
    items.close()  # type: ignore[attr-defined]
    assert threading.active_count() == before
