"""The three models that every peer runs, each defined once.

All of them start empty at time 0 and are watched until ``horizon_s``. A request counts as *completed* or
*failed* at the moment it ends; what is still under way at the horizon is not counted. *Latency* is the span
from arrival to completion, over completed requests. Every random quantity is drawn anew for each try.

A peer reads its numbers from here: the Python peers from the dataclasses, the C++ loop from a header
that ``benchmarks.peers.cpp`` writes from them.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class MM8:
    """M/M/8: Poisson arrivals, exponential service, eight servers, one unbounded FIFO queue.

    Offered load 7.2 Erlangs, utilization 0.9. Every request completes.
    """

    name: str = "mm8"
    arrival_rps: float = 7.2
    service_mean_s: float = 1.0
    n_servers: int = 8


@dataclass(frozen=True)
class Tiers:
    """T: two tiers in a row, each called with a timeout, back-off and three tries.

    Poisson arrivals call tier ``web``, then tier ``db``; both are FIFO with an unbounded queue and
    exponential service. A call makes up to three tries. A try ends after ``timeout_s``, counted from its
    start, queue and service together: the job leaves the queue, or its service is aborted and the server
    freed, at once. ``backoff_s`` is the wait before the second and before the third try. When a call's third
    try times out the request fails; no later tier is called.
    """

    name: str = "tiers"
    arrival_rps: float = 100.0
    web_servers: int = 30
    web_mean_s: float = 0.25
    db_servers: int = 20
    db_mean_s: float = 0.17
    timeout_s: float = 1.0
    backoff_s: tuple[float, float] = (0.1, 0.2)

    @property
    def tiers(self) -> tuple[tuple[int, float], ...]:
        """(servers, mean service time in seconds) of each tier, in the order of the calls."""
        return (self.web_servers, self.web_mean_s), (self.db_servers, self.db_mean_s)


@dataclass(frozen=True)
class Pipeline:
    """P: two regions, a cache, a network, six pools a region, two timeout classes, fail-over.

    Each of ``n_regions`` regions has a Poisson stream of interactive and one of batch requests. A request
    asks a cache (``cache_s``, constant); with probability ``hit_probability`` it is done. On a miss it makes
    up to three tries. A try draws two pool indices uniformly with replacement and sends to the pool with
    fewer jobs in system (waiting + in service) at the moment of sending, the first one on a tie. Tries one
    and two go to the pools of the own region, try three to the pools of the next region. The way takes
    ``near_s`` or ``far_s``, and the way back as long. A pool is ``pool_servers`` servers behind one unbounded
    FIFO queue, exponential service; a job counts as in system from its arrival at the pool until it leaves.

    A try ends after the workload's timeout, counted from sending: the job is taken out of the queue, or
    aborted in service and the server freed at once, or its answer is ignored. ``backoff_s`` is the wait
    before the second and before the third try. When the third try times out the request fails.
    """

    name: str = "pipeline"
    n_regions: int = 2
    arrival_rps: tuple[float, float] = (595.0, 255.0)  # [workload] interactive, batch; in each region
    timeout_s: tuple[float, float] = (2.0, 4.0)  # [workload]
    cache_s: float = 0.002
    hit_probability: float = 0.3
    n_pools: int = 6
    pool_servers: int = 64
    service_mean_s: float = 0.5
    near_s: float = 0.005
    far_s: float = 0.040
    backoff_s: tuple[float, float] = (0.1, 0.2)


Model = MM8 | Tiers | Pipeline

MODELS: tuple[Model, ...] = (MM8(), Tiers(), Pipeline())


def arrivals_per_s(model: Model) -> float:
    """Mean number of requests that arrive per simulated second, over all streams."""
    if isinstance(model, Pipeline):
        return model.n_regions * sum(model.arrival_rps)
    return model.arrival_rps
