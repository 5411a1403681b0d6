"""What do the dates and amounts of a column say? The whole column decides, never a row by itself."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulator.errors import RolloutError
from simulator.formats.bills.exports import DateOrder

FIRST_ROW = 2  # of a file with a header
_YEARS = range(2000, 2101)
_LARGEST = 1e12  # in any currency: more is a slip
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}(?:[T ].*)?")
_NUMERIC_DATE = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(?:[T ].*)?")
_PLAIN_DATE = re.compile(r"\d{8}")
_AMOUNT = re.compile(r"[-+]?\d+(?:\.\d*)?(?:[eE][-+]?\d{1,3})?|[-+]?\.\d+(?:[eE][-+]?\d{1,3})?")


class BillError(RolloutError, ValueError):
    """A bill that cannot be read; the message says what it needs."""


def times_of(path: Path, written: pd.Series, default: DateOrder | None) -> tuple[pd.Series, str | None]:
    """Times of a column in UTC, and a word where the order of day and month was taken for granted.

    Parameters
    ----------
    default : order of day and month where no row of the file tells

    Raises
    ------
    BillError
        If a cell is no time, cells are written in several ways, or the order of day and month cannot be known.
    """
    text = written.astype("str").str.strip().str.removesuffix(" UTC")
    shapes = {
        "ISO8601": text.str.fullmatch(_ISO),
        "numeric": text.str.fullmatch(_NUMERIC_DATE),
        "%Y%m%d": text.str.fullmatch(_PLAIN_DATE),
    }
    shape = max(shapes, key=lambda name: int(shapes[name].sum()))
    _complain(
        path, written, shapes[shape], "time" if not shapes[shape].any() else "time as the others are written"
    )
    if shape == "numeric":
        order, word = _date_order(path, written, text, default)
        parts = text.str.extract(_NUMERIC_DATE)
        day, month = (parts[0], parts[1]) if order == "day first" else (parts[1], parts[0])
        text, shape = parts[2] + "-" + month.str.zfill(2) + "-" + day.str.zfill(2), "%Y-%m-%d"
    else:
        word = None
    times = pd.to_datetime(text, utc=True, errors="coerce", format=shape)
    _complain(path, written, times.notna() & times.dt.year.isin(_YEARS), "time of these years")
    return times, word


def amounts_of(path: Path, written: pd.Series) -> pd.Series:
    """Amounts of a column, with the decimal mark that the column as a whole uses.

    Raises
    ------
    BillError
        If a cell is no amount, or the mark is used in two ways.
    """
    text = written.astype("str").str.strip().str.replace(r"[\s\u00a0\u202f$€£']", "", regex=True)
    in_brackets = text.str.fullmatch(r"\(.*\)")
    text = text.where(~in_brackets, "-" + text.str[1:-1])
    plain = text.str.replace(",", "", regex=False)
    if _has_decimal_commas(path, written, text):
        plain = text.str.replace(".", "", regex=False).str.replace(",", ".", regex=False)
    _complain(path, written, plain.str.fullmatch(_AMOUNT), "amount")
    amounts = plain.astype("float64")
    _complain(path, written, amounts.abs() < _LARGEST, "amount that a bill can have")
    return amounts


def _has_decimal_commas(path: Path, written: pd.Series, text: pd.Series) -> bool:
    """Whether the column writes 1.234,56 and not 1,234.56.

    A comma that three digits follow may be either; one that others follow is a decimal mark, as is the last of two marks.
    """
    comma, dot = text.str.rfind(","), text.str.rfind(".")
    one_comma = text.str.count(",") == 1
    groups = text.str.fullmatch(r"[-+]?\d{1,3}(?:,\d{3})+")
    is_comma = (comma > dot) & (dot >= 0) | (one_comma & (dot < 0) & ~groups)
    is_dot = (dot > comma) & (comma >= 0) | (
        (comma < 0) & (dot >= 0) & ~text.str.fullmatch(r"[-+]?\d{1,3}(?:\.\d{3})+")
    )
    if is_comma.any() and is_dot.any():
        one, other = (_row(written, found) for found in (is_comma, is_dot))
        raise BillError(
            f"{path}: `{written.name}` has a decimal comma in row {one} and a decimal point in row {other}; "
            "write all amounts in one way"
        )
    unclear = groups & one_comma
    if unclear.any() and not is_comma.any() and not is_dot.any():
        row = _row(written, unclear)
        raise BillError(
            f"{path}: row {row} of `{written.name}` may be thousands or a decimal comma, and no other row tells; "
            "export amounts with a decimal point"
        )
    return bool(is_comma.any())


def _date_order(
    path: Path, written: pd.Series, text: pd.Series, default: DateOrder | None
) -> tuple[DateOrder, str | None]:
    parts = text.str.extract(_NUMERIC_DATE).astype("int64")
    is_day_first, is_month_first = parts[0] > 12, parts[1] > 12
    if is_day_first.any() and is_month_first.any():
        one, other = (_row(written, found) for found in (is_day_first, is_month_first))
        raise BillError(
            f"{path}: `{written.name}` has the day first in row {one} and the month first in row {other}; "
            "export dates as 2027-03-31"
        )
    if is_day_first.any():
        return "day first", None
    if is_month_first.any() or (parts[0] == parts[1]).all():
        return "month first", None
    if default is None:
        raise BillError(
            f"{path}: dates of `{written.name}` may begin with the day or the month, and no row tells; "
            "export dates as 2027-03-31"
        )
    return (
        default,
        f"dates like {text.iloc[0][:10]} are read {default}, as this export writes them; no row tells",
    )


def _complain(path: Path, written: pd.Series, is_fine: pd.Series, what: str) -> None:
    """Complain about the first cell that is not as it should be."""
    if not is_fine.all():
        row = _row(written, ~is_fine.astype(bool))
        value = str(written.loc[row - FIRST_ROW])[:40]
        raise BillError(f"{path}: row {row} of `{written.name}` is no {what}: `{value}`")


def _row(written: pd.Series, found: pd.Series) -> int:
    """Row of the file of the first cell that is found; the index counts rows after the header."""
    places: NDArray[np.int64] = written.index.to_numpy()[found.to_numpy(dtype=bool)]
    return int(places[0]) + FIRST_ROW
