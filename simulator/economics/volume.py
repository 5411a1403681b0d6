"""How much is asked in a month is known from its calendar; a simulation knows what becomes of an action.

Every window of a month stands for some hours, in which exactly `rate x hours` actions are offered. So the actions that its
runs happened to draw are put in proportion: what is paid by use, and every outcome, is that of an action that ended, times
the actions that are offered (and those that users ask again). Of arrived actions those still open at the end of a window
turn out as those that ended in it, or are overdue; where open work grows beyond chance, what is used is that of an arrived
action. Hours of replicas and people stay as they were simulated, and what clients ask in
closed loops, which nobody offers.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from simulator.economics.accounts import Accounts, Basis
from simulator.economics.categories import BY_USE, ENDED, Category, Floats
from simulator.metrics.columns import CountColumn
from simulator.results.run_result import RunResult

_BY_OUTCOME = (
    Category.REWORK,
    Category.WRONG_ANSWERS,
    Category.LOG_INGESTION,
    Category.LOG_STORAGE,
)
_CHANCE = 4.0  # standard deviations of a number of actions
_OF_ARRIVALS = [CountColumn.ARRIVED, CountColumn.ASKED_AGAIN]


@dataclass(frozen=True, eq=False)
class Proportions:
    """Factors on what the replications of one window counted, so that their arrivals are those that are offered.

    Attributes
    ----------
    by_arrival : on how many came, float64[seed, stream]
    by_use : on what was used, float64[seed, stream]
    by_outcome : on how actions ended, float64[seed, stream]
    actions : offered and asked again, in the measured span, float64[seed, stream]
    """

    by_arrival: Floats
    by_use: Floats
    by_outcome: Floats
    actions: Floats

    def of_accounts(self, of: Accounts) -> Accounts:
        """Accounts of the window with their volume in proportion."""
        factor = np.ones((*self.by_arrival.shape, len(of.lines)))
        for place, line in enumerate(of.lines):
            if line.category in BY_USE:
                factor[:, :, place] = self.by_use
            elif line.category in _BY_OUTCOME:
                factor[:, :, place] = self.by_outcome
        n = of.n * self.by_outcome[:, :, None]
        n[:, :, Basis.ACTION] = self.actions
        return replace(of, cost_usd=of.cost_usd * factor, wasted_usd=of.wasted_usd * factor, n=n)

    def of_counts(self, counts: Floats) -> Floats:
        """Counters [seed, stream, CountColumn] in proportion."""
        found = counts * self.by_outcome[:, :, None]
        found[:, :, _OF_ARRIVALS] = counts[:, :, _OF_ARRIVALS] * self.by_arrival[:, :, None]
        return found

    def of_usage(self, usage: Floats) -> Floats:
        """Usage [seed, stream, station, UsageColumn] in proportion."""
        found: Floats = usage * self.by_use[:, :, None, None]
        return found


def proportions(
    results: Sequence[Sequence[RunResult]], offered_rps: Sequence[Floats], weights_h: Sequence[float]
) -> list[Proportions]:
    """Factors for every window of a month, or of a part of one.

    In a window in which nobody of a stream happened to ask, nothing is known of it: the others stand for its actions.

    Parameters
    ----------
    results : replications, by window
    offered_rps : [asker] by window: workload x region x tenant, in the order of the scenario
    weights_h : hours that each window stands for
    """
    askers = _askers(results[0][0])
    arrived = np.stack([_arrived(runs, askers) for runs in results])  # [window, seed, asker]
    spans_s = np.array([runs[0].duration_s for runs in results])
    common = arrived.mean(axis=1)  # where a replication saw nobody, all replications together
    offered = np.stack(offered_rps) * spans_s[:, None]  # [window, asker]
    is_drawn = np.zeros(offered.shape[1], dtype=np.bool_)
    is_drawn[askers] = ~results[0][0].is_open
    offered = np.where(is_drawn, common, offered)
    each_known = arrived.min(axis=1) > 0.0
    base = np.where(each_known[:, None, :], arrived, common[:, None, :])
    factor = np.divide(offered[:, None, :], base, out=np.zeros_like(base), where=base > 0.0)
    factor[:, :, is_drawn] = 1.0
    weighted = offered * (np.array(weights_h) * 3600.0 / spans_s)[:, None]
    seen = (weighted * (common > 0.0)).sum(axis=0)
    total = weighted.sum(axis=0)
    factor *= np.divide(total, seen, out=np.ones_like(total), where=seen > 0.0)
    return [
        _of_window(runs, factor[place], np.where(seen > 0.0, 0.0, offered[place]), askers)
        for place, runs in enumerate(results)
    ]


def _of_window(runs: Sequence[RunResult], factor: Floats, unseen: Floats, askers: list[int]) -> Proportions:
    """Factors by recorded stream.

    Parameters
    ----------
    factor : on arrivals, float64[seed, asker]
    unseen : actions of askers of whom nobody asked in any window, float64[asker]
    """
    counts = np.stack([run.measured_counts for run in runs]).astype(np.float64)
    arrived = counts[:, :, CountColumn.ARRIVED]
    ended = counts[:, :, ENDED].sum(axis=2)
    more_open = np.maximum(0.0, arrived - ended - _CHANCE * np.sqrt(arrived))
    by_arrival = factor[:, askers]
    return Proportions(
        by_arrival,
        by_arrival * _per(arrived, ended + more_open),
        by_arrival * _per(arrived, ended + counts[:, :, CountColumn.OVERDUE]),
        by_arrival * arrived + (unseen / np.bincount(askers))[askers][None, :],
    )


def _per(arrived: Floats, ended: Floats) -> Floats:
    """Arrived actions for each that ended; 1 where none did."""
    found: Floats = np.divide(arrived, ended, out=np.ones_like(ended), where=ended > 0.0)
    return found


def _askers(run: RunResult) -> list[int]:
    """Number of the asker of every recorded stream."""
    names = [(stream.workload, stream.region, stream.tenant) for stream in run.streams]
    numbers = {name: number for number, name in enumerate(dict.fromkeys(names))}
    return [numbers[name] for name in names]


def _arrived(runs: Sequence[RunResult], askers: list[int]) -> Floats:
    """New actions in the measured span, float64[seed, asker]."""
    found = np.zeros((len(runs), max(askers) + 1))
    for seed, run in enumerate(runs):
        counts = run.measured_counts
        np.add.at(found[seed], askers, counts[:, CountColumn.ARRIVED] - counts[:, CountColumn.ASKED_AGAIN])
    return found
