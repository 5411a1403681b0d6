"""What the KV cache of a replica keeps: entries found by key, those that nobody holds least recently used first out.

An entry is a *unit*, a leading part of prompts that several of them have in common and hold together, or the full
blocks of a conversation behind its units, which its next turn takes over. Under pressure a conversation loses blocks
from its tail, as the engine frees the blocks of a sequence in reverse; a unit goes as a whole.
"""

import numpy as np

from simulator.mechanisms.replicas.table import buckets_of, prefix_at
from simulator.numerics.events import NONE
from simulator.numerics.jit import jit, shared


@jit
def _bucket(replica, key):
    return replica.first_bucket + int(key & np.uint64(replica.bucket_mask))


@jit
def find_prefix(pools, replica, key):
    """Entry of a unit or a conversation, or NONE."""
    entry_id = buckets_of(pools)[_bucket(replica, key)]
    while entry_id != NONE and prefix_at(pools, entry_id).key != key:
        entry_id = prefix_at(pools, entry_id).next
    return entry_id


@jit
def unlink(pools, replica, entry_id):
    """Take an entry off those that may be evicted."""
    entry = prefix_at(pools, entry_id)
    if entry.newer == NONE:
        replica.newest = entry.older
    else:
        prefix_at(pools, entry.newer).older = entry.older
    if entry.older == NONE:
        replica.oldest = entry.newer
    else:
        prefix_at(pools, entry.older).newer = entry.newer
    replica.kept_blocks -= entry.n_blocks


@jit
def link(pools, replica, entry_id):
    """Nobody holds an entry any more: it may be evicted, as the most recently used after all others."""
    entry = prefix_at(pools, entry_id)
    entry.newer = NONE
    entry.older = replica.newest
    if replica.newest == NONE:
        replica.oldest = entry_id
    else:
        prefix_at(pools, replica.newest).newer = entry_id
    replica.newest = entry_id
    replica.kept_blocks += entry.n_blocks


@shared
def remove_prefix(pools, replica, entry_id):
    """Forget an entry that nobody holds; its blocks are free."""
    unlink(pools, replica, entry_id)
    entry = prefix_at(pools, entry_id)
    buckets = buckets_of(pools)
    place = _bucket(replica, entry.key)
    if buckets[place] == entry_id:
        buckets[place] = entry.next
    else:
        before = buckets[place]
        while prefix_at(pools, before).next != entry_id:
            before = prefix_at(pools, before).next
        prefix_at(pools, before).next = entry.next
    entry.next = replica.free_prefix
    replica.free_prefix = entry_id


@shared
def add_prefix(pools, replica, key, n_blocks):
    """A new entry that cannot be evicted yet; NONE where sequences hold all there are."""
    if replica.free_prefix == NONE:
        if replica.oldest == NONE:
            return NONE
        remove_prefix(pools, replica, replica.oldest)
    entry_id = replica.free_prefix
    entry = prefix_at(pools, entry_id)
    replica.free_prefix = entry.next
    entry.key = key
    entry.n_blocks = n_blocks
    buckets = buckets_of(pools)
    place = _bucket(replica, key)
    entry.next = buckets[place]
    buckets[place] = entry_id
    return entry_id


@shared
def keep_conversation(pools, replica, sequence, first_block, n_blocks):
    """Keep the blocks behind the units of a sequence that leaves, as the most recently used."""
    known = find_prefix(pools, replica, sequence.chain_key)
    if known != NONE:
        remove_prefix(pools, replica, known)
    if n_blocks <= 0:
        return
    entry_id = add_prefix(pools, replica, sequence.chain_key, n_blocks)
    if entry_id != NONE:
        entry = prefix_at(pools, entry_id)
        entry.first_block = first_block
        entry.turn = sequence.turn
        link(pools, replica, entry_id)


@jit
def evict(pools, replica, n_blocks):
    """Free what was kept longest until all that is in use fits into `n_blocks`."""
    while replica.kept_blocks > 0 and replica.used_blocks + replica.kept_blocks > n_blocks:
        surplus = replica.used_blocks + replica.kept_blocks - n_blocks
        entry = prefix_at(pools, replica.oldest)
        if entry.n_blocks <= surplus or entry.first_block == NONE:
            remove_prefix(pools, replica, replica.oldest)
        else:
            entry.n_blocks -= surplus
            replica.kept_blocks -= surplus
