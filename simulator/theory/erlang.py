"""Queues with many servers and one line: how many are blocked, how many wait, and how long?

Poisson arrivals, exponential service (blocking without a line holds for any service time). The offered load
is a = arrival rate x mean service time, in erlangs. Sources: Erlang, Solution of Some Problems in the Theory
of Probabilities, 1917; Gross and Harris, Fundamentals of Queueing Theory, chapter 2.
"""

import math


def erlang_b(servers: int, load_erlangs: float) -> float:
    """Share of arrivals that M/M/c/c blocks: B(c) = a·B(c-1) / (c + a·B(c-1)), B(0) = 1."""
    blocked = 1.0
    for c in range(1, servers + 1):
        blocked = load_erlangs * blocked / (c + load_erlangs * blocked)
    return blocked


def erlang_c(servers: int, load_erlangs: float) -> float:
    """Share of arrivals that wait in M/M/c: B / (1 - (a/c)·(1 - B)); 1 where the load reaches the servers."""
    if load_erlangs >= servers:
        return 1.0
    blocked = erlang_b(servers, load_erlangs)
    return blocked / (1.0 - load_erlangs / servers * (1.0 - blocked))


def mean_wait_s(servers: int, arrival_rate_per_s: float, mean_service_s: float) -> float:
    """Mean wait in queue of M/M/c, seconds: C·s / (c - a); infinite where the load reaches the servers."""
    load_erlangs = arrival_rate_per_s * mean_service_s
    if load_erlangs >= servers:
        return math.inf
    return erlang_c(servers, load_erlangs) * mean_service_s / (servers - load_erlangs)


def wait_quantile_s(
    servers: int, arrival_rate_per_s: float, mean_service_s: float, probability: float
) -> float:
    """Wait in queue of M/M/c that a share `probability` of the arrivals does not exceed, seconds.

    P(W > t) = C·exp(-(c - a)·t / s), served in order of arrival. A share 1 - C does not wait at all, so the
    quantile is 0 up to there and s·ln(C / (1 - probability)) / (c - a) beyond.

    Parameters
    ----------
    probability : from 0 to below 1
    """
    if not 0.0 <= probability < 1.0:
        raise ValueError(f"a quantile needs a probability from 0 to below 1, not {probability}")
    load_erlangs = arrival_rate_per_s * mean_service_s
    if load_erlangs >= servers:
        return math.inf
    waiting = erlang_c(servers, load_erlangs)
    if waiting <= 1.0 - probability:
        return 0.0
    return mean_service_s * math.log(waiting / (1.0 - probability)) / (servers - load_erlangs)


def fewest_servers(
    arrival_rate_per_s: float, mean_service_s: float, limit_s: float, probability: float | None = None
) -> int:
    """Fewest servers of M/M/c that keep the wait in queue within a limit.

    Parameters
    ----------
    limit_s : of the wait, above 0 for the mean, which never is 0
    probability : of the wait's quantile that is held against the limit; None: the mean is
    """
    if limit_s < 0.0 or (probability is None and limit_s == 0.0):
        raise ValueError(f"no number of servers keeps the wait within {limit_s} s")

    def wait_s(servers: int) -> float:
        if probability is None:
            return mean_wait_s(servers, arrival_rate_per_s, mean_service_s)
        return wait_quantile_s(servers, arrival_rate_per_s, mean_service_s, probability)

    servers = math.floor(arrival_rate_per_s * mean_service_s) + 1
    while wait_s(servers) > limit_s:
        servers += 1
    return servers


def blocking_and_mean_wait_s(
    servers: int, max_queued: int, arrival_rate_per_s: float, mean_service_s: float
) -> tuple[float, float]:
    """Share of arrivals that M/M/c/K blocks, and mean wait in queue of those it lets in, K = c + max_queued.

    The system that holds at most n has P(n) = r·P(n-1) / (1 + r·P(n-1)) with r = a / min(n, c) as the share
    of time it is full, and a mean queue of Q(n) = Q(n-1)·(1 - P(n)) + max(n - c, 0)·P(n). Only sums of
    positive numbers, so any load is safe; without a queue it is Erlang B. The mean wait follows from Little's
    law.

    Parameters
    ----------
    servers : at least one
    max_queued : places in the line, servers not included

    Returns
    -------
    Share blocked, and mean wait in seconds.
    """
    load_erlangs = arrival_rate_per_s * mean_service_s
    full = erlang_b(servers, load_erlangs)
    n_waiting = 0.0
    ratio = load_erlangs / servers
    for queued in range(1, max_queued + 1):
        full = ratio * full / (1.0 + ratio * full)
        n_waiting = n_waiting * (1.0 - full) + queued * full
    admitted_per_s = arrival_rate_per_s * (1.0 - full)
    return full, n_waiting / admitted_per_s if admitted_per_s > 0.0 else 0.0
