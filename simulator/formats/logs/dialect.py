"""What is known of a tool's log: how it is recognised, and where in it a request's time, tokens and fate stand.

Paths are written as the tool writes them, with `/` between levels. They are compared without regard to case and
punctuation, so that `startTime`, `start_time` and a column `StartTime` are one; `usage_details/input` is also found as a
column `usage_details.input`, and inside of a cell `{"input": 12}` of a column `usage_details`.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import pandas as pd

from simulator.formats.documents import ForeignRow

Unit = Literal["s", "ms", "us", "ns"]
UNITS: Mapping[Unit, float] = {"s": 1.0, "ms": 1e-3, "us": 1e-6, "ns": 1e-9}

# The columns that every log is brought to.
TIMES = ("time", "end", "first_token")
DURATIONS = ("latency", "ttft")
NUMBERS = ("input", "cached", "output", "cost", "requests", "total", "sampled")
WORDS = ("model", "status", "error", "cache_hit", "operation", "streamed")
KEYS = ("user", "session", "trace", "id")  # only their hashes are kept
COLUMNS = (*TIMES, *DURATIONS, *NUMBERS, *WORDS, *KEYS)

_PUNCTUATION = re.compile(r"[^0-9a-z]+")


@dataclass(frozen=True)
class At:
    """Where a value stands.

    Attributes
    ----------
    path : levels with `/` between them
    unit : of a time that is a number, or of a duration; None: as its size or its name says
    """

    path: str
    unit: Unit | None = None

    @property
    def plain(self) -> str:
        """The path without regard to case and punctuation."""
        return plain_name(self.path)

    @property
    def levels(self) -> tuple[str, ...]:
        """Names from the outermost level in."""
        return tuple(self.path.split("/"))


@dataclass(frozen=True)
class Dialect:
    """How one tool writes the log of its requests.

    Attributes
    ----------
    name : as people call it
    needs : of each group at least one path must be there
    columns : places of the common columns, the best first
    rows : takes the rows out of a JSON document; None: each document is a row
    tidy : makes good what is particular, on the common columns as they were read
    cached_beside : tokens read from a cache are not among the input tokens
    is_utc : its times without a zone are UTC
    is_nested : rows lie within documents; a table is never of it
    is_bucketed : a row stands for `requests` many
    is_spread : rows are made of counts and histograms: gaps between them, and pairs of their values, tell nothing
    notes : what this log never tells
    """

    name: str
    needs: tuple[tuple[str, ...], ...]
    columns: Mapping[str, tuple[At, ...]]
    rows: Callable[[Any], Iterator[ForeignRow]] | None = None
    tidy: Callable[[pd.DataFrame], pd.DataFrame] | None = None
    cached_beside: bool = False
    is_utc: bool = False
    is_nested: bool = False
    is_bucketed: bool = False
    is_spread: bool = False
    notes: tuple[str, ...] = field(default=())

    def is_spoken_in(self, names: frozenset[str]) -> bool:
        """Whether a log with these plain names is of this tool."""
        return all(any(plain_name(path) in names for path in group) for group in self.needs)


def at(*paths: str, unit: Unit | None = None) -> tuple[At, ...]:
    """Places by their paths, all of one unit."""
    return tuple(At(path, unit) for path in paths)


def plain_name(name: str) -> str:
    """A name without regard to case and punctuation."""
    return _PUNCTUATION.sub("", name.lower())
