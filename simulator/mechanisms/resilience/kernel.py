"""Retries: whether to try again, and how long to wait before."""

from simulator.mechanisms.resilience.codes import Jitter
from simulator.numerics.draws import uniform
from simulator.numerics.jit import jit


@jit
def may_retry(route, result, tries):
    """Whether a route tries the same entry again after `tries` tries, the last of which ended with `result`."""
    return tries <= route.num_retries and (route.retry_mask & result) != 0


@jit
def jittered(wait_s, jitter, key):
    """Wait before a retry: as it is, or drawn so that those who failed together do not come back together."""
    if jitter == Jitter.FULL:
        return wait_s * uniform(key)
    if jitter == Jitter.EQUAL:
        return 0.5 * wait_s * (1.0 + uniform(key))
    return wait_s
