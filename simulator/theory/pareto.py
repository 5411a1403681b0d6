"""Which points no other point beats: better in one goal, and no worse in any."""

import numpy as np
from numpy.typing import ArrayLike, NDArray


def pareto_front(costs: ArrayLike) -> NDArray[np.bool_]:
    """Whether each point is on the front, when every goal is to be low.

    Parameters
    ----------
    costs : shape (n_points, n_goals); a point with a NaN is beaten by nobody asked, and is not on the front

    Returns
    -------
    Shape (n_points,). Points that are equal in all goals are on the front together.
    """
    array = np.atleast_2d(np.asarray(costs, dtype=np.float64))
    is_on: NDArray[np.bool_] = np.asarray(np.isfinite(array).all(axis=1))
    for index in np.flatnonzero(is_on):
        is_no_worse = (array[is_on] <= array[index]).all(axis=1)
        is_better = (array[is_on] < array[index]).any(axis=1)
        if (is_no_worse & is_better).any():
            is_on[index] = False
    return is_on
