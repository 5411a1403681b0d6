"""What did a month cost by somebody's own books? A CSV with a row for each month and group of costs."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

from simulator.formats.bills.cells import FIRST_ROW, BillError, amounts_of
from simulator.formats.bills.table import CsvTable
from simulator.scenario.read.currencies import DOLLAR

_NEEDED = ("month", "group", "amount")


def are_books(table: CsvTable) -> bool:
    """Whether a file has the columns of books."""
    return set(_NEEDED) <= set(table.columns)


def read_books(
    path: Path, groups: tuple[str, ...], rates_usd: Mapping[str, float]
) -> Mapping[date, Mapping[str, float]]:
    """Costs by month and group, in US dollars.

    Parameters
    ----------
    groups : that a row may be of
    rates_usd : US dollars for one of other currencies

    Raises
    ------
    BillError
        If a month, a group, an amount or a currency cannot be read.
    """
    frame = CsvTable(path).read((*_NEEDED, "currency"))
    found: dict[date, dict[str, float]] = {}
    amounts = amounts_of(path, frame["amount"].fillna(""))
    currencies = frame["currency"] if "currency" in frame else [DOLLAR] * len(frame)
    rates = {DOLLAR: 1.0, **rates_usd}
    for place, (month, group, amount, currency) in enumerate(
        zip(frame["month"], frame["group"], amounts, currencies, strict=True)
    ):
        row = f"{path}: row {place + FIRST_ROW}"
        try:
            first = date.fromisoformat(f"{str(month).strip()[:7]}-01")
        except ValueError:
            raise BillError(f"{row} of `month` is no month such as 2026-11: `{str(month)[:40]}`") from None
        name = str(group).strip().lower()
        if name not in groups:
            raise BillError(f"{row} of `group` is `{str(group)[:40]}`; there are: {', '.join(groups)}")
        code = str(currency or DOLLAR).strip().upper()
        if code not in rates:
            raise BillError(
                f"{row} is in {code[:10]}, and the scenario has no exchange rate for it; add it to `fx`"
            )
        of = found.setdefault(first, {})
        of[name] = of.get(name, 0.0) + float(amount) * rates[code]
    return found
