"""How much of a series is transient? MSER-5 (White, Cobb, Spratt, 2000)."""

import numpy as np
from numpy.typing import NDArray

_BATCH = 5


def mser5(series: NDArray[np.float64]) -> int:
    """Number of leading values to leave out, a multiple of five, at most half of the series.

    The cut minimizes the squared standard error of the mean of what is kept, over means of five values each.
    Give it the mean series over replications: on a single run started empty, noise decides where it cuts.

    Parameters
    ----------
    series : float64[n], in order of time
    """
    n_batches = series.size // _BATCH
    if n_batches < 2:
        return 0
    means = series[: n_batches * _BATCH].reshape(n_batches, _BATCH).mean(axis=1)
    cuts = range(n_batches // 2 + 1)
    scores = [float(means[cut:].var()) / (n_batches - cut) for cut in cuts]
    return int(np.argmin(scores)) * _BATCH
