"""Buffers grow with requests in flight, not with requests simulated, and growing changes nothing else."""

from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.compiler.blueprint import Blueprint
from simulator.control.data_plane import DataPlane
from simulator.kernel import memory
from simulator.kernel.codes import Mark, Phase
from simulator.kernel.memory import (
    TooManyInFlightError,
    attempts_in_progress,
    grow,
    in_flight_by_stream,
    new_events,
    new_recording,
    new_requests,
    sojourn_so_far_s,
)
from simulator.kernel.state import World
from simulator.mechanisms.replicas.build import PoolList
from simulator.numerics.events import MARGIN, MAX_SLOTS, NO_KEY
from tests.unit.kernel.desk import blueprint_of, constant, desk_scenario

SMALL = {"INITIAL_LANE": 64, "INITIAL_HEAP": 64, "INITIAL_ROWS": 64}


def _free_chain(slab: np.ndarray, requests: np.ndarray) -> list[int]:
    chain = []
    slot = int(slab["first_free"][0])
    while len(chain) < slab["n_free"][0]:
        chain.append(slot)
        slot = int(requests["next"][slot])
    return chain


def _world(n_slots: int) -> World:
    requests, slab = new_requests(n_slots)
    events = new_events(2, np.array([1.0, 0.5]))
    parts = dict.fromkeys(World._fields) | {
        "pools": PoolList().fresh(np.zeros(0, dtype=np.uint64)),
        "events": events,
        "slab": slab,
        "requests": requests,
    }
    return World(**parts)  # type: ignore[arg-type]


def test_a_new_slab_is_free_in_order() -> None:
    requests, slab = new_requests(5)
    assert _free_chain(slab, requests) == [0, 1, 2, 3, 4]


@given(st.integers(1, 60), st.data())
def test_a_slab_grows_by_free_slots_and_moves_nobody(n_slots: int, data: st.DataObject) -> None:
    world = _world(n_slots)
    n_taken = data.draw(st.integers(max(0, n_slots - MARGIN + 1), n_slots))
    world.requests["number"] = np.arange(n_slots)
    world.slab["first_free"], world.slab["n_free"] = n_taken, n_slots - n_taken  # the first slots are taken
    larger = grow(world).requests
    assert larger.size == 2 * n_slots
    assert larger["number"][:n_slots].tolist() == list(range(n_slots))
    assert sorted(_free_chain(world.slab, larger)) == list(range(n_taken, 2 * n_slots))


def test_what_is_not_full_does_not_grow() -> None:
    world = _world(memory.INITIAL_SLOTS)
    world.events.head["is_tight"] = 1
    same = grow(world)
    assert same.requests is world.requests
    assert same.events.heap_time_s is world.events.heap_time_s
    assert same.events.lane_time_s is world.events.lane_time_s
    assert world.events.head["is_tight"][0] == 0


def test_a_heap_grows_with_infinity_behind_it() -> None:
    with patch.multiple(memory, INITIAL_HEAP=128):
        world = _world(1000)
    world.events.heap_time_s[:100] = np.arange(100)
    world.events.heap_key[:100] = np.arange(100)
    world.events.head["heap_size"] = 100
    events = grow(world).events
    assert events.heap_time_s.tolist() == [*map(float, range(100)), *[np.inf] * 156]
    assert events.heap_key.tolist() == [*range(100), *[NO_KEY] * 156]


@given(st.integers(0, 500), st.integers(0, 64), st.integers(64, 128))
def test_a_ring_that_wraps_around_is_laid_out_anew(head: int, other: int, n_kept: int) -> None:
    with patch.multiple(memory, INITIAL_LANE=128):
        world = _world(1000)
    lanes = world.events.lanes
    for lane, first, count in ((0, head, n_kept), (1, other, 3)):
        places = np.arange(first, first + count)
        stored = lanes["offset"][lane] + (places & lanes["mask"][lane])
        world.events.lane_key[stored] = 1000 * lane + places
        world.events.lane_time_s[stored] = places / 2.0
        lanes["head"][lane], lanes["tail"][lane] = first, first + count
    events = grow(world).events
    sizes = [int(mask) + 1 for mask in events.lanes["mask"]]
    assert sizes == [256, 128]  # only the crowded one
    for lane, row in enumerate(events.lanes):
        places = np.arange(row.head, row.tail)
        stored = row.offset + (places & row["mask"])
        assert events.lane_key[stored].tolist() == (1000 * lane + places).tolist()
        assert events.lane_time_s[stored].tolist() == (places / 2.0).tolist()
        assert row.offset + sizes[lane] <= events.lane_key.size


def test_more_requests_than_a_key_can_name_are_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "MAX_SLOTS", 64)
    world = _world(64)
    world.slab["n_free"] = 0
    with pytest.raises(TooManyInFlightError, match="more than 64 requests in flight"):
        grow(world)
    assert MAX_SLOTS == 1 << 24


def test_rows_are_only_kept_when_asked_for() -> None:
    assert new_recording(1, 1, 1, 60.0, 0.0, False).rows.size == 2 * MARGIN
    assert new_recording(1, 1, 1, 60.0, 0.0, True).rows.size == memory.INITIAL_ROWS


def _advanced(blueprint: Blueprint, until_s: float, n_slots: int = memory.INITIAL_SLOTS) -> DataPlane:
    with patch("simulator.compiler.blueprint.INITIAL_SLOTS", n_slots):
        plane = DataPlane(blueprint.world(1, keeps_rows=True))
    plane.advance(until_s)
    return plane


def test_tiny_buffers_give_the_same_bits() -> None:
    blueprint = blueprint_of(desk_scenario(40.0, workload={"timeout": 9.0}, service_time=constant(0.3)), 60.0)
    large = _advanced(blueprint, 60.0)
    with patch.multiple(memory, **SMALL):
        tiny = _advanced(blueprint, 60.0, n_slots=MARGIN)
    assert tiny.world.requests.size > 8 * MARGIN
    for name in ("counts", "usage", "moments", "histogram", "wait_histogram"):
        one, other = getattr(large.world.recording, name), getattr(tiny.world.recording, name)
        assert one.tobytes() == other.tobytes(), name
    assert large.rows().equals(tiny.rows())
    assert large.integrals_s().tobytes() == tiny.integrals_s().tobytes()


@pytest.mark.parametrize("duration_s", [100.0, 10_000.0])
def test_slots_follow_requests_in_flight_not_requests_simulated(duration_s: float) -> None:
    blueprint = blueprint_of(desk_scenario(5.0), duration_s)
    with patch.multiple(memory, **SMALL):
        plane = _advanced(blueprint, duration_s, n_slots=MARGIN)
    assert plane.world.requests.size <= 4 * MARGIN  # about 6 in flight of 500, or of 50,000
    assert plane.world.events.heap_time_s.size <= 256


@pytest.mark.parametrize("n_in_flight", [300, 3000])
def test_slots_follow_a_jam(n_in_flight: int) -> None:
    blueprint = blueprint_of(desk_scenario(float(n_in_flight), replicas=0), 1.0)
    plane = _advanced(blueprint, 1.0, n_slots=MARGIN)
    n_queued = plane.in_system(0)
    assert abs(n_queued - n_in_flight) < 5 * n_in_flight**0.5
    assert n_queued < plane.world.requests.size <= 2 * (n_queued + MARGIN)


def test_who_is_in_flight_and_where() -> None:
    blueprint = blueprint_of(desk_scenario(), 10.0)
    world = blueprint.world(1)
    requests = world.requests
    for slot, (phase, marks, reach_s) in enumerate(
        [
            (Phase.BETWEEN, 0, 1.0),
            (Phase.OUTBOUND, 0, 1.0),
            (Phase.QUEUED, 0, 2.0),
            (Phase.SERVING, 0, 4.5),
            (Phase.RETURNING, 0, 1.0),
            (Phase.SERVING, Mark.REVIEW_JOB, 9.0),
        ]
    ):
        requests["phase"][slot], requests["marks"][slot], requests["reach_s"][slot] = phase, marks, reach_s
    assert in_flight_by_stream(world, 1).tolist() == [5]
    assert attempts_in_progress(world, 1, 1).tolist() == [[5]]
    assert sojourn_so_far_s(world, 1, 10.0).tolist() == [8.0 + 5.5 + 1.0]
