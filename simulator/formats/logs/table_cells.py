"""The cells of a table, CSV or Parquet, by the places that a dialect names; other columns are not read."""

import codecs
import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import IO, Any

import pandas as pd
import pyarrow as pa
from pyarrow import csv as arrow_csv
from pyarrow import parquet

from simulator.formats.logs.dialect import At, plain_name
from simulator.formats.logs.errors import LogError
from simulator.formats.logs.opened import LogFile
from simulator.formats.logs.tally import Header, Tally
from simulator.formats.logs.values import inside

MAX_ROWS = 20_000_000
_BATCH = 100_000
_BLOCK = 1 << 24
_CHUNK = 1 << 20
_SEPARATORS = ",;\t|"
_NULLS = ["", "NULL", "null", "None", "NaN", "nan", "N/A", "n/a", "\\N", "-"]

Places = Sequence[tuple[str, At]]


def csv_header(file: LogFile) -> Header:
    with file.opened() as opened:
        first = opened.readline(1 << 18) if file.encoding == "utf-8" else opened.read(1 << 18)
    line = first.decode(file.encoding, errors="replace").lstrip("\ufeff").splitlines()[0]
    separator = max(_SEPARATORS, key=line.count)
    try:
        columns = next(csv.reader([line], delimiter=separator))
    except (csv.Error, StopIteration):
        raise LogError(
            f"{file.name}: its first line cannot be read as names of columns: {line[:80]!r}"
        ) from None
    paths: dict[str, str] = {}
    for column in columns:
        paths.setdefault(plain_name(column), column)
    return Header(paths, separator=separator)


def csv_cells(file: LogFile, header: Header, places: Places, tally: Tally) -> Iterator[pd.DataFrame]:
    wanted = _wanted(header, places)

    def skip(_row: arrow_csv.InvalidRow) -> str:
        tally.broken += 1
        return "skip"

    columns = list(dict.fromkeys(column for column, _ in wanted.values()))
    with file.opened() as opened:
        source = opened if file.encoding != "utf-8" else io.BufferedReader(_Text(opened), _BLOCK)
        reader = arrow_csv.open_csv(
            source,
            arrow_csv.ReadOptions(encoding=file.encoding, block_size=_BLOCK),
            arrow_csv.ParseOptions(
                delimiter=header.separator, newlines_in_values=True, invalid_row_handler=skip
            ),
            arrow_csv.ConvertOptions(
                include_columns=columns,
                column_types=dict.fromkeys(columns, pa.string()),
                strings_can_be_null=True,
                quoted_strings_can_be_null=True,
                null_values=_NULLS,
            ),
        )
        for batch in reader:
            yield _picked(batch.to_pandas(), wanted, header.separator)


class _Text(io.RawIOBase):
    """Bytes of a text with what is no UTF-8 replaced: Arrow stops at it, even in a row that it skips."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._rest = b""

    def readable(self) -> bool:
        """It is for reading."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer."""
        while not self._rest:
            chunk = self._file.read(_CHUNK)
            self._rest = self._decoder.decode(chunk, final=not chunk).encode()
            if not chunk:
                break
        size = min(len(buffer), len(self._rest))
        buffer[:size], self._rest = self._rest[:size], self._rest[size:]
        return size


def _picked(frame: pd.DataFrame, wanted: Mapping[At, tuple[str, str]], separator: str) -> pd.DataFrame:
    """Cells as text, and what stands inside of cells that are JSON."""
    found = {}
    for place, (column, key) in wanted.items():
        cells = frame[column]
        if key:
            cells = inside(cells, key)
        elif (
            separator == ";"
            and cells.notna().any()
            and cells.dropna().str.fullmatch(r"-?\d+,\d+|-?\d+").all()
        ):
            cells = cells.str.replace(",", ".", regex=False)
        found[place] = cells
    return pd.DataFrame(found, index=frame.index)


def _wanted(header: Header, places: Places) -> dict[At, tuple[str, str]]:
    """Column of each place that is there, and the key inside of its cells."""
    found: dict[At, tuple[str, str]] = {}
    for _, place in places:
        if place.plain in header.paths:
            found[place] = (header.paths[place.plain], "")
            continue
        for n in range(len(place.levels) - 1, 0, -1):
            above = plain_name("/".join(place.levels[:n]))
            if above in header.paths:
                found[place] = (header.paths[above], place.levels[-1])
                break
    return found


def schema_paths(schema: pa.Schema) -> Iterator[str]:
    def below(field: pa.Field, above: str) -> Iterator[str]:
        path = f"{above}{field.name}"
        yield path
        if pa.types.is_struct(field.type):
            for inner in field.type:
                yield from below(inner, f"{path}/")

    for field_ in schema:
        yield from below(field_, "")


def parquet_cells(file: LogFile, header: Header, places: Places) -> Iterator[pd.DataFrame]:
    wanted = {
        place: (header.paths[place.plain], "") for _, place in places if place.plain in header.paths
    } or {}
    for place, found in _wanted(header, places).items():
        wanted.setdefault(place, found)
    with parquet.ParquetFile(file.path) as opened:
        if opened.metadata.num_rows > MAX_ROWS:
            raise LogError(
                f"{file.name}: more than {MAX_ROWS:,} rows; sample it, and say `--sampled`, or split it"
            )
        tops = list(dict.fromkeys(path.split("/")[0] for path, _ in wanted.values()))
        for batch in opened.iter_batches(_BATCH, columns=tops):
            yield _unnested(batch, wanted)


def _unnested(batch: pa.RecordBatch, wanted: Mapping[At, tuple[str, str]]) -> pd.DataFrame:
    found = {}
    for place, (path, key) in wanted.items():
        names = path.split("/")
        cells = batch.column(names[0])
        for name in names[1:]:
            cells = pa.compute.struct_field(cells, name)
        if key and pa.types.is_map(cells.type):
            cells = pa.compute.map_lookup(cells, pa.scalar(key, cells.type.key_type), "first")
        elif key:
            column = (
                cells.to_pandas()
                if pa.types.is_string(cells.type) or pa.types.is_large_string(cells.type)
                else None
            )
            if column is not None:
                found[place] = inside(column, key)
            continue
        if pa.types.is_nested(cells.type):
            continue
        found[place] = (cells.cast(pa.float64()) if pa.types.is_decimal(cells.type) else cells).to_pandas()
    return pd.DataFrame(found, index=range(batch.num_rows))
