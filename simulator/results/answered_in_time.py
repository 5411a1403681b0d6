"""Does a change answer fewer? The share of those who came that got an answer, or one within every limit, pair by pair.

Those who are left waiting in a queue that grows count, too.

Whoever is refused costs nothing, waits for nothing and keeps nobody busy: costs, means and loads fall with the share that
is answered. No such number says that a change is better.
"""

from collections.abc import Sequence

import numpy as np

from simulator.metrics.columns import CountColumn
from simulator.metrics.dimensions import ALL, Selection
from simulator.results.backlog import leaves_more
from simulator.results.paired import sample_difference
from simulator.results.run_result import RunResult
from simulator.results.samples import Sample, ratio_sample
from simulator.theory.estimate import Estimate


def answered_in_time(results: Sequence[RunResult], selection: Selection = ALL) -> Sample | None:
    """Share of those who came, and met the data contract, that got an answer within every limit; None: nobody came."""
    return _share(results, selection, [CountColumn.GOOD])


def _answered(results: Sequence[RunResult], selection: Selection) -> Sample | None:
    """The same of those who got any answer, however late."""
    return _share(results, selection, [CountColumn.SUCCEEDED, CountColumn.DEGRADED])


def _share(
    results: Sequence[RunResult], selection: Selection, columns: Sequence[CountColumn]
) -> Sample | None:
    ids = results[0].stream_ids(selection)
    counts = np.array([run.measured_counts[ids].sum(axis=0) for run in results], dtype=np.float64)
    came = counts[:, CountColumn.ARRIVED] - counts[:, CountColumn.INVALID]
    return ratio_sample(counts[:, columns].sum(axis=1), came)


def answers_fewer(
    before: Sequence[RunResult], after: Sequence[RunResult], selection: Selection = ALL
) -> bool:
    """Whether the share answered in time drops beyond noise, of everybody or of those selected, or that answered at all.

    Where more are answered in time, as with a shorter queue in an overload, those refused instead of answered late are no
    loss. Where more are left waiting at a target that falls behind, they are: their answers come after the window, if ever.

    Parameters
    ----------
    before, after : replications with the same seeds, in the same order
    selection : of actions; where it names a target, everybody counts
    """
    selections = [ALL] if selection.target is not None else list(dict.fromkeys([ALL, selection]))
    return any(_answers_fewer(before, after, of) for of in selections) or leaves_more(before, after)


def _answers_fewer(before: Sequence[RunResult], after: Sequence[RunResult], selection: Selection) -> bool:
    in_time = _change(answered_in_time(before, selection), answered_in_time(after, selection))
    at_all = _change(_answered(before, selection), _answered(after, selection))
    if in_time is None or at_all is None:
        return False
    return in_time.high < 0.0 or (at_all.high < 0.0 and not in_time.low > 0.0)


def _change(before: Sample | None, after: Sample | None) -> Estimate | None:
    return None if before is None or after is None else sample_difference(before, after).difference
