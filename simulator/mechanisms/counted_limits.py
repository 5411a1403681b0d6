"""Limits as providers count them: what a request is charged when it begins, and what it has cost when it has ended.

A limit is a bucket, which what was used leaks out of without a break, or a fixed window, which begins with nothing used.
What a request is charged at the start stays charged, or is a reservation that is settled when the request ends: then
what it took counts, less or more. A bucket holds reservations apart, so that they do not leak away while the request
runs; a window has forgotten those of the windows before it.

What is used of a limit stands in its `state`: in the limit itself, or in one that several stations share. A shared one may
keep a part for each of those who draw on it; then it lends what nobody uses until so much of it is in use.
"""

import math

import numpy as np

from simulator.numerics.events import INSTANT_S, NONE
from simulator.numerics.jit import jit

LIMIT = np.dtype(
    [
        ("depth", np.float64),  # what a full bucket or a fresh window lets through
        ("rate_per_s", np.float64),  # that leaks out of a bucket; 0: a window
        ("window_s", np.float64),  # infinity: a bucket
        ("state", np.int64),  # the limit whose depth and use hold: itself, or a shared one
        (
            "first_part",
            np.int64,
        ),  # limit of the first of those who draw on it, by their number; NONE: no parts
        ("lends_below", np.float64),  # share in use from where on everybody has a part only
        ("left", np.float64),  # share of the limit that an incident leaves
        ("used", np.float64),
        ("held", np.float64),  # reserved by those under way; of buckets
        ("at_s", np.float64),  # buckets: when `used` was last brought up to date
        ("window", np.float64),  # number of the window that `used` is of
        ("requests", np.float64),  # charged at the start: per request,
        ("input", np.float64),  # per input token, cached ones weighed in,
        ("output", np.float64),  # per output token that the answer will have,
        ("max_tokens", np.float64),  # per token that it may have
        ("takes_larger", np.int64),  # 1: the larger of what input and output are charged, not the sum
        ("charges_refused", np.int64),  # 1: a try that is refused is charged as well
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
def _bring_up(limit, now_s):
    """Let what was used leak out, or begin a new window; in place."""
    if limit.window_s < math.inf:
        window = math.floor((now_s + INSTANT_S) / limit.window_s)
        if window != limit.window:
            limit.window = window
            limit.used = 0.0
    else:
        limit.used = max(0.0, limit.used - (now_s - limit.at_s) * limit.rate_per_s * limit.left)
        limit.at_s = now_s


@jit
def bring_up_limits(limits, first, n, now_s):
    """Bring `n` limits from the first on up to now, at what is left of them; in place."""
    for place in range(first, first + n):
        _bring_up(limits[place], now_s)


@jit
def _has_room(limit, charge, now_s):
    """Whether a limit has room for a charge; for none, whether it is not used up."""
    _bring_up(limit, now_s)
    depth = limit.depth * limit.left
    room = depth - limit.used - limit.held
    trifle = _ROUNDING * depth
    return charge <= room + trifle + limit.rate_per_s * INSTANT_S and room > trifle


@jit
def _part_of(limits, limit, drawer):
    """The part of a limit that is kept for one who draws on it."""
    return limits[limits[limit.first_part + drawer].state]


@jit
def _lends(limit):
    """Whether so little of a limit, which is up to date, is in use that nobody needs a part of their own."""
    return limit.used + limit.held < (limit.lends_below - _ROUNDING) * limit.depth * limit.left


@jit
def lets_in(station, limits, drawer, n_input, n_output, max_tokens, now_s):
    """Whether every limit of a station has room for a request; what is charged nothing needs a limit not used up."""
    for place in range(station.first_limit, station.first_limit + station.n_limits):
        limit = limits[place]
        charge = _charge(limit, n_input, n_output, max_tokens)
        state = limits[limit.state]
        if not _has_room(state, charge, now_s):
            return False
        needs_part = state.first_part != NONE and not _lends(state)
        if needs_part and not _has_room(_part_of(limits, state, drawer), charge, now_s):
            return False
    return True


@jit
def _wait_for_room(limit, charge, now_s):
    """Time until a limit has room for a charge, if nobody else takes it; infinity: it never has.

    What is held comes back when a request ends, which the provider does not know: it counts on what leaks out.
    """
    if _has_room(limit, charge, now_s):
        return 0.0
    depth = limit.depth * limit.left
    if charge > depth * (1.0 + _ROUNDING) or depth <= 0.0:
        return math.inf
    if limit.window_s < math.inf:
        return (limit.window + 1.0) * limit.window_s - now_s
    missing = charge - (depth - limit.used - limit.held)
    return min(missing, limit.used) / (limit.rate_per_s * limit.left)


@jit
def _wait_to_lend(limit, now_s):
    """Time until so little of an up-to-date limit is in use that it is lent; infinity: never."""
    depth = limit.depth * limit.left
    if depth <= 0.0 or limit.lends_below <= 0.0:
        return math.inf
    if limit.window_s < math.inf:
        return (limit.window + 1.0) * limit.window_s - now_s
    return min(limit.used + limit.held - limit.lends_below * depth, limit.used) / (
        limit.rate_per_s * limit.left
    )


@jit
def wait_for_limits(station, limits, drawer, n_input, n_output, max_tokens, now_s):
    """Time until every limit of a station has room for a request, as far as it can be told; infinity: never."""
    wait_s = 0.0
    for place in range(station.first_limit, station.first_limit + station.n_limits):
        limit = limits[place]
        charge = _charge(limit, n_input, n_output, max_tokens)
        state = limits[limit.state]
        wait_s = max(wait_s, _wait_for_room(state, charge, now_s))
        if state.first_part != NONE and not _lends(state):
            of_part_s = _wait_for_room(_part_of(limits, state, drawer), charge, now_s)
            wait_s = max(wait_s, min(of_part_s, _wait_to_lend(state, now_s)))
    return wait_s


@jit
def _take(limit, charge, settles, now_s):
    """Charge a limit when a request begins."""
    _bring_up(limit, now_s)
    if settles == 1 and limit.window_s == math.inf:
        limit.held += charge
    else:
        limit.used += charge


@jit
def charge_limits(station, limits, drawer, n_input, n_output, max_tokens, now_s):
    """Charge a request that is let in now."""
    for place in range(station.first_limit, station.first_limit + station.n_limits):
        limit = limits[place]
        charge = _charge(limit, n_input, n_output, max_tokens)
        state = limits[limit.state]
        _take(state, charge, limit.settles, now_s)
        if state.first_part != NONE:
            _take(_part_of(limits, state, drawer), charge, limit.settles, now_s)


@jit
def _take_what_is_left(limit, charge, now_s):
    """Charge a limit for a refused request, as far as there is room."""
    _bring_up(limit, now_s)
    limit.used = max(limit.used, min(limit.depth * limit.left - limit.held, limit.used + charge))


@jit
def charge_refused(station, limits, drawer, n_input, n_output, max_tokens, now_s):
    """Charge a request that is refused now to the limits that charge it all the same."""
    for place in range(station.first_limit, station.first_limit + station.n_limits):
        limit = limits[place]
        if limit.charges_refused == 0:
            continue
        charge = _charge(limit, n_input, n_output, max_tokens)
        state = limits[limit.state]
        _take_what_is_left(state, charge, now_s)
        if state.first_part != NONE:
            _take_what_is_left(_part_of(limits, state, drawer), charge, now_s)


@jit
def _settle(limit, charge, cost, charged_s, now_s):
    """Let what a request took count in place of what it was charged at `charged_s`."""
    _bring_up(limit, now_s)
    if limit.window_s == math.inf:
        held = limit.held - charge
        limit.held = (
            held if held > _ROUNDING * limit.depth else 0.0
        )  # what rounding leaves would be a little in use
        limit.used += cost
    elif cost > charge or math.floor((charged_s + INSTANT_S) / limit.window_s) == limit.window:
        limit.used = max(0.0, limit.used + cost - charge)


@jit
def settle_limits(
    station, limits, drawer, n_input, n_output, max_tokens, charged_s, end_input, end_output, now_s
):  # fmt: skip
    """A request that was charged at `charged_s` has ended, with `end_input` tokens read and `end_output` made."""
    for place in range(station.first_limit, station.first_limit + station.n_limits):
        limit = limits[place]
        if limit.settles == 0:
            continue
        charge = _charge(limit, n_input, n_output, max_tokens)
        cost = limit.end_input * end_input + limit.end_output * end_output
        state = limits[limit.state]
        _settle(state, charge, cost, charged_s, now_s)
        if state.first_part != NONE:
            _settle(_part_of(limits, state, drawer), charge, cost, charged_s, now_s)


@jit
def counted_share(station, limits, now_s):
    """Share in use of the tightest limit of a station, of a shared one by all who share it; nothing where there is none."""
    share = 0.0
    for place in range(station.first_limit, station.first_limit + station.n_limits):
        state = limits[limits[place].state]
        _bring_up(state, now_s)
        depth = state.depth * state.left
        share = max(share, (state.used + state.held) / depth if depth > 0.0 else 1.0)
    return share
