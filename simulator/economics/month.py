"""What does a month cost? A few simulated windows, each weighted with the hours of a month it stands for.

    cost of the month = Σ over windows  weight_h · (cost of the window / its measured hours)

A run's luck hangs on its seed alone, so replication k of one window and replication k of another see much
the same users: they are not independent. The sum over windows is therefore formed for each seed, and the
interval is that of Student's t over these sums, which is right whatever the windows share. (Adding up
variances of independent windows would be too sure.) Only seeds that all windows have count.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from simulator.compiler.demand import DemandWindow
from simulator.compiler.stage_shares import HOURS_PER_MONTH
from simulator.economics.accounts import Accounts, Basis, accounts, total_cost, unit_cost
from simulator.economics.categories import TOKEN_CATEGORIES, Category, Floats, Line
from simulator.economics.price_book import PriceBook
from simulator.economics.unit_cost import categories
from simulator.economics.volume import Proportions, proportions
from simulator.results.run_result import RunResult
from simulator.theory.estimate import Estimate


@dataclass(frozen=True, eq=False)
class WeightedWindow:
    """Replications of one window, and the hours of a month it stands for.

    Attributes
    ----------
    offered_rps : what is asked, by workload, region and tenant; None: what the runs drew
    """

    weight_h: float
    results: Sequence[RunResult]
    offered_rps: Floats | None = None

    @classmethod
    def of(cls, window: DemandWindow, results: Sequence[RunResult]) -> "WeightedWindow":
        """A steady window, with what is asked in it."""
        return cls(window.weight_h, results, window.mean_rps)


def in_proportion(windows: Sequence[WeightedWindow]) -> list[Proportions] | None:
    """Factors that make the volume of the windows that of the calendar; None: it is not known."""
    offered = [window.offered_rps for window in windows if window.offered_rps is not None]
    if len(offered) < len(windows):
        return None
    return proportions(
        [window.results for window in windows], offered, [window.weight_h for window in windows]
    )


@dataclass(frozen=True)
class MonthCost:
    """Cost of a month in US dollars."""

    total: Estimate
    by_category: dict[Category, Estimate]
    per_action: Estimate | None  # None: nothing ended
    per_successful_action: Estimate | None


def month_cost(windows: Sequence[WeightedWindow], book: PriceBook) -> MonthCost:
    """Cost of the month that the windows stand for; their weights usually add up to 730 h."""
    month = month_accounts(windows, book)
    return MonthCost(
        total=total_cost(month),
        by_category={category: total_cost(month, category=category) for category in categories(month)},
        per_action=unit_cost(month, Basis.ACTION),
        per_successful_action=unit_cost(month, Basis.SUCCESSFUL_ACTION),
    )


def month_accounts(
    windows: Sequence[WeightedWindow], book: PriceBook, price_factors: Mapping[Category, float] | None = None
) -> Accounts:
    """Accounts of a month: money and actions of the windows, weighted, one unit per common seed.

    Parameters
    ----------
    price_factors : by category, on the prices of the book; 1 where none is given

    Raises
    ------
    ValueError
        If there are no windows, they share no seed, or they are of different scenarios.
    """
    if not windows:
        raise ValueError("a month needs windows")
    each = [accounts(window.results, book, in_batches=False) for window in windows]
    volumes = in_proportion(windows)
    if volumes is not None:
        each = [volume.of_accounts(of) for volume, of in zip(volumes, each, strict=True)]
    first = each[0]
    common = set(first.seeds).intersection(*(window.seeds for window in each))
    seeds = tuple(seed for seed in first.seeds if seed in common)
    if not seeds:
        raise ValueError("the windows of a month need replications with the same seeds")
    if any(window.streams != first.streams or window.lines != first.lines for window in each):
        raise ValueError("the windows of a month must have the same demand and targets")
    cost_usd, wasted_usd, n, hours = (
        np.zeros((len(seeds), *amounts.shape[1:]))
        for amounts in (first.cost_usd, first.wasted_usd, first.n, first.hours)
    )
    for window, accounted in zip(windows, each, strict=True):
        units = [accounted.seeds.index(seed) for seed in seeds]
        factor = window.weight_h / accounted.span_h
        cost_usd += factor * accounted.cost_usd[units]
        wasted_usd += factor * accounted.wasted_usd[units]
        n += factor * accounted.n[units]
        hours += factor * accounted.hours[units]
    month = Accounts(first.streams, first.lines, seeds, cost_usd, wasted_usd, n, hours).repriced(
        price_factors or {}
    )
    n_months = sum(window.weight_h for window in windows) / HOURS_PER_MONTH
    return with_commitments(month, book, n_months)


def with_commitments(month: Accounts, book: PriceBook, n_months: float) -> Accounts:
    """The same with a line for each commitment: what it asks for beyond what was used of its models.

    Parameters
    ----------
    month : accounts of a whole month, or of months at one pace
    n_months : how many
    """
    for commitment in book.commitments:
        covered = [
            line.station is not None
            and line.station.target in commitment.models
            and line.category in TOKEN_CATEGORIES
            for line in month.lines
        ]
        used_usd = month.cost_usd[:, :, covered].sum(axis=(1, 2))
        missing_usd = np.maximum(n_months * commitment.monthly - used_usd, 0.0)
        share = shares_of_askers(month, book, commitment.models)
        line = Line(None, Category.UNUSED_COMMITMENT, "month", commitment.monthly)
        month = replace(
            month,
            lines=(*month.lines, line),
            cost_usd=np.concatenate([month.cost_usd, (missing_usd[:, None] * share)[:, :, None]], axis=2),
            wasted_usd=np.concatenate([month.wasted_usd, np.zeros((*share.shape, 1))], axis=2),
        )
    return month


def shares_of_askers(of: Accounts, book: PriceBook, models: Sequence[str]) -> Floats:
    """How unused spend on models is split: by actions of the streams that may ask one; float64[seed, stream]."""
    users = book.asks(of.streams, models)
    asked = of.n[:, :, Basis.ACTION] * users
    total = asked.sum(axis=1, keepdims=True)
    share: Floats = np.divide(
        asked, total, out=np.tile(users / users.sum(), (len(asked), 1)), where=total > 0.0
    )
    return share
