"""Sequences and where they stand: the slab they come from, waiting lists, the running list, who finishes next.

Owners of waiting lists are replicas and, for those that find no replica, pools: both have the same list fields.
"""

from simulator.mechanisms.replicas.table import heap_of, sequence_at
from simulator.numerics.events import NONE
from simulator.numerics.jit import jit, shared


@jit
def take_sequence(pools):
    """A free row of the slab."""
    sequence_id = pools.first_free
    pools.first_free = sequence_at(pools, sequence_id).next
    pools.n_free -= 1
    return sequence_id


@jit
def free_sequence(pools, sequence_id):
    """Give a row back."""
    sequence_at(pools, sequence_id).next = pools.first_free
    pools.first_free = sequence_id
    pools.n_free += 1


@jit
def append_waiting(pools, owner, sequence_id):
    """Put a sequence at the end of its priority's waiting list."""
    sequence = sequence_at(pools, sequence_id)
    sequence.next = NONE
    if sequence.priority == 0:
        sequence.previous = owner.tail_0
        owner.tail_0 = sequence_id
        if owner.head_0 == NONE:
            owner.head_0 = sequence_id
    else:
        sequence.previous = owner.tail_1
        owner.tail_1 = sequence_id
        if owner.head_1 == NONE:
            owner.head_1 = sequence_id
    if sequence.previous != NONE:
        sequence_at(pools, sequence.previous).next = sequence_id
    owner.n_waiting += 1


@jit
def prepend_waiting(pools, owner, sequence_id):
    """Put a preempted sequence in front of its priority's waiting list."""
    sequence = sequence_at(pools, sequence_id)
    sequence.previous = NONE
    if sequence.priority == 0:
        sequence.next = owner.head_0
        owner.head_0 = sequence_id
        if owner.tail_0 == NONE:
            owner.tail_0 = sequence_id
    else:
        sequence.next = owner.head_1
        owner.head_1 = sequence_id
        if owner.tail_1 == NONE:
            owner.tail_1 = sequence_id
    if sequence.next != NONE:
        sequence_at(pools, sequence.next).previous = sequence_id
    owner.n_waiting += 1


@jit
def remove_waiting(pools, owner, sequence_id):
    """Take a sequence out of its waiting list, wherever it stands."""
    sequence = sequence_at(pools, sequence_id)
    if sequence.previous != NONE:
        sequence_at(pools, sequence.previous).next = sequence.next
    elif sequence.priority == 0:
        owner.head_0 = sequence.next
    else:
        owner.head_1 = sequence.next
    if sequence.next != NONE:
        sequence_at(pools, sequence.next).previous = sequence.previous
    elif sequence.priority == 0:
        owner.tail_0 = sequence.previous
    else:
        owner.tail_1 = sequence.previous
    owner.n_waiting -= 1


@jit
def first_waiting(owner):
    """The sequence whose turn it is, or NONE."""
    if owner.head_0 != NONE:
        return owner.head_0
    return owner.head_1


@jit
def start_running(pools, replica, sequence_id):
    """Append a sequence to the running list of its priority."""
    sequence = sequence_at(pools, sequence_id)
    replica.order += 1
    replica.n_running += 1
    sequence.order = replica.order
    sequence.next = NONE
    if sequence.priority == 0:
        sequence.previous = replica.last_0
        replica.last_0 = sequence_id
    else:
        sequence.previous = replica.last_1
        replica.last_1 = sequence_id
    if sequence.previous != NONE:
        sequence_at(pools, sequence.previous).next = sequence_id


@jit
def stop_running(pools, replica, sequence_id):
    """Take a sequence out of the running list."""
    sequence = sequence_at(pools, sequence_id)
    if sequence.previous != NONE:
        sequence_at(pools, sequence.previous).next = sequence.next
    if sequence.next != NONE:
        sequence_at(pools, sequence.next).previous = sequence.previous
    elif sequence.priority == 0:
        replica.last_0 = sequence.previous
    else:
        replica.last_1 = sequence.previous
    replica.n_running -= 1
    sequence.order = 0


@jit
def last_admitted(replica):
    """The running sequence that is preempted first: of the lowest priority the one admitted last."""
    if replica.last_1 != NONE:
        return replica.last_1
    return replica.last_0


@jit
def _finishes_before(one, other):
    return (one.finish < other.finish) | ((one.finish == other.finish) & (one.order < other.order))


@jit
def _put(pools, heap, replica, place, sequence_id):
    heap[replica.first_heap + place] = sequence_id
    sequence_at(pools, sequence_id).place = place


@jit
def _sift_up(pools, heap, replica, place, sequence_id):
    sequence = sequence_at(pools, sequence_id)
    while place > 0:
        parent = (place - 1) >> 1
        above = heap[replica.first_heap + parent]
        if _finishes_before(sequence_at(pools, above), sequence):
            break
        _put(pools, heap, replica, place, above)
        place = parent
    _put(pools, heap, replica, place, sequence_id)


@jit
def _sift_down(pools, heap, replica, place, sequence_id):
    sequence = sequence_at(pools, sequence_id)
    while True:
        child = 2 * place + 1
        if child >= replica.heap_size:
            break
        below = heap[replica.first_heap + child]
        if child + 1 < replica.heap_size:
            other = heap[replica.first_heap + child + 1]
            if _finishes_before(sequence_at(pools, other), sequence_at(pools, below)):
                child += 1
                below = other
        if _finishes_before(sequence, sequence_at(pools, below)):
            break
        _put(pools, heap, replica, place, below)
        place = child
    _put(pools, heap, replica, place, sequence_id)


@shared
def await_finish(pools, replica, sequence_id):
    """Note when a decoding sequence finishes."""
    replica.heap_size += 1
    _sift_up(pools, heap_of(pools), replica, replica.heap_size - 1, sequence_id)


@shared
def forget_finish(pools, replica, sequence_id):
    """Take a sequence out of those that finish, wherever it stands."""
    heap = heap_of(pools)
    place = sequence_at(pools, sequence_id).place
    sequence_at(pools, sequence_id).place = NONE
    replica.heap_size -= 1
    if place == replica.heap_size:
        return
    last = heap[replica.first_heap + replica.heap_size]
    if place > 0:
        above = heap[replica.first_heap + ((place - 1) >> 1)]
        if _finishes_before(sequence_at(pools, last), sequence_at(pools, above)):
            _sift_up(pools, heap, replica, place, last)
            return
    _sift_down(pools, heap, replica, place, last)


@jit
def next_to_finish(pools, replica):
    """The decoding sequence that finishes first, or NONE."""
    if replica.heap_size == 0:
        return NONE
    return heap_of(pools)[replica.first_heap]
