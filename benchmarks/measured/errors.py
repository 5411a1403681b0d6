"""How far are the forecasts from the measurements: by point, and by load class?"""

from collections.abc import Sequence
from typing import NamedTuple

from benchmarks.measured.points import METRICS, Point
from benchmarks.report import markdown_table

CLASSES = ("under 50 %", "50 to 90 %", "over 90 %", "saturated")
OPEN = "all open arrivals"
NAMES = {
    "ttft_p50_ms": "TTFT p50",
    "ttft_p99_ms": "TTFT p99",
    "tpot_ms": "TPOT",
    "latency_p50_ms": "latency p50",
    "latency_p99_ms": "latency p99",
    "requests_per_s": "requests/s",
}


class Compared(NamedTuple):
    """A point, and what was forecast for it."""

    point: Point
    forecast: dict[str, float]

    def error(self, metric: str) -> float:
        """Relative to the measurement."""
        return self.forecast[metric] / self.point.measured[metric] - 1.0


def mean_error(found: Sequence[Compared], metric: str) -> float:
    """Mean of absolute relative errors."""
    return sum(abs(one.error(metric)) for one in found) / len(found)


def by_class(found: Sequence[Compared]) -> dict[str, list[Compared]]:
    """Points of each class of load that has any, and all that were not saturated."""
    chosen = {name: [one for one in found if one.point.load_class == name] for name in CLASSES}
    chosen[OPEN] = [one for one in found if not one.point.is_late]
    return {name: points for name, points in chosen.items() if points}


def class_table(found: Sequence[Compared]) -> str:
    """Mean absolute errors by load class."""
    rows = [
        [name, str(len(points)), *(f"{mean_error(points, metric):.1%}" for metric in METRICS)]
        for name, points in by_class(found).items()
    ]
    return markdown_table(("load", "points", *NAMES.values()), rows)


def point_table(found: Sequence[Compared]) -> str:
    """Forecast, measured and error of every point."""
    rows = []
    for one in found:
        cells = [
            f"{one.forecast[metric]:.4g} / {one.point.measured[metric]:.4g} ({one.error(metric):+.0%})"
            for metric in METRICS
        ]
        rows.append([one.point.set_name, one.point.load_class, f"{one.point.rate_per_s:g}", *cells])
    return markdown_table(("set", "load", "sent/s", *NAMES.values()), rows)
