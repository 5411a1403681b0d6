"""Tables of resilience: the policy of a route, and what its callers in each region have learned and saved up.

A *guard* is what the callers of a route in one region know of one station; an *allowance* is what they may still
spend on retries and second tries. Routes without a policy have neither.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

N_SLICES = 10  # of a breaker's window
EXACT = 1.0 - 1e-9  # on a share times a number of calls, which is whole where it should be but for rounding
TOKEN = 10**9  # parts of a token: budgets are kept in whole ones, so that ten times 10 % are a token

POLICY = np.dtype(
    [
        ("first_allowance", np.int64),  # of the first region; the other regions follow
        ("first_guard", np.int64),  # of the first region and station; station by station, region by region
        ("propagates_deadline", np.int64),  # 1: a try that cannot end in time is not begun
        ("has_retry_budget", np.int64),  # 1: retries are paid for
        ("retry_share", np.int64),  # parts of a token per first try
        ("retry_burst", np.int64),
        ("hedge_after_s", np.float64),  # infinity: no second tries, or after a percentile
        ("hedge_level", np.float64),  # of the percentile; 0: none
        ("hedge_share", np.int64),  # parts of a token per first try; 0: no second tries
        ("hedge_burst", np.int64),
        ("parallel_limit", np.int64),  # tries in flight at a station
        ("error_share", np.float64),  # that opens the breaker; infinity: errors do not
        ("slow_share", np.float64),
        ("slow_s", np.float64),
        ("min_calls", np.int64),
        ("slice_s", np.float64),  # a tenth of the breaker's window; infinity: no breaker
        ("cooldown_s", np.float64),
        ("n_probes", np.int64),
        ("eject_after", np.int64),  # failures in a row; 0: nothing is ejected
        ("ejection_s", np.float64),
        ("ejected_share", np.float64),  # at most
        ("limit_least", np.float64),
        ("limit_most", np.float64),  # 0: the limit does not adapt
        ("limit_latency_s", np.float64),
        ("limit_ratio", np.float64),
    ],
    align=True,
)

GUARD = np.dtype(
    [
        ("in_flight", np.int64),  # tries sent and not ended
        ("breaker", np.int64),  # Breaker
        ("until_s", np.float64),  # OPEN: until then
        ("slice", np.int64),  # number of the slice that is filled, since time 0
        ("calls", np.int64),  # in the window
        ("failed", np.int64),
        ("slow", np.int64),
        ("probes_sent", np.int64),  # HALF_OPEN
        ("probes_passed", np.int64),
        ("failures", np.int64),  # in a row
        ("ejections", np.int64),  # in a row
        ("ejected_until_s", np.float64),
        ("limit", np.float64),  # on tries in flight, as it adapts
    ],
    align=True,
)

SLICE = np.dtype([("calls", np.int64), ("failed", np.int64), ("slow", np.int64)], align=True)

ALLOWANCE = np.dtype(
    [
        ("retries", np.int64),  # parts of tokens
        ("hedges", np.int64),
        ("n_latencies", np.int64),  # of answered tries, for the percentile after which a second try is made
        ("bin", np.int64),  # of the histogram, in which the percentile lies
        ("n_below", np.int64),  # latencies below that bin
    ],
    align=True,
)


class Guarding(NamedTuple):
    """Policies of routes, and what callers know and have left."""

    policies: NDArray[np.void]  # [policy] POLICY
    guards: NDArray[np.void]  # [guard] GUARD
    slices: NDArray[np.void]  # [guard · N_SLICES] SLICE
    allowances: NDArray[np.void]  # [allowance] ALLOWANCE
    latencies: NDArray[np.int64]  # [allowance, bin]; one row where no route needs it
