"""How long do all who ask wait, those who still wait among them? The product-limit estimate of a span.

Who is not answered at the end of a span has waited some time so far, and who waited already at its beginning is followed
from then on: observations that are censored on the right and truncated on the left (Kaplan and Meier, Journal of the
American Statistical Association 53, 1958; Tsai, Jewell and Wang, Biometrika 74, 1987). Who will never be answered is
slower than everybody else. Who is open at a time is counted there in the span that follows, in which it ends or goes on,
and in this one only below it: a queue wait stands still while one is served, and would else count twice. Where nobody
waits at either end it is the plain distribution of the times.
"""

import numpy as np
from numpy.typing import NDArray

from simulator.numerics.sketch import N_BINS

Floats = NDArray[np.float64]


def product_limit(
    ended: NDArray[np.int64], waiting: NDArray[np.int64], waited: NDArray[np.int64]
) -> tuple[Floats, Floats]:
    """Distribution of the time until the answer.

    Parameters
    ----------
    ended : int64[row, bin], times of the answers in the span; in the last bin who is never answered
    waiting : int64[row, bin], times waited so far at the end of the span
    waited : int64[row, bin], times waited so far at its beginning

    Returns
    -------
    (float64[row, bin] shares, in the last bin all that is left over; float64[row] the part of that of whom it is not
    known whether they will be answered). Shares are 0 where nobody asks.
    """
    seen = (ended + waiting)[:, :-1]
    never = ended[:, -1].astype(np.float64)
    at_risk = _from_right(seen) - waiting[:, :-1] + never[:, np.newaxis]
    at_risk -= np.pad(_from_right(waited[:, :-1]), ((0, 0), (0, 1)))[:, 1:]
    answered = ended[:, :-1].astype(np.float64)
    at_risk = np.maximum(at_risk, answered)
    hazard = np.divide(answered, at_risk, out=np.zeros_like(answered), where=at_risk > 0.0)
    left = np.cumprod(1.0 - hazard, axis=1)
    shares = np.empty(ended.shape)
    shares[:, 0] = hazard[:, 0]
    shares[:, 1:-1] = left[:, :-1] * hazard[:, 1:]
    shares[:, -1] = left[:, -1]
    shares[seen.sum(axis=1) + never == 0.0] = 0.0
    return shares, np.maximum(0.0, shares[:, -1] - never / np.maximum(n_askers(ended, waiting, waited), 1))


def n_askers(
    ended: NDArray[np.int64], waiting: NDArray[np.int64], waited: NDArray[np.int64]
) -> NDArray[np.int64]:
    """How many each row is of: who ended, and how many more wait than at the beginning; int64[row]."""
    return np.asarray(ended.sum(axis=1) + np.maximum(0, waiting.sum(axis=1) - waited.sum(axis=1)))


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
