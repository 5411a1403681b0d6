"""Tables as they are stored: exactly the columns of a data dictionary, built column by column from arrays.

Words that come again and again are given as numbers of words, so that no list of strings is made.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from simulator.metrics.dictionary import Column
from simulator.metrics.dimensions import OF_ACTIONS

_TYPES = {
    "int64": pa.int64(),
    "float64": pa.float64(),
    "bool": pa.bool_(),
    "str": pa.string(),
    "datetime64[us, UTC]": pa.timestamp("us", tz="UTC"),
}


Values: TypeAlias = pa.Array | NDArray[Any]  # of a column, one per row


def table_of(parts: Iterable[Mapping[str, Values]], columns: Sequence[Column]) -> pa.Table:
    """Return one table of several parts, rows below one another.

    Parameters
    ----------
    parts : values by name of the column, arrays of one length; not-a-number is no value
    columns : names, order and types of the table; further values of a part are left out
    """
    schema = pa.schema([(column.name, _TYPES[column.type]) for column in columns])
    tables = [
        pa.table([_array(part[field.name], field.type) for field in schema], schema=schema) for part in parts
    ]
    return pa.concat_tables(tables) if tables else schema.empty_table()


def words(codes: NDArray[np.int64], names: Sequence[str]) -> pa.Array:
    """Return the word of each number, as text."""
    numbers = pa.array(codes.astype(np.int32))
    return pa.DictionaryArray.from_arrays(numbers, pa.array(names, type=pa.string())).cast(pa.string())


def parts(codes: NDArray[np.int64], streams: Sequence[object]) -> dict[str, pa.Array]:
    """Return what tells the streams of these numbers apart, by name of the dimension."""
    return {one.name: words(codes, [getattr(stream, one.name) for stream in streams]) for one in OF_ACTIONS}


def one_word(word: str, n_rows: int) -> pa.Array:
    """Return the same word in every row."""
    return words(np.zeros(n_rows, dtype=np.int64), [word])


def _array(values: Any, kind: pa.DataType) -> pa.Array:
    if isinstance(values, pa.Array):
        return values
    if pa.types.is_timestamp(kind):
        return pa.array(values.view(np.int64)).cast(kind)
    return pa.array(np.ascontiguousarray(values), type=kind, from_pandas=True)
