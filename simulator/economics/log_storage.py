"""Logs are paid for as they lie there: storage grows until the oldest are deleted, and then stays flat.

A window of a run books what its logs cost until they are deleted. In a forecast that is spread over the time in which they
are kept. What is written evenly from b to e, and kept for R, fills a span from B to E with

    ∫∫ [0 ≤ t - s ≤ R] ds dt = Φ(E - b) - Φ(E - e) - Φ(B - b) + Φ(B - e),    Φ(u) = 0, u²/2, R·u - R²/2

below nothing, up to R, and beyond.
"""

from collections.abc import Sequence
from datetime import datetime

import numpy as np

from simulator.economics.categories import Category, Floats
from simulator.economics.span import Span


def as_stored(spans: Sequence[Span], retention_h: float) -> list[Span]:
    """Spans in order of time, with the storage of logs paid in the one in which they lie there.

    Parameters
    ----------
    spans : from the first action on, all of the same streams
    """
    overlaps = _overlaps_h2(spans, retention_h)
    until_deleted = [_storage_usd(span) / (span.time.hours * retention_h) for span in spans]
    return [
        _with_storage(span, sum(share * usd for share, usd in zip(row, until_deleted, strict=True)))
        for span, row in zip(spans, overlaps, strict=True)
    ]


def _overlaps_h2(spans: Sequence[Span], retention_h: float) -> Floats:
    """How long what is written lies there, hours times hours of writing, float64[span, span that wrote]."""
    first = spans[0].time.begin
    begins, ends = (
        np.array([_hours(first, at) for at in moments])
        for moments in ([span.time.begin for span in spans], [span.time.end for span in spans])
    )

    def filled(until: Floats, since: Floats) -> Floats:
        length = np.maximum(0.0, until[:, None] - since[None, :])
        kept = np.minimum(length, retention_h)
        return np.asarray(kept * (length - kept / 2.0), dtype=np.float64)

    return filled(ends, begins) - filled(ends, ends) - filled(begins, begins) + filled(begins, ends)


def _hours(begin: datetime, end: datetime) -> float:
    return (end - begin).total_seconds() / 3600.0


def _storage_usd(span: Span) -> Floats:
    """Of what the span writes, until it is deleted; float64[seed, stream]."""
    return np.asarray(span.accounts.cost_usd[:, :, _is_storage(span)].sum(axis=2))


def _with_storage(span: Span, usd: Floats) -> Span:
    chosen = _is_storage(span)
    cost_usd, hourly_usd = span.accounts.cost_usd.copy(), span.hourly_usd.copy()
    cost_usd[:, :, chosen] = usd[:, :, None]
    hourly_usd[:, :, chosen] = (usd.mean(axis=0) / span.time.hours)[None, :, None]
    return span.with_lines(span.lines, cost_usd, span.accounts.wasted_usd, hourly_usd)


def _is_storage(span: Span) -> list[bool]:
    return [line.category is Category.LOG_STORAGE for line in span.lines]
