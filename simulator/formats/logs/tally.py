"""What is known of a file while it is read: its names, and how many of its rows are rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Tally:
    """Rows of a file as they are read.

    Attributes
    ----------
    broken : that are no rows
    ends_early : the file is cut off
    """

    rows: int = 0
    broken: int = 0
    ends_early: bool = False


@dataclass(frozen=True)
class Header:
    """What is in a file: paths as they are written there, by plain name; and some documents.

    Attributes
    ----------
    is_wrapped : rows stand within documents that carry them
    """

    paths: Mapping[str, str]
    documents: Sequence[Any] = field(default=(), repr=False)
    separator: str = ","
    is_wrapped: bool = False

    @property
    def names(self) -> frozenset[str]:
        """Plain names."""
        return frozenset(self.paths)
