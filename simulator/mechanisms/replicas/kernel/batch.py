"""The batch of a replica: what an iteration does, how many iterations pass until the next change, what it costs.

One iteration decodes a token of every sequence past its prompt and works on prompts with the tokens that are left of
its budget (chunked prefill). Between two changes of the batch the iterations are not stepped but summed up.
"""

import math

from simulator.mechanisms.replicas.codes import BLOCK_TOKENS
from simulator.mechanisms.replicas.kernel.prefixes import (
    evict,
    find_prefix,
    hit_tokens,
    keep_prefix,
    remove_prefix,
)
from simulator.mechanisms.replicas.kernel.sequences import (
    await_finish,
    first_waiting,
    forget_finish,
    last_admitted,
    next_to_finish,
    prepend_waiting,
    remove_waiting,
    start_running,
    stop_running,
)
from simulator.mechanisms.replicas.kernel.step_time import iterations_within, leap_time, step_time
from simulator.mechanisms.replicas.table import pool_at, replica_at, residues_of, sequence_at
from simulator.numerics.events import NONE
from simulator.numerics.jit import jit, shared


@jit
def blocks_for(n_tokens):
    """Blocks that hold so many tokens."""
    return (n_tokens + BLOCK_TOKENS - 1) // BLOCK_TOKENS


@jit
def _mean_context(replica):
    """Tokens that the next decode of a sequence reads, on average: those cached, and its own."""
    return (replica.cached_tokens + replica.n_decoding) / replica.n_decoding


@jit
def _new_blocks(pools, replica_id, iteration, n):
    """Blocks that the decoding sequences begin in the `n` iterations from `iteration` on.

    A sequence with t tokens at iteration m begins one whenever t is a multiple of the block; t − m never changes.
    """
    residues = residues_of(pools)
    total = (n // BLOCK_TOKENS) * replica_at(pools, replica_id).n_decoding
    for later in range(n % BLOCK_TOKENS):
        total += residues[replica_id, -(iteration + later) % BLOCK_TOKENS]
    return total


@jit
def _iterations_that_fit(pools, replica_id, iteration, free_blocks):
    """Iterations from `iteration` on whose new blocks fit into `free_blocks`."""
    residues = residues_of(pools)
    n_decoding = replica_at(pools, replica_id).n_decoding
    n = BLOCK_TOKENS * (free_blocks // n_decoding)
    left = free_blocks % n_decoding
    for _ in range(BLOCK_TOKENS):
        left -= residues[replica_id, -(iteration + n) % BLOCK_TOKENS]
        if left < 0:
            break
        n += 1
    return n


@jit
def _residue(sequence):
    return (sequence.prompt + sequence.output - 1 - sequence.finish) % BLOCK_TOKENS


@jit
def _begin_decoding(pools, replica_id, sequence_id, requests):
    """The prompt is done, and with it the next token."""
    replica = replica_at(pools, replica_id)
    sequence = sequence_at(pools, sequence_id)
    sequence.generated += 1
    if sequence.generated == 1 and sequence.slot != NONE:
        request = requests[sequence.slot]
        request.first_token_s = replica.boundary_s
        pool = pool_at(pools, replica.pool)
        pool.n_first_tokens += 1
        pool.first_token_s += replica.boundary_s - request.reach_s
    sequence.finish = replica.iteration + sequence.output - sequence.generated
    sequence.share_from_s = replica.decode_share_s
    replica.n_decoding += 1
    replica.cached_tokens += sequence.computed
    residues_of(pools)[replica_id, _residue(sequence)] += 1
    await_finish(pools, replica, sequence_id)


@shared
def complete_iterations(pools, replica_id, requests):
    """The iterations under way are over: their tokens are there."""
    replica = replica_at(pools, replica_id)
    if replica.n_planned == 0:
        return
    n_decoding = replica.n_decoding
    n = replica.n_planned
    span_s = replica.wake_s - replica.boundary_s
    decode_s = span_s
    if replica.prefill_tokens > 0:
        decode_s = replica.decode_s
    if n_decoding > 0:
        replica.kv_token_s += n_decoding * replica.context_s
        replica.decode_share_s += decode_s / n_decoding
    replica.busy_s += span_s
    replica.sequence_s += replica.n_running * span_s
    replica.used_blocks += _new_blocks(pools, replica_id, replica.iteration + 1, n - 1)
    evict(pools, replica, pool_at(pools, replica.pool).n_blocks)
    replica.iteration += n
    replica.cached_tokens += n * n_decoding
    replica.boundary_s = replica.wake_s
    replica.n_planned = 0
    replica.partial = NONE
    piece = replica.entering
    replica.entering = NONE
    while piece != NONE:
        sequence = sequence_at(pools, piece)
        following = sequence.next_entering
        sequence.busy_s += (span_s - decode_s) * sequence.chunk / replica.prefill_tokens
        sequence.computed += sequence.chunk
        replica.kv_token_s += span_s * sequence.computed
        if sequence.computed == sequence.total:
            _begin_decoding(pools, replica_id, piece, requests)
        else:
            replica.partial = piece
        piece = following


@shared
def leave_batch(pools, replica_id, sequence_id):
    """Take a running sequence out, between two iterations; its full blocks are kept if prefixes are."""
    replica = replica_at(pools, replica_id)
    sequence = sequence_at(pools, sequence_id)
    if sequence.place != NONE:
        left = sequence.finish - replica.iteration
        sequence.generated = sequence.output - left
        sequence.computed = sequence.prompt + sequence.generated - 1
        sequence.busy_s += replica.decode_share_s - sequence.share_from_s
        residues_of(pools)[replica_id, _residue(sequence)] -= 1
        replica.n_decoding -= 1
        replica.cached_tokens -= sequence.computed
        forget_finish(pools, replica, sequence_id)
    elif replica.partial == sequence_id:
        replica.partial = NONE
    replica.used_blocks -= blocks_for(sequence.computed)
    if pool_at(pools, replica.pool).keeps_prefixes == 1:
        n_blocks = sequence.computed // BLOCK_TOKENS
        keep_prefix(pools, replica, sequence.chain_key, n_blocks, sequence.turn)
    stop_running(pools, replica, sequence_id)


@jit
def finished(pools, replica_id):
    """A sequence whose last token came with the iteration before, or NONE."""
    replica = replica_at(pools, replica_id)
    sequence_id = next_to_finish(pools, replica)
    if sequence_id != NONE and sequence_at(pools, sequence_id).finish <= replica.iteration:
        return sequence_id
    return NONE


@jit
def _next_chunk(pool, replica, sequence):
    """Tokens that a prompt begun before can go on with, beside the decodes."""
    return min(sequence.total - sequence.computed, pool.max_num_batched_tokens - replica.n_decoding)


@jit
def _blocks_to_go_on(pools, replica_id):
    """Blocks that those who run need for one iteration more."""
    replica = replica_at(pools, replica_id)
    blocks = _new_blocks(pools, replica_id, replica.iteration, 1)
    if replica.partial != NONE:
        sequence = sequence_at(pools, replica.partial)
        chunk = _next_chunk(pool_at(pools, replica.pool), replica, sequence)
        blocks += blocks_for(sequence.computed + chunk) - blocks_for(sequence.computed)
    return blocks


@shared
def preempt(pools, replica_id):
    """Where the cache is too small for those who run to go on: send one back to the queue; returns it, or NONE."""
    replica = replica_at(pools, replica_id)
    n_blocks = pool_at(pools, replica.pool).n_blocks
    if replica.used_blocks + _blocks_to_go_on(pools, replica_id) <= n_blocks:
        return NONE
    sequence_id = last_admitted(replica)
    leave_batch(pools, replica_id, sequence_id)
    sequence = sequence_at(pools, sequence_id)
    sequence.total = sequence.prompt + sequence.generated
    prepend_waiting(pools, replica, sequence_id)
    replica.n_preemptions += 1
    return sequence_id


@jit
def _work_on_prompt(pools, replica, sequence_id, chunk):
    """Let the iteration to come work on a piece of a prompt."""
    sequence = sequence_at(pools, sequence_id)
    sequence.chunk = chunk
    sequence.next_entering = replica.entering
    replica.entering = sequence_id
    replica.prefill_tokens += chunk
    replica.attended += chunk * sequence.computed + 0.5 * chunk * chunk


@shared
def go_on(pools, replica_id):
    """Let the iteration to come decode, and go on with the prompt begun before."""
    replica = replica_at(pools, replica_id)
    pool = pool_at(pools, replica.pool)
    replica.prefill_tokens = 0
    replica.attended = 0.0
    replica.used_blocks += _blocks_to_go_on(pools, replica_id)
    if replica.partial != NONE:
        chunk = _next_chunk(pool, replica, sequence_at(pools, replica.partial))
        if chunk > 0:
            _work_on_prompt(pools, replica, replica.partial, chunk)
    evict(pools, replica, pool.n_blocks)


@shared
def admit(pools, replica_id):
    """Let the first in line join the iteration to come if there is room; returns it, or NONE."""
    replica = replica_at(pools, replica_id)
    pool = pool_at(pools, replica.pool)
    budget = pool.max_num_batched_tokens - replica.n_decoding - replica.prefill_tokens
    sequence_id = first_waiting(replica)
    if sequence_id == NONE or budget <= 0 or replica.n_running >= pool.max_num_seqs:
        return NONE
    sequence = sequence_at(pools, sequence_id)
    hit = 0
    if pool.keeps_prefixes == 1:
        hit = hit_tokens(pools, replica, sequence)
    chunk = min(sequence.total - hit, budget)
    blocks = blocks_for(hit + chunk)
    if replica.used_blocks + blocks > pool.n_blocks:
        return NONE
    if hit > 0:
        remove_prefix(pools, replica, find_prefix(pools, replica, sequence.chain_key))
    remove_waiting(pools, replica, sequence_id)
    start_running(pools, replica, sequence_id)
    replica.used_blocks += blocks
    evict(pools, replica, pool.n_blocks)
    sequence.computed = hit
    replica.prompt_tokens += sequence.total
    replica.hit_tokens += hit
    _work_on_prompt(pools, replica, sequence_id, chunk)
    return sequence_id


@jit
def _leap(pools, pool, replica, context, n):
    """Plan `n` decodes of the batch as it is, in one go."""
    span_s, context_s = leap_time(pools, pool, replica.n_decoding, context, n)
    replica.n_planned = n
    replica.wake_s = replica.boundary_s + span_s
    replica.context_s = context_s


@shared
def plan_iterations(pools, replica_id, has_preempted):
    """Find when the batch changes next: after an iteration that works on prompts, or a leap of decodes.

    Where a sequence was preempted nobody was admitted, so somebody may be at the next boundary.
    """
    replica = replica_at(pools, replica_id)
    pool = pool_at(pools, replica.pool)
    n_decoding = replica.n_decoding
    replica.is_cut = 1
    replica.decode_s = 0.0
    if n_decoding == 0 and replica.prefill_tokens == 0:
        replica.n_planned = 0
        replica.wake_s = math.inf
        return
    context = 0.0
    if n_decoding > 0:
        context = _mean_context(replica)
    if replica.prefill_tokens > 0:
        replica.n_planned = 1
        step_s = step_time(pools, pool, float(replica.prefill_tokens), n_decoding, context)
        step_s += pool.prefill_attention_s * replica.attended
        if n_decoding > 0:
            replica.decode_s = step_time(pools, pool, 0.0, n_decoding, context)
        replica.wake_s = replica.boundary_s + step_s
        replica.context_s = step_s * context
        return
    n = sequence_at(pools, next_to_finish(pools, replica)).finish - replica.iteration
    free_blocks = pool.n_blocks - replica.used_blocks
    if has_preempted:
        n = 1
    if n_decoding * (n // BLOCK_TOKENS + 1) > free_blocks:  # what so many iterations may need at most
        n = min(n, 1 + _iterations_that_fit(pools, replica_id, replica.iteration + 1, free_blocks))
    replica.is_cut = 1 if n == 1 else 0
    _leap(pools, pool, replica, context, n)


@shared
def cut_leap(pools, replica_id, now_s):
    """Something changes at the next boundary: end the leap there. True if it ends earlier than planned."""
    replica = replica_at(pools, replica_id)
    if replica.is_cut == 1:
        return False
    pool = pool_at(pools, replica.pool)
    context = _mean_context(replica)
    span_s = now_s - replica.boundary_s
    n = iterations_within(pools, pool, replica.n_decoding, context, replica.n_planned, span_s)
    replica.is_cut = 1
    if n == replica.n_planned:
        return False
    _leap(pools, pool, replica, context, n)
    return True


@shared
def progress_by(pools, replica_id, sequence_id, now_s):
    """Tokens generated by `now_s`, in the midst of a leap, and seconds of the replica's time since decoding began."""
    replica = replica_at(pools, replica_id)
    sequence = sequence_at(pools, sequence_id)
    if sequence.place == NONE:
        return sequence.generated, 0.0
    share_s = replica.decode_share_s - sequence.share_from_s
    n = 0
    if replica.n_planned > 1:
        pool = pool_at(pools, replica.pool)
        context = _mean_context(replica)
        span_s = now_s - replica.boundary_s
        n = iterations_within(pools, pool, replica.n_decoding, context, replica.n_planned, span_s) - 1
        share_s += leap_time(pools, pool, replica.n_decoding, context, n)[0] / replica.n_decoding
    return sequence.output - (sequence.finish - replica.iteration - n), share_s


@jit
def roll_back(pools, replica_id, now_s):
    """The replica is lost in the midst of its iterations: only those that are over by `now_s` count."""
    replica = replica_at(pools, replica_id)
    n = 0
    if replica.n_planned > 1:
        pool = pool_at(pools, replica.pool)
        context = _mean_context(replica)
        span_s = now_s - replica.boundary_s
        n = iterations_within(pools, pool, replica.n_decoding, context, replica.n_planned, span_s) - 1
        _leap(pools, pool, replica, context, n)
    replica.n_planned = n
