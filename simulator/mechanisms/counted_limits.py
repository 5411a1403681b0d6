"""Limits as providers count them: what a request is charged when it begins, and what it has cost when it has ended.

A limit is a bucket, which what was used leaks out of without a break, or a fixed window, which begins with nothing used.
What a request is charged at the start stays charged, or is a reservation that is settled when the request ends: then
what it took counts, less or more. A bucket holds reservations apart, so that they do not leak away while the request
runs; a window has forgotten those of the windows before it.
"""

import math

import numpy as np

from simulator.numerics.events import INSTANT_S
from simulator.numerics.jit import jit

LIMIT = np.dtype(
    [
        ("depth", np.float64),  # what a full bucket or a fresh window lets through
        ("rate_per_s", np.float64),  # that leaks out of a bucket; 0: a window
        ("window_s", np.float64),  # infinity: a bucket
        ("used", np.float64),
        ("held", np.float64),  # reserved by those under way; of buckets
        ("at_s", np.float64),  # buckets: when `used` was last brought up to date
        ("window", np.float64),  # number of the window that `used` is of
        ("requests", np.float64),  # charged at the start: per request,
        ("input", np.float64),  # per input token, cached ones weighed in,
        ("output", np.float64),  # per output token that the answer will have,
        ("max_tokens", np.float64),  # per token that it may have
        ("takes_larger", np.int64),  # 1: the larger of what input and output are charged, not the sum
        ("settles", np.int64),  # 1: in the end this is charged in place of it:
        ("end_input", np.float64),  # per input token that was read
        ("end_output", np.float64),  # per output token that was made
    ],
    align=True,
)

_ROUNDING = 1e-9  # of a limit, as a share of its depth


@jit
def _charge(limit, n_input, n_output, max_tokens):
    """What a request is charged when it begins."""
    of_input = limit.input * n_input
    of_output = limit.output * n_output + limit.max_tokens * max_tokens
    if limit.takes_larger == 1:
        return max(of_input, of_output)
    return limit.requests + of_input + of_output


@jit
def _bring_up(limit, quota_share, now_s):
    """Let what was used leak out, or begin a new window; in place."""
    if limit.window_s < math.inf:
        window = math.floor((now_s + INSTANT_S) / limit.window_s)
        if window != limit.window:
            limit.window = window
            limit.used = 0.0
    else:
        limit.used = max(0.0, limit.used - (now_s - limit.at_s) * limit.rate_per_s * quota_share)
        limit.at_s = now_s


@jit
def bring_up_limits(station, limits, now_s):
    """Bring every limit of a station up to now, at the quota that there was; in place."""
    for place in range(station.first_limit, station.first_limit + station.n_limits):
        _bring_up(limits[place], station.quota_share, now_s)


@jit
def lets_in(station, limits, n_input, n_output, max_tokens, now_s):
    """Whether every limit of a station has room for a request; what is charged nothing needs a limit not used up."""
    for place in range(station.first_limit, station.first_limit + station.n_limits):
        limit = limits[place]
        _bring_up(limit, station.quota_share, now_s)
        charge = _charge(limit, n_input, n_output, max_tokens)
        depth = limit.depth * station.quota_share
        room = depth - limit.used - limit.held
        slack = _ROUNDING * depth + limit.rate_per_s * INSTANT_S
        if charge > room + slack or room <= 0.0:
            return False
    return True


@jit
def charge_limits(station, limits, n_input, n_output, max_tokens):
    """Charge a request that is let in now; the limits must be up to date."""
    for place in range(station.first_limit, station.first_limit + station.n_limits):
        limit = limits[place]
        charge = _charge(limit, n_input, n_output, max_tokens)
        if limit.settles == 1 and limit.window_s == math.inf:
            limit.held += charge
        else:
            limit.used += charge


@jit
def settle_limits(
    station, limits, n_input, n_output, max_tokens, charged_s, end_input, end_output, now_s
):  # fmt: skip
    """A request that was charged at `charged_s` has ended, with `end_input` tokens read and `end_output` made."""
    for place in range(station.first_limit, station.first_limit + station.n_limits):
        limit = limits[place]
        if limit.settles == 0:
            continue
        _bring_up(limit, station.quota_share, now_s)
        charge = _charge(limit, n_input, n_output, max_tokens)
        cost = limit.end_input * end_input + limit.end_output * end_output
        if limit.window_s == math.inf:
            limit.held -= charge
            limit.used += cost
        elif cost > charge or math.floor((charged_s + INSTANT_S) / limit.window_s) == limit.window:
            limit.used = max(0.0, limit.used + cost - charge)


@jit
def counted_share(station, limits, now_s):
    """Share in use of the tightest limit of a station; nothing where there is none."""
    share = 0.0
    for place in range(station.first_limit, station.first_limit + station.n_limits):
        limit = limits[place]
        _bring_up(limit, station.quota_share, now_s)
        depth = limit.depth * station.quota_share
        share = max(share, (limit.used + limit.held) / depth if depth > 0.0 else 1.0)
    return share
