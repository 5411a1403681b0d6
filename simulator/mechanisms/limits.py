"""Limits that answer 429: requests and tokens per minute, requests in parallel.

Those that count as a provider does, with settlement, are in `counted_limits`; here every request knows at the start what
it takes. RPM and TPM are token buckets as deep as one minute's allowance, refilled continuously; a request that finds too
little is answered 429 and takes nothing. What a bucket gets within the instant is there; rounding may leave a level a
trifle below nothing, and is made good by the next refill.
"""

import math

from simulator.mechanisms.counted_limits import counted_share
from simulator.numerics.events import INSTANT_S
from simulator.numerics.jit import jit

_ROUNDING = 1e-9  # of a level, as a share of what is taken from it


@jit
def refill(station, now_s):
    """Bring both buckets up to date; in place."""
    span_s = now_s - station.bucket_s
    station.bucket_s = now_s
    if station.request_rate_per_s < math.inf:
        station.request_level = min(
            station.request_depth, station.request_level + span_s * station.request_rate_per_s
        )
    if station.token_rate_per_s < math.inf:
        station.token_level = min(
            station.token_depth, station.token_level + span_s * station.token_rate_per_s
        )


@jit
def _holds(level, rate_per_s, amount):
    """Whether a bucket that gets `rate_per_s`, infinity: there is none, holds an amount in this instant."""
    return rate_per_s == math.inf or level + rate_per_s * INSTANT_S + _ROUNDING * amount >= amount


@jit
def has_quota(station, in_flight, n_tokens):
    """Whether a request of `n_tokens` beside those `in_flight` would be admitted now; the buckets must be up to date."""
    return (
        in_flight < station.parallel_limit
        and _holds(station.request_level, station.request_rate_per_s, 1.0)
        and _holds(station.token_level, station.token_rate_per_s, n_tokens)
    )


@jit
def _wait_for(level, rate_per_s, depth, amount):
    """Time until a bucket holds an amount, if nobody else takes it; infinity: it never does."""
    if _holds(level, rate_per_s, amount):
        return 0.0
    return (
        (amount - level) / rate_per_s
        if amount <= depth * (1.0 + _ROUNDING) and rate_per_s > 0.0
        else math.inf
    )


@jit
def wait_for_quota(station, n_tokens):
    """Time until both buckets, which must be up to date, have room for a request of `n_tokens`; infinity: never."""
    of_requests = _wait_for(station.request_level, station.request_rate_per_s, station.request_depth, 1.0)
    of_tokens = _wait_for(station.token_level, station.token_rate_per_s, station.token_depth, n_tokens)
    return max(of_requests, of_tokens)


@jit
def is_limited(station):
    """Whether a station has any limit that answers 429."""
    return (
        (station.request_rate_per_s < math.inf)
        | (station.token_rate_per_s < math.inf)
        | (station.parallel_limit < 1 << 60)
    )


@jit
def take_quota(station, in_flight, n_tokens, now_s):
    """Admit a request of `n_tokens` (prompt and output) and charge both buckets, or return False; in place."""
    if not is_limited(station):
        return True
    refill(station, now_s)
    if not has_quota(station, in_flight, n_tokens):
        return False
    if station.request_rate_per_s < math.inf:
        station.request_level -= 1.0
    if station.token_rate_per_s < math.inf:
        station.token_level -= n_tokens
    return True


@jit
def _missing_share(level, depth):
    """Share of a bucket that is missing; all of one whose quota is cut to nothing."""
    return 1.0 - level / depth if depth > 0.0 else 1.0


@jit
def used_share(station, limits, now_s):
    """Share of the tightest allowance in use: of the buckets, the parallel limit, the servers; all, where no server is."""
    used = counted_share(station, limits, now_s)
    if is_limited(station):
        refill(station, now_s)
        if station.request_rate_per_s < math.inf:
            used = max(used, _missing_share(station.request_level, station.request_depth))
        if station.token_rate_per_s < math.inf:
            used = max(used, _missing_share(station.token_level, station.token_depth))
        used = max(used, (station.busy + station.queued) / station.parallel_limit)
    if station.servers > 0:
        return max(used, (station.busy + station.queued) / station.servers)
    return max(used, 1.0)
