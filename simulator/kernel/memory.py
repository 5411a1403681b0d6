"""Making and growing the world's buffers: twice the size, same content, so the result equals one large buffer."""

import numpy as np
from numpy.typing import DTypeLike, NDArray

from simulator.kernel.codes import Mark, Phase
from simulator.kernel.state import RECORDER, REQUEST, ROW, SLAB, Recording, World
from simulator.mechanisms.replicas.table import grow_sequences
from simulator.metrics.columns import N_BUCKET_METRICS, CountColumn, Metric, UsageColumn
from simulator.numerics.events import EVENTS, LANE, MARGIN, MAX_SLOTS, NO_KEY, NODE, EventArrays
from simulator.numerics.sketch import N_BINS, N_COARSE_BINS

NO_ACTION = int(Mark.REVIEW_JOB | Mark.SECOND | Mark.GHOST)  # marks of slots that hold no action
INITIAL_SLOTS = 1024
INITIAL_LANE = 4_096
INITIAL_HEAP = 1024
INITIAL_ROWS = 1 << 16


class TooManyInFlightError(RuntimeError):
    """More requests in flight than an event key can name."""


def record_array(size: int, dtype: DTypeLike) -> NDArray[np.void]:
    """Zeroed record array whose rows have attributes, compiled or not."""
    return np.zeros(size, dtype=dtype).view(np.recarray)


def new_requests(n_slots: int) -> tuple[NDArray[np.void], NDArray[np.void]]:
    """A slab of free slots, chained in order: (requests, slab)."""
    requests = record_array(n_slots, REQUEST)
    requests["next"] = np.arange(1, n_slots + 1)
    slab = record_array(1, SLAB)
    slab["first_free"] = 0
    slab["n_free"] = n_slots
    return requests, slab


def new_events(n_streams: int, delays_s: NDArray[np.float64], n_replicas: int = 0) -> EventArrays:
    """An empty future event list with a lane for each of `delays_s`, in seconds, and a place for each replica."""
    n_lanes = delays_s.size
    n_leaves = 2
    while n_leaves < n_streams + n_lanes + 1 + n_replicas:
        n_leaves *= 2
    head = record_array(1, EVENTS)
    head["n_leaves"] = n_leaves
    head["first_lane_leaf"] = n_streams
    head["heap_leaf"] = n_streams + n_lanes
    nodes = record_array(2 * n_leaves, NODE)
    nodes["time_s"] = np.inf
    nodes["key"] = NO_KEY
    nodes["leaf"][n_leaves:] = np.arange(n_leaves)
    lanes = record_array(n_lanes, LANE)
    lanes["delay_s"] = delays_s
    lanes["offset"] = np.arange(n_lanes) * INITIAL_LANE
    lanes["mask"] = INITIAL_LANE - 1
    heap_time_s = np.full(INITIAL_HEAP, np.inf)
    heap_key = np.full(INITIAL_HEAP, NO_KEY)
    size = max(1, n_lanes * INITIAL_LANE)
    return EventArrays(
        head, nodes, lanes, np.zeros(size), np.zeros(size, dtype=np.int64), heap_time_s, heap_key
    )


def new_recording(
    n_streams: int,
    n_stations: int,
    n_buckets: int,
    bucket_s: float,
    measure_from_s: float,
    keeps_rows: bool,
    n_workloads_by_bucket: int = 0,
) -> Recording:
    """Empty records of a run with `n_buckets` time buckets of `bucket_s` seconds.

    Parameters
    ----------
    n_workloads_by_bucket : whose latencies are kept by time bucket; 0: none are
    """
    recorder = record_array(1, RECORDER)
    recorder["measure_from_s"] = measure_from_s
    recorder["bucket_s"] = bucket_s
    recorder["bucket_end_s"] = bucket_s
    recorder["keeps_rows"] = int(keeps_rows)
    recorder["keeps_buckets"] = int(n_workloads_by_bucket > 0)
    n_kept = n_buckets if n_workloads_by_bucket > 0 else 1
    return Recording(
        recorder,
        np.zeros((n_buckets, n_streams, len(CountColumn)), dtype=np.int64),
        np.zeros((n_buckets, n_streams, n_stations, len(UsageColumn))),
        np.zeros((n_buckets, n_streams)),
        np.zeros((n_streams, len(Metric), 3)),
        np.zeros((n_streams, len(Metric), N_BINS), dtype=np.int64),
        np.zeros((n_stations, N_BINS), dtype=np.int64),
        record_array(INITIAL_ROWS if keeps_rows else 2 * MARGIN, ROW),
        np.zeros((n_kept, max(1, n_workloads_by_bucket), N_BUCKET_METRICS, N_COARSE_BINS), dtype=np.int32),
    )


def grow(world: World) -> World:
    """Double whatever is nearly full; rows must have been drained by the caller.

    Raises
    ------
    TooManyInFlightError
        If a larger slab could not be named by an event key (16.7 million requests in flight).
    """
    world.events.head["is_tight"] = 0
    events = _grow_heap(_grow_lanes(world.events))
    requests = world.requests
    if world.slab["n_free"][0] < MARGIN:
        requests = _grow_slab(world.slab, world.requests)
    return world._replace(events=events, requests=requests, pools=grow_sequences(world.pools))


def _grow_slab(slab: NDArray[np.void], requests: NDArray[np.void]) -> NDArray[np.void]:
    n_slots = requests.size
    if 2 * n_slots > MAX_SLOTS:
        raise TooManyInFlightError(
            f"more than {n_slots:,} requests in flight; the system is far beyond its capacity"
        )
    larger = record_array(2 * n_slots, REQUEST)
    larger[:n_slots] = requests
    larger["next"][n_slots:-1] = np.arange(n_slots + 1, 2 * n_slots)
    larger["next"][-1] = slab["first_free"][0]
    slab["first_free"] = n_slots
    slab["n_free"] += n_slots
    return larger


def _grow_heap(events: EventArrays) -> EventArrays:
    n = events.heap_time_s.size
    if events.head["heap_size"][0] + 2 * MARGIN < n:
        return events
    times = np.full(2 * n, np.inf)
    keys = np.full(2 * n, NO_KEY)
    times[:n] = events.heap_time_s
    keys[:n] = events.heap_key
    return events._replace(heap_time_s=times, heap_key=keys)


def _grow_lanes(events: EventArrays) -> EventArrays:
    lanes = events.lanes
    sizes = lanes["mask"] + 1
    is_full = lanes["tail"] - lanes["head"] + 2 * MARGIN >= sizes
    if not is_full.any():
        return events
    new_sizes = np.where(is_full, 2 * sizes, sizes)
    offsets = np.concatenate([[0], np.cumsum(new_sizes)[:-1]])
    times = np.zeros(int(new_sizes.sum()))
    keys = np.zeros(int(new_sizes.sum()), dtype=np.int64)
    for lane, size, offset in zip(lanes, new_sizes, offsets, strict=True):
        places = np.arange(lane["head"], lane["tail"])
        old = lane["offset"] + (places & lane["mask"])
        new = offset + (places & (size - 1))
        times[new] = events.lane_time_s[old]
        keys[new] = events.lane_key[old]
        lane["offset"] = offset
        lane["mask"] = size - 1
    return events._replace(lane_time_s=times, lane_key=keys)


def is_in(phases: NDArray[np.generic], *some: Phase) -> NDArray[np.bool_]:
    """Where a request is in one of some phases; for so few quicker than `np.isin`."""
    found = phases == some[0]
    for phase in some[1:]:
        found |= phases == phase
    return found


def is_action(requests: NDArray[np.void]) -> NDArray[np.bool_]:
    """Slots of actions that have arrived and not ended, bool[slot]; nor reviews, second tries or ghosts."""
    return ~is_in(requests["phase"], Phase.FREE, Phase.AWAY) & ((requests["marks"] & NO_ACTION) == 0)


def in_flight_by_stream(world: World, n_streams: int) -> NDArray[np.int64]:
    """Actions that have arrived and not ended, int64[stream]; nor reviews, second tries or ghosts."""
    streams = world.requests["stream"][is_action(world.requests)]
    return np.bincount(streams, minlength=n_streams).astype(np.int64)


def attempts_in_progress(world: World, n_streams: int, n_stations: int) -> NDArray[np.int64]:
    """Attempts sent and not yet settled, int64[stream, station]."""
    requests = world.requests
    is_open = is_in(requests["phase"], Phase.OUTBOUND, Phase.QUEUED, Phase.SERVING, Phase.RETURNING)
    is_open &= (requests["marks"] & int(Mark.GHOST)) == 0
    counts = np.zeros((n_streams, n_stations), dtype=np.int64)
    np.add.at(counts, (requests["stream"][is_open], requests["station"][is_open]), 1)
    return counts


def sojourn_so_far_s(world: World, n_stations: int, now_s: float) -> NDArray[np.float64]:
    """Time spent at each station, up to now, by the requests that are there, float64[station] in seconds."""
    requests = world.requests
    is_there = is_in(requests["phase"], Phase.QUEUED, Phase.SERVING)
    stations, spent_s = requests["station"][is_there], now_s - requests["reach_s"][is_there]
    order = np.argsort(spent_s)  # slots are chance; the sum must be the same bits whatever they are
    return np.bincount(stations[order], weights=spent_s[order], minlength=n_stations)
