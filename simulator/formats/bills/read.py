"""What was billed, month by month? A bill as CSV, in the columns of FOCUS or of a provider's own export."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd

from simulator.errors import RolloutError
from simulator.formats.bills.exports import EXPORTS, Export
from simulator.scenario.read.currencies import DOLLAR

MAX_ROWS = 5_000_000


class BillError(RolloutError, ValueError):
    """A bill that cannot be read; the message says what it needs."""


@dataclass(frozen=True)
class Bill:
    """Amounts billed by calendar month, in US dollars.

    Attributes
    ----------
    source : which export
    days : of each month, from the first that is billed to the last
    """

    source: str
    months_usd: Mapping[date, float]
    days: Mapping[date, float]
    n_rows: int


def read_bill(path: Path, rates_usd: Mapping[str, float]) -> Bill:
    """Read a bill.

    Parameters
    ----------
    rates_usd : US dollars for one of other currencies

    Raises
    ------
    BillError
        If its columns are none that are known, a time or an amount cannot be read, or a currency has no rate.
    """
    frame = _frame(path)
    export = _export_of(path, frame)
    frame = frame[frame[export.amount].notna()]
    if export.only is not None:
        frame = frame[export.only(frame)]
    if frame.empty:
        raise BillError(f"{path} has no row that bills a model ({export.name})")
    times = pd.to_datetime(frame[export.time], utc=True, errors="coerce", format="mixed")
    amounts = pd.to_numeric(frame[export.amount], errors="coerce")
    _complain_of(path, frame[export.time], times, "time")
    _complain_of(path, frame[export.amount], amounts, "amount")
    usd = amounts * _rates(path, frame, export, rates_usd)
    ends, of_month = _ends(frame, export, times), times.dt.strftime("%Y-%m-01")
    months: dict[date, float] = {}
    days: dict[date, float] = {}
    for first in sorted(of_month.unique()):
        rows, month = of_month == first, date.fromisoformat(first)
        months[month] = float(usd[rows].sum())
        days[month] = (ends[rows].max() - times[rows].min()) / pd.Timedelta(days=1)
    return Bill(export.name, months, days, len(frame))


def _frame(path: Path) -> pd.DataFrame:
    try:
        frame = pd.read_csv(path, nrows=MAX_ROWS + 1, low_memory=False)
    except (OSError, ValueError, UnicodeDecodeError) as error:
        raise BillError(f"{path} cannot be read as CSV: {' '.join(str(error).split())[:200]}") from None
    if len(frame) > MAX_ROWS:
        raise BillError(f"{path} has more than {MAX_ROWS:,} rows; add them up by day first")
    return frame


def _export_of(path: Path, frame: pd.DataFrame) -> Export:
    found = next((one for one in EXPORTS if {one.time, one.amount} <= set(frame.columns)), None)
    if found is None:
        known = "; ".join(f"{one.name}: `{one.time}`, `{one.amount}`" for one in EXPORTS)
        columns = ", ".join(map(str, frame.columns[:8]))
        raise BillError(f"{path} has the columns {columns[:300]}; a bill needs those of one of: {known}")
    return found


def _complain_of(path: Path, written: pd.Series, read: pd.Series, what: str) -> None:
    """Complain about the first cell that could not be read."""
    if read.isna().any():
        index = read.index[read.isna()][0]  # of the file: rows that do not count are gone
        value = str(written.loc[index])[:40]
        raise BillError(f"{path}: row {index + 2} of `{written.name}` is no {what}: `{value}`")


def _ends(frame: pd.DataFrame, export: Export, times: pd.Series) -> pd.Series:
    """Until when each row bills; a day from its start where it does not say."""
    a_day_on = times + pd.Timedelta(days=1)
    if export.end is None or export.end not in frame:
        return a_day_on
    return pd.to_datetime(frame[export.end], utc=True, errors="coerce", format="mixed").fillna(a_day_on)


def _rates(path: Path, frame: pd.DataFrame, export: Export, rates_usd: Mapping[str, float]) -> pd.Series:
    """US dollars for one of the currency of each row."""
    if export.currency is None or export.currency not in frame:
        return pd.Series(1.0, index=frame.index)
    codes = frame[export.currency].fillna(DOLLAR).astype(str).str.upper()
    known = {DOLLAR: 1.0, **rates_usd}
    unknown = sorted(set(codes) - set(known))
    if unknown:
        raise BillError(
            f"{path} is in {', '.join(unknown)[:60]}, and the scenario has no exchange rate for it: "
            f"add `fx: {{date: …, rates: {{{unknown[0][:10]}: …}}}}`"
        )
    return codes.map(known).astype("float64")
