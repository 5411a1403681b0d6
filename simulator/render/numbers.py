"""Numbers as people read them: a unit that suits the size, and no more digits than the interval supports.

`2.31 s ± 0.04`, `99.95 %`, or both ends of an interval in brackets where it is lopsided. Rounding happens
here and nowhere else; documents and files keep every digit.
"""

from collections.abc import Mapping
from math import floor, inf, isfinite, isinf, log10
from typing import Literal, NamedTuple

from simulator.metrics import registry
from simulator.theory.estimate import Estimate

Unit = Literal["time", "share", "points", "money", "rate", "count", "number"]  # points: of percent

_OF_METRICS: Mapping[str, Unit] = {"s": "time", "share": "share", "currency": "money", "1/s": "rate"}

_SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£"}

TO = "\N{EN DASH}"
NOTHING = TO
UNSURE = "≈ "  # one replication: a value without an interval
MORE_THAN = "> "
_N_DIGITS = 3
_MOST_DIGITS = 4
_TIMES = (
    (1e-3, 1e6, "µs"),
    (1.0, 1e3, "ms"),
    (120.0, 1.0, "s"),
    (3600.0, 1 / 60, "min"),
    (172800.0, 1 / 3600, "h"),
)
_DAYS = (1 / 86400, "d")
_RATES = ((1 / 600, 3600.0, "/h"), (0.1, 60.0, "/min"))


class EstimateText(NamedTuple):
    """An estimate in words: the value with its unit, and its interval (empty if exact or unknown)."""

    value: str
    interval: str

    @property
    def line(self) -> str:
        """Both on one line."""
        return f"{self.value} {self.interval}".rstrip()


def plural(n: int, noun: str) -> str:
    """`1 threshold`, `2 thresholds`."""
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


def unit_of(metric: str) -> Unit:
    """How a metric is written, with or without a statistic before its name."""
    return _OF_METRICS.get(registry.unit_of(metric), "number")


def in_currency(text: EstimateText, currency: str) -> EstimateText:
    """An amount of money in another currency than the US dollar."""
    sign = _SYMBOLS.get(currency, f"{currency} ")
    return EstimateText(text.value.replace("$", sign), text.interval)


class _Scale(NamedTuple):
    factor: float
    prefix: str
    suffix: str


def quantity(value: float | None, unit: Unit) -> str:
    """Format one number, e.g. a limit or a setting, without superfluous zeros.

    Parameters
    ----------
    value : in base units: s, share of 1, USD, 1/s; None or not finite: unknown
    unit : what it is
    """
    if value is None or not isfinite(value):
        return NOTHING
    scale = _scale(value, unit)
    scaled = value * scale.factor
    text = _grouped(scaled, _decimals(scaled, unit))
    if "." in text:
        whole, decimals = text.split(".")
        decimals = decimals.rstrip("0")
        if unit == "money":
            decimals = decimals.ljust(2, "0")
        text = f"{whole}.{decimals}".rstrip(".")
    return _signed(text, scale)


def estimate(found: Estimate | None, unit: Unit) -> EstimateText:
    """Format an estimate (base units; None or nan: unknown) with its interval; what is infinite is larger than its bound."""
    if found is not None and found.value == inf and isfinite(found.low):
        return EstimateText(f"{MORE_THAN}{quantity(found.low, unit)}", "")
    if found is None or not isfinite(found.value):
        return EstimateText(NOTHING, "")
    value, low, high = found.value, found.low, found.high
    scale = _scale(value, unit)
    scaled = value * scale.factor
    if isfinite(low) and high == inf:
        text = _text(scaled, _decimals(scaled, unit), scale)
        return EstimateText(text, f"({MORE_THAN}{quantity(low, unit)})")
    if not (isfinite(low) and isfinite(high)):
        return EstimateText(UNSURE + _text(scaled, _decimals(scaled, unit), scale), "")
    below, above = (value - low) * scale.factor, (high - value) * scale.factor
    half_width = max(below, above)
    decimals = _decimals_within(scaled, half_width, unit)
    interval = _interval_text(scaled, below, above, decimals)
    return EstimateText(_text(scaled, decimals, scale), interval)


def signed_estimate(found: Estimate | float, unit: Unit) -> EstimateText:
    """Format a difference with its sign and interval; `none` where nothing moved."""
    found = found if isinstance(found, Estimate) else Estimate.exact(found)
    if isinf(found.value):
        return EstimateText("+∞" if found.value > 0.0 else "−∞", "")
    if found.value == 0.0 and found.low == found.high:
        return EstimateText("none", "")
    shown = estimate(found if found.value >= 0.0 else Estimate(-found.value, -found.high, -found.low), unit)
    is_zero = not any(digit in shown.value for digit in "123456789")
    sign = "" if is_zero or found.value == 0.0 else "+" if found.value > 0.0 else "−"
    return EstimateText(f"{sign}{shown.value}", shown.interval)


def _interval_text(scaled: float, below: float, above: float, decimals: int) -> str:
    half_width = _grouped(max(below, above), decimals)
    if half_width == "0":
        return ""
    if _grouped(below, decimals) == _grouped(above, decimals):
        return f"± {half_width}"
    return f"({_grouped(scaled - below, decimals)}{TO}{_grouped(scaled + above, decimals)})"


def _text(scaled: float, decimals: int, scale: _Scale) -> str:
    return _signed(_grouped(scaled, decimals), scale)


def _signed(text: str, scale: _Scale) -> str:
    """Digits with prefix and suffix; a minus stands in front of all: -$20, not $-20."""
    sign = "-" if text.startswith("-") else ""
    return f"{sign}{scale.prefix}{text.removeprefix('-')}{scale.suffix}"


def _grouped(scaled: float, decimals: int) -> str:
    """Text with so many decimals; a negative number rounds to tens, hundreds, …"""
    text = f"{round(scaled, decimals):,.{max(0, decimals)}f}"
    return text if any(digit in text for digit in "123456789") else "0"


def _scale(value: float, unit: Unit) -> _Scale:
    size = abs(value)
    if unit == "time":
        if size == 0.0:
            return _Scale(1.0, "", " s")
        factor, name = next(((factor, name) for below, factor, name in _TIMES if size < below), _DAYS)
        return _Scale(factor, "", f" {name}")
    if unit == "share":
        return _Scale(100.0, "", " %")
    if unit == "points":
        return _Scale(100.0, "", " pp")
    if unit == "money":
        return _Scale(1e-6, "$", " M") if size >= 1e7 else _Scale(1.0, "$", "")
    if unit == "rate":
        factor, name = next(
            ((factor, name) for below, factor, name in _RATES if 0.0 < size < below), (1.0, "/s")
        )
        return _Scale(factor, "", name)
    return _Scale(1e-6, "", " M") if size >= 1e7 else _Scale(1.0, "", "")


def _decimals(scaled: float, unit: Unit) -> int:
    """Decimals that show three significant digits; of a share near 100 %, of what is missing too."""
    if scaled == 0.0 or (unit == "count" and scaled == floor(scaled)):
        return 0
    if unit == "money" and abs(scaled) >= 1.0:
        return 2 if abs(scaled) < 1000.0 else 0
    decimals = _N_DIGITS - 1 - _magnitude(scaled)
    if unit == "share" and 0.0 < 100.0 - scaled < 1.0:
        decimals = max(decimals, min(-_magnitude(100.0 - scaled), 4))
    return max(0, min(decimals, 6))


def _decimals_within(scaled: float, half_width: float, unit: Unit) -> int:
    """Decimals that show one digit of the half-width (two if it begins with 1); negative: tens, hundreds."""
    if half_width <= 0.0 or not isfinite(half_width):
        return _decimals(scaled, unit)
    magnitude = _magnitude(half_width)
    leading = half_width / 10.0**magnitude
    decimals = -magnitude + (1 if leading < 1.95 else 0)
    n_nines = 1 if unit == "share" and 0.0 < 100.0 - scaled < 0.005 else 0  # 99.998 %, not 100.00 %
    most = _MOST_DIGITS + n_nines - 1 - _magnitude(max(abs(scaled), half_width))
    decimals = min(decimals, most, 6)
    if unit == "money" and abs(scaled) < 1000.0:
        return max(2, decimals)
    return decimals


def _magnitude(value: float) -> int:
    """Power of ten of the leading digit; of zero: 0."""
    return 0 if value == 0.0 else floor(log10(abs(value)))
