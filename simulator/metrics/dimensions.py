"""The dimensions of results: each is declared here, once.

From here follow the parts of a summary, the labels of thresholds, what a selection can name, the columns of files and the
rows of reports. A new one needs a `Dimension`, its fields in `Selection` and `By`, its field in
`simulator.compiler.demand.Stream`, and what sets it in the scenario.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Generic, TypeVar


@dataclass(frozen=True)
class Dimension:
    """What tells parts of a run apart: its name in documents, tables, thresholds and Python, and what it says."""

    name: str
    meaning: str


WORKLOAD = Dimension("workload", "Class of actions.")
REGION = Dimension("region", "Region of the users.")
TENANT = Dimension("tenant", "Tenant of the workload; empty: it has none.")
LANGUAGE = Dimension("language", "Language of the users; empty: their region names none.")
COMPLEXITY = Dimension("complexity", "Class of complexity; empty: there is one.")
RELEASE = Dimension("release", "Version that an action had, where a canary is rehearsed.")
STAGE = Dimension("stage", "Rollout stage; empty: full exposure.")
TARGET = Dimension("target", "Name of the model, service or team.")

OF_ACTIONS = (WORKLOAD, REGION, TENANT, LANGUAGE, COMPLEXITY)  # of streams, and of what is reported of them
LABELS = tuple(dimension.name for dimension in (*OF_ACTIONS, STAGE, TARGET))  # of thresholds
COST_VIEWS: Mapping[str, str] = {  # columns of a cost table, by what people call them
    "month": "month",
    **{dimension.name: dimension.name for dimension in (STAGE, *OF_ACTIONS)},
    "model": TARGET.name,
    "category": "category",
}
_OF_STREAMS = tuple(dimension.name for dimension in (*OF_ACTIONS, RELEASE))
_OF_MEASURES = tuple(dimension.name for dimension in (*OF_ACTIONS, TARGET))

T = TypeVar("T")


@dataclass(frozen=True)
class Selection:
    """Which part of a run is looked at; none: no restriction.

    With a `target`, `region` is the region the target runs in; without one it is the users' region.
    """

    workload: str | None = None
    region: str | None = None
    target: str | None = None
    release: str | None = None
    language: str | None = None
    tenant: str | None = None
    complexity: str | None = None

    @cached_property
    def of_streams(self) -> tuple[tuple[str, str], ...]:
        """Which value of which dimension the streams that are looked at have."""
        named = [(name, getattr(self, name)) for name in _OF_STREAMS]
        is_place = self.target is not None
        return tuple(
            (name, value)
            for name, value in named
            if value is not None and not (is_place and name == REGION.name)
        )

    def asks(self, stream: object) -> bool:
        """Whether a stream is part of it, by whatever tells streams apart."""
        return all(getattr(stream, name) == value for name, value in self.of_streams)

    @property
    def labels(self) -> dict[str, str | None]:
        """What is looked at, label by label, as documents have it."""
        return {name: getattr(self, name) for name in _OF_MEASURES}

    def __str__(self) -> str:
        """What is selected, e.g. `workload 'chat', region 'eu'`."""
        named = [(field.name, getattr(self, field.name)) for field in fields(self)]
        return ", ".join(f"{name} {value!r}" for name, value in named if value is not None) or "everything"


ALL = Selection()


@dataclass(frozen=True)
class By(Generic[T]):
    """Something of each part of the actions, by name of the part; empty where results are not told apart by it."""

    workload: Mapping[str, T]
    region: Mapping[str, T]
    tenant: Mapping[str, T]
    language: Mapping[str, T]
    complexity: Mapping[str, T]
    stage: Mapping[str, T]

    def items(self) -> Iterator[tuple[str, Mapping[str, T]]]:
        """Each dimension's name and its parts."""
        return ((one.name, getattr(self, one.name)) for one in (*OF_ACTIONS, STAGE))
