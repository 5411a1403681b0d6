"""Every field of the records of metrics declares one, and what follows from its definition."""

from dataclasses import dataclass, fields
from typing import Annotated

import pytest

from simulator.metrics.actions import ActionCosts, ActionMetrics
from simulator.metrics.columns import CountColumn, Metric, UsageColumn
from simulator.metrics.counts import Counts
from simulator.metrics.definition import STATISTICS, Definition, Spread, definitions
from simulator.metrics.targets import USED, TargetCosts, TargetMetrics

RECORDS = [Counts, ActionMetrics, ActionCosts, TargetMetrics, TargetCosts]


@pytest.mark.parametrize("record", RECORDS)
def test_every_field_is_declared_and_described(record: type) -> None:
    found = definitions(record)
    assert list(found) == [field.name for field in fields(record)]
    for name, one in found.items():
        assert one.name == name
        assert one.meaning.endswith(".")
        assert "|" not in one.description
        assert (one.unit == "s") == one.key.endswith("_s"), one.key
        assert one.label


@pytest.mark.parametrize("record", RECORDS)
def test_keys_and_paths_are_unique(record: type) -> None:
    found = definitions(record).values()
    paths = [path for one in found for path in one.paths()]
    assert len(set(paths)) == len(paths)
    assert len({one.key for one in found}) == len(found)


def test_a_spread_has_its_statistics_and_its_unit_in_documents() -> None:
    latency = definitions(ActionMetrics)["latency"]
    assert latency.key == "latency_s"
    assert latency.paths() == ["latency_s.mean", "latency_s.p50", "latency_s.p95", "latency_s.p99"]
    assert list(STATISTICS) == [field.name for field in fields(Spread)]


def test_every_column_of_the_kernel_is_declared() -> None:
    assert {column.name.lower() for column in CountColumn} <= set(definitions(Counts))
    assert list(USED) == list(UsageColumn)
    measured = [one.source for one in definitions(ActionMetrics).values() if isinstance(one.source, Metric)]
    assert measured == list(Metric)


def test_a_field_without_a_definition_is_refused() -> None:
    @dataclass(frozen=True)
    class Bare:
        known: Annotated[int, Definition("actions", "Known.")]
        unknown: int

    with pytest.raises(TypeError, match="unknown"):
        definitions(Bare)
