"""Queues with many servers and one queue: Erlang's formulas (Erlang 1917; Cooper, Introduction to Queueing Theory)."""


def erlang_b(servers: int, load_erlangs: float) -> float:
    """Share of arrivals that M/M/c/c blocks: B(c) = a·B(c−1) / (c + a·B(c−1)), B(0) = 1."""
    blocked = 1.0
    for c in range(1, servers + 1):
        blocked = load_erlangs * blocked / (c + load_erlangs * blocked)
    return blocked


def erlang_c(servers: int, load_erlangs: float) -> float:
    """Share of arrivals that wait in M/M/c: B / (1 − ρ·(1 − B)); 1 where the load reaches the servers."""
    if load_erlangs >= servers:
        return 1.0
    blocked = erlang_b(servers, load_erlangs)
    return blocked / (1.0 - load_erlangs / servers * (1.0 - blocked))


def mean_wait_s(servers: int, arrival_rate_per_s: float, mean_service_s: float) -> float:
    """Mean wait in queue of M/M/c, seconds: C·s / (c − a); infinite where the load reaches the servers."""
    load_erlangs = arrival_rate_per_s * mean_service_s
    if load_erlangs >= servers:
        return float("inf")
    return erlang_c(servers, load_erlangs) * mean_service_s / (servers - load_erlangs)
