"""Leading parts that prompts have in common: found in the cache, held together, given up.

A unit is a run of blocks with a key of its own: a system prompt, or a block of a recorded prompt by its hash. It is in
the cache from the iteration on that works on its last full block, as in vLLM, and stays while anyone holds it.
"""

from simulator.mechanisms.replicas.codes import BLOCK_TOKENS
from simulator.mechanisms.replicas.kernel.prefixes import add_prefix, find_prefix, link, unlink
from simulator.mechanisms.replicas.table import prefix_at, unit_keys_of
from simulator.numerics.events import NONE
from simulator.numerics.jit import jit, shared


@jit
def leading_blocks(sequence, n_units):
    """Full blocks of the first units of a prompt."""
    return min(n_units * sequence.unit_tokens, sequence.common_tokens) // BLOCK_TOKENS


@jit
def _find_unit(pools, replica, sequence, number):
    """Entry of a sequence's unit with as many blocks, or NONE."""
    entry_id = find_prefix(pools, replica, unit_keys_of(pools)[sequence.first_unit + number])
    n_blocks = leading_blocks(sequence, number + 1) - leading_blocks(sequence, number)
    if entry_id != NONE and prefix_at(pools, entry_id).n_blocks < n_blocks:
        return NONE
    return entry_id


@shared
def count_cached_units(pools, replica, sequence):
    """Leading units that are in the cache, and how many of their blocks running sequences hold."""
    n_units = 0
    held_blocks = 0
    while n_units < sequence.n_units:
        entry_id = _find_unit(pools, replica, sequence, n_units)
        if entry_id == NONE:
            break
        entry = prefix_at(pools, entry_id)
        if entry.n_users > 0:
            held_blocks += entry.n_blocks
        n_units += 1
    return n_units, held_blocks


@jit
def hit_tokens(pools, replica, sequence, n_units):
    """Leading tokens of a sequence that are in the cache: whole blocks, and never its last token.

    These are its cached units, and of its conversation what this turn repeats; if the turn is the one that left the
    blocks (a preempted sequence, another try), all of it.
    """
    n_blocks = leading_blocks(sequence, n_units)
    tokens = n_blocks * BLOCK_TOKENS
    entry_id = find_prefix(pools, replica, sequence.chain_key)
    if entry_id != NONE:
        entry = prefix_at(pools, entry_id)
        if entry.first_block <= n_blocks:
            repeated = sequence.total if entry.turn == sequence.turn else sequence.reusable
            tokens = max(tokens, min((entry.first_block + entry.n_blocks) * BLOCK_TOKENS, repeated))
    tokens = min(tokens, sequence.total - 1)
    return tokens - tokens % BLOCK_TOKENS


@shared
def hold_units(pools, replica, sequence, n_units):
    """Let a sequence hold its first units, which are in the cache."""
    for number in range(n_units):
        entry_id = _find_unit(pools, replica, sequence, number)
        entry = prefix_at(pools, entry_id)
        if entry.n_users == 0:
            unlink(pools, replica, entry_id)
            replica.used_blocks += entry.n_blocks
        else:
            replica.shared_tokens += entry.n_blocks * BLOCK_TOKENS
        entry.n_users += 1
    sequence.n_held = n_units


@shared
def share_units(pools, replica, sequence, n_tokens):
    """Let others find the units whose blocks are all among the first `n_tokens` of a sequence.

    It ends at a unit that another sequence has put there, or for which there is no room: the rest is its own.
    """
    while sequence.n_held < sequence.n_units:
        n_blocks = leading_blocks(sequence, sequence.n_held + 1)
        if n_blocks * BLOCK_TOKENS > n_tokens:
            return
        key = unit_keys_of(pools)[sequence.first_unit + sequence.n_held]
        if find_prefix(pools, replica, key) != NONE:
            return
        entry_id = add_prefix(pools, replica, key, n_blocks - leading_blocks(sequence, sequence.n_held))
        if entry_id == NONE:
            return
        entry = prefix_at(pools, entry_id)
        entry.first_block = NONE
        entry.n_users = 1
        sequence.n_held += 1


@shared
def release_units(pools, replica, sequence):
    """A sequence leaves: what nobody else holds may be evicted, the last unit before the first."""
    for later in range(sequence.n_held):
        number = sequence.n_held - 1 - later
        entry_id = find_prefix(pools, replica, unit_keys_of(pools)[sequence.first_unit + number])
        entry = prefix_at(pools, entry_id)
        entry.n_users -= 1
        if entry.n_users == 0:
            replica.used_blocks -= entry.n_blocks
            link(pools, replica, entry_id)
        else:
            replica.shared_tokens -= entry.n_blocks * BLOCK_TOKENS
    sequence.n_held = 0
