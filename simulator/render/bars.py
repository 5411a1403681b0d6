"""Shares over time as a line of block characters, which every medium that shows text can have."""

from collections.abc import Sequence
from math import ceil

_BARS = "▁▂▃▄▅▆▇█"


def bars_text(shares: Sequence[float], marks: Sequence[int], n_bars: int) -> str:
    """At most so many bars, each the mean of as many shares; `|` stands in front of the bars with a mark."""
    per_bar = max(1, ceil(len(shares) / n_bars))
    marked = {mark // per_bar for mark in marks} - {0}
    text = ""
    for number, start in enumerate(range(0, len(shares), per_bar)):
        part = shares[start : start + per_bar]
        share = min(1.0, max(0.0, sum(part) / len(part)))
        text += ("|" if number in marked else "") + _BARS[round(share * (len(_BARS) - 1))]
    return text
