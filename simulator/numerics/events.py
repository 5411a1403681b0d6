"""The future event list: lanes for constant delays, a 4-ary heap for the rest, a tournament over their heads.

An event is a float64 time and an int64 key, `sequence << 28 | slot << 4 | type`. Sums of the same delays differ by
rounding with the order of their additions, so what falls into one instant is ordered by type: an event stands in the
list at its time plus `TYPE_STEP_S` for each type before its own, and happens at its time. Of one type the event that
is due first comes first, then the one scheduled first.

Events of one type and constant delay leave in the order they came, so each of them has a ring, a *lane*; only its head
competes. Leaves of the tournament are the arrival streams, the lanes and the heap's root, in this order. An event is
cancelled by forgetting its sequence; stale heads of lanes are skipped when met.
"""

from typing import NamedTuple

import numba
import numpy as np
from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic
from numpy.typing import NDArray

from simulator.numerics.jit import jit
from simulator.numerics.pointers import array_accessor, record_accessor

NONE = -1  # no slot, no lane, no entry: wherever an index may be absent
TYPE_BITS = 4
SLOT_BITS = 24
TYPE_MASK = (1 << TYPE_BITS) - 1
SLOT_MASK = (1 << SLOT_BITS) - 1
SEQUENCE_SHIFT = TYPE_BITS + SLOT_BITS
MAX_SLOTS = 1 << SLOT_BITS
MARGIN = 32  # free places that an event may need in a lane or in the heap before the next check
TYPE_STEP_S = 1e-9  # far above the rounding of sums, far below any delay that is meant
INSTANT_S = 1e-8  # times closer than this are one
NO_KEY = np.iinfo(np.int64).max

_INT64 = ir.IntType(64)
_INT128 = ir.IntType(128)

LANE = np.dtype(
    [
        ("delay_s", np.float64),  # with the offset of the lane's type
        ("offset", np.int64),  # first place of the ring in the buffers
        ("mask", np.int64),  # ring size − 1, a power of two less one
        ("head", np.int64),  # counts up; place = offset + (head & mask)
        ("tail", np.int64),
    ],
    align=True,
)

NODE = np.dtype([("time_s", np.float64), ("key", np.int64), ("leaf", np.int64)], align=True)

EVENTS = np.dtype(
    [
        ("now_s", np.float64),
        ("sequence", np.int64),  # of the last scheduled event
        ("is_tight", np.int64),  # 1: some buffer is nearly full, grow before the next event
        ("n_events", np.int64),  # handled
        ("n_leaves", np.int64),  # of the tournament, a power of two
        ("first_lane_leaf", np.int64),  # = number of streams
        ("heap_leaf", np.int64),
        ("heap_size", np.int64),
        ("heap_capacity", np.int64),
        ("n_lanes", np.int64),
        ("n_lane_places", np.int64),
        ("nodes", np.int64),  # from here on: addresses of the arrays in `EventArrays`
        ("lanes", np.int64),
        ("lane_time_s", np.int64),
        ("lane_key", np.int64),
        ("heap_time_s", np.int64),
        ("heap_key", np.int64),
    ],
    align=True,
)


class EventArrays(NamedTuple):
    """The future event list as Python owns it; kernels reach it through `head`."""

    head: NDArray[np.void]  # [1] EVENTS
    nodes: NDArray[np.void]  # [2 * n_leaves] NODE; node 1 is the winner, leaves start at n_leaves
    lanes: NDArray[np.void]  # [lane] LANE
    lane_time_s: NDArray[np.float64]  # rings, one after the other
    lane_key: NDArray[np.int64]
    heap_time_s: NDArray[np.float64]  # [capacity], beyond heap_size: infinity
    heap_key: NDArray[np.int64]


# (events, number) → record; events → array
node_at = record_accessor(EVENTS, "nodes", NODE)
lane_at = record_accessor(EVENTS, "lanes", LANE)
lane_times_of = array_accessor(EVENTS, "lane_time_s", np.float64, "n_lane_places")
lane_keys_of = array_accessor(EVENTS, "lane_key", np.int64, "n_lane_places")
heap_times_of = array_accessor(EVENTS, "heap_time_s", np.float64, "heap_capacity")
heap_keys_of = array_accessor(EVENTS, "heap_key", np.int64, "heap_capacity")


@jit
def next_key(events, slot, event_type):
    """Key of a new event: the next sequence number with slot and type."""
    events.sequence += 1
    return (events.sequence << SEQUENCE_SHIFT) | (slot << TYPE_BITS) | event_type


@jit
def offset_s(event_type):
    """How far behind its time an event of a type stands in the list."""
    return TYPE_STEP_S * event_type


@jit
def due_s(events, time_s, key):
    """When the event that stands at `time_s` happens: at its time, or now if the clock is past it."""
    return max(events.now_s, time_s - offset_s(key & TYPE_MASK))


@intrinsic
def _precedes_compiled(typing_context, one_s, one_key, other_s, other_key):
    """Compare (time, key) as one unsigned number of 128 bits: times are not negative, so their bits have their order."""

    def generate(context, builder, signature, arguments):
        def number(time_s, key):
            high = builder.zext(builder.bitcast(time_s, _INT64), _INT128)
            return builder.or_(builder.shl(high, _INT128(64)), builder.zext(key, _INT128))

        return builder.icmp_unsigned("<", number(*arguments[:2]), number(*arguments[2:]))

    return types.boolean(types.float64, types.int64, types.float64, types.int64), generate


def _precedes_interpreted(one_s: float, one_key: int, other_s: float, other_key: int) -> bool:
    """The same for `NUMBA_DISABLE_JIT=1`."""
    return (one_s, one_key) < (other_s, other_key)


# Whether the event (one_s, one_key) comes before the other; without a branch, which would be mispredicted.
precedes = _precedes_interpreted if numba.config.DISABLE_JIT else _precedes_compiled


@jit
def set_leaf(events, leaf, time_s, key):
    """Put a new head into the tournament and replay its matches; in place."""
    place = leaf + events.n_leaves
    node = node_at(events, place)
    node.time_s = time_s
    node.key = key
    while place > 1:
        sibling = node_at(events, place ^ 1)
        loses = precedes(sibling.time_s, sibling.key, time_s, key)
        time_s = sibling.time_s if loses else time_s
        key = sibling.key if loses else key
        leaf = sibling.leaf if loses else leaf
        place >>= 1
        parent = node_at(events, place)
        parent.time_s = time_s
        parent.key = key
        parent.leaf = leaf


@jit
def push_heap(events, time_s, key):
    """Add an event to the 4-ary heap; in place."""
    times = heap_times_of(events)
    keys = heap_keys_of(events)
    hole = events.heap_size
    events.heap_size += 1
    if events.heap_size + MARGIN > times.size:
        events.is_tight = 1
    while hole > 0:
        parent = (hole - 1) >> 2
        if precedes(times[parent], keys[parent], time_s, key):
            break
        times[hole] = times[parent]
        keys[hole] = keys[parent]
        hole = parent
    times[hole] = time_s
    keys[hole] = key
    if hole == 0:
        set_leaf(events, events.heap_leaf, time_s, key)


@jit
def pop_heap(events):
    """Drop the root of the heap; in place. The places behind `heap_size` hold infinity, so children need no bound."""
    times = heap_times_of(events)
    keys = heap_keys_of(events)
    events.heap_size -= 1
    size = events.heap_size
    time_s = times[size]
    key = keys[size]
    times[size] = np.inf
    keys[size] = NO_KEY
    hole = 0
    child = 1
    while child < size:
        left = child + precedes(times[child + 1], keys[child + 1], times[child], keys[child])
        right = child + 2 + precedes(times[child + 3], keys[child + 3], times[child + 2], keys[child + 2])
        best = right if precedes(times[right], keys[right], times[left], keys[left]) else left
        if precedes(time_s, key, times[best], keys[best]):
            break
        times[hole] = times[best]
        keys[hole] = keys[best]
        hole = best
        child = 4 * hole + 1
    if size > 0:
        times[hole] = time_s
        keys[hole] = key
    set_leaf(events, events.heap_leaf, times[0], keys[0])


@jit
def push_lane(events, lane_id, key):
    """Add an event one constant delay from now; the lane is of its type. In place."""
    lane = lane_at(events, lane_id)
    time_s = events.now_s + lane.delay_s
    place = lane.offset + (lane.tail & lane.mask)
    lane_times_of(events)[place] = time_s
    lane_keys_of(events)[place] = key
    if lane.tail == lane.head:
        set_leaf(events, events.first_lane_leaf + lane_id, time_s, key)
    lane.tail += 1
    if lane.tail - lane.head + MARGIN > lane.mask:
        events.is_tight = 1


@jit
def push(events, lane_id, delay_s, key):
    """Schedule an event `delay_s` from now: on its lane, or on the heap when `lane_id` is negative; in place."""
    if lane_id >= 0:
        push_lane(events, lane_id, key)
    else:
        push_heap(events, events.now_s + (delay_s + offset_s(key & TYPE_MASK)), key)


@jit
def push_at(events, time_s, key):
    """Schedule an event at a time; in place."""
    push_heap(events, time_s + offset_s(key & TYPE_MASK), key)
