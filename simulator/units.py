"""Quantities as people write them: `800ms`, `120 rpm`, `2M tpm`, `5%`, `$3/Mtok`, `p95 < 8s`.

Every type parses a string or a plain number into a float or an int in one base unit, and says what would be
right when it cannot. Numbers may carry underscores and the suffixes k, M, G.
"""

import math
import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator

_NUMBER = r"[+-]?\d[\d_]*(?:\.[\d_]*)?(?:[eE][+-]?\d+)?|[+-]?\.\d+"
_SCALE = {"": 1.0, "k": 1e3, "K": 1e3, "M": 1e6, "m": 1e6, "G": 1e9}
_SECONDS = {
    "ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1.0, "sec": 1.0, "second": 1.0, "seconds": 1.0,
    "m": 60.0, "min": 60.0, "minute": 60.0, "minutes": 60.0, "h": 3600.0, "hour": 3600.0, "hours": 3600.0,
    "d": 86400.0, "day": 86400.0, "days": 86400.0, "w": 604800.0, "week": 604800.0, "weeks": 604800.0,
}  # fmt: skip
_MONTH_S = 730 * 3600.0
WEEK_S = 7 * 86_400.0
_PLAIN = re.compile(rf"({_NUMBER})\s*([kKMG]?)")
_DURATION_PART = re.compile(rf"({_NUMBER})\s*([a-zµ]+)")
_RATE = re.compile(rf"({_NUMBER})\s*([kKMG]?)\s*(rps|rpm|tpm|(?:\w+\s*)?(?:/|per)\s*(\w+))?")
_MONEY = re.compile(rf"(-?)\s*\$?\s*({_NUMBER})\s*([kKMG]?)\s*(?:(?:/|per)\s*(\w+))?")
_WORKDAY = re.compile(rf"({_NUMBER})\s*([kKMG]?)\s*(?:\w+\s*)?(?:/|per)\s*workday")
_SHARE = re.compile(rf"({_NUMBER})\s*(%?)(?:\s*(?:/|per)\s*(\w+))?")
PERCENTILE = r"p\(\s*[\d.]+\s*\)|p[\d.]+"  # `p95`, or as k6 writes it, `p(95)`
_OBJECTIVE = re.compile(rf"(?:({PERCENTILE}|mean|avg|med)\s*)?(<=|>=|<|>)\s*(.+)")


def _number(text: str) -> float:
    try:
        value = float(text.replace("_", ""))
    except (ValueError, OverflowError) as error:
        raise ValueError(f"`{text[:40]}` is not a number") from error
    return _finite(value)


def _finite(value: float) -> float:
    if not math.isfinite(value):
        raise ValueError("must be a finite number")
    return value


def _plain(value: Any, expected: str) -> float | str:
    """A number as float, or a trimmed string; anything else is refused."""
    if isinstance(value, bool) or value is None or not isinstance(value, int | float | str):
        raise ValueError(f"expected {expected}")
    if isinstance(value, str):
        if len(value) > 200:
            raise ValueError(f"expected {expected}, not {len(value)} characters")
        return value.strip()
    try:
        return _finite(float(value))
    except OverflowError as error:
        raise ValueError("the number is too large") from error


def _unexpected(value: object, expected: str) -> ValueError:
    return ValueError(f"`{str(value)[:60]}` is not {expected}")


def parse_seconds(value: Any) -> float:
    """Duration in seconds: `800ms`, `5m`, `1h30m`, `2d`, `6w`; a plain number is seconds."""
    expected = "a duration such as `800ms`, `30s`, `5m`, `2h`, `30d` or `6w`"
    text = _plain(value, expected)
    if isinstance(text, float):
        return text
    if re.fullmatch(_NUMBER, text):
        return _number(text)
    compact = text.replace(" ", "")
    parts = _DURATION_PART.findall(compact)
    if not parts or "".join(number + unit for number, unit in parts) != compact:
        raise _unexpected(value, expected)
    total_s = 0.0
    for number, unit in parts:
        if unit not in _SECONDS:
            raise _unexpected(value, expected)
        total_s += _number(number) * _SECONDS[unit]
    return _finite(total_s)


def parse_rate_per_s(value: Any) -> float:
    """Rate per second: `40 rps`, `120 rpm`, `14 per day`, `600/min`; a plain number is per second."""
    expected = "a rate such as `40 rps`, `120 rpm`, `600/min` or `14 per day`"
    text = _plain(value, expected)
    if isinstance(text, float):
        return text
    match = _RATE.fullmatch(text)
    if match is None or match[3] == "tpm":
        raise _unexpected(value, expected)
    amount = _number(match[1]) * _SCALE[match[2]]
    if match[3] is None or match[3] == "rps":
        return amount
    if match[3] == "rpm":
        return amount / 60.0
    per = match[4]
    if per == "month":
        return amount / _MONTH_S
    if per not in _SECONDS:
        raise _unexpected(value, expected)
    return _finite(amount / _SECONDS[per])


class WorkdayRate(BaseModel):
    """So many on each workday (Monday to Friday, no holiday); other days are what the profile makes of them."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    per_workday: float = Field(ge=0)


def parse_user_rate(value: Any) -> Any:
    """Rate of a user: per second, or of a workday: `14 per day`, `8 per workday`."""
    if isinstance(value, WorkdayRate | Mapping):
        return value
    match = _WORKDAY.fullmatch(value.strip()) if isinstance(value, str) and len(value) <= 200 else None
    if match is not None:
        return WorkdayRate(per_workday=_finite(_number(match[1]) * _SCALE[match[2]]))
    try:
        return parse_rate_per_s(value)
    except ValueError:
        raise _unexpected(value, "a rate such as `14 per day`, `8 per workday` or `2 per hour`") from None


def parse_tokens_per_minute(value: Any) -> float:
    """Tokens per minute: `800k`, `2M tpm`; a plain number is per minute."""
    expected = "tokens per minute such as `800k`, `2M tpm` or `400_000`"
    text = _plain(value, expected)
    if isinstance(text, float):
        return text
    match = _PLAIN.fullmatch(text.removesuffix("tpm").strip())
    if match is None:
        raise _unexpected(value, expected)
    return _finite(_number(match[1]) * _SCALE[match[2]])


def parse_bytes(value: Any) -> float:
    """Size in bytes: `20kB`, `1.5 MB`, `4`; powers of ten."""
    expected = "a size such as `20kB`, `1.5MB` or `400`"
    text = _plain(value, expected)
    if isinstance(text, float):
        return text
    match = _PLAIN.fullmatch(text.removesuffix("B").strip())
    if match is None:
        raise _unexpected(value, expected)
    return _finite(_number(match[1]) * _SCALE[match[2]])


def parse_count(value: Any) -> int:
    """Whole number: `12_000`, `50k`."""
    expected = "a whole number such as `12_000` or `50k`"
    text = _plain(value, expected)
    if isinstance(text, str):
        text = re.sub(r"\s*(rpm|tpm)$", "", text)
        match = _PLAIN.fullmatch(text)
        if match is None:
            raise _unexpected(value, expected)
        text = _finite(_number(match[1]) * _SCALE[match[2]])
    if text != int(text) or abs(text) > 1e15:
        raise _unexpected(value, expected)
    return int(text)


def parse_share(value: Any) -> float:
    """Share between 0 and 1: `5%`, `0.05`."""
    share = parse_signed_share(value)
    if not 0.0 <= share <= 1.0:
        raise ValueError(f"`{value}` is outside 0 % to 100 %")
    return share


def parse_signed_share(value: Any) -> float:
    """Relative change: `-0.6%`, `+3%`, `4% per month`."""
    expected = "a share such as `5%` or `0.05`"
    text = _plain(value, expected)
    if isinstance(text, float):
        return text
    match = _SHARE.fullmatch(text)
    if match is None or match[3] not in (None, "month"):
        raise _unexpected(value, expected)
    return _number(match[1]) * (0.01 if match[2] else 1.0)


def _parse_usd(units: frozenset[str], expected: str) -> Callable[[Any], float]:
    def parse(value: Any) -> float:
        text = _plain(value, expected)
        if isinstance(text, float):
            return text
        match = _MONEY.fullmatch(text)
        if match is None or (match[4] is not None and match[4] not in units):
            raise _unexpected(value, expected)
        amount = _number(match[2]) * _SCALE[match[3]]
        return _finite(-amount if match[1] else amount)

    return parse


def parse_day(value: Any) -> date:
    """Calendar day: `2027-01-04`."""
    if type(value) is date:
        return value
    try:
        return date.fromisoformat(value if isinstance(value, str) and len(value) == 10 else "")
    except ValueError as error:
        raise ValueError(f"`{str(value)[:60]}` is not a day such as 2027-01-04") from error


def parse_quantity(value: Any) -> float:
    """Value of a distribution: a duration in seconds (`600ms`) or a plain number (`1_200`, `3k`)."""
    expected = "a number such as `1_200` or a duration such as `600ms`"
    text = _plain(value, expected)
    if isinstance(text, float):
        return text
    match = _PLAIN.fullmatch(text)
    if match is not None:
        return _finite(_number(match[1]) * _SCALE[match[2]])
    try:
        return parse_seconds(text)
    except ValueError as error:
        raise _unexpected(value, expected) from error


def _schema(*examples: str, number: str = "number") -> WithJsonSchema:
    return WithJsonSchema({"anyOf": [{"type": number}, {"type": "string"}], "examples": list(examples)})


_HOUR = frozenset({"hour", "h", "replica_hour", "gpu_hour", "person_hour", "unit_hour"})
_CALL = frozenset({"call", "request"})
_MONTH = frozenset({"month", "mo"})
_GIGABYTE = frozenset({"GB"})
_MTOK = frozenset({"Mtok", "MTok", "mtok", "1M"})

Day = Annotated[date, BeforeValidator(parse_day)]
Seconds = Annotated[float, BeforeValidator(parse_seconds), _schema("800ms", "5m", "2h", "30d")]
RatePerSecond = Annotated[
    float, BeforeValidator(parse_rate_per_s), _schema("40 rps", "120 rpm", "14 per day")
]
UserRate = Annotated[
    float | WorkdayRate, BeforeValidator(parse_user_rate), _schema("14 per day", "8 per workday")
]
TokensPerMinute = Annotated[float, BeforeValidator(parse_tokens_per_minute), _schema("800k", "2M tpm")]
Bytes = Annotated[float, BeforeValidator(parse_bytes), _schema("20kB", "4")]
Count = Annotated[int, BeforeValidator(parse_count), _schema("12_000", "50k", number="integer")]
Share = Annotated[float, BeforeValidator(parse_share), _schema("5%")]
SignedShare = Annotated[float, BeforeValidator(parse_signed_share), _schema("-0.6%", "4% per month")]
Quantity = Annotated[float, BeforeValidator(parse_quantity), _schema("600ms", "1_200")]
UsdPerHour = Annotated[
    float, BeforeValidator(_parse_usd(_HOUR, "a price such as `$28/hour`")), _schema("$28/hour")
]
UsdPerCall = Annotated[
    float, BeforeValidator(_parse_usd(_CALL, "a price such as `$0.0004/call`")), _schema("$0.0004/call")
]
UsdPerMonth = Annotated[
    float, BeforeValidator(_parse_usd(_MONTH, "an amount such as `$6_000/month`")), _schema("$6_000/month")
]
UsdPerMillionTokens = Annotated[
    float, BeforeValidator(_parse_usd(_MTOK, "a price such as `$3/Mtok`")), _schema("$3/Mtok")
]
UsdPerGigabyte = Annotated[
    float, BeforeValidator(_parse_usd(_GIGABYTE, "a price such as `$0.02/GB`")), _schema("$0.02/GB")
]
Usd = Annotated[
    float, BeforeValidator(_parse_usd(frozenset(), "an amount such as `$0.35`")), _schema("$0.35")
]


class Objective(BaseModel):
    """What must hold of an indicator: `p95 < 8s`, `mean <= 2s`, `>= 99.5%`, `< $0.35`.

    Attributes
    ----------
    statistic : quantile (0.95) for `p95` or `p(95)`, None for a mean or where only one value exists
    op : `<`, `<=`, `>` or `>=`
    limit : in the indicator's base unit (seconds, share, dollars)
    text : as written
    """

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra={"type": "string"})
    statistic: float | None = None
    op: str
    limit: float
    text: str

    @model_validator(mode="before")
    @classmethod
    def _parse(cls, value: Any) -> Any:
        if not isinstance(value, str):
            if isinstance(value, dict) and set(value) == {"statistic", "op", "limit", "text"}:
                return value
            raise ValueError('expected an objective such as "p95 < 8s" or ">= 99.5%"')
        match = _OBJECTIVE.fullmatch(value.strip())
        if match is None or len(value) > 200:
            raise ValueError(f'`{value[:60]}` is not an objective such as "p95 < 8s" or ">= 99.5%"')
        return {
            "statistic": _statistic(match[1]),
            "op": match[2],
            "limit": _limit(match[3]),
            "text": value.strip(),
        }


def parse_percentile(text: str, *, with_ends: bool = False) -> float:
    """Level of a percentile, 0.95 of `p95` or `p(95)`; the least and the most are none, unless `with_ends`."""
    if re.fullmatch(PERCENTILE, text) is None:
        raise ValueError(f"`{text[:40]}` is not a percentile such as `p95` or `p(99.9)`")
    percent = _number(text[1:].strip("( )"))
    if not (0.0 < percent < 100.0 or (with_ends and percent in (0.0, 100.0))):
        raise ValueError(f"p{percent:g} is not a percentile between 0 and 100")
    return percent / 100.0


def percentile_key(level: float | None) -> str | None:
    """A percentile as documents have it: `p(95)`; None: the mean, or the only number there is."""
    return None if level is None else f"p({100.0 * level:.10g})"


def percentile_label(statistic: str) -> str:
    """A percentile as people read it: `p95` for `p(95)`; other statistics stay as they are."""
    return statistic.translate({ord(character): None for character in "( )"})


def _statistic(text: str | None) -> float | None:
    if text is None or text in ("mean", "avg"):
        return None
    return 0.5 if text == "med" else parse_percentile(text)


def _limit(text: str) -> float:
    text = text.strip()
    if text.startswith("$"):
        return _parse_usd(frozenset(), "an amount such as `$0.35`")(text)
    if text.endswith("%"):
        return parse_signed_share(text)
    return parse_quantity(text)
