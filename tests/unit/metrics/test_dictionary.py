"""The data dictionary is complete, and its units are in the names."""

from simulator.metrics.columns import CountColumn, UsageColumn
from simulator.metrics.dictionary import REQUESTS, SERIES, TARGET_SERIES, names


def test_every_counter_of_the_kernel_has_a_column() -> None:
    assert {column.name.lower() for column in CountColumn} <= set(names(SERIES))
    assert {column.name.lower() for column in UsageColumn} <= set(names(TARGET_SERIES))


def test_a_name_occurs_once_and_is_described() -> None:
    for columns in (SERIES, TARGET_SERIES, REQUESTS):
        assert len(set(names(columns))) == len(columns)
        assert all(column.description.endswith(".") and "|" not in column.description for column in columns)


def test_units_are_in_the_names_of_seconds() -> None:
    for columns in (SERIES, TARGET_SERIES, REQUESTS):
        for column in columns:
            assert (column.unit == "s") == column.name.endswith("_s"), column.name
