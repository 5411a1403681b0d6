"""A forecast: the spans of all months of a rollout, and what the whole of it, or any part, costs.

Whatever view is taken (month, stage, region, model, category, part of the waterfall), it is a sum over the same
entries, one per span x stream x line, so that all views have the same total.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from simulator.economics.accounts import Basis
from simulator.economics.categories import TOKEN_CATEGORIES, Category, Floats, Line
from simulator.economics.month import shares_of_askers
from simulator.economics.price_book import PriceBook
from simulator.economics.span import Span
from simulator.metrics.columns import CountColumn
from simulator.results.samples import Sample, ratio_sample

_COMMITTED = (*TOKEN_CATEGORIES, Category.MIRRORED_TOKENS)


@dataclass(frozen=True, eq=False)
class Forecast:
    """Spans in order of time, all with the same seeds; amounts in US dollars."""

    spans: tuple[Span, ...]

    @cached_property
    def months(self) -> tuple[date, ...]:
        """First days of the months, in order."""
        return tuple(dict.fromkeys(span.time.month for span in self.spans))

    @property
    def n_seeds(self) -> int:
        """Replications of every window."""
        return len(self.spans[0].accounts.seeds)

    def in_month(self, month: date) -> "Forecast":
        """The part of one month."""
        return Forecast(tuple(span for span in self.spans if span.time.month == month))

    @cached_property
    def stages(self) -> tuple[str, ...]:
        """Names of the stages, in order."""
        return tuple(dict.fromkeys(span.time.stage for span in self.spans))

    def in_stage(self, stage: str) -> "Forecast":
        """The part of one stage."""
        return Forecast(tuple(span for span in self.spans if span.time.stage == stage))

    @cached_property
    def cost_usd(self) -> Floats:
        """Cost of everything, float64[seed]."""
        return _sum([span.accounts.cost_usd.sum(axis=(1, 2)) for span in self.spans])

    @cached_property
    def wasted_usd(self) -> Floats:
        """Part of the cost whose answers were not used, float64[seed]."""
        return _sum([span.accounts.wasted_usd.sum(axis=(1, 2)) for span in self.spans])

    def category_usd(self, category: Category) -> Floats:
        """Cost of a category, float64[seed]."""
        total = np.zeros(self.n_seeds)
        for span in self.spans:
            chosen = [line.category is category for line in span.lines]
            total += span.accounts.cost_usd[:, :, chosen].sum(axis=(1, 2))
        return total

    def numbers(self, basis: Basis, workloads: Sequence[str] | None = None) -> Floats:
        """Actions, successful actions or turns of some workloads (none: all), float64[seed]."""
        return _sum([span.accounts.n[:, _of(span, workloads), basis].sum(axis=1) for span in self.spans])

    def count(self, column: CountColumn, workloads: Sequence[str] | None = None) -> float:
        """A counter of some workloads (none: all), mean over seeds."""
        counted = [span.counts[:, _of(span, workloads), column].sum(axis=1) for span in self.spans]
        return float(_sum(counted).mean())

    def unit_cost(self, basis: Basis) -> Sample | None:
        """Cost of everything per action (or another basis); None: nothing to divide by."""
        return ratio_sample(self.cost_usd, self.numbers(basis))

    @property
    def total_usd(self) -> float:
        """Cost of everything, mean over seeds."""
        return float(self.cost_usd.mean())


def forecast_of(spans: Sequence[Span], book: PriceBook) -> Forecast:
    """A forecast of spans in order of time, with what is missing of spend commitments in each month."""
    found = list(spans)
    for commitment in book.commitments:
        line = Line(None, Category.UNUSED_COMMITMENT, "month", commitment.monthly)
        for month in dict.fromkeys(span.time.month for span in found):
            places = [place for place, span in enumerate(found) if span.time.month == month]
            share = sum(found[place].time.month_share for place in places)
            used = sum(_used_usd(found[place], commitment.models) for place in places)
            missing = np.maximum(share * commitment.monthly - used, 0.0)
            hours = sum(found[place].time.hours for place in places)
            for place in places:
                part = missing * (found[place].time.hours / hours)
                split = shares_of_askers(found[place].accounts, book, commitment.models)
                found[place] = _with_line(found[place], line, part[:, None] * split)
    return Forecast(tuple(found))


def _of(span: Span, workloads: Sequence[str] | None) -> NDArray[np.bool_]:
    return np.array([workloads is None or stream.workload in workloads for stream in span.streams])


def _used_usd(span: Span, models: Sequence[str]) -> Floats:
    """What was spent on tokens of some models, float64[seed]."""
    chosen = [
        line.station is not None and line.station.target in models and line.category in _COMMITTED
        for line in span.lines
    ]
    used: Floats = span.accounts.cost_usd[:, :, chosen].sum(axis=(1, 2))
    return used


def _with_line(span: Span, line: Line, amount_usd: Floats) -> Span:
    """A span with one more line, float64[seed, stream], spread evenly over its hours."""
    added = amount_usd[:, :, None]
    hourly = np.broadcast_to(added.mean(axis=0) / span.time.hours, (*span.hourly_usd.shape[:2], 1))
    return span.with_lines(
        (*span.lines, line),
        np.concatenate([span.accounts.cost_usd, added], axis=2),
        np.concatenate([span.accounts.wasted_usd, np.zeros_like(added)], axis=2),
        np.concatenate([span.hourly_usd, hourly], axis=2),
    )


def _sum(parts: Sequence[Floats]) -> Floats:
    total = np.zeros_like(parts[0])
    for part in parts:
        total += part
    return total
