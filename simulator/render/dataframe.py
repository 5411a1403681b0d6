"""A table as a data frame: numbers in base units, with their interval in columns of their own."""

from collections.abc import Iterator, Mapping, Sequence
from math import isfinite

import pandas as pd

from simulator.render.sections import Cell, Change, Quantity, Table, VerdictMark, Words
from simulator.theory.estimate import Estimate


def frame(table: Table) -> pd.DataFrame:
    """A row per row of the table; of an estimate also `<column> low` and `<column> high`."""
    return pd.DataFrame([dict(_row(table, place)) for place in range(len(table.rows))])


def rows_frame(rows: Sequence[Mapping[str, object]]) -> pd.DataFrame:
    """A row per mapping; of an estimate also `<name>_low` and `<name>_high`."""
    return pd.DataFrame([dict(_columns(row)) for row in rows])


def _columns(row: Mapping[str, object]) -> Iterator[tuple[str, object]]:
    for name, value in row.items():
        if isinstance(value, Estimate):
            yield name, _known(value.value)
            yield f"{name}_low", _known(value.low)
            yield f"{name}_high", _known(value.high)
        else:
            yield name, value


def _row(table: Table, place: int) -> Iterator[tuple[str, object]]:
    row = table.rows[place]
    yield table.corner or "name", row.label
    for column, cell in zip(table.columns, row.cells, strict=True):
        yield from _values(column, cell)


def _values(column: str, cell: Cell) -> Iterator[tuple[str, object]]:
    if isinstance(cell, Quantity) and isinstance(cell.value, Estimate):
        yield column, _known(cell.value.value)
        yield f"{column} low", _known(cell.value.low)
        yield f"{column} high", _known(cell.value.high)
    elif isinstance(cell, Quantity):
        yield column, cell.value
    elif isinstance(cell, Change):
        yield f"{column} before", cell.before
        yield f"{column} after", cell.after
    elif isinstance(cell, VerdictMark):
        yield column, cell.word
    elif isinstance(cell, Words):
        yield column, " ".join(filter(None, (cell.text, cell.detail)))
    else:
        yield column, cell


def _known(number: float) -> float | None:
    return number if isfinite(number) else None
