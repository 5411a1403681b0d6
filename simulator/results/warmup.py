"""How long must a run warm up? For scenarios that say `warmup: auto`.

MSER-5 is applied to the *mean series over replications*. On a single run started empty its own noise decides
where to cut, which makes the bias worse instead of better; the mean over replications shows the transient.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from simulator.metrics.columns import CountColumn
from simulator.results.run_result import RunResult, check_replications
from simulator.theory.warmup import mser5


def warmup_s(pilots: Sequence[RunResult]) -> float:
    """Span to leave out at the start of a run, a multiple of the time bucket, s.

    It is at most half of the pilots, and 0 if they have fewer than ten buckets.

    Parameters
    ----------
    pilots : replications, best started without a warm-up; all their buckets are looked at
    """
    return mser5(mean_latency_series_s(pilots)) * pilots[0].bucket_s


def mean_latency_series_s(results: Sequence[RunResult]) -> NDArray[np.float64]:
    """Mean latency of the turns that ended in each bucket, all replications together, float64[bucket].

    A bucket in which no turn ended takes the mean of the one before (at the start: of the first with any).
    """
    check_replications(results)
    sums_s = np.sum([result.latency_sum_s.sum(axis=1) for result in results], axis=0)
    turns = np.sum([result.counts[:, :, CountColumn.TURNS].sum(axis=1) for result in results], axis=0)
    filled = np.flatnonzero(turns)
    if len(filled) == 0:
        raise ValueError("no turn ended in these runs, so there is no series to find a warm-up in")
    source = filled[np.maximum(np.searchsorted(filled, np.arange(len(turns)), side="right") - 1, 0)]
    means_s: NDArray[np.float64] = sums_s[source] / turns[source]
    return means_s
