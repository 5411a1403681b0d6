"""What stays in the KV cache when a sequence leaves: prefixes of conversations, least recently used first out.

An entry holds the leading full blocks of one conversation. Under pressure it loses blocks from its tail, as the engine
frees the blocks of a sequence in reverse. A turn that finds its conversation takes the entry over.
"""

import numpy as np

from simulator.mechanisms.replicas.codes import BLOCK_TOKENS
from simulator.mechanisms.replicas.table import buckets_of, prefix_at
from simulator.numerics.events import NONE
from simulator.numerics.jit import jit, shared


@jit
def _bucket(replica, key):
    return replica.first_bucket + int(key & np.uint64(replica.bucket_mask))


@jit
def find_prefix(pools, replica, key):
    """Entry of a conversation, or NONE."""
    entry_id = buckets_of(pools)[_bucket(replica, key)]
    while entry_id != NONE and prefix_at(pools, entry_id).key != key:
        entry_id = prefix_at(pools, entry_id).next
    return entry_id


@shared
def remove_prefix(pools, replica, entry_id):
    """Forget an entry; its blocks are free."""
    entry = prefix_at(pools, entry_id)
    if entry.newer == NONE:
        replica.newest = entry.older
    else:
        prefix_at(pools, entry.newer).older = entry.older
    if entry.older == NONE:
        replica.oldest = entry.newer
    else:
        prefix_at(pools, entry.older).newer = entry.newer
    buckets = buckets_of(pools)
    place = _bucket(replica, entry.key)
    if buckets[place] == entry_id:
        buckets[place] = entry.next
    else:
        before = buckets[place]
        while prefix_at(pools, before).next != entry_id:
            before = prefix_at(pools, before).next
        prefix_at(pools, before).next = entry.next
    replica.kept_blocks -= entry.n_blocks
    entry.next = replica.free_prefix
    replica.free_prefix = entry_id


@shared
def keep_prefix(pools, replica, key, n_blocks, turn):
    """Keep the leading `n_blocks` of a conversation that has left, as the most recently used."""
    known = find_prefix(pools, replica, key)
    if known != NONE:
        remove_prefix(pools, replica, known)
    if n_blocks == 0:
        return
    if replica.free_prefix == NONE:
        remove_prefix(pools, replica, replica.oldest)
    entry_id = replica.free_prefix
    entry = prefix_at(pools, entry_id)
    replica.free_prefix = entry.next
    entry.key = key
    entry.n_blocks = n_blocks
    entry.turn = turn
    buckets = buckets_of(pools)
    place = _bucket(replica, key)
    entry.next = buckets[place]
    buckets[place] = entry_id
    entry.newer = NONE
    entry.older = replica.newest
    if replica.newest == NONE:
        replica.oldest = entry_id
    else:
        prefix_at(pools, replica.newest).newer = entry_id
    replica.newest = entry_id
    replica.kept_blocks += n_blocks


@jit
def evict(pools, replica, n_blocks):
    """Free what was kept longest until all that is in use fits into `n_blocks`."""
    while replica.kept_blocks > 0 and replica.used_blocks + replica.kept_blocks > n_blocks:
        surplus = replica.used_blocks + replica.kept_blocks - n_blocks
        entry = prefix_at(pools, replica.oldest)
        if entry.n_blocks <= surplus:
            remove_prefix(pools, replica, replica.oldest)
        else:
            entry.n_blocks -= surplus
            replica.kept_blocks -= surplus


@jit
def hit_tokens(pools, replica, sequence):
    """Leading tokens of a sequence that are in the cache: whole blocks, and never its last token.

    Of an earlier turn only what this turn repeats; of the same turn (a preempted sequence, another try) all of it.
    """
    entry_id = find_prefix(pools, replica, sequence.chain_key)
    if entry_id == NONE:
        return 0
    entry = prefix_at(pools, entry_id)
    repeated = sequence.total if entry.turn == sequence.turn else sequence.reusable
    tokens = min(entry.n_blocks * BLOCK_TOKENS, repeated, sequence.total - 1)
    return tokens - tokens % BLOCK_TOKENS
