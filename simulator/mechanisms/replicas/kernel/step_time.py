"""How long an iteration takes, and many of them in a row: the profile's table, interpolated in all three axes, and what it
takes longer where no CUDA graph holds its tokens.

While the batch stays as it is, an iteration reads one token more of each sequence, so on a segment between two knots
of the context the times of consecutive iterations form an arithmetic series, whose sum is known.
"""

import math

from simulator.mechanisms.replicas.table import knots_of, step_s_of
from simulator.numerics.jit import jit, shared

_CLEAR = 1e-6  # of an iteration: farther from a boundary, rounding cannot put a moment on its other side


@jit
def _segment(knots, first, n_knots, value):
    """Number of the segment that holds `value`; beyond the knots the first or the last one."""
    index = 0
    while index < n_knots - 2 and value >= knots[first + index + 1]:
        index += 1
    return index


@jit
def _weight(knots, place, value):
    return (value - knots[place]) / (knots[place + 1] - knots[place])


@jit
def _along_batch(pool, steps_s, prefill, batch, weight, context):
    """Time at a knot of prefill and of context, between two knots of the batch."""
    place = pool.first_step + (prefill * pool.n_batch + batch) * pool.n_context + context
    low_s = steps_s[place]
    return low_s + weight * (steps_s[place + pool.n_context] - low_s)


@jit
def _launch_time(pool, prefill_tokens, n_decodes):
    """Seconds more of an iteration with so many tokens that its kernels are launched one by one."""
    decode_tokens = n_decodes * pool.tokens_per_seq
    if decode_tokens > pool.graph_tokens:
        return pool.launch_s / pool.tokens_per_step
    return (
        pool.launch_s
        if prefill_tokens > 0.0 and prefill_tokens + decode_tokens > pool.prompt_graph_tokens
        else 0.0
    )


@shared
def step_time(pools, pool, prefill_tokens, n_decodes, context):
    """Seconds of one iteration that works on `prefill_tokens` and decodes `n_decodes` with a mean `context`."""
    knots = knots_of(pools)
    steps_s = step_s_of(pools)
    p = _segment(knots, pool.first_prefill, pool.n_prefill, prefill_tokens)
    b = _segment(knots, pool.first_batch, pool.n_batch, n_decodes)
    c = _segment(knots, pool.first_context, pool.n_context, context)
    along_p = _weight(knots, pool.first_prefill + p, prefill_tokens)
    along_b = _weight(knots, pool.first_batch + b, n_decodes)
    along_c = _weight(knots, pool.first_context + c, context)
    low_s = _along_batch(pool, steps_s, p, b, along_b, c)
    low_s += along_c * (_along_batch(pool, steps_s, p, b, along_b, c + 1) - low_s)
    high_s = _along_batch(pool, steps_s, p + 1, b, along_b, c)
    high_s += along_c * (_along_batch(pool, steps_s, p + 1, b, along_b, c + 1) - high_s)
    return low_s + along_p * (high_s - low_s) + _launch_time(pool, prefill_tokens, n_decodes)


@shared
def leap_time(pools, pool, n_decodes, context, n_iterations):
    """Seconds of `n_iterations` decodes of the same batch, the first with a mean `context`; and ∫ context dt."""
    knots = knots_of(pools)
    steps_s = step_s_of(pools)
    b = _segment(knots, pool.first_batch, pool.n_batch, n_decodes)
    along_b = _weight(knots, pool.first_batch + b, n_decodes)
    launch_s = _launch_time(pool, 0.0, n_decodes)
    c = _segment(knots, pool.first_context, pool.n_context, context)
    total_s = 0.0
    area = 0.0
    left = n_iterations
    while left > 0:
        place = pool.first_context + c
        at_knot_s = _along_batch(pool, steps_s, 0, b, along_b, c)
        slope_s = _along_batch(pool, steps_s, 0, b, along_b, c + 1) - at_knot_s
        slope_s /= knots[place + 1] - knots[place]
        n = left
        if c < pool.n_context - 2:
            n = min(left, max(1, math.ceil(knots[place + 1] - context)))
        first_s = launch_s + at_knot_s + slope_s * (context - knots[place])
        sum_i = 0.5 * n * (n - 1)
        sum_ii = sum_i * (2 * n - 1) / 3.0
        total_s += n * first_s + slope_s * sum_i
        area += n * first_s * context + (first_s + slope_s * context) * sum_i + slope_s * sum_ii
        context += n
        left -= n
        if c < pool.n_context - 2:
            c += 1
    return total_s, area


@shared
def iterations_within(pools, pool, n_decodes, context, n_planned, span_s):
    """Fewest of `n_planned` iterations, at least one, that take `span_s` or longer."""
    knots = knots_of(pools)
    steps_s = step_s_of(pools)
    b = _segment(knots, pool.first_batch, pool.n_batch, n_decodes)
    along_b = _weight(knots, pool.first_batch + b, n_decodes)
    launch_s = _launch_time(pool, 0.0, n_decodes)
    c = _segment(knots, pool.first_context, pool.n_context, context)
    found = 0
    reached = context
    left_s = span_s
    while found < n_planned:
        place = pool.first_context + c
        at_knot_s = _along_batch(pool, steps_s, 0, b, along_b, c)
        slope_s = _along_batch(pool, steps_s, 0, b, along_b, c + 1) - at_knot_s
        slope_s /= knots[place + 1] - knots[place]
        n = n_planned - found
        if c < pool.n_context - 2:
            n = min(n, max(1, math.ceil(knots[place + 1] - reached)))
        first_s = launch_s + at_knot_s + slope_s * (reached - knots[place])
        here_s = n * first_s + slope_s * 0.5 * n * (n - 1)
        if here_s >= left_s or c >= pool.n_context - 2:
            half_s = first_s - 0.5 * slope_s
            root_s = math.sqrt(max(half_s * half_s + 2.0 * slope_s * left_s, 0.0))
            exact = 2.0 * left_s / (half_s + root_s)
            found += int(min(float(n), max(0.0, math.ceil(exact))))
            if abs(exact - math.floor(exact + 0.5)) > _CLEAR:
                return min(max(found, 1), n_planned)
            break
        left_s -= here_s
        reached += n
        found += n
        c += 1
    found = min(max(found, 1), n_planned)
    while found < n_planned and leap_time(pools, pool, n_decodes, context, found)[0] < span_s:
        found += 1
    while found > 1 and leap_time(pools, pool, n_decodes, context, found - 1)[0] >= span_s:
        found -= 1
    return found
