"""Cells that somebody else wrote, as numbers, times, words and hashes: what cannot be read is counted, never guessed."""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulator.formats.logs.dialect import UNITS, Unit
from simulator.formats.logs.errors import LogError

FloatArray = NDArray[np.float64]

_EARLIEST_S, _LATEST_S = 946_684_800.0, 4_102_444_800.0  # 2000 and 2100, since 1970
_WITH_ZONE = r"(?:[zZ]|[+-]\d{2}:?\d{2}|[+-]\d{2})$"
_OFFSET = re.compile(r"([+-]\d{2}(?::?\d{2})?)$")
_DECIMAL_COMMA = r"^(\d{4}-\d{2}-\d{2}.\d{2}:\d{2}:\d{2}),(\d+)"
_NUMERIC_DATE = r"^(\d{1,2})[/.](\d{1,2})[/.](\d{4})[ T,]*(.*)$"
_OTHER_SHAPES = (
    "%d/%b/%Y:%H:%M:%S %z",
    "%b %d, %Y @ %H:%M:%S.%f",
    "%a, %d %b %Y %H:%M:%S %z",
    "%a %b %d %H:%M:%S %Y",
    "%Y/%m/%d %H:%M:%S",
)
_EMPTY = ["", "{}", "[]", "nan", "None", "null", "<NA>"]
_SALT = secrets.token_hex(8)  # of one process: hashes of one run are of no use to another


@dataclass
class Clock:
    """How the times of a log are written, as its cells are read.

    Attributes
    ----------
    zone : of times that have none
    unit : of numbers, once it is known
    is_relative : numbers count from a start of their own
    unread : a time that could not be read
    """

    name: str
    zone: ZoneInfo | None = None
    unit: Unit | None = None
    is_relative: bool = False
    n_without_zone: int = 0
    n_with_zone: int = 0
    offsets: set[str] = field(default_factory=set)
    unread: str = ""

    def read(self, cells: pd.Series, unit: Unit | None) -> FloatArray:
        """Seconds since 1970, or since a start of their own; nan where a cell is no time."""
        if isinstance(cells.dtype, pd.DatetimeTZDtype) or pd.api.types.is_datetime64_dtype(cells.dtype):
            return self._stamps(cells)
        values = numbers(cells) if _may_be_numbers(cells) else np.full(len(cells), np.nan)
        is_number = np.isfinite(values)
        times_s = np.full(len(cells), np.nan)
        if is_number.any():
            times_s[is_number] = self._numeric(values[is_number], unit)
        rest = ~is_number & cells.notna().to_numpy()
        if rest.any() and not pd.api.types.is_numeric_dtype(cells.dtype):
            times_s[rest] = self._texts(cells[rest])
        if not self.is_relative:
            times_s[~((times_s > _EARLIEST_S) & (times_s < _LATEST_S))] = np.nan
        return times_s

    def _numeric(self, values: FloatArray, unit: Unit | None) -> FloatArray:
        middle = float(np.median(values))
        by_size = next(
            (one for one, factor in UNITS.items() if _EARLIEST_S < middle * factor < _LATEST_S), None
        )
        if by_size is not None:  # seconds, milliseconds and the others of these years do not overlap
            self.unit = by_size
            return values * UNITS[by_size]
        if unit is None:
            self._ask(values)
        self.unit, self.is_relative = unit, True
        return values * UNITS[unit or "s"]

    def _ask(self, values: FloatArray) -> None:
        span, n = float(values.max() - values.min()), values.size
        readings = ", ".join(
            f"`{unit}`: {span * factor:.4g} s, {n / (span * factor):.3g} requests a second"
            for unit, factor in UNITS.items()
            if span > 0.0
        )
        raise LogError(
            f"{self.name}: times are numbers of no date, and their unit is not known; say it, as in "
            f"`--columns time=COLUMN:ms` ({readings or 'all alike'})"
        )

    def _stamps(self, cells: pd.Series) -> FloatArray:
        if isinstance(cells.dtype, pd.DatetimeTZDtype):
            self.n_with_zone += int(cells.notna().sum())
            return _seconds(cells.dt.tz_convert(UTC))
        self.n_without_zone += int(cells.notna().sum())
        return _seconds(self._localised(cells))

    def _texts(self, cells: pd.Series) -> FloatArray:
        text = cells.astype("str").str.strip()
        if text.str.endswith("UTC").any():
            text = text.str.replace(r" ?UTC$", "Z", regex=True)
        if text.str.contains(",", regex=False).any():
            text = text.str.replace(_DECIMAL_COMMA, r"\1.\2", regex=True)
        has_zone = text.str.contains(_WITH_ZONE, regex=True) & text.str.contains(":", regex=False)
        stamps = pd.to_datetime(text, format="ISO8601", utc=True, errors="coerce")
        for shape in _OTHER_SHAPES:
            missing = stamps.isna()
            if not missing.any():
                break
            stamps = stamps.mask(
                missing, pd.to_datetime(text[missing], format=shape, utc=True, errors="coerce")
            )
        stamps = self._day_or_month_first(text, stamps)
        if stamps.isna().any():
            self.unread = str(text[stamps.isna()].iloc[0])[:40]
        self.n_with_zone += int(has_zone.sum())
        self.n_without_zone += int((~has_zone & stamps.notna()).sum())
        ends = text[has_zone].str.slice(-6).unique()[:200]
        self.offsets |= {_offset(end) for end in ends}
        if self.zone is not None and not has_zone.all():
            local = self._localised(stamps[~has_zone].dt.tz_localize(None))
            stamps = stamps.mask(~has_zone, local.reindex(stamps.index))
        return _seconds(stamps)

    def _day_or_month_first(self, text: pd.Series, stamps: pd.Series) -> pd.Series:
        """Times like 14/09/2026 10:00, read in the one way that all of them allow."""
        missing = stamps.isna()
        parts = text[missing].str.extract(_NUMERIC_DATE)
        found = parts[0].notna()
        if not found.any():
            return stamps
        one, two = (parts.loc[found, n].astype("int64") for n in (0, 1))
        if (one > 12).any() == (two > 12).any():
            raise LogError(
                f"{self.name}: times like {str(text[missing][found].iloc[0])[:30]!r} may begin with the day "
                "or the month, and no row tells; write them as 2026-09-14T10:00:00Z"
            )
        day, month = (one, two) if (one > 12).any() else (two, one)
        rest = parts.loc[found, 3].str.strip()
        date = (
            parts.loc[found, 2]
            + "-"
            + month.astype("str").str.zfill(2)
            + "-"
            + day.astype("str").str.zfill(2)
        )
        shape = "%Y-%m-%d %I:%M:%S %p" if rest.str.contains(r"[AaPp][Mm]$").any() else "ISO8601"
        read = pd.to_datetime((date + " " + rest).str.strip(), format=shape, utc=True, errors="coerce")
        return stamps.mask(missing & text.index.isin(read.index), read.reindex(stamps.index))

    def _localised(self, naive: pd.Series) -> pd.Series:
        if self.zone is None:
            return pd.Series(naive.dt.tz_localize(UTC))
        summer = np.zeros(len(naive), dtype=bool)  # the hour that is there twice: the second, as winter time
        local = naive.dt.tz_localize(self.zone, ambiguous=summer, nonexistent="shift_forward")
        return pd.Series(local.dt.tz_convert(UTC))


def _offset(end: str) -> str:
    """The offset from UTC that a time ends with, written in one way."""
    found = _OFFSET.search(end)
    return f"{found[1][:3]}:{found[1].replace(':', '')[3:] or '00'}" if found else "+00:00"


def _may_be_numbers(cells: pd.Series) -> bool:
    """Whether any of them is a number, by a look at some."""
    if pd.api.types.is_numeric_dtype(cells.dtype):
        return True
    some = cells.dropna().iloc[:: max(1, len(cells) // 500)]
    return bool(np.isfinite(numbers(some)).any())


def _seconds(stamps: pd.Series) -> FloatArray:
    whole: FloatArray = stamps.dt.as_unit("us").astype("int64").to_numpy().astype(np.float64) / 1e6
    return np.where(stamps.isna().to_numpy(), np.nan, whole)


def numbers(cells: pd.Series) -> FloatArray:
    """Finite numbers; nan where a cell is none."""
    if pd.api.types.is_bool_dtype(cells.dtype):
        return np.full(len(cells), np.nan)
    if not pd.api.types.is_numeric_dtype(cells.dtype):
        try:
            cells = pd.to_numeric(cells, errors="coerce")
        except (TypeError, ValueError, OverflowError):
            cells = pd.to_numeric(cells.map(_plain_number), errors="coerce")
    values: FloatArray = cells.to_numpy(dtype=np.float64, na_value=np.nan)
    return np.where(np.isfinite(values), values, np.nan)


def _plain_number(cell: object) -> float:
    if isinstance(cell, bool) or not isinstance(cell, int | float | str):
        return np.nan
    try:
        return float(cell)
    except (ValueError, OverflowError):
        return np.nan


def words(cells: pd.Series) -> pd.Series:
    """Short words, the same few over and over; nothing where a cell is empty, a list or an object."""
    if cells.dtype == object:
        cells = cells.map(lambda cell: cell if isinstance(cell, str | int | float | bool) else None)
    codes, found = pd.factorize(cells.astype("object"), use_na_sentinel=True)
    short = pd.Series([str(word)[:120].strip() for word in found], dtype="object")
    kept = short[~short.isin(_EMPTY)]
    recoded, categories = pd.factorize(kept)
    place = np.full(len(found) + 1, -1)
    place[kept.index] = recoded
    levels = np.array([*categories, None], dtype=object)
    return pd.Series(levels[place[codes]], index=cells.index, dtype="object").astype("category")


def keys(cells: pd.Series) -> NDArray[np.uint64]:
    """Hashes of ids, which are not kept; 0 where there is none."""
    if cells.dtype == object:
        cells = cells.map(lambda cell: cell if isinstance(cell, str | int | float) else None)
    text = cells.astype("str")
    hashed: NDArray[np.uint64] = pd.util.hash_array(text.to_numpy(dtype=object), hash_key=_SALT)
    missing = (cells.isna() | text.str.strip().isin(_EMPTY)).to_numpy()
    return np.where(missing, np.uint64(0), hashed)


def inside(cells: pd.Series, name: str) -> pd.Series:
    """The value of a key in cells that hold JSON as text."""
    pattern = rf'"{re.escape(name)}"\s*:\s*(?:"([^"\\]{{0,200}})"|(-?[0-9][0-9.eE+-]{{0,30}}|true|false))'
    found = cells.astype("str").str.extract(pattern)
    return found[0].fillna(found[1])


FATES: Mapping[str, str] = {
    "ok": "answered",
    "rate_limited": "turned away with 429",
    "timeout": "timed out",
    "cancelled": "cancelled by the caller",
    "error": "failed",
}
_OK = re.compile(
    r"^(?:ok|success(?:ful|ful_response)?|succeeded|answered|degraded|completed?|done|default|debug|warning|info|stop|length|unset|true|pass|"
    r"(?:http )?[23]\d\d(?:\.0)?(?: .*)?|0(?:\.0)?|end_turn|finished|handed_off|good)$"
)
_FATE_WORDS = (
    ("rate_limited", re.compile(r"429|rate.?limit|throttl|quota|too.?many|resource.?exhausted|rejected")),
    ("timeout", re.compile(r"time.?out|timed.?out|deadline|\b408\b|\b504\b")),
    ("cancelled", re.compile(r"cancel|abort|abandon|\b499\b|disconnect")),
)  # fmt: skip


def fate(word: str) -> str:
    """What became of a request, by the word or code of a tool."""
    plain = word.strip().lower()
    if _OK.match(plain):
        return "ok"
    return next((name for name, pattern in _FATE_WORDS if pattern.search(plain)), "error")
