"""Retries: whether to try again, how long to wait before, and whether the budget allows it."""

from simulator.mechanisms.routes.codes import Jitter
from simulator.mechanisms.routes.protection_table import TOKEN
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


@jit
def save_up(policy, allowance):
    """A first try is made: it brings its share of a retry and of a second try; in place."""
    allowance.retries = min(policy.retry_burst, allowance.retries + policy.retry_share)
    allowance.hedges = min(policy.hedge_burst, allowance.hedges + policy.hedge_share)


@jit
def take_retry(policy, allowance):
    """Spend a token on a retry, or return False; in place."""
    if policy.has_retry_budget == 0:
        return True
    if allowance.retries < TOKEN:
        return False
    allowance.retries -= TOKEN
    return True
