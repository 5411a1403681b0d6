"""The cells of a table, CSV or Parquet, by the places that a dialect names; other columns are not read."""

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence

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
    encodings = [file.encoding] if file.encoding != "utf-8" else ["utf-8", "latin-1"]
    n_done = 0
    for encoding in encodings:
        try:
            for number, frame in enumerate(_csv_frames(file, header, columns, encoding, skip)):
                if number >= n_done:
                    n_done += 1
                    yield _picked(frame, wanted, header.separator)
        except pa.ArrowInvalid as error:
            if "UTF8" not in str(error) or encoding == encodings[-1]:
                raise
            tally.broken = 0
        else:
            return


def _csv_frames(
    file: LogFile,
    header: Header,
    columns: list[str],
    encoding: str,
    skip: Callable[[arrow_csv.InvalidRow], str],
) -> Iterator[pd.DataFrame]:
    with file.opened() as opened:
        reader = arrow_csv.open_csv(
            opened,
            arrow_csv.ReadOptions(encoding=encoding, block_size=_BLOCK),
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
            yield batch.to_pandas()


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
