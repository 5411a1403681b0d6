"""Tables of routes: how a target is picked, how often it is tried, and what comes after."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

ROUTE = np.dtype(
    [
        ("strategy", np.int64),
        ("first_choice", np.int64),
        ("n_choices", np.int64),
        ("first_fallback", np.int64),
        ("n_fallbacks", np.int64),
        ("num_retries", np.int64),
        ("retry_mask", np.int64),  # bits of Result
        ("timeout_s", np.float64),  # of the whole step; infinity: none
        ("per_try_s", np.float64),  # infinity: none
        ("per_try_lane", np.int64),
        ("first_wait", np.int64),  # before retry 1; the next ones follow
        ("jitter", np.int64),  # Jitter
        ("longest_retry_after_s", np.float64),  # that is waited for in place of the backoff; 0: none
        ("failover_after", np.int64),  # failed tries before the next nearest region; 0: never
        ("flags_wrong", np.float64),
        ("flags_right", np.float64),
        ("flags_ungrounded", np.float64),
        ("max_context_tokens", np.int64),
        ("is_generate", np.int64),
        ("policy", np.int64),  # of resilience; NONE: none
    ],
    align=True,
)

CHOICE = np.dtype([("target", np.int64), ("weight_cumulative", np.float64)], align=True)

WAIT = np.dtype(
    [
        ("wait_s", np.float64),  # before jitter
        ("lane", np.int64),  # NONE: jittered
    ],
    align=True,
)


class Routing(NamedTuple):
    routes: NDArray[np.void]  # [route] ROUTE
    choices: NDArray[np.void]  # [choice] CHOICE, route after route
    fallbacks: NDArray[np.int64]  # targets or FallbackKind, route after route
    waits: NDArray[np.void]  # [wait] WAIT, by route and retry
