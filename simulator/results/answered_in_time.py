"""Does a change answer fewer? The share of those who came that got an answer within every limit, pair by pair.

Whoever is refused costs nothing, waits for nothing and keeps nobody busy: costs, means and loads fall with the share that
is answered. No such number says that a change is better.
"""

from collections.abc import Sequence

import numpy as np

from simulator.metrics.columns import CountColumn
from simulator.metrics.dimensions import ALL, Selection
from simulator.results.paired import sample_difference
from simulator.results.run_result import RunResult
from simulator.results.samples import Sample, ratio_sample


def answered_in_time(results: Sequence[RunResult], selection: Selection = ALL) -> Sample | None:
    """Share of those who came, and met the data contract, that got an answer within every limit; None: nobody came."""
    ids = results[0].stream_ids(selection)
    counts = np.array([run.measured_counts[ids].sum(axis=0) for run in results], dtype=np.float64)
    came = counts[:, CountColumn.ARRIVED] - counts[:, CountColumn.INVALID]
    return ratio_sample(counts[:, CountColumn.GOOD], came)


def answers_fewer(
    before: Sequence[RunResult], after: Sequence[RunResult], selection: Selection = ALL
) -> bool:
    """Whether the share answered in time drops beyond noise, of everybody or of those selected.

    Parameters
    ----------
    before, after : replications with the same seeds, in the same order
    selection : of actions; where it names a target, everybody counts
    """
    selections = [ALL] if selection.target is not None else dict.fromkeys([ALL, selection])
    for of in selections:
        first, second = answered_in_time(before, of), answered_in_time(after, of)
        if (
            first is not None
            and second is not None
            and sample_difference(first, second).difference.high < 0.0
        ):
            return True
    return False
