"""The rows of a CSV file that somebody else wrote: only the columns that are asked for, as text.

Encoding and separator are found from its beginning. Nothing else of the file is kept: neither who asked nor what.
"""

import codecs
import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import csv as arrow_csv

from simulator.formats.bills.cells import BillError
from simulator.formats.bills.exports import plain_name
from simulator.mechanisms.traffic.log_file import words_of

MAX_ROWS = 5_000_000
_HEAD_BYTES = 1 << 18
_SEPARATORS = ",;\t|"
_NULLS = ["", "NULL", "null", "None", "NaN", "nan", "N/A", "n/a"]
_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


class CsvTable:
    """A CSV file whose header was read.

    Attributes
    ----------
    columns : as they are written, by plain name; of two alike the first
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        head = self._head()
        self._encoding = next((name for mark, name in _MARKS.items() if head.startswith(mark)), "utf-8")
        first = head.decode(self._encoding, errors="replace").lstrip("\ufeff").splitlines()[:1]
        if not first or not first[0].strip():
            raise BillError(f"{path} cannot be read as CSV: its first line is empty")
        self._separator = max(_SEPARATORS, key=first[0].count)
        try:
            self.header = next(csv.reader(first, delimiter=self._separator))
        except csv.Error as error:
            raise BillError(f"{path} cannot be read as CSV: {error}") from None
        self.columns: dict[str, str] = {}
        for column in self.header:
            self.columns.setdefault(plain_name(column), column)

    def read(self, names: Sequence[str]) -> pd.DataFrame:
        """Columns as text by their plain names; the index counts rows after the header.

        Raises
        ------
        BillError
            If a row has more or fewer cells than the header, or there are too many rows.
        """
        wanted = {self.columns[name]: name for name in names if name in self.columns}
        try:
            with arrow_csv.open_csv(
                self.path,
                arrow_csv.ReadOptions(use_threads=False, encoding=self._encoding.removesuffix("-sig")),
                arrow_csv.ParseOptions(delimiter=self._separator),
                arrow_csv.ConvertOptions(
                    include_columns=list(wanted),
                    column_types=dict.fromkeys(wanted, pa.string()),
                    strings_can_be_null=True,
                    null_values=_NULLS,
                ),
            ) as reader:
                batches, n_rows = [], 0
                for batch in reader:
                    batches.append(batch)
                    n_rows += batch.num_rows
                    if n_rows > MAX_ROWS:
                        raise BillError(
                            f"{self.path} has more than {MAX_ROWS:,} rows; add them up by day first"
                        )
                frame: pd.DataFrame = pa.Table.from_batches(batches, reader.schema).to_pandas()
        except (OSError, UnicodeError, pa.ArrowInvalid) as error:
            raise BillError(f"{self.path} cannot be read as CSV: {_short(error)}") from None
        return frame.rename(columns=wanted)

    def repeats(self, n_rows: int) -> pd.Series:
        """Which rows are, with all their cells, one that stood before; none where rows are not lines."""
        with self.path.open(encoding=self._encoding, errors="replace", newline="") as file:
            lines = np.fromiter((hash(line.rstrip("\r\n")) for line in file), dtype=np.int64)[1:]
        if lines.size != n_rows:
            return pd.Series(np.zeros(n_rows, dtype=bool))
        return pd.Series(lines).duplicated()

    def _head(self) -> bytes:
        try:
            with self.path.open("rb") as file:
                return file.read(_HEAD_BYTES)
        except OSError as error:
            raise BillError(f"{self.path} cannot be read: {error.strerror}") from None


def _short(error: Exception) -> str:
    """Why, without cells of the file."""
    if isinstance(error, UnicodeError):
        return "it is neither UTF-8 nor UTF-16"
    return words_of(error)
