"""Do replications tell of two futures? Runs that are down at their end while others of the same window are well.

A collapse feeds on itself: retries, or work for those who have given up, keep a target busy while hardly anybody is
answered. It begins by chance, in some runs and not in others, and a mean over both describes neither. A run has collapsed
if in the last third of its measured span

- its good answers are less than half of the well runs', as a share of what arrives, beyond what chance does to so few, and
- half as many as they answer at all end without an answer, beyond those of theirs that do, or it makes a quarter more tries
  for an action.

The second tells a collapse from a long queue, which is as slow for a while and works off what it has: who waits in it has
lost nothing yet. Where the well runs
answer less than half in time there are no two futures, but one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.metrics.columns import CountColumn, UsageColumn
from simulator.metrics.dimensions import ALL, Selection
from simulator.results.run_result import RunResult

COLLAPSED = 0.5  # of the good answers of a run that is well: below it nothing has recovered
LATE = 1.0 / 3.0  # of a span, its end
_MORE_TRIES = 1.25  # for an action
_WELL = 0.5  # of what arrives is good
_CHANCE = 4.0  # standard deviations
_FEW = 30.0  # who ask late in a run: of fewer a crowd by chance is as down as a collapse, in one of hundreds of runs
_ANSWERED = slice(CountColumn.SUCCEEDED, CountColumn.DEGRADED + 1)
_LOST = slice(CountColumn.FAILED, CountColumn.ABANDONED + 1)


@dataclass(frozen=True)
class Collapse:
    """Some replications collapsed and others did not.

    Attributes
    ----------
    collapsed, others : the runs of either future
    selection : the workload, or the users of a region, of which most runs collapsed
    good_share, good_share_of_others : of what arrives of the selection late in the span, mean over runs
    """

    collapsed: tuple[RunResult, ...]
    others: tuple[RunResult, ...]
    selection: Selection
    good_share: float
    good_share_of_others: float


def collapse_of(results: Sequence[RunResult]) -> Collapse | None:
    """The two futures of some replications; None: they tell of one."""
    worst: tuple[int, Selection, NDArray[np.bool_], NDArray[np.float64]] | None = None
    anywhere = np.zeros(len(results), dtype=np.bool_)
    if len(results) < 2:
        return None
    late = np.array([_late(run) for run in results])
    for selection in _parts(results[0]):
        good, answered, lost, tries, arrived = late[:, results[0].stream_ids(selection)].sum(axis=1).T
        found = collapsed_runs(good, answered, lost, tries, arrived)
        anywhere |= found
        if found.any() and (worst is None or found.sum() > worst[0]):
            worst = int(found.sum()), selection, found, good / np.maximum(arrived, 1.0)
    if worst is None or anywhere.all():
        return None
    _, selection, found, shares = worst
    return Collapse(
        tuple(run for run, is_down in zip(results, anywhere, strict=True) if is_down),
        tuple(run for run, is_down in zip(results, anywhere, strict=True) if not is_down),
        selection,
        float(shares[found].mean()),
        float(shares[~found].mean()),
    )


def collapsed_runs(
    good: NDArray[np.float64],
    answered: NDArray[np.float64],
    lost: NDArray[np.float64],
    tries: NDArray[np.float64],
    arrived: NDArray[np.float64],
) -> NDArray[np.bool_]:
    """Which runs have collapsed, bool[run]; none where all are alike.

    Parameters
    ----------
    good, answered, tries, arrived : float64[run], late in each run; what broke the data contract has not arrived
    lost : ended without an answer
    """
    n_arrived = np.maximum(arrived, 1.0)
    shares = [
        np.minimum(good / n_arrived, 1.0),
        np.minimum(answered / n_arrived, 1.0),
        lost / n_arrived,
        tries / n_arrived,
    ]
    well = shares[0] >= COLLAPSED * shares[0].max()
    while True:
        at_best = [float(share[well].mean()) for share in shares]
        still_well = shares[0] >= COLLAPSED * at_best[0]
        if (still_well == well).all():
            break
        well = still_well
    chance = _CHANCE * 0.5 / np.sqrt(n_arrived)  # a share varies by no more
    is_down = ~well & (arrived >= _FEW) & (at_best[0] - shares[0] > chance)
    is_stuck = (shares[2] - at_best[2] > COLLAPSED * at_best[1]) | (shares[3] > _MORE_TRIES * at_best[3])
    found: NDArray[np.bool_] = is_down & is_stuck & (at_best[0] >= _WELL)
    return found


def _parts(run: RunResult) -> Iterator[Selection]:
    """Everybody, every workload and every workload's users in a region, where there are several."""
    yield ALL
    workloads = dict.fromkeys(stream.workload for stream in run.streams)
    places = dict.fromkeys((stream.workload, stream.region) for stream in run.streams)
    if len(workloads) > 1:
        yield from (Selection(workload=workload) for workload in workloads)
    if len(places) > len(workloads):
        yield from (Selection(workload=workload, region=region) for workload, region in places)


def _late(run: RunResult) -> NDArray[np.float64]:
    """Good answers, answers, what was lost, tries and arrivals late in a run, float64[stream, 5]."""
    n_measured = len(run.counts) - run.n_warmup_buckets
    late = slice(len(run.counts) - max(1, round(LATE * n_measured)), None)
    counts = run.counts[late].sum(axis=0)
    tries = run.usage[late, :, :, UsageColumn.ATTEMPTS].sum(axis=(0, 2))
    arrived = counts[:, CountColumn.ARRIVED] - counts[:, CountColumn.INVALID]
    answered = counts[:, _ANSWERED].sum(axis=1)
    lost = counts[:, _LOST].sum(axis=1) - counts[:, CountColumn.INVALID]
    return np.column_stack((counts[:, CountColumn.GOOD], answered, lost, tries, arrived)).astype(np.float64)
