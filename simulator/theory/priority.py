"""Who waits how long when some go first? Classes of customers in one line, without preemption.

Source: Cobham, Priority Assignment in Waiting Line Problems, Operations Research 2, 1954.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from simulator.theory.erlang import erlang_c


def cobham_waits_s(
    servers: int, arrival_rates_per_s: Sequence[float], mean_service_s: float
) -> NDArray[np.float64]:
    """Mean wait in queue of each class of M/M/c with priorities, seconds, float64[class].

    W(k) = (C·s / c) / ((1 - u(k-1))·(1 - u(k))), where C is Erlang C of the whole load and u(k) the
    utilization by the classes up to k. Where the whole load reaches the servers, C = 1, the first classes
    still have a finite wait and those with u(k) >= 1 wait for ever.

    Parameters
    ----------
    servers : at least one
    arrival_rates_per_s : by class, the one that goes first first
    mean_service_s : of every class, for exponential service does not tell classes apart
    """
    rates = np.asarray(arrival_rates_per_s, dtype=np.float64)
    residual_s = erlang_c(servers, float(rates.sum()) * mean_service_s) * mean_service_s / servers
    utilization = np.cumsum(rates) * mean_service_s / servers
    before = np.concatenate([[0.0], utilization[:-1]])
    waits_s = np.full(rates.size, np.inf)
    is_stable = utilization < 1.0
    waits_s[is_stable] = residual_s / ((1.0 - before[is_stable]) * (1.0 - utilization[is_stable]))
    return waits_s
