"""The columns of a recorded request log: CSV, JSONL or Parquet, maybe with gzip, of any size that can be handled.

Logs come from elsewhere. What a file unpacks to is bounded before a library reads it, and only the named columns are read:
prompts, answers and names stay where they are.
"""

import gzip
import io
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pandas as pd
import pyarrow as pa
from pyarrow import csv as arrow_csv
from pyarrow import json as arrow_json
from pyarrow import parquet

from simulator.errors import InvalidScenarioError

MAX_ROWS = 20_000_000
_MAX_BYTES = 2 << 30
_JSON_BLOCK_BYTES = 1 << 24  # no line may be longer
_MOST_NESTED = 64  # lists and objects within each other; Arrow's reader recurses
_BROKEN_ROW = re.compile(r"Row #(\d+): Expected (\d+) columns, got (\d+)")
_NO_NESTING = re.compile(rb'"(?:[^"\\]|\\.)*"|[^\[\]{}"]+')  # strings, and all that is no bracket


class LogFileError(InvalidScenarioError):
    """A file that cannot be read as a trace; the message says what is wrong and suggests a fix."""


def read_log(path: Path, name: str, columns: Sequence[str]) -> pd.DataFrame:
    """The named columns of a file.

    Parameters
    ----------
    name : of the file, as the scenario has it

    Raises
    ------
    LogFileError
        If the file cannot be read, is too large, lacks a column, or has no rows.
    """
    kind = path.name.lower().removesuffix(".gz")
    try:
        if kind.endswith(".csv"):
            _refuse_bombs(path)
            _refuse_missing(name, columns, list(pd.read_csv(path, nrows=0).columns))
            frame = _csv(path, columns)
        elif kind.endswith((".jsonl", ".ndjson")):
            _refuse_bombs(path)
            frame = _json_lines(path, name, columns)
        elif kind.endswith(".parquet"):
            frame = _parquet(path, name, columns)
        else:
            raise LogFileError(f"{name}: unknown kind of file; use .csv, .jsonl or .parquet, maybe with .gz")
    except pd.errors.EmptyDataError:
        raise LogFileError(f"{name}: the file is empty") from None
    except (OSError, EOFError, ImportError, pa.ArrowException, UnicodeError, pd.errors.ParserError) as error:
        raise LogFileError(f"{name}: cannot be read as a trace: {words_of(error)}") from None
    if frame.empty:
        raise LogFileError(f"{name}: the trace has no rows")
    _refuse_many_rows(name, len(frame))
    return frame


def words_of(error: Exception) -> str:
    """What a reader of files complains of, in a line; Arrow would print the row with whatever it holds."""
    if broken := _BROKEN_ROW.search(str(error)):
        row, expected, found = broken.groups()
        return f"row {row} has {found} cells, and the header {expected}"
    return " ".join(str(error).split())[:200]


def _csv(path: Path, columns: Sequence[str]) -> pd.DataFrame:
    only = arrow_csv.ConvertOptions(include_columns=list(dict.fromkeys(columns)))
    in_order = arrow_csv.ReadOptions(use_threads=False)  # to know the row of an error
    with _opened(path) as file:
        frame: pd.DataFrame = arrow_csv.read_csv(file, in_order, convert_options=only).to_pandas()
    return frame


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    """The bytes of a file, unpacked."""
    with path.open("rb") as file:
        if path.suffix.lower() != ".gz":
            yield file
            return
        with gzip.open(file) as unpacked:
            yield io.BufferedReader(unpacked)


def _json_lines(path: Path, name: str, columns: Sequence[str]) -> pd.DataFrame:
    """Rows of a JSONL file as they are; pandas would take numbers in columns of certain names for dates."""
    with _opened(path) as file:
        _refuse_nesting(name, file)
    options = arrow_json.ReadOptions(block_size=_JSON_BLOCK_BYTES)
    with _opened(path) as file:
        table = arrow_json.read_json(file, read_options=options)
    _refuse_missing(name, columns, table.column_names)
    frame: pd.DataFrame = table.select(list(dict.fromkeys(columns))).to_pandas()
    return frame


def _parquet(path: Path, name: str, columns: Sequence[str]) -> pd.DataFrame:
    """A few bytes of Parquet may stand for any number of rows."""
    with parquet.ParquetFile(path) as file:
        _refuse_many_rows(name, file.metadata.num_rows)
        _refuse_missing(name, columns, file.schema_arrow.names)
        groups = (file.metadata.row_group(number) for number in range(file.metadata.num_row_groups))
        n_bytes = sum(group.total_byte_size for group in groups)
        if n_bytes > _MAX_BYTES:
            raise LogFileError(f"{name}: unpacks to more than 2 GiB")
        frame: pd.DataFrame = file.read(columns=list(dict.fromkeys(columns))).to_pandas()
    return frame


def _refuse_missing(name: str, columns: Sequence[str], there: Sequence[str]) -> None:
    missing = [column for column in columns if column not in set(there)]
    if missing:
        raise LogFileError(
            f"{name}: no column {', '.join(repr(column) for column in missing)}; "
            f"the columns are {', '.join(map(str, there[:40]))}"
        )


def _refuse_many_rows(name: str, n_rows: int) -> None:
    if n_rows > MAX_ROWS:
        raise LogFileError(f"{name}: more than {MAX_ROWS:,} rows; sample it, or split it")


def _refuse_bombs(path: Path) -> None:
    """Stop reading a compressed file that unpacks to more than 2 GiB."""
    if path.suffix.lower() != ".gz":
        return
    n_bytes = 0
    with _opened(path) as stream:
        while chunk := stream.read(1 << 22):
            n_bytes += len(chunk)
            if n_bytes > _MAX_BYTES:
                raise LogFileError(f"{path.name}: unpacks to more than 2 GiB")


def _refuse_nesting(name: str, stream: IO[bytes]) -> None:
    """Complain about lists or objects too deep within each other, whatever their strings hold."""
    for row, line in enumerate(_lines(name, stream), start=1):
        if line.count(b"[") + line.count(b"{") <= _MOST_NESTED:
            continue
        depth = 0
        for bracket in _NO_NESTING.sub(b"", line):
            depth += 1 if bracket in b"[{" else -1
            if depth > _MOST_NESTED:
                raise LogFileError(f"{name}: row {row} nests lists or objects more than {_MOST_NESTED} deep")


def _lines(name: str, stream: IO[bytes]) -> Iterator[bytes]:
    """Lines of a bounded length."""
    row = 0
    while line := stream.readline(_JSON_BLOCK_BYTES + 1):
        row += 1
        if len(line) > _JSON_BLOCK_BYTES:
            raise LogFileError(f"{name}: row {row} is longer than {_JSON_BLOCK_BYTES >> 20} MiB")
        yield line
