"""The cells of JSON documents by the places that a dialect names.

Regular lines are read by Arrow, which is given the places and skips the rest of each line; others one by one.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import IO, Any

import pandas as pd
import pyarrow as pa
from pyarrow import json as arrow_json

from simulator.formats.documents import ForeignMap, ForeignRow
from simulator.formats.logs.dialect import NUMBERS, At, Dialect, plain_name
from simulator.formats.logs.documents import BROKEN, lines_of, stream_of
from simulator.formats.logs.envelopes import unwrapped
from simulator.formats.logs.errors import LogError
from simulator.formats.logs.opened import BAD_FILE, LogFile
from simulator.formats.logs.tally import Header, Tally
from simulator.formats.logs.values import inside

LEAST_FOR_ARROW = 4 << 20  # bytes: smaller files are read as quickly without
_SAMPLE = 400  # documents
_BATCH = 100_000
_BLOCK = 1 << 24
_DEEPEST = 8  # levels that are looked at
_MOST_NESTED = 64

Places = Sequence[tuple[str, At]]


def document_header(file: LogFile) -> Header:
    """The paths of the first documents.

    Raises
    ------
    LogError
        If none can be read.
    """
    with file.opened() as opened:
        first = list(islice((one for one in _documents(file, opened) if one is not BROKEN), _SAMPLE))
    documents = list(islice((row for one in first for row in unwrapped(one)), _SAMPLE))
    is_wrapped = any(row is not one for row, one in zip(documents, first, strict=False)) or len(
        documents
    ) != len(first)
    paths: dict[str, str] = {}
    for document in documents:
        _collect(document, (), paths)
    if not paths:
        raise LogError(f"{file.name}: holds no row that can be read")
    return Header(paths, documents, is_wrapped=is_wrapped)


def _documents(file: LogFile, opened: IO[bytes]) -> Iterator[Any]:
    return lines_of(opened, file.name) if file.kind == "lines" else stream_of(opened, file.name)


def _collect(value: Any, above: tuple[str, ...], paths: dict[str, str]) -> None:
    """Every path of a document; of a list, those of its first items."""
    if above:
        paths.setdefault(plain_name("/".join(above)), "/".join(above))
    if len(above) >= _DEEPEST:
        return
    if isinstance(value, dict):
        for key, below in islice(value.items(), 200):
            _collect(below, (*above, str(key)[:120]), paths)
    elif isinstance(value, list):
        for below in value[:3]:
            _collect(below, above, paths)


def document_cells(file: LogFile, dialect: Dialect, places: Places, tally: Tally) -> Iterator[pd.DataFrame]:
    rows: list[list[Any]] = []
    getters = [_getter(place.levels) for _, place in places]
    with file.opened() as opened:
        for document in _documents(file, opened):
            if document is BROKEN:
                tally.broken += 1
                continue
            for row in _rows(document, dialect):
                if isinstance(row, dict):
                    rows.append([get(row) for get in getters])
                else:
                    tally.broken += 1
            if len(rows) >= _BATCH:
                yield _frame(rows, places)
                rows = []
    if rows:
        yield _frame(rows, places)


def _rows(document: Any, dialect: Dialect) -> Iterator[Any]:
    """The rows of a document, out of what carries them."""
    for one in unwrapped(document):
        if dialect.rows is None:
            yield one
        else:
            yield from dialect.rows(one)


def _frame(rows: list[list[Any]], places: Places) -> pd.DataFrame:
    columns = zip(*rows, strict=True)
    found = {
        place: pd.Series(list(cells), dtype=object).infer_objects()
        for (_, place), cells in zip(places, columns, strict=True)
    }
    return pd.DataFrame(
        {place: cells for place, cells in found.items() if cells.notna().any()}, index=range(len(rows))
    )


def _getter(levels: tuple[str, ...]) -> Callable[[ForeignRow], Any]:
    """Takes a value out of a document, whatever the case and punctuation of its keys."""
    spelled: dict[tuple[int, str], str] = {}

    def get(row: Any) -> Any:
        for depth, level in enumerate(levels):
            if isinstance(row, str):
                return inside_text(row, levels[-1])
            if not isinstance(row, dict):
                return None
            if level in row:
                row = row[level]
                continue
            plain = plain_name(level)
            key = spelled.get((depth, level))
            if key is None or key not in row:
                key = next((one for one in row if plain_name(str(one)) == plain), None)
                if key is None:
                    return None
                spelled[depth, level] = key
            row = row[key]
        return None if isinstance(row, dict | list) else row

    return get


def inside_text(text: str, name: str) -> Any:
    """The value of a key in JSON that stands as text in a cell."""
    if name not in text:
        return None
    found = inside(pd.Series([text]), name).iloc[0]
    return None if pd.isna(found) else found


def is_regular(file: LogFile, header: Header, dialect: Dialect) -> bool:
    """Whether Arrow can read it: a document to a line, with its rows' values in their places."""
    return (
        not header.is_wrapped
        and file.kind == "lines"
        and dialect.rows is None
        and file.path.stat().st_size >= LEAST_FOR_ARROW
    )


def line_cells(
    file: LogFile, header: Header, places: Places, dialect: Dialect, tally: Tally
) -> Iterator[pd.DataFrame]:
    """Lines that are alike, by Arrow, which gets the paths and skips the rest; others one by one."""
    if not _is_shallow(file):
        yield from document_cells(file, dialect, places, tally)
        return
    tree = _Tree(places, header)
    n_done = 0
    try:
        with file.opened() as opened:
            reader = arrow_json.open_json(
                opened,
                read_options=arrow_json.ReadOptions(block_size=_BLOCK),
                parse_options=arrow_json.ParseOptions(
                    explicit_schema=tree.schema, unexpected_field_behavior="ignore"
                ),
            )
            for batch in reader:
                n_done += 1
                yield tree.frame(batch)
    except (pa.ArrowException, *BAD_FILE):
        yield from _after(document_cells(file, dialect, places, tally), tally)


def _after(frames: Iterator[pd.DataFrame], tally: Tally) -> Iterator[pd.DataFrame]:
    """Frames after the rows that were read already."""
    n_known = tally.rows
    for frame in frames:
        if len(frame) <= n_known:
            n_known -= len(frame)
            continue
        yield frame.iloc[n_known:].reset_index(drop=True)
        n_known = 0


def _is_shallow(file: LogFile) -> bool:
    """Whether no line nests so deep that Arrow, which recurses, might not come back."""
    with file.opened() as opened:
        for line in opened:
            if line.count(b"[") + line.count(b"{") > _MOST_NESTED:
                try:
                    depth = max_depth(line)
                except ValueError:
                    return False
                if depth > _MOST_NESTED or len(line) > _BLOCK:
                    return False
    return True


def max_depth(line: bytes) -> int:
    """How deep lists and objects lie within each other, brackets in strings included."""
    depth = deepest = 0
    for byte in line.translate(None, delete=bytes(set(range(256)) - set(b"[]{}"))):
        depth += 1 if byte in b"[{" else -1
        deepest = max(deepest, depth)
    return deepest


class _Tree:
    """The schema that Arrow reads by: the places of a dialect as nested fields, spelled as the file spells them."""

    def __init__(self, places: Places, header: Header) -> None:
        self._places = places
        fields: ForeignRow = {}
        self._at: dict[At, tuple[str, ...]] = {}
        for column, place in places:
            levels = tuple(header.paths.get(place.plain, place.path).split("/"))
            kind = _kind(column, levels, header.documents)
            if kind is None:  # an object, or its levels are text
                text = next(
                    (
                        n
                        for n in range(1, len(levels))
                        if _kind("", levels[:n], header.documents) == pa.string()
                    ),
                    None,
                )
                if text is None:
                    continue
                levels, kind = levels[:text], pa.string()
            if _plant(fields, levels, kind):
                self._at[place] = levels
        self.schema = pa.schema(_fields(fields))

    def frame(self, batch: pa.RecordBatch) -> pd.DataFrame:
        """The cells of a batch."""
        found = {}
        for place, levels in self._at.items():
            cells = batch.column(levels[0])
            for level in levels[1:]:
                cells = pa.compute.struct_field(cells, level)
            if cells.null_count < len(cells):
                column = cells.to_pandas()
                found[place] = (
                    column if len(levels) == len(place.levels) else inside(column, place.levels[-1])
                )
        return pd.DataFrame(found, index=range(batch.num_rows))


def _kind(column: str, levels: tuple[str, ...], documents: Sequence[Any]) -> pa.DataType | None:
    """Type of a path by some documents, or by what it is read as; None: it is no single value there."""
    kinds = set()
    for document in documents:
        value: Any = document
        for level in levels:
            value = value.get(level) if isinstance(value, dict) else None if value is None else BROKEN
        if value is BROKEN or isinstance(value, dict | list):
            return None
        if value is not None:
            kinds.add(
                pa.bool_()
                if isinstance(value, bool)
                else pa.float64()
                if isinstance(value, int | float)
                else pa.string()
            )
    if len(kinds) == 1:
        return kinds.pop()
    return pa.float64() if column in NUMBERS else pa.string()


def _plant(fields: ForeignRow, levels: tuple[str, ...], kind: pa.DataType) -> bool:
    for level in levels[:-1]:
        fields = fields.setdefault(level, {})
        if not isinstance(fields, dict):
            return False
    there = fields.setdefault(levels[-1], kind)
    return not isinstance(there, dict) and bool(there == kind)


def _fields(fields: ForeignMap) -> list[pa.Field]:
    return [
        pa.field(name, pa.struct(_fields(below)) if isinstance(below, dict) else below)
        for name, below in fields.items()
    ]
