"""The batch of a replica: who takes part in an iteration, and what is there when it is over.

One iteration decodes a token of every sequence past its prompt and works on prompts with the tokens that are left of
its budget (chunked prefill); or, where prompts stall decodes, it does one of the two.
"""

from simulator.mechanisms.replicas.codes import BLOCK_TOKENS
from simulator.mechanisms.replicas.kernel.leap import new_blocks
from simulator.mechanisms.replicas.kernel.prefixes import (
    evict,
    find_prefix,
    keep_conversation,
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
from simulator.mechanisms.replicas.kernel.units import (
    count_cached_units,
    hit_tokens,
    hold_units,
    leading_blocks,
    release_units,
    share_units,
)
from simulator.mechanisms.replicas.table import pool_at, replica_at, residues_of, sequence_at
from simulator.numerics.events import NONE
from simulator.numerics.jit import jit, shared


@jit
def blocks_for(n_tokens):
    """Blocks that hold so many tokens."""
    return (n_tokens + BLOCK_TOKENS - 1) // BLOCK_TOKENS


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
    replica.kv_token_s -= replica.shared_tokens * span_s
    replica.busy_s += span_s
    replica.sequence_s += replica.n_running * span_s
    pool = pool_at(pools, replica.pool)
    if pool.stalls_decodes == 1 and replica.prefill_tokens > 0:
        n = 0
        replica.n_stalls += 1
    else:
        replica.used_blocks += new_blocks(pools, replica_id, replica.iteration + 1, n - 1)
        evict(pools, replica, pool.n_blocks)
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
    first_block = leading_blocks(sequence, sequence.n_held)
    replica.used_blocks -= blocks_for(sequence.computed) - first_block
    if pool_at(pools, replica.pool).keeps_prefixes == 1:
        n_blocks = sequence.computed // BLOCK_TOKENS - first_block
        keep_conversation(pools, replica, sequence, first_block, n_blocks)
        if sequence.n_held > 0:
            release_units(pools, replica, sequence)
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
    budget = pool.max_num_batched_tokens - replica.n_decoding * pool.tokens_per_seq
    return min(sequence.total - sequence.computed, budget)


@jit
def _blocks_to_go_on(pools, replica_id):
    """Blocks that those who run need for one iteration more."""
    replica = replica_at(pools, replica_id)
    blocks = new_blocks(pools, replica_id, replica.iteration, 1)
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
    sequence.n_preempted += 1
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
    if sequence.n_units > sequence.n_held:
        share_units(pools, replica, sequence, sequence.computed + chunk)


@jit
def start_afresh(pools, replica_id):
    """Nothing is planned yet for the iteration to come."""
    replica = replica_at(pools, replica_id)
    replica.prefill_tokens = 0
    replica.attended = 0.0


@shared
def go_on(pools, replica_id):
    """Let the iteration to come decode, and go on with the prompt begun before."""
    replica = replica_at(pools, replica_id)
    pool = pool_at(pools, replica.pool)
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
    budget = pool.max_num_batched_tokens - replica.prefill_tokens
    if pool.stalls_decodes == 0:
        budget -= replica.n_decoding * pool.tokens_per_seq
    sequence_id = first_waiting(replica)
    if sequence_id == NONE or budget <= 0 or replica.n_running >= pool.max_num_seqs:
        return NONE
    sequence = sequence_at(pools, sequence_id)
    hit = n_units = held_blocks = 0
    if pool.keeps_prefixes == 1:
        if sequence.n_units > 0:
            n_units, held_blocks = count_cached_units(pools, replica, sequence)
        hit = hit_tokens(pools, replica, sequence, n_units)
    chunk = sequence.total - hit
    if chunk > budget:
        if pool.stalls_decodes == 1:
            return NONE
        chunk = budget
    blocks = blocks_for(hit + chunk)
    if replica.used_blocks + blocks - held_blocks > pool.n_blocks:
        return NONE
    unit_blocks = leading_blocks(sequence, n_units)
    if hit > unit_blocks * BLOCK_TOKENS:
        remove_prefix(pools, replica, find_prefix(pools, replica, sequence.chain_key))
    remove_waiting(pools, replica, sequence_id)
    start_running(pools, replica, sequence_id)
    if n_units > 0:
        hold_units(pools, replica, sequence, n_units)
    replica.used_blocks += blocks - unit_blocks
    evict(pools, replica, pool.n_blocks)
    sequence.computed = hit
    if sequence.n_preempted == 0:  # what it finds of its own when it comes back was not spared by the cache
        replica.prompt_tokens += sequence.total
        replica.hit_tokens += hit
    _work_on_prompt(pools, replica, sequence_id, chunk)
    return sequence_id
