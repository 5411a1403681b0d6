"""Response caches as they are: least recently used goes first, an answer expires at its age, not at its last use."""

from simulator.numerics.events import INSTANT_S, NONE
from simulator.numerics.jit import jit


@jit
def _unlink(instance, entries, entry_id):
    entry = entries[entry_id]
    if entry.newer == NONE:
        instance.newest = entry.older
    else:
        entries[entry.newer].older = entry.older
    if entry.older == NONE:
        instance.oldest = entry.newer
    else:
        entries[entry.older].newer = entry.newer


@jit
def _make_newest(instance, entries, entry_id):
    entry = entries[entry_id]
    entry.newer = NONE
    entry.older = instance.newest
    if instance.newest == NONE:
        instance.oldest = entry_id
    else:
        entries[instance.newest].newer = entry_id
    instance.newest = entry_id


@jit
def find(instance, entries, index, position, now_s, any_age):
    """Entry that answers `position`, or NONE; a find makes it the newest. `any_age`: expired answers count too."""
    entry_id = index[position]
    if entry_id == NONE:
        return NONE
    if not any_age and now_s - entries[entry_id].stored_s >= instance.ttl_s - INSTANT_S:
        return NONE
    if instance.newest != entry_id:
        _unlink(instance, entries, entry_id)
        _make_newest(instance, entries, entry_id)
    return entry_id


@jit
def store(instance, entries, index, position, now_s, is_correct):
    """Keep an answer, in place of the least recently used one if the cache is full."""
    entry_id = index[position]
    if entry_id != NONE:
        _unlink(instance, entries, entry_id)
    elif instance.n_entries < instance.capacity:
        entry_id = instance.first_entry + instance.n_entries
        instance.n_entries += 1
    else:
        entry_id = instance.oldest
        _unlink(instance, entries, entry_id)
        index[entries[entry_id].position] = NONE
    entry = entries[entry_id]
    entry.position = position
    entry.stored_s = now_s
    entry.is_correct = is_correct
    index[position] = entry_id
    _make_newest(instance, entries, entry_id)
