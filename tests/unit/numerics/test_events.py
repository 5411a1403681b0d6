"""The future event list gives events back in the order of a sorted list, whatever is scheduled, cancelled or grown."""

from typing import NamedTuple
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.kernel import memory
from simulator.kernel.advance import pop_lane
from simulator.kernel.codes import Event
from simulator.kernel.state import REQUEST, World
from simulator.mechanisms.replicas.build import PoolList
from simulator.numerics.events import (
    MAX_SLOTS,
    NO_KEY,
    NONE,
    SLOT_MASK,
    TYPE_BITS,
    TYPE_MASK,
    TYPE_STEP_S,
    due_s,
    next_key,
    node_at,
    pop_heap,
    precedes,
    push,
    set_leaf,
)
from simulator.numerics.jit import entry
from simulator.numerics.pointers import address_of

N_STREAMS = 3
DELAYS_S = (1.0, 0.5, 0.0)  # the heap is given the same delays, so that times tie
N_SLOTS = 6
KINDS = (Event.SERVED, Event.TRY_TIMEOUT, Event.TURN_TIMEOUT, Event.PATIENCE)
LANE_DELAYS_S = tuple(delay_s + TYPE_STEP_S * kind for delay_s in DELAYS_S for kind in KINDS)
AWAITED = ("progress_key", "timer_key", "turn_key", "patience_key")  # by the request, one for each of KINDS


@entry
def schedule(heads, lane_id, delay_s, slot, kind):
    """Key of a new event."""
    key = next_key(heads[0], slot, kind)
    push(heads[0], lane_id, delay_s, key)
    return key


@entry
def schedule_arrival(heads, stream, time_s):
    """Put a stream's next arrival among the events, in place of the one before."""
    set_leaf(heads[0], stream, time_s, next_key(heads[0], stream, Event.ARRIVAL))


@entry
def take_next(heads, requests):
    """Drop the first event, as `simulator.kernel.advance` does; returns (its time, its key)."""
    events = heads[0]
    winner = node_at(events, 1)
    time_s = winner.time_s
    key = winner.key
    leaf = winner.leaf
    if time_s < np.inf:
        events.now_s = due_s(events, time_s, key)
        if leaf < events.first_lane_leaf:
            set_leaf(events, leaf, np.inf, NO_KEY)
        elif leaf == events.heap_leaf:
            pop_heap(events)
        else:
            pop_lane(events, requests, leaf - events.first_lane_leaf)
    return time_s, key


@entry
def is_before(one_s, one_key, other_s, other_key):
    return precedes(one_s, one_key, other_s, other_key)


class Scheduled(NamedTuple):
    """An event of the model, ordered by where it stands, then by when it was scheduled."""

    time_s: float  # where it stands in the list: later kinds of an instant stand a little behind it
    number: int
    what: tuple[int, int]  # (slot or stream, kind)


class Twins:
    """The event list and the dictionary of what is to come that it should equal."""

    def __init__(self) -> None:
        with patch.multiple(memory, INITIAL_LANE=64, INITIAL_HEAP=64):
            self.events = memory.new_events(N_STREAMS, np.array(LANE_DELAYS_S))
        self.requests = memory.record_array(N_SLOTS, REQUEST)
        self.slab = memory.record_array(1, np.dtype([("n_free", np.int64)]))
        self.slab["n_free"] = MAX_SLOTS
        self.to_come: dict[tuple[int, int], Scheduled] = {}
        self.now_s = 0.0
        self.n_scheduled = 0
        self.n_grown = 0
        self._pack()

    def _pack(self) -> None:
        head = self.events.head
        for name in ("nodes", "lanes", "lane_time_s", "lane_key", "heap_time_s", "heap_key"):
            head[name] = address_of(getattr(self.events, name))
        head["n_lanes"], head["n_lane_places"] = len(LANE_DELAYS_S), self.events.lane_time_s.size
        head["heap_capacity"] = self.events.heap_time_s.size

    def _grow_if_tight(self) -> None:
        if self.events.head["is_tight"][0]:
            parts = dict.fromkeys(World._fields) | {
                "pools": PoolList().fresh(np.zeros(0, dtype=np.uint64)),
                "events": self.events,
                "slab": self.slab,
                "requests": self.requests,
            }
            world = World(**parts)
            self.events = memory.grow(world).events
            self._pack()
            self.n_grown += 1

    def _expect(self, what: tuple[int, int], time_s: float) -> None:
        self.n_scheduled += 1
        self.to_come[what] = Scheduled(time_s, self.n_scheduled, what)

    def schedule(self, slot: int, place: int, lane_id: int, delay_s: float) -> None:
        """The event takes the place of the one that the request awaited so far, which is cancelled."""
        kind = int(KINDS[place])
        delay_s = delay_s if lane_id == NONE else DELAYS_S[lane_id]
        lane_id = NONE if lane_id == NONE else lane_id * len(KINDS) + place
        key = schedule(self.events.head, lane_id, delay_s, slot, kind)
        self.requests[AWAITED[place]][slot] = key
        self._expect((slot, kind), self.now_s + (delay_s + TYPE_STEP_S * kind))
        self._grow_if_tight()

    def arrive(self, stream: int, delay_s: float) -> None:
        stands_s = self.now_s + delay_s + TYPE_STEP_S * Event.ARRIVAL
        schedule_arrival(self.events.head, stream, stands_s)
        self._expect((stream, int(Event.ARRIVAL)), stands_s)

    def cancel(self, slot: int, place: int) -> None:
        self.requests[AWAITED[place]][slot] = 0
        self.to_come.pop((slot, int(KINDS[place])), None)

    def _is_live(self, what: tuple[int, int], key: int) -> bool:
        slot, kind = what
        if key == NO_KEY or kind == Event.ARRIVAL:
            return True
        return bool(self.requests[AWAITED[KINDS.index(Event(kind))]][slot] == key)

    def take(self) -> None:
        """Both give the same event."""
        is_live = False
        while not is_live:
            time_s, key = take_next(self.events.head, self.requests)
            what = ((key >> TYPE_BITS) & SLOT_MASK, key & TYPE_MASK)
            is_live = self._is_live(what, key)
        if not self.to_come:
            assert time_s == np.inf
            assert key == NO_KEY
            return
        expected = min(self.to_come.values())
        assert (time_s, what) == (expected.time_s, expected.what)
        del self.to_come[what]
        self.now_s = max(self.now_s, time_s - TYPE_STEP_S * what[1])

    def take_all(self) -> None:
        for _ in range(len(self.to_come) + 1):
            self.take()
        assert self.events.head["heap_size"][0] == 0
        assert (self.events.lanes["head"] == self.events.lanes["tail"]).all()


delays_s = st.sampled_from([0.0, 0.5, 1.0, 1.5]) | st.floats(0.0, 3.0)
slots = st.integers(0, N_SLOTS - 1)
places = st.integers(0, len(KINDS) - 1)
operations = st.one_of(
    st.tuples(st.just("schedule"), slots, places, st.integers(NONE, len(DELAYS_S) - 1), delays_s),
    st.tuples(st.just("arrive"), st.integers(0, N_STREAMS - 1), delays_s),
    st.tuples(st.just("cancel"), slots, places),
    st.tuples(st.just("take")),
)


@settings(max_examples=200)
@given(st.lists(operations, max_size=80))
def test_events_come_in_order_of_time_then_of_kind_and_then_of_scheduling(steps: list[tuple]) -> None:
    twins = Twins()
    for name, *arguments in steps:
        getattr(twins, name)(*arguments)
    twins.take_all()


@settings(max_examples=30)
@given(st.integers(0, 2**32 - 1), st.integers(NONE, len(DELAYS_S) - 1))
def test_crowded_buffers_grow_and_lose_nothing(seed: int, lane_id: int) -> None:
    """A slot for every event: none is cancelled; rings wrap around, as some are taken on the way."""
    generator = np.random.default_rng(seed)
    n = int(generator.integers(100, 400))
    with patch(f"{__name__}.N_SLOTS", n):
        twins = Twins()
        for slot in range(n):
            twins.schedule(slot, 0, lane_id, float(generator.integers(0, 4)) / 2.0)
            if generator.random() < 0.2:
                twins.take()
    assert twins.n_grown >= 1
    twins.take_all()


@pytest.mark.parametrize("lane_id", [NONE, 0])
def test_a_buffer_of_cancelled_events_is_dropped_at_once(lane_id: int) -> None:
    twins = Twins()
    for _ in range(500):
        twins.schedule(0, 0, lane_id, 1.0)
    assert len(twins.to_come) == 1
    twins.take_all()


times_s = st.sampled_from([0.0, 5e-324, 1.0, 1e300, float("inf")]) | st.floats(0.0, allow_nan=False).map(abs)
keys = st.sampled_from([1, 2, NO_KEY - 1, NO_KEY]) | st.integers(0, NO_KEY)


@given(times_s, keys, times_s, keys)
def test_an_event_precedes_by_time_and_then_by_key(a_s: float, a: int, b_s: float, b: int) -> None:
    assert is_before(a_s, a, b_s, b) == ((a_s, a) < (b_s, b))
    assert is_before(a_s, a, a_s, b) == (a < b)
