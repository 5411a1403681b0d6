"""The data dictionary is complete, and its page is current."""

from dataclasses import fields
from pathlib import Path

import pytest

from simulator.metrics.columns import CountColumn, UsageColumn
from simulator.results.registry.columns import (
    COUNTS,
    GROUPS,
    METRICS,
    REQUESTS,
    SERIES,
    TARGET_METRICS,
    TARGET_SERIES,
    USAGE,
    names,
    to_markdown,
)
from simulator.results.summary import ActionMetrics, Counts, TargetMetrics

PAGE = Path(__file__).parents[4] / "docs" / "reference" / "columns.md"
COSTS = {
    "cost",
    "cost_per_action",
    "cost_per_million_tokens",
    "cost_per_successful_action",
}  # put in by the layers that know prices


def test_the_committed_page_is_current() -> None:
    assert PAGE.read_text() == to_markdown(), (
        "run: python -m simulator.results.registry.columns > docs/reference/columns.md"
    )


@pytest.mark.parametrize("title", list(GROUPS))
def test_a_name_occurs_once_in_its_group_and_is_described(title: str) -> None:
    _, columns = GROUPS[title]
    assert len(set(names(columns))) == len(columns)
    assert all(column.description.endswith(".") and "|" not in column.description for column in columns)


@pytest.mark.parametrize(
    ("record", "columns"), [(Counts, COUNTS), (ActionMetrics, METRICS), (TargetMetrics, TARGET_METRICS)]
)
def test_a_summary_has_the_names_of_the_dictionary(record: type, columns: tuple) -> None:
    assert {field.name for field in fields(record)} == set(names(columns)) - COSTS


def test_every_counter_of_the_kernel_has_a_column() -> None:
    assert {column.name.lower() for column in CountColumn} <= set(names(COUNTS))
    assert {column.name.lower() for column in CountColumn} <= set(names(SERIES))
    assert [column.name.lower() for column in UsageColumn] == names(USAGE)
    assert set(names(USAGE)) <= set(names(TARGET_SERIES))


def test_units_are_in_the_names_of_seconds() -> None:
    for columns in (METRICS, SERIES, TARGET_SERIES, REQUESTS):
        for column in columns:
            assert (column.unit == "s") == column.name.endswith("_s"), column.name
