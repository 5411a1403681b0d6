"""One server, Poisson arrivals, any service time: how long is the wait, and how much does a full line lose?

Sources: Pollaczek, Mathematische Zeitschrift 32, 1930; Khinchine, 1932; Gross and Harris, Fundamentals of
Queueing Theory, chapter 5 (the chain embedded at departures).
"""

import math

import numpy as np
from scipy.special import gammainc

_HEAVY_LOAD = 100.0  # erlangs; from here on the server is never empty, as far as a float can tell


def pollaczek_khinchine_wait_s(
    arrival_rate_per_s: float, mean_service_s: float, coefficient_of_variation: float
) -> float:
    """Mean wait in queue of M/G/1, seconds: u·s·(1 + cv²) / (2·(1 - u)) at utilization u; infinite at 1."""
    utilization = arrival_rate_per_s * mean_service_s
    if utilization >= 1.0:
        return math.inf
    return utilization * mean_service_s * (1.0 + coefficient_of_variation**2) / (2.0 * (1.0 - utilization))


def m_d_1_wait_s(arrival_rate_per_s: float, service_s: float) -> float:
    """Mean wait in queue of M/D/1, seconds: u·s / (2·(1 - u)), half of that of M/M/1."""
    return pollaczek_khinchine_wait_s(arrival_rate_per_s, service_s, 0.0)


def m_d_1_k_loss(load_erlangs: float, capacity: int) -> float:
    """Share of arrivals that M/D/1/K turns away, exactly, from the chain embedded at departures.

    With q(n) the share of departures that leave n behind and A the Poisson number of arrivals in one service,
    as many departures step down from n + 1 to n as cross upwards:
    q(n+1)·P(A = 0) = q(0)·P(A > n) + sum over i = 1..n of q(i)·P(A > n - i + 1).
    The loss is 1 - 1 / (q(0) + a). Every term is positive, so nothing cancels on the way.

    It is also the share that a token bucket refuses: a bucket that holds K tokens, is refilled continuously
    at one token per service time, gets Poisson arrivals that take one token each and refuses those that find
    less than one. Tokens missing are work left in units of one service; a token is there exactly when at most
    K - 1 units of work are left, that is, when at most K - 1 customers are present.

    Parameters
    ----------
    load_erlangs : arrival rate x service time; for a bucket, arrival rate / refill rate
    capacity : K, at least 1: customers present, the one in service included; for a bucket, its depth
    """
    if capacity < 1:
        raise ValueError(f"a system for {capacity} customers serves none")
    if load_erlangs == 0.0:
        return 0.0
    empty = 1.0 if capacity == 1 else _share_left_empty(load_erlangs, capacity)
    return max(0.0, 1.0 - 1.0 / (empty + load_erlangs))


def _share_left_empty(load_erlangs: float, capacity: int) -> float:
    """Share of departures that leave nobody behind, for a capacity of at least 2."""
    if load_erlangs > _HEAVY_LOAD:
        return 0.0  # q(1)·P(A = 0) / P(A > 0), below exp(-100)
    # beyond[m] = P(A > m), m = 0..K-1
    beyond = gammainc(np.arange(1, capacity + 1, dtype=np.float64), load_erlangs)
    none_arrive = math.exp(-load_erlangs)
    left = np.zeros(capacity)
    left[0] = 1.0
    for n in range(capacity - 1):
        crossing = left[0] * beyond[n] + float(left[1 : n + 1] @ beyond[n:0:-1])
        left[n + 1] = crossing / none_arrive
        if left[n + 1] > 1e200:  # only ratios count; the next may be exp(100) times as large
            left /= left[n + 1]
    return float(left[0] / left.sum())
