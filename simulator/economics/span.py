"""What part of a month used and cost: the accounts of its windows, weighted, with the counts they come from.

A span keeps sums only, so that a forecast of many months, drawn many times, fits into memory. Prices can be changed
afterwards (`repriced`), because a line's cost is its quantity times its price.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from simulator.compiler.stage_shares import HOURS_PER_MONTH
from simulator.compiler.streams import Stream
from simulator.economics.accounts import Accounts, Basis, accounts
from simulator.economics.categories import Category, Floats, Line
from simulator.economics.month import WeightedWindow, in_proportion
from simulator.economics.price_book import PriceBook
from simulator.mechanisms.codes import Station
from simulator.results.run_result import RunResult


@dataclass(frozen=True)
class SpanTime:
    """Where a span lies in the calendar, cell by cell."""

    month: date  # its first day
    stage: str
    month_share: float  # length over that of the whole calendar month
    cells: tuple[tuple[datetime, float], ...]  # UTC start and length in hours, one after the other
    window_of_cell: tuple[int, ...]  # number of the window that stands for it

    @property
    def begin(self) -> datetime:
        """Start, UTC."""
        return self.cells[0][0]

    @property
    def end(self) -> datetime:
        """End, UTC."""
        start, length_h = self.cells[-1]
        return start + timedelta(hours=length_h)

    @property
    def hours(self) -> float:
        """Length in hours."""
        return sum(length_h for _, length_h in self.cells)


@dataclass(frozen=True, eq=False)
class Span:
    """Part of a calendar month in which one stage runs; every array begins with a unit per seed."""

    time: SpanTime
    accounts: Accounts
    counts: Floats  # [seed, stream, CountColumn]
    usage: Floats  # [seed, stream, station, UsageColumn]
    stations: tuple[Station, ...]
    hourly_usd: Floats  # [window, stream, line] mean over seeds, per hour
    hourly_successes: Floats  # [window, stream] successful actions, mean over seeds, per hour

    @property
    def streams(self) -> tuple[Stream, ...]:
        """Workloads by region of their users."""
        return self.accounts.streams

    @property
    def lines(self) -> tuple[Line, ...]:
        """What is paid for."""
        return self.accounts.lines

    def repriced(self, factors: Mapping[Category, float]) -> "Span":
        """The same at other prices: a factor by category, 1 where none is given."""
        priced = self.accounts.repriced(factors)
        if priced is self.accounts:
            return self
        factor = np.array([factors.get(line.category, 1.0) for line in self.lines])
        return replace(self, accounts=priced, hourly_usd=self.hourly_usd * factor)

    def with_lines(
        self, lines: tuple[Line, ...], cost_usd: Floats, wasted_usd: Floats, hourly_usd: Floats
    ) -> "Span":
        """The same use with other lines."""
        priced = replace(self.accounts, lines=lines, cost_usd=cost_usd, wasted_usd=wasted_usd)
        return replace(self, accounts=priced, hourly_usd=hourly_usd)


def span_of(windows: Sequence[WeightedWindow], book: PriceBook, time: SpanTime) -> Span:
    """Account for part of a month.

    The platform has a price per calendar month, whatever the month's length: a part costs its share of it.

    Parameters
    ----------
    windows : that stand for the part's hours, all with the same seeds
    """
    each = [accounts(window.results, book, in_batches=False) for window in windows]
    counts = [_stacked(window, lambda run: run.measured_counts) for window in windows]
    usage = [_stacked(window, lambda run: run.measured_usage) for window in windows]
    volumes = in_proportion(windows)
    if volumes is not None:
        each = [volume.of_accounts(of) for volume, of in zip(volumes, each, strict=True)]
        counts = [volume.of_counts(of) for volume, of in zip(volumes, counts, strict=True)]
        usage = [volume.of_usage(of) for volume, of in zip(volumes, usage, strict=True)]
    first = each[0]
    if any(one.seeds != first.seeds or one.lines != first.lines for one in each):
        raise ValueError("the windows of a month must have the same seeds, demand and targets")
    weight = [window.weight_h / one.span_h for window, one in zip(windows, each, strict=True)]
    per_month = time.month_share * HOURS_PER_MONTH / time.hours
    factor = np.array([per_month if line.category is Category.PLATFORM else 1.0 for line in first.lines])
    total = replace(
        first,
        cost_usd=_weighted(weight, [one.cost_usd for one in each]) * factor,
        wasted_usd=_weighted(weight, [one.wasted_usd for one in each]) * factor,
        n=_weighted(weight, [one.n for one in each]),
        hours=_weighted(weight, [one.hours for one in each]),
    )
    return Span(
        time,
        total,
        _weighted(weight, counts),
        _weighted(weight, usage),
        windows[0].results[0].stations,
        np.stack([one.cost_usd.mean(axis=0) * factor / one.span_h for one in each]),
        np.stack([one.n[:, :, Basis.SUCCESSFUL_ACTION].mean(axis=0) / one.span_h for one in each]),
    )


def _weighted(weights: Sequence[float], parts: Sequence[Floats]) -> Floats:
    total = np.zeros(parts[0].shape)
    for weight, part in zip(weights, parts, strict=True):
        total += weight * part
    return total


def _stacked(window: WeightedWindow, of: Callable[[RunResult], NDArray[np.generic]]) -> Floats:
    stacked: Floats = np.stack([of(run) for run in window.results]).astype(np.float64)
    return stacked
