"""What a metric is: unit, label, meaning, which way is better and where it comes from, declared at its field.

    availability: Annotated[Estimate | None, Definition("share", "Valid actions that were answered.", ...)]

The field's name is the metric's name in Python, in thresholds and in objectives. Everything else that people and files see
of a metric follows from its definition.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from enum import Enum
from functools import cache
from typing import Annotated, Literal, TypeAlias, get_args, get_origin, get_type_hints

from simulator.metrics.columns import Metric
from simulator.metrics.formula import Ratio
from simulator.theory.estimate import Estimate

Kind: TypeAlias = Literal["spread", "estimate", "count", "word"]
STATISTICS: Mapping[str, float | None] = {"mean": None, "p50": 0.5, "p95": 0.95, "p99": 0.99}  # of a spread
MOST_NEVER_IN_A_MEAN = 0.01  # share that is not answered, above which a mean is only known to be larger


@dataclass(frozen=True)
class Spread:
    """A measure's mean and percentiles; None: nothing was observed."""

    mean: Estimate | None = None
    p50: Estimate | None = None
    p95: Estimate | None = None
    p99: Estimate | None = None

    @property
    def statistics(self) -> Mapping[str, Estimate | None]:
        """The mean and the percentiles by name."""
        return vars(self)


class Sampled(Enum):
    """Where a metric comes from that is neither a measure of actions nor a ratio of columns."""

    WAIT_AT_TARGET = "histogram of the waits in the target's queue"
    OFFERED_LOAD = "attempts per second x mean service time"
    MONEY = "accounts"


@dataclass(frozen=True)
class Definition:
    """A metric, as it is declared at its field.

    Attributes
    ----------
    unit : of the value; `share`: of 1, `currency`: US dollars; empty: no number
    meaning : sentences; the formula of a ratio is added wherever they are shown
    source : of its samples, which thresholds and objectives are tested on; None: it has no samples
    better : None: neither way
    label : for people; empty: the name with spaces
    heading : of its column in the tables of a run, that of its p95 if it is a spread; empty: it has none
    quiet_at : a column in which every value is this one is left out
    is_of_pools : known only where there is a KV cache
    is_indicator : objectives can name it
    name : of the field
    key : in JSON and in files; that of a spread ends in its unit
    kind : of value
    """

    unit: str
    meaning: str
    source: Metric | Ratio | Sampled | None = None
    better: Literal["low", "high"] | None = None
    label: str = ""
    heading: str = ""
    quiet_at: float | None = None
    is_of_pools: bool = False
    is_indicator: bool = False
    name: str = ""
    key: str = ""
    kind: Kind = "estimate"

    @property
    def description(self) -> str:
        """The meaning, with the formula of a ratio."""
        return f"{self.meaning} `{self.source}`." if isinstance(self.source, Ratio) else self.meaning

    @property
    def is_share(self) -> bool:
        """Whether it is a share of 1."""
        return self.unit == "share"

    def path(self, statistic: str = "mean") -> str:
        """Where a value stands in JSON: `latency_s.p95`, `availability`."""
        return f"{self.key}.{statistic}" if self.kind == "spread" else self.key

    def paths(self) -> list[str]:
        """Where all its values stand in JSON."""
        return [self.path(statistic) for statistic in STATISTICS] if self.kind == "spread" else [self.key]


@cache
def definitions(record: type) -> Mapping[str, Definition]:
    """Every metric that a dataclass declares, by name, in the order of its fields."""
    hints = get_type_hints(record, include_extras=True)
    return {field.name: _named(field.name, hints[field.name]) for field in fields(record)}


def _named(name: str, hint: object) -> Definition:
    if get_origin(hint) is not Annotated:
        raise TypeError(f"the field {name} declares no metric")
    value, definition = get_args(hint)[:2]
    assert isinstance(definition, Definition)
    kinds: Mapping[object, Kind] = {Spread: "spread", int: "count", str: "word"}
    kind = kinds.get(value, "estimate")
    return replace(
        definition,
        name=name,
        key=f"{name}_{definition.unit}" if kind == "spread" else name,
        label=definition.label or name.replace("_", " "),
        kind=kind,
    )
