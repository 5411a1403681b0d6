"""What a scenario's author says about where its numbers come from: one item of `sources`."""

import re
from fnmatch import fnmatchcase
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from simulator.mechanisms.sources import Grade, Source


def _date(value: Any) -> str:
    text = str(value)
    if not re.fullmatch(r"(\d{4}(-\d{2}(-\d{2})?)?)?", text):
        raise ValueError(f"`{text[:40]}` is no day, month or year such as `2026-03`")
    return text


class StatedSource(BaseModel):
    """A source and the values that are from it; where two name one value, the later holds."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    of: list[str] | str = Field(
        description="Paths as `rollout show` prints them, with all below them; `*` stands for anything, e.g. "
        "`workloads.*.prompt_tokens`."
    )
    source: str = Field(min_length=1, max_length=500, description="Who says so, and where to read it.")
    date: Annotated[str, BeforeValidator(_date)] = Field(
        default="", description="Day, month or year of the statement, e.g. `2026-03`."
    )
    grade: Grade = Field(
        description="`measured`, on data that can be named; `published` by who knows; `vendor claim`: how good something "
        "is, said by who sells it; `assumption`, with a reason."
    )

    @property
    def patterns(self) -> list[str]:
        """The paths that `of` names."""
        return [self.of] if isinstance(self.of, str) else self.of

    def is_of(self, path: str) -> bool:
        """Whether a value is from this source."""
        return any(matches(pattern, path) for pattern in self.patterns)

    def as_source(self) -> Source:
        """The same as catalogs say it."""
        return Source(self.source, self.date, self.grade)


def matches(pattern: str, path: str) -> bool:
    """Whether a pattern names a path or something above it."""
    return fnmatchcase(path, pattern) or fnmatchcase(path, f"{pattern}.*")
