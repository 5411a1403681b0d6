"""When the next action arrives, and what it brings: complexity, question, turns, token lengths.

Arrivals are a renewal process in operational time: gaps with mean 1 (gamma by the coefficient of variation, exactly
exponential at 1, or a trace's own gaps) are stretched by the inverse of the integrated rate. A change of exposure
re-times only the gap that is under way.
"""

import math

import numpy as np

from simulator.mechanisms.traffic.codes import LengthOrder
from simulator.numerics.draws import derive, exponential, standard_gamma, standard_normal, uniform
from simulator.numerics.events import INSTANT_S, NONE
from simulator.numerics.jit import entry, jit

_OF_RATE = 2**62  # among the codes of a stream's draws, beyond the numbers of its actions


@jit
def next_gap(stream, gaps, key):
    """Draw or read the next gap, in operational time with mean 1; advances the trace's row in place."""
    if stream.first_gap != NONE:
        gap = gaps[stream.first_gap + stream.gap_index]
        stream.gap_index += 1
        if stream.gap_index == stream.n_gaps:
            stream.gap_index = 0
        return gap
    if stream.gap_shape == 1.0:
        return exponential(key)
    return standard_gamma(stream.gap_shape, key) / stream.gap_shape


@entry
def wander_along(rates_rps, own_key, common_key, cv, common, time_constant_s, step_s):
    """Let rates of equal steps wander in place: a log rate that reverts to its mean, with steps drawn in part in common."""
    variance = math.log(1.0 + cv * cv)
    kept = math.exp(-step_s / time_constant_s)
    own_key = derive(own_key, np.uint64(_OF_RATE))
    log_rate = 0.0
    for step in range(rates_rps.size):
        code = np.uint64(step)
        luck = math.sqrt(common) * standard_normal(derive(common_key, code))
        luck += math.sqrt(1.0 - common) * standard_normal(derive(own_key, code))
        log_rate = luck if step == 0 else kept * log_rate + math.sqrt(1.0 - kept * kept) * luck
        rates_rps[step] *= math.exp(math.sqrt(variance) * log_rate - 0.5 * variance)


@jit
def arrival_time(from_s, gap_left, share, rates_rps, piece_s, lead_s):
    """Time at which the integral of `share` × rate since `from_s` reaches `gap_left`; infinity if never.

    Rates are constant on pieces of `piece_s`, the first of which began `lead_s` before time 0, and end with the last piece.
    """
    n_pieces = rates_rps.size
    piece = int((from_s + lead_s) / piece_s)
    time_s = from_s
    while piece < n_pieces:
        rate_rps = share * rates_rps[piece]
        end_s = (piece + 1) * piece_s - lead_s
        inside = rate_rps * (end_s - time_s)
        if inside >= gap_left and rate_rps > 0.0:
            return time_s + gap_left / rate_rps
        gap_left -= max(inside, 0.0)
        time_s = end_s
        piece += 1
    return math.inf


@jit
def operational_time(from_s, to_s, share, rates_rps, piece_s, lead_s):
    """Integral of `share` × rate over [from_s, to_s]."""
    total = 0.0
    piece = int((from_s + lead_s) / piece_s)
    while piece < rates_rps.size and piece * piece_s - lead_s < to_s:
        low_s = max(from_s, piece * piece_s - lead_s)
        high_s = min(to_s, (piece + 1) * piece_s - lead_s)
        total += share * rates_rps[piece] * (high_s - low_s)
        piece += 1
    return total


@jit
def clients_wanted(share, rate_rps, cycle_s):
    """Clients of a closed loop at a share of its demand: the nearest whole number, of two equally near the larger."""
    return int(share * rate_rps * cycle_s + (0.5 + 1e-9))


@jit
def joining_time(from_s, n_clients, share, cycle_s, rates_rps, piece_s, lead_s):
    """First time from `from_s` on at which more than `n_clients` are wanted; infinity if never."""
    piece = int((from_s + INSTANT_S + lead_s) / piece_s)  # as who has thought is asked whether to stay
    time_s = from_s
    while piece < rates_rps.size:
        if clients_wanted(share, rates_rps[piece], cycle_s) > n_clients:
            return time_s
        piece += 1
        time_s = piece * piece_s - lead_s
    return math.inf


@jit
def draw_class(cumulative, n_classes, key):
    """Complexity class of an action, by the cumulated shares of its workload."""
    if n_classes == 1:
        return 0
    u = uniform(key)
    for index in range(n_classes - 1):
        if u < cumulative[index]:
            return index
    return n_classes - 1


@jit
def draw_language(languages, stream, key):
    """Row of the language of an action's user, by the cumulated shares of its region."""
    last = stream.first_language + stream.n_languages - 1
    u = uniform(key)
    for row in range(stream.first_language, last):
        if u < languages[row].cumulative:
            return row
    return last


@jit
def draw_item(cumulative, guide, first, n, key):
    """Question asked, by the cumulated popularity in rows first … first + n; the guide makes the search O(1)."""
    u = uniform(key)
    index = guide[first + int(u * n)]
    while index < n - 1 and cumulative[first + index] <= u:
        index += 1
    return index


@jit
def next_row(stream, workload, sessions):
    """Row of the trace that an action begins with, where rows or sessions are replayed in order; advances in place."""
    number = stream.length_index
    stream.length_index += 1
    is_session = workload.lengths_in_order == LengthOrder.SESSIONS
    if stream.length_index == (workload.n_sessions if is_session else workload.n_lengths):
        stream.length_index = 0
    return sessions[workload.first_session + number] if is_session else workload.first_length + number


@jit
def length_row(first_row, workload, turn, key):
    """Row of the trace that gives a turn's token lengths, of an action that begins with `first_row` if in order.

    In order are the rows of first turns, one for each arrival, and all calls of a session.
    """
    if workload.lengths_in_order == LengthOrder.SESSIONS:
        return first_row + turn
    if workload.lengths_in_order == LengthOrder.ROWS and turn == 0:
        return first_row
    return workload.first_length + int(uniform(key) * workload.n_lengths)


@jit
def think_time(workload, key):
    """Pause before the next turn, exponential, in seconds."""
    return workload.think_s * exponential(derive(key, np.uint64(0)))
