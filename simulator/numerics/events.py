"""The future event list: lanes for constant delays, a 4-ary heap for the rest, a tournament over their heads.

An event is a float64 time and an int64 key, `sequence << 28 | slot << 4 | type`: at equal times the smaller sequence,
the event scheduled first, comes first. Events of one constant delay leave in the order they came, so each delay has a
ring, a *lane*; only its head competes. Leaves of the tournament are the arrival streams, the lanes and the heap's
root, in this order. An event is cancelled by forgetting its sequence; stale heads of lanes are skipped when met.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.numerics.jit import jit

NONE = -1  # no slot, no lane, no entry: wherever an index may be absent
TYPE_BITS = 4
SLOT_BITS = 24
TYPE_MASK = (1 << TYPE_BITS) - 1
SLOT_MASK = (1 << SLOT_BITS) - 1
SEQUENCE_SHIFT = TYPE_BITS + SLOT_BITS
MAX_SLOTS = 1 << SLOT_BITS
MARGIN = 32  # free places that an event may need in a lane or in the heap before the next check
NO_KEY = np.iinfo(np.int64).max

LANE = np.dtype(
    [
        ("delay_s", np.float64),
        ("offset", np.int64),  # first place of the ring in the buffers
        ("mask", np.int64),  # ring size − 1, a power of two less one
        ("head", np.int64),  # counts up; place = offset + (head & mask)
        ("tail", np.int64),
    ],
    align=True,
)

NODE = np.dtype([("time_s", np.float64), ("key", np.int64), ("leaf", np.int64)], align=True)

CLOCK = np.dtype(
    [
        ("now_s", np.float64),
        ("sequence", np.int64),  # of the last scheduled event
        ("heap_size", np.int64),
        ("n_leaves", np.int64),  # of the tournament, a power of two
        ("first_lane_leaf", np.int64),  # = number of streams
        ("heap_leaf", np.int64),
        ("is_tight", np.int64),  # 1: some buffer is nearly full, grow before the next event
        ("n_events", np.int64),
    ],
    align=True,
)


class Events(NamedTuple):
    """The future event list; `clock` has one row."""

    clock: NDArray[np.void]  # [1] CLOCK
    nodes: NDArray[np.void]  # [2 * n_leaves] NODE; node 1 is the winner, leaves start at n_leaves
    lanes: NDArray[np.void]  # [lane] LANE
    lane_time_s: NDArray[np.float64]  # rings, one after the other
    lane_key: NDArray[np.int64]
    heap_time_s: NDArray[np.float64]  # [capacity], beyond heap_size: infinity
    heap_key: NDArray[np.int64]


@jit
def next_key(clock, slot, event_type):
    """Key of a new event: the next sequence number with slot and type."""
    clock.sequence += 1
    return (clock.sequence << SEQUENCE_SHIFT) | (slot << TYPE_BITS) | event_type


@jit
def set_leaf(events, leaf, time_s, key):
    """Put a new head into the tournament and replay its matches; in place."""
    nodes = events.nodes
    node = leaf + events.clock[0].n_leaves
    nodes[node].time_s = time_s
    nodes[node].key = key
    while node > 1:
        sibling = nodes[node ^ 1]
        mine = nodes[node]
        parent = nodes[node >> 1]
        if (sibling.time_s < mine.time_s) | ((sibling.time_s == mine.time_s) & (sibling.key < mine.key)):
            parent.time_s = sibling.time_s
            parent.key = sibling.key
            parent.leaf = sibling.leaf
        else:
            parent.time_s = mine.time_s
            parent.key = mine.key
            parent.leaf = mine.leaf
        node >>= 1


@jit
def push_heap(events, time_s, key):
    """Add an event to the 4-ary heap; in place."""
    clock = events.clock[0]
    times = events.heap_time_s
    keys = events.heap_key
    hole = clock.heap_size
    clock.heap_size += 1
    if clock.heap_size + MARGIN > times.size:
        clock.is_tight = 1
    while hole > 0:
        parent = (hole - 1) >> 2
        if (times[parent] < time_s) | ((times[parent] == time_s) & (keys[parent] < key)):
            break
        times[hole] = times[parent]
        keys[hole] = keys[parent]
        hole = parent
    times[hole] = time_s
    keys[hole] = key
    if hole == 0:
        set_leaf(events, clock.heap_leaf, time_s, key)


@jit
def pop_heap(events):
    """Drop the root of the heap; in place. The places behind `heap_size` hold infinity, so children need no bound."""
    clock = events.clock[0]
    times = events.heap_time_s
    keys = events.heap_key
    clock.heap_size -= 1
    size = clock.heap_size
    time_s = times[size]
    key = keys[size]
    times[size] = np.inf
    keys[size] = NO_KEY
    hole = 0
    child = 1
    while child < size:
        best = child
        for other in range(child + 1, child + 4):
            if (times[other] < times[best]) | ((times[other] == times[best]) & (keys[other] < keys[best])):
                best = other
        if (time_s < times[best]) | ((time_s == times[best]) & (key < keys[best])):
            break
        times[hole] = times[best]
        keys[hole] = keys[best]
        hole = best
        child = 4 * hole + 1
    if size > 0:
        times[hole] = time_s
        keys[hole] = key
    set_leaf(events, clock.heap_leaf, times[0], keys[0])


@jit
def push_lane(events, lane_id, key):
    """Add an event one constant delay from now; in place."""
    clock = events.clock[0]
    lane = events.lanes[lane_id]
    time_s = clock.now_s + lane.delay_s
    place = lane.offset + (lane.tail & lane.mask)
    events.lane_time_s[place] = time_s
    events.lane_key[place] = key
    if lane.tail == lane.head:
        set_leaf(events, clock.first_lane_leaf + lane_id, time_s, key)
    lane.tail += 1
    if lane.tail - lane.head + MARGIN > lane.mask:
        clock.is_tight = 1


@jit
def push(events, lane_id, delay_s, key):
    """Schedule an event `delay_s` from now: on its lane, or on the heap when `lane_id` is negative; in place."""
    if lane_id >= 0:
        push_lane(events, lane_id, key)
    else:
        push_heap(events, events.clock[0].now_s + delay_s, key)
