"""Servers that break down and are repaired, each for itself: how many are up, and who waits for them."""

import numpy as np
from scipy.stats import binom


def k_of_n_availability(n: int, k: int, mtbf_s: float, mttr_s: float) -> float:
    """Share of the time in which at least `k` of `n` independent components are up.

    Each is up for exponential times of mean `mtbf_s` and down for exponential times of mean `mttr_s`, so that the
    number up is binomial with availability A = `mtbf_s` / (`mtbf_s` + `mttr_s`) (Trivedi, Probability and Statistics
    with Reliability, Queuing, and Computer Science Applications, 2nd ed., section 8.2).
    """
    availability = mtbf_s / (mtbf_s + mttr_s)
    return float(binom.sf(k - 1, n, availability))


def mean_in_system_with_breakdowns(rate_rps: float, service_s: float, mtbf_s: float, mttr_s: float) -> float:
    """Mean number in an M/M/1 queue whose server breaks down, busy or idle, and is repaired (exponential times).

    With λ, μ, ξ = 1/`mtbf_s`, η = 1/`mttr_s`: L = λ ((ξ + η)² + ξ μ) / ((ξ + η) (μ η − λ (ξ + η))) (White and
    Christie, Operations Research 6, 1958). Who is interrupted may start again, and behind the others: service is
    memoryless, and the number in the system does not depend on the order.

    Raises
    ------
    ValueError
        If the server cannot keep up: λ ≥ μ η / (ξ + η).
    """
    rate, service, breaks, repairs = rate_rps, 1.0 / service_s, 1.0 / mtbf_s, 1.0 / mttr_s
    margin = service * repairs - rate * (breaks + repairs)
    if margin <= 0.0:
        raise ValueError("the queue grows without bound")
    total = breaks + repairs
    return rate * (total**2 + breaks * service) / (total * margin)


def mean_in_system_of_many(
    servers: int, rate_rps: float, service_s: float, mtbf_s: float, mttr_s: float, largest: int = 2_000
) -> float:
    """Mean number in an M/M/c queue whose servers break down and are repaired, each for itself.

    The stationary distribution of the Markov chain over (number in the system, servers up), cut off at `largest` in
    the system, solved by block elimination from there down (Neuts, Matrix-Geometric Solutions, 1981, chapter 6).
    """
    n_up = np.arange(servers + 1)
    breaks, repairs = n_up / mtbf_s, (servers - n_up) / mttr_s
    switching = np.diag(repairs[:-1], 1) + np.diag(breaks[1:], -1)
    step_up = rate_rps * np.eye(servers + 1)
    ratio = np.zeros_like(step_up)  # π(n) = π(n − 1) · ratio(n)
    ratios = []
    for n in range(largest, 0, -1):
        served = np.minimum(n, n_up) / service_s
        leaving = switching.sum(axis=1) + served + (rate_rps if n < largest else 0.0)
        served_above = np.minimum(n + 1, n_up) / service_s
        block = np.diag(leaving) - switching - ratio @ np.diag(served_above)
        ratio = step_up @ np.linalg.inv(block)
        ratios.append(ratio)
    first = (
        np.diag(switching.sum(axis=1) + rate_rps)
        - switching
        - ratio @ np.diag(np.minimum(1, n_up) / service_s)
    )
    weights = np.linalg.svd(first.T)[2][-1]  # π(0), up to a factor
    mass, number = weights.sum(), 0.0
    for n, ratio in enumerate(reversed(ratios), 1):
        weights = weights @ ratio
        mass += weights.sum()
        number += n * weights.sum()
    return float(number / mass)
