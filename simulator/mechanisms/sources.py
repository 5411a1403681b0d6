"""Where a number comes from, and how far to trust it."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

Grade: TypeAlias = Literal["measured", "published", "vendor claim", "assumption"]


@dataclass(frozen=True)
class Source:
    """The source of a number.

    Attributes
    ----------
    text : who says so, where, and under which licence if it is data
    date : of the statement or the last day of the data: a day, a month or a year; empty: not known
    grade : `measured` on a data set that is named; `published` by who knows it (a price, a limit, a paper); `vendor claim`:
        how good something is, said by who sells it; `assumption`: nobody said so
    """

    text: str
    date: str
    grade: Grade
