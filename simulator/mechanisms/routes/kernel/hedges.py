"""Second tries: after how long, and whether one may still be made.

The percentile of the tries so far is kept in a histogram beside a pointer to the bin it lies in, which moves by a step
or two with each new latency.
"""

import math

from simulator.mechanisms.routes.protection_table import EXACT, TOKEN
from simulator.numerics.jit import jit
from simulator.numerics.sketch import bin_of, lower_edge

_ENOUGH = 20  # latencies before their percentile is believed


@jit
def wait_before_hedge(policy, allowance):
    """How long a try may take before a second one is made; infinity: none is."""
    if policy.hedge_level == 0.0:
        return policy.hedge_after_s
    if allowance.n_latencies < _ENOUGH:
        return math.inf
    return lower_edge(allowance.bin + 1)


@jit
def take_hedge(allowance):
    """Spend a token on a second try, or return False; in place."""
    if allowance.hedges < TOKEN:
        return False
    allowance.hedges -= TOKEN
    return True


@jit
def learn_latency_of_hedged(policy, allowance, latencies, latency_s):
    """Let the percentile follow an answered try; `latencies`: the histogram, int64[bin]. In place."""
    place = bin_of(latency_s)
    latencies[place] += 1
    allowance.n_latencies += 1
    if place < allowance.bin:
        allowance.n_below += 1
    wanted = policy.hedge_level * allowance.n_latencies * EXACT
    while allowance.n_below >= wanted and allowance.bin > 0:
        allowance.bin -= 1
        allowance.n_below -= latencies[allowance.bin]
    while allowance.n_below + latencies[allowance.bin] < wanted:
        allowance.n_below += latencies[allowance.bin]
        allowance.bin += 1
