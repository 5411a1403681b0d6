"""What was billed, month by month? A bill as CSV, in the columns of FOCUS or of a provider's own export."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulator.formats.bills.basis import BillBasis
from simulator.formats.bills.cells import BillError, amounts_of, times_of
from simulator.formats.bills.exports import EXPORTS, Export
from simulator.formats.bills.pages import pages_of, table_of_pages
from simulator.formats.bills.table import CsvTable
from simulator.scenario.read.currencies import DOLLAR

_DAY_S = 86_400.0
_MOST_MONTHS = 120  # that a row may bill
_MOST_NAMED = 4  # services


@dataclass(frozen=True)
class Bill:
    """Amounts billed by calendar month, in US dollars.

    Attributes
    ----------
    source : which export
    days : of each month, from the first that is billed to the last
    notes : what was left out, repeated or taken for granted
    """

    source: str
    months_usd: Mapping[date, float]
    days: Mapping[date, float]
    n_rows: int
    notes: tuple[str, ...] = ()


def read_bill(path: Path, rates_usd: Mapping[str, float], basis: BillBasis = "amortised") -> Bill:
    """Read a bill.

    Parameters
    ----------
    rates_usd : US dollars for one of other currencies
    basis : `amortised` spreads what is billed over the period it is for; `cash` has it when it is charged

    Raises
    ------
    BillError
        If its columns are none that are known, a time or an amount cannot be read, or a currency has no rate.
    """
    pages = pages_of(path)
    if pages is not None:
        return _of_pages(path, pages, rates_usd, basis)
    table = CsvTable(path)
    export = _export_of(path, table)
    frame = table.read(export.columns)
    amount_column = _amount_column(export, frame, basis)
    frame = frame[frame[amount_column].notna()]
    if frame.empty:
        raise BillError(f"{path} has no amount in `{table.columns[amount_column]}`")
    written = frame.rename(columns=table.columns)
    amounts = amounts_of(path, written[table.columns[amount_column]])
    usd = amounts * _rates(path, frame, export, rates_usd)
    is_charge, is_model = _are_charges(frame, export), _are_models(frame, export)
    counts = is_charge & is_model
    if not counts.any():
        told = "; ".join(_left_out(frame, export, usd, is_charge, is_model))
        raise BillError(f"{path} has no row that bills a model ({export.name}){f': {told}' if told else ''}")
    times, of_dates = times_of(path, written.loc[counts, table.columns[export.time]], export.date_order)
    ends = _ends(path, frame[counts], export, times)
    months, days = _by_month(path, times, ends, usd[counts], basis)
    repeated = table.repeats(int(frame.index[-1]) + 1).reindex(frame.index, fill_value=False) & counts
    notes = (
        *_left_out(frame, export, usd, is_charge, is_model),
        *_repeat_note(usd[repeated]),
        *(() if of_dates is None else (of_dates,)),
        *_basis_note(table, export, amount_column, basis),
    )
    return Bill(export.name, months, days, int(counts.sum()), notes)


def _of_pages(path: Path, pages: list[Any], rates_usd: Mapping[str, float], basis: BillBasis) -> Bill:
    """A bill of a provider's cost API."""
    name, frame = table_of_pages(path, pages)
    usd = frame["amount"] * _usd_of(path, frame["currency"], rates_usd)
    if frame.empty:
        raise BillError(f"{path} has no costs ({name})")
    times, ends = pd.to_datetime(frame["time"], utc=True), pd.to_datetime(frame["end"], utc=True)
    months, days = _by_month(path, times, ends.where(ends > times, times + pd.Timedelta(days=1)), usd, basis)
    more = any(isinstance(page, Mapping) and page.get("has_more") for page in pages[-1:])
    note = ("its last page says that there are more: ask for the pages after it, or costs are missing",)
    return Bill(name, months, days, len(frame), note if more else ())


def _export_of(path: Path, table: CsvTable) -> Export:
    found = next((one for one in EXPORTS if set(one.needed) <= set(table.columns)), None)
    if found is None:
        known = "; ".join(f"{one.name}: `{one.needed[0]}`, `{one.needed[1]}`" for one in EXPORTS)
        columns = ", ".join(table.header[:8])
        raise BillError(f"{path} has the columns {columns[:300]}; a bill needs those of one of: {known}")
    return found


def _amount_column(export: Export, frame: pd.DataFrame, basis: BillBasis) -> str:
    column = export.amounts.get(basis, export.amounts["cash"])
    return column if column in frame else export.amounts["cash"]


def _are_charges(frame: pd.DataFrame, export: Export) -> pd.Series:
    """Rows that bill something that was used or bought; taxes and credits do not."""
    if export.kind is None or export.kind not in frame:
        return pd.Series(data=True, index=frame.index)
    return ~frame[export.kind].str.strip().str.lower().str.replace(" ", "").isin(export.left_out)


def _are_models(frame: pd.DataFrame, export: Export) -> pd.Series:
    services = [name for name in export.service if name in frame]
    if export.is_model is None or not services:
        return pd.Series(data=True, index=frame.index)
    return export.is_model(frame[services])


def _left_out(
    frame: pd.DataFrame, export: Export, usd: pd.Series, is_charge: pd.Series, is_model: pd.Series
) -> Iterator[str]:
    """What is no use of a model: rows and amounts, by kind and by service."""
    if not is_charge.all():
        kinds = frame.loc[~is_charge, export.kind].str.strip().str.lower()
        yield f"left out, as no use: {_named(kinds, usd[~is_charge])}"
    others = is_charge & ~is_model
    if others.any():
        shown = next(name for name in export.service if name in frame)
        yield f"left out, as no model: {_named(frame.loc[others, shown].fillna('no service'), usd[others])}"


def _named(names: pd.Series, usd: pd.Series) -> str:
    """The largest by amount, with rows and amounts."""
    groups = usd.groupby(names).agg(["sum", "size"])
    groups = groups.reindex(groups["sum"].abs().sort_values(ascending=False).index)
    told = [
        f"{str(name)[:40]} ${of['sum']:,.2f} ({int(of['size']):,} row{'s' if of['size'] != 1 else ''})"
        for name, of in groups.head(_MOST_NAMED).iterrows()
    ]
    rest = groups.iloc[_MOST_NAMED:]
    if len(rest):
        told.append(f"{len(rest)} more, ${rest['sum'].sum():,.2f} ({int(rest['size'].sum()):,} rows)")
    return ", ".join(told)


def _repeat_note(usd: pd.Series) -> Iterator[str]:
    if usd.size:
        rows = (
            "1 row repeats another and counts"
            if usd.size == 1
            else f"{usd.size:,} rows repeat others and count"
        )
        yield f"{rows} (${usd.sum():,.2f}): was it exported twice?"


def _basis_note(table: CsvTable, export: Export, amount_column: str, basis: BillBasis) -> Iterator[str]:
    column = table.columns[amount_column]
    if len(export.amounts) > 1:
        if basis == "amortised" and amount_column == export.amounts["cash"]:
            yield f"it has no amortised cost: `{column}` is taken, spread over the period of each row"
        else:
            yield f"{basis} cost, from `{column}`"


def _by_month(
    path: Path, times: pd.Series, ends: pd.Series, usd: pd.Series, basis: BillBasis
) -> tuple[dict[date, float], dict[date, float]]:
    """Dollars of each month, and days from the first that is billed to the last."""
    bills = usd != 0.0 if usd.any() else usd == 0.0  # what costs nothing makes no month
    since_s, until_s, amounts = _seconds(times[bills]), _seconds(ends[bills]), usd[bills].to_numpy()
    first, last = (
        np.datetime64(int(second), "s").astype("datetime64[M]")
        for second in (since_s.min(), until_s.max() - 1.0)
    )
    names = np.arange(first, last + 1)
    if names.size > _MOST_MONTHS:
        raise BillError(f"{path} bills {names.size} months, from {first} to {last}; at most {_MOST_MONTHS}")
    bounds_s = np.arange(first, last + 2).astype("datetime64[s]").astype("float64")
    if basis == "cash":
        until_s = np.minimum(until_s, bounds_s[np.searchsorted(bounds_s, since_s, side="right")])
    length_s = until_s - since_s
    months: dict[date, float] = {}
    days: dict[date, float] = {}
    for name, begin_s, end_s in zip(names, bounds_s, bounds_s[1:], strict=False):
        begins_s, stops_s = np.maximum(since_s, begin_s), np.minimum(until_s, end_s)
        touches = stops_s > begins_s
        if touches.any():
            month = date.fromisoformat(f"{name}-01")
            share = (stops_s - begins_s)[touches] / length_s[touches]
            months[month] = float(amounts[touches] @ share)
            days[month] = float(stops_s[touches].max() - begins_s[touches].min()) / _DAY_S
    return months, days


def _seconds(times: pd.Series) -> NDArray[np.float64]:
    """Since 1970."""
    microseconds: NDArray[np.int64] = times.dt.as_unit("us").astype("int64").to_numpy()
    return microseconds / 1e6


def _ends(path: Path, frame: pd.DataFrame, export: Export, times: pd.Series) -> pd.Series:
    """Until when each row bills; a day from its start where it does not say."""
    a_day_on = times + pd.Timedelta(days=1)
    if export.end is None or export.end not in frame or frame[export.end].isna().all():
        return a_day_on
    written = frame[export.end]
    ends = a_day_on.copy()
    ends[written.notna()], _ = times_of(path, written[written.notna()], export.date_order)
    return ends.where(ends > times, a_day_on)


def _rates(path: Path, frame: pd.DataFrame, export: Export, rates_usd: Mapping[str, float]) -> pd.Series:
    """US dollars for one of the currency of each row."""
    if export.currency is None or export.currency not in frame:
        return pd.Series(1.0, index=frame.index)
    codes = frame[export.currency].str.strip().str.upper()
    if codes.isna().any():
        row = int(codes.index[codes.isna()][0]) + 2
        raise BillError(f"{path}: row {row} has an amount and no currency; add it, or take the row out")
    return _usd_of(path, codes, rates_usd)


def _usd_of(path: Path, codes: pd.Series, rates_usd: Mapping[str, float]) -> pd.Series:
    """US dollars for one of each currency."""
    known = {DOLLAR: 1.0, **rates_usd}
    unknown = sorted(set(codes) - set(known))
    if unknown:
        raise BillError(
            f"{path} is in {', '.join(unknown)[:60]}, and the scenario has no exchange rate for it: "
            f"add `fx: {{date: …, rates: {{{unknown[0][:10]}: …}}}}`"
        )
    return codes.map(known).astype("float64")
