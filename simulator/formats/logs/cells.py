"""The cells of a log by the places that a dialect names, in batches: nothing else of the file is kept."""

from collections.abc import Iterator

import pandas as pd
import pyarrow as pa
from pyarrow import parquet

from simulator.formats.logs.dialect import Dialect, plain_name
from simulator.formats.logs.errors import LogError
from simulator.formats.logs.json_cells import document_cells, document_header, is_regular, line_cells
from simulator.formats.logs.opened import BAD_FILE, LogFile
from simulator.formats.logs.table_cells import MAX_ROWS, csv_cells, csv_header, parquet_cells, schema_paths
from simulator.formats.logs.tally import Header, Tally
from simulator.mechanisms.traffic.log_file import words_of


def header_of(file: LogFile) -> Header:
    """The names in a file, from its beginning.

    Raises
    ------
    LogError
        If there are none.
    """
    try:
        if file.kind == "parquet":
            with parquet.ParquetFile(file.path) as opened:
                return Header({plain_name(path): path for path in schema_paths(opened.schema_arrow)})
        if file.kind == "csv":
            return csv_header(file)
        return document_header(file)
    except (*BAD_FILE, pa.ArrowException, UnicodeError) as error:
        raise LogError(f"{file.name}: cannot be read: {words_of(error)}") from None


def batches_of(file: LogFile, header: Header, dialect: Dialect, tally: Tally) -> Iterator[pd.DataFrame]:
    """Frames with a column per place of the dialect, those that are there."""
    places = [(column, place) for column, found in dialect.columns.items() for place in found]
    try:
        if file.kind == "parquet":
            yield from _counted(file, parquet_cells(file, header, places), tally)
        elif file.kind == "csv":
            yield from _counted(file, csv_cells(file, header, places, tally), tally)
        elif is_regular(file, header, dialect):
            yield from _counted(file, line_cells(file, header, places, dialect, tally), tally)
        else:
            yield from _counted(file, document_cells(file, dialect, places, tally), tally)
    except (*BAD_FILE, pa.ArrowException, UnicodeError) as error:
        if not tally.rows:
            raise LogError(f"{file.name}: cannot be read: {words_of(error)}") from None
        tally.ends_early = True
    tally.ends_early = tally.ends_early or bool(file.cuts)


def _counted(file: LogFile, frames: Iterator[pd.DataFrame], tally: Tally) -> Iterator[pd.DataFrame]:
    for frame in frames:
        tally.rows += len(frame)
        if tally.rows > MAX_ROWS:
            raise LogError(
                f"{file.name}: more than {MAX_ROWS:,} rows; sample it, and say `--sampled`, or split it"
            )
        yield frame
