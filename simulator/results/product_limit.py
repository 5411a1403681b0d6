"""How long do all who ask wait, those who still wait among them? The product-limit estimate of a span.

Who is not answered at the end of a span has waited some time so far, and who waited already at its beginning is followed
from then on: observations that are censored on the right and truncated on the left (Kaplan and Meier, Journal of the
American Statistical Association 53, 1958; Tsai, Jewell and Wang, Biometrika 74, 1987). Who will never be answered is
slower than everybody else. Where nobody waits at either end it is the plain distribution of the times.
"""

import numpy as np
from numpy.typing import NDArray

from simulator.numerics.sketch import N_BINS, NEVER, bin_edges

Floats = NDArray[np.float64]
_EDGES = bin_edges()


def product_limit(
    ended: NDArray[np.int64], waiting: NDArray[np.int64], waited: NDArray[np.int64]
) -> tuple[Floats, Floats, Floats]:
    """Distribution of the time until the answer.

    Parameters
    ----------
    ended : int64[row, bin], times of the answers in the span, and who is never answered
    waiting : int64[row, bin], times waited so far at the end of the span
    waited : int64[row, bin], times waited so far at its beginning

    Returns
    -------
    (float64[row, bin] shares, what is left over in the bin `NEVER`; float64[row] part of that of whom it is not known;
    float64[row] time up to which anything is known, s). Shares are 0 where nobody asks.
    """
    seen = (ended + waiting)[:, :NEVER]
    never = ended[:, NEVER].astype(np.float64)
    at_risk = _from_right(seen) + never[:, np.newaxis]
    at_risk -= np.pad(_from_right(waited[:, :NEVER]), ((0, 0), (0, 1)))[:, 1:]
    answered = ended[:, :NEVER].astype(np.float64)
    at_risk = np.maximum(at_risk, answered)
    hazard = np.divide(answered, at_risk, out=np.zeros_like(answered), where=at_risk > 0.0)
    left = np.cumprod(1.0 - hazard, axis=1)
    shares = np.empty(ended.shape)
    shares[:, 0] = hazard[:, 0]
    shares[:, 1:NEVER] = left[:, :-1] * hazard[:, 1:]
    n_all = np.maximum(ended.sum(axis=1) + np.maximum(0, waiting.sum(axis=1) - waited.sum(axis=1)), 1)
    shares[:, NEVER] = left[:, -1]
    is_empty = seen.sum(axis=1) + never == 0.0
    shares[is_empty] = 0.0
    unknown = np.maximum(0.0, shares[:, NEVER] - never / n_all)
    last = NEVER - 1 - np.argmax(seen[:, ::-1] > 0, axis=1)
    known_s = np.where(seen.any(axis=1), _EDGES[last], 0.0)
    return shares, unknown, known_s


def _from_right(numbers: NDArray[np.int64]) -> Floats:
    """Sum of each place and all to its right."""
    return np.cumsum(numbers[:, ::-1], axis=1)[:, ::-1].astype(np.float64)


def dense(
    entries: NDArray[np.int64], stream_ids: NDArray[np.int64], metric: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Histograms of the times waited so far by the selected streams, at the end and at the beginning: int64[bin] each."""
    of = entries[(entries[:, 1] == metric) & np.isin(entries[:, 0], stream_ids)]
    found = np.zeros((2, N_BINS), dtype=np.int64)
    np.add.at(found, ((of[:, 3] < 0).astype(np.int64), of[:, 2]), np.abs(of[:, 3]))
    return found[0], found[1]
