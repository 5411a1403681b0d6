"""Forecast against measured, every point and every metric, as an SVG."""

import math
from collections.abc import Iterator, Sequence

from benchmarks.measured.errors import CLASSES, NAMES, Compared

_SIZE, _GAP, _TOP, _LEFT = 200, 64, 56, 58
_COLUMNS = 3
# Okabe and Ito's colours, which people who confuse red and green can tell apart
_COLOURS = dict(zip(CLASSES, ("#0072b2", "#009e73", "#e69f00", "#d55e00"), strict=True))
_UNIT = {"requests_per_s": "1/s"}


def picture(found: Sequence[Compared]) -> str:
    """Six panels on logarithmic axes; on the diagonal a forecast is right, within the band it is off by a tenth at most."""
    rows = -(-len(NAMES) // _COLUMNS)
    width = _LEFT + _COLUMNS * (_SIZE + _GAP)
    height = _TOP + rows * (_SIZE + _GAP) + 8
    panels = []
    for number, metric in enumerate(NAMES):
        left = _LEFT + number % _COLUMNS * (_SIZE + _GAP)
        top = _TOP + number // _COLUMNS * (_SIZE + _GAP)
        panels.append(f'<g transform="translate({left},{top})">{"".join(_panel(found, metric))}</g>')
    legend = "".join(
        f'<circle cx="{_LEFT + 8 + 150 * place}" cy="18" r="5" fill="{_COLOURS[name]}"/>'
        f'<text x="{_LEFT + 18 + 150 * place}" y="22">{name}</text>'
        for place, name in enumerate(CLASSES)
    )
    style = "text{font:12px sans-serif;fill:#333}.axis{font-size:10px;fill:#666}.title{font-weight:bold}"
    return (
        f'<svg viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg" role="img" '
        f'aria-label="Forecast against measured"><style>{style}</style>'
        f'<rect width="{width}" height="{height}" fill="white"/>{legend}{"".join(panels)}</svg>\n'
    )


def _panel(found: Sequence[Compared], metric: str) -> Iterator[str]:
    values = [value for one in found for value in (one.forecast[metric], one.point.measured[metric])]
    low, high = math.log10(min(values)) - 0.1, math.log10(max(values)) + 0.1

    def at(value: float) -> float:
        return (math.log10(value) - low) / (high - low) * _SIZE

    band = math.log10(1.1) / (high - low) * _SIZE
    yield f'<text class="title" x="0" y="-8">{NAMES[metric]}, {_UNIT.get(metric, "ms")}</text>'
    yield f'<rect width="{_SIZE}" height="{_SIZE}" fill="none" stroke="#bbb"/>'
    yield (
        f'<path d="M0 {_SIZE} V{_SIZE - band:.1f} L{_SIZE - band:.1f} 0 H{_SIZE} V{band:.1f} L{band:.1f} {_SIZE} Z" '
        'fill="#eee"/>'
    )
    yield f'<path d="M0 {_SIZE} L{_SIZE} 0" stroke="#999" fill="none"/>'
    for tick in _ticks(low, high):
        place = at(tick)
        yield f'<text class="axis" x="{place:.1f}" y="{_SIZE + 14}" text-anchor="middle">{tick:g}</text>'
        yield f'<text class="axis" x="-5" y="{_SIZE - place + 3:.1f}" text-anchor="end">{tick:g}</text>'
    yield f'<text class="axis" x="{_SIZE / 2}" y="{_SIZE + 28}" text-anchor="middle">measured</text>'
    yield f'<text class="axis" transform="translate(-34,{_SIZE / 2}) rotate(-90)" text-anchor="middle">forecast</text>'
    for one in found:
        x, y = at(one.point.measured[metric]), _SIZE - at(one.forecast[metric])
        colour = _COLOURS[one.point.load_class]
        yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{colour}" fill-opacity="0.8"/>'


def _ticks(low: float, high: float) -> list[float]:
    steps = (1, 2, 5) if high - low < 1.5 else (1,)
    return [
        step * 10.0**power
        for power in range(math.floor(low), math.ceil(high) + 1)
        for step in steps
        if low < math.log10(step * 10.0**power) < high
    ]
