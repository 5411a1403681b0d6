"""Retries: whether to try again, and how long to wait before."""

from simulator.mechanisms.resilience.codes import Jitter
from simulator.numerics.draws import uniform
from simulator.numerics.jit import jit


@jit
def may_retry(route, result, tries):
    """Whether a route tries the same entry again after `tries` tries, the last of which ended with `result`."""
    return tries <= route.num_retries and (route.retry_mask & result) != 0


@jit
def backoff(route, retry, key):
    """Wait in seconds before retry number `retry` (1, 2, …): exponential, capped, jittered."""
    wait_s = min(route.backoff_max_s, route.backoff_base_s * route.backoff_factor ** (retry - 1))
    if route.backoff_jitter == Jitter.FULL:
        return wait_s * uniform(key)
    if route.backoff_jitter == Jitter.EQUAL:
        return 0.5 * wait_s * (1.0 + uniform(key))
    return wait_s
