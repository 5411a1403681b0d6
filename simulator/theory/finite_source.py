"""Clients who ask when they have their answer: how many wait, how long, and how much is served?

M/M/c//N, the machine repairman: N clients think for exponential times and are served by c servers, exponential service,
first come first served. Source: Gross and Harris, Fundamentals of Queueing Theory, section 2.7 (finite-source queues).
"""

import math
from typing import NamedTuple


class ClosedQueue(NamedTuple):
    """Means of M/M/c//N in its steady state."""

    throughput_per_s: float
    in_system: float  # clients who wait or are served
    response_s: float  # from asking to the answer
    wait_s: float
    utilization: float


def machine_repairman(clients: int, servers: int, mean_think_s: float, mean_service_s: float) -> ClosedQueue:
    """Means of M/M/c//N.

    p(n) ∝ Π over k < n of (N - k)·λ / (min(k + 1, c)·μ); the throughput is λ·(N - L), and Little's law gives the
    response time L / X. Without thinking all clients are in the system.

    Parameters
    ----------
    clients, servers : N and c
    mean_think_s, mean_service_s : 1 / λ and 1 / μ
    """
    if mean_think_s == 0.0:
        busy = min(clients, servers)
        response_s = clients * mean_service_s / busy
        return ClosedQueue(
            busy / mean_service_s, float(clients), response_s, response_s - mean_service_s, busy / servers
        )
    logs = [0.0]
    for n in range(clients):
        asking = math.log(clients - n) - math.log(mean_think_s)
        logs.append(logs[-1] + asking - math.log(min(n + 1, servers) / mean_service_s))
    most = max(logs)
    weights = [math.exp(log - most) for log in logs]
    total = sum(weights)
    in_system = sum(n * weight for n, weight in enumerate(weights)) / total
    busy_servers = sum(min(n, servers) * weight for n, weight in enumerate(weights)) / total
    throughput_per_s = busy_servers / mean_service_s
    response_s = in_system / throughput_per_s
    return ClosedQueue(
        throughput_per_s, in_system, response_s, response_s - mean_service_s, busy_servers / servers
    )
