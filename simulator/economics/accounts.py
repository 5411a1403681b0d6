"""What did replications of a window cost, per action and by part? From `Costs` to estimates with intervals.

The accounts are made once and then sliced: planning asks hundreds of times, so nothing here builds a data
frame. Ratios have jackknife intervals over replications; a single run is cut into batches of time buckets.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from simulator.compiler.streams import Stream
from simulator.economics.categories import ENDED, Category, Floats, Line
from simulator.economics.costs import costs
from simulator.economics.price_book import PriceBook
from simulator.mechanisms.codes import Station
from simulator.metrics.columns import CountColumn, UsageColumn
from simulator.metrics.dimensions import ALL, Selection
from simulator.results.run_result import RunResult, check_replications
from simulator.results.samples import Sample, batched, ratio_sample, to_estimate
from simulator.theory.estimate import Estimate


class Basis(IntEnum):
    """What a cost is divided by."""

    ACTION = 0  # every action that ended, however it ended
    SUCCESSFUL_ACTION = 1  # answered, or resolved by people, and right
    TURN = 2  # every turn with an answer


COST_BASES = {"cost_per_action": Basis.ACTION, "cost_per_successful_action": Basis.SUCCESSFUL_ACTION}


@dataclass(frozen=True, eq=False)
class Accounts:
    """Money and actions of every replication (or batch of a single run) of a window, or of a month."""

    streams: tuple[Stream, ...]
    lines: tuple[Line, ...]
    seeds: tuple[int, ...]  # of the replications
    cost_usd: Floats  # [unit, stream, line]
    wasted_usd: Floats  # [unit, stream, line]
    n: Floats  # [unit, stream, Basis]
    hours: Floats  # [unit]

    @property
    def span_h(self) -> float:
        """Hours that the accounts cover: the measured span of a window, or a month."""
        return float(self.hours.sum()) / len(self.seeds)

    def money(self, selection: Selection = ALL, category: Category | None = None) -> Floats:
        """Cost of what is selected, float64[unit] in US dollars."""
        return self._selected(self.cost_usd, selection, category)

    def wasted_money(self, selection: Selection = ALL, category: Category | None = None) -> Floats:
        """Part of `money` that bought nothing, float64[unit] in US dollars."""
        return self._selected(self.wasted_usd, selection, category)

    def numbers(self, basis: Basis, selection: Selection = ALL) -> Floats:
        """How many actions (or turns) the selected streams had, float64[unit]."""
        found: Floats = self.n[:, self._streams(selection), basis].sum(axis=1)
        return found

    def repriced(self, factors: Mapping[Category, float]) -> "Accounts":
        """The same use at other prices: a factor by category, 1 where none is given."""
        factor = np.array([factors.get(line.category, 1.0) for line in self.lines])
        if (factor == 1.0).all():
            return self
        lines = tuple(
            line._replace(unit_price_usd=line.unit_price_usd * by)
            for line, by in zip(self.lines, factor, strict=True)
        )
        return replace(
            self, lines=lines, cost_usd=self.cost_usd * factor, wasted_usd=self.wasted_usd * factor
        )

    def _selected(self, money: Floats, selection: Selection, category: Category | None) -> Floats:
        found: Floats = money[:, self._streams(selection)][:, :, self._lines(selection, category)].sum(
            axis=(1, 2)
        )
        return found

    def _streams(self, selection: Selection) -> NDArray[np.bool_]:
        """Streams that are selected; bool[stream]."""
        mask = [selection.asks(stream) for stream in self.streams]
        if not any(mask):
            raise ValueError(f"no demand for {selection}")
        return np.array(mask, dtype=np.bool_)

    def _lines(self, selection: Selection, category: Category | None) -> NDArray[np.bool_]:
        """Lines of a category and, if one is selected, of a target (in a region); bool[line]."""

        def is_at(station: Station | None) -> bool:
            return selection.target is None or (
                station is not None
                and station.target == selection.target
                and selection.region in (None, station.region)
            )

        mask = [category in (None, line.category) and is_at(line.station) for line in self.lines]
        return np.array(mask, dtype=np.bool_)


def accounts(results: Sequence[RunResult], book: PriceBook, *, in_batches: bool = True) -> Accounts:
    """Price replications of one window.

    Parameters
    ----------
    results : replications of one window
    book : prices of their scenario
    in_batches : cut a single run into batches, so that its ratios have an interval
    """
    check_replications(results)
    first = results[0]
    seeds = tuple(result.seed for result in results)
    if len(results) == 1 and in_batches:
        priced = costs(first, book, by_bucket=True)
        counts = batched(_counts(first.counts[first.n_warmup_buckets :]))
        hours = batched(first.measured_bucket_s / 3600.0)
        cost_usd, wasted_usd = batched(priced.cost_usd), batched(priced.wasted_usd)
        return Accounts(priced.streams, priced.lines, seeds, cost_usd, wasted_usd, counts, hours)
    each = [costs(result, book) for result in results]
    cost_usd = np.concatenate([priced.cost_usd for priced in each])
    wasted_usd = np.concatenate([priced.wasted_usd for priced in each])
    counts = np.stack([_counts(result.measured_counts) for result in results]).astype(np.float64)
    hours = np.array([result.duration_s / 3600.0 for result in results])
    return Accounts(first.streams, each[0].lines, seeds, cost_usd, wasted_usd, counts, hours)


def unit_cost_sample(
    of: Accounts, basis: Basis, selection: Selection = ALL, category: Category | None = None
) -> Sample | None:
    """Cost per action (or another basis), one value per replication, for paired comparisons; None: none."""
    return ratio_sample(of.money(selection, category), of.numbers(basis, selection))


def unit_cost(
    of: Accounts, basis: Basis, selection: Selection = ALL, category: Category | None = None
) -> Estimate | None:
    """Cost per action (or another basis) in US dollars.

    Parameters
    ----------
    of : accounts of a window or a month
    basis : what to divide by
    selection : workload and users' region; with a target, what was spent there (in its region, if one is
        given) by all users, or those of a workload
    category : only this category; none: all

    Returns
    -------
    Estimate, or None if there was nothing to divide by.
    """
    sample = unit_cost_sample(of, basis, selection, category)
    return None if sample is None else to_estimate(sample)


def total_cost(
    of: Accounts, selection: Selection = ALL, category: Category | None = None, *, wasted: bool = False
) -> Estimate:
    """Cost of the window (mean over replications) or month in US dollars; `wasted`: what bought nothing."""
    money = of.wasted_money(selection, category) if wasted else of.money(selection, category)
    per_hour = ratio_sample(money, of.hours)
    assert per_hour is not None  # a span is longer than zero
    return to_estimate(Sample(per_hour.value * of.span_h, per_hour.units * of.span_h))


def cost_per_million_tokens(of: Accounts, results: Sequence[RunResult], target: str) -> Estimate | None:
    """Cost of a target per million input and output tokens in US dollars, idle hours included; None: no tokens.

    Parameters
    ----------
    of : accounts of `results`
    target : a model
    """
    station_ids = results[0].station_ids(Selection(target=target))
    columns = [UsageColumn.INPUT_TOKENS, UsageColumn.OUTPUT_TOKENS]
    if len(results) == 1:
        run = results[0]
        by_bucket = run.usage[run.n_warmup_buckets :][:, :, station_ids][..., columns].sum(axis=(1, 2, 3))
        tokens = batched(by_bucket)
    else:
        tokens = np.array([run.measured_usage[:, station_ids][..., columns].sum() for run in results])
    money = of.money(Selection(target=target))
    if money.shape != tokens.shape:  # accounts of a single run that was not cut into batches
        tokens = tokens.sum(keepdims=True)
    sample = ratio_sample(money * 1e6, tokens)
    return None if sample is None else to_estimate(sample)


def _counts(columns: NDArray[np.int64]) -> NDArray[np.int64]:
    """From int64[…, stream, CountColumn] to int64[…, stream, Basis]."""
    parts = (
        columns[..., ENDED].sum(axis=-1),
        columns[..., CountColumn.CORRECT],
        columns[..., CountColumn.TURNS],
    )
    return np.stack(parts, axis=-1)
