"""The world as kernels see it: one record with the addresses and sizes of every array, and a way to each.

`simulator.kernel.state.World` owns the arrays in Python; `pack` writes down where they are, again after each growth.
"""

import numpy as np
from numpy.typing import NDArray

from simulator.kernel.columns import CountColumn, Metric, UsageColumn
from simulator.kernel.state import INSTRUCTION, RECORDER, REQUEST, ROW, SLAB, World
from simulator.mechanisms.caching.table import ENTRY, INSTANCE
from simulator.mechanisms.routing.table import CHOICE, ROUTE
from simulator.mechanisms.station import STATION, TARGET
from simulator.mechanisms.traffic.table import MAX_CLASSES, STREAM, WORKLOAD
from simulator.numerics.draws import DISTRIBUTION
from simulator.numerics.events import EVENTS
from simulator.numerics.jit import jit, jit_view
from simulator.numerics.pointers import address_of, array_at
from simulator.numerics.sketch import N_BINS

N_COUNTS = len(CountColumn)
N_USES = len(UsageColumn)
N_METRICS = len(Metric)

_GROUPS = ("distributions", "traffic", "routing", "stations", "caching", "recording")


def _arrays(world: World) -> dict[str, NDArray[np.generic]]:
    """Every array by the name of its field; those of the event list are reached through its head."""
    named: dict[str, NDArray[np.generic]] = {"program": world.program, "slab": world.slab, "requests": world.requests}
    named["events"] = world.events.head
    for group in _GROUPS:
        for name, value in getattr(world, group)._asdict().items():
            if isinstance(value, np.ndarray):
                named["distributions" if name == "records" else name] = value
    return named


_NAMES = (
    "program",
    "slab",
    "requests",
    "events",
    "distributions",
    "levels",
    "values",
    "streams",
    "workloads",
    "rate_rps",
    "gaps",
    "lengths",
    "class_cumulative",
    "item_cumulative",
    "item_guide",
    "routes",
    "choices",
    "fallbacks",
    "backoff_lanes",
    "stations",
    "targets",
    "by_rank",
    "one_way_s",
    "one_way_lane",
    "success_rate",
    "instances",
    "entries",
    "index",
    "recorder",
    "counts",
    "usage",
    "latency_sum_s",
    "moments",
    "histogram",
    "wait_histogram",
    "rows",
)

WORLD = np.dtype(
    [(name, np.int64) for name in _NAMES]
    + [(f"n_{name}", np.int64) for name in _NAMES]  # length of the first axis
    + [("n_regions", np.int64), ("n_ranks", np.int64), ("n_pieces", np.int64), ("piece_s", np.float64)],
    align=True,
)


def pack(world: World) -> NDArray[np.void]:
    """One `WORLD` record that says where the arrays of `world` are; valid until one of them is replaced."""
    packed = np.zeros(1, dtype=WORLD).view(np.recarray)
    for name, array in _arrays(world).items():
        packed[name] = address_of(array)
        packed[f"n_{name}"] = array.shape[0]
    head = world.events.head
    for name in ("nodes", "lanes", "lane_time_s", "lane_key", "heap_time_s", "heap_key"):
        head[name] = address_of(getattr(world.events, name))
    head["n_lanes"] = world.events.lanes.size
    head["n_lane_places"] = world.events.lane_time_s.size
    head["heap_capacity"] = world.events.heap_time_s.size
    packed["n_regions"], packed["n_ranks"] = world.stations.by_rank.shape[1:]
    packed["n_pieces"] = world.traffic.rate_rps.shape[1]
    packed["piece_s"] = world.traffic.piece_s
    return packed


@jit
def events_of(world):
    """The future event list and the clock."""
    return array_at(world.events, 1, EVENTS)[0]


@jit
def slab_of(world):
    """The free list of requests."""
    return array_at(world.slab, 1, SLAB)[0]


@jit
def recorder_of(world):
    """Where the records of the run stand."""
    return array_at(world.recorder, 1, RECORDER)[0]


@jit_view
def requests_of(world):
    """All requests, by slot."""
    return array_at(world.requests, world.n_requests, REQUEST)


@jit
def request_at(world, slot):
    """The request in a slot."""
    return array_at(world.requests, world.n_requests, REQUEST)[slot]


@jit
def instruction_at(world, pc):
    """The instruction at a place in the program."""
    return array_at(world.program, world.n_program, INSTRUCTION)[pc]


@jit
def stream_at(world, stream_id):
    """A stream."""
    return array_at(world.streams, world.n_streams, STREAM)[stream_id]


@jit
def workload_at(world, workload_id):
    """A workload."""
    return array_at(world.workloads, world.n_workloads, WORKLOAD)[workload_id]


@jit
def route_at(world, route_id):
    """A route."""
    return array_at(world.routes, world.n_routes, ROUTE)[route_id]


@jit_view
def choices_of(world):
    """The choices of all routes."""
    return array_at(world.choices, world.n_choices, CHOICE)


@jit_view
def stations_of(world):
    """All stations."""
    return array_at(world.stations, world.n_stations, STATION)


@jit
def station_at(world, station_id):
    """A station."""
    return array_at(world.stations, world.n_stations, STATION)[station_id]


@jit_view
def targets_of(world):
    """All targets."""
    return array_at(world.targets, world.n_targets, TARGET)


@jit
def target_at(world, target_id):
    """A target."""
    return array_at(world.targets, world.n_targets, TARGET)[target_id]


@jit
def cache_at(world, cache_id):
    """An instance of a cache."""
    return array_at(world.instances, world.n_instances, INSTANCE)[cache_id]


@jit_view
def entries_of(world):
    """The entries of all caches."""
    return array_at(world.entries, world.n_entries, ENTRY)


@jit_view
def cache_index_of(world):
    """The index of all caches."""
    return array_at(world.index, world.n_index, np.int32)


@jit
def distribution_at(world, distribution_id):
    """A distribution."""
    return array_at(world.distributions, world.n_distributions, DISTRIBUTION)[distribution_id]


@jit_view
def rates_of(world, stream_id):
    """Full-exposure rates of a stream, [piece] per second."""
    return array_at(world.rate_rps + stream_id * world.n_pieces * 8, world.n_pieces, np.float64)


@jit_view
def by_rank_of(world):
    """Stations by nearness, [target, region, rank]."""
    return array_at(world.by_rank, (world.n_by_rank, world.n_regions, world.n_ranks), np.int64)


@jit
def one_way_at(world, region, station):
    """Network time one way between a region and a station in seconds, and its lane."""
    place = region * world.n_stations + station
    n = world.n_one_way_s * world.n_stations
    return array_at(world.one_way_s, n, np.float64)[place], array_at(world.one_way_lane, n, np.int64)[place]


@jit_view
def gaps_of(world):
    """Gaps of all traces, in operational time."""
    return array_at(world.gaps, world.n_gaps, np.float64)


@jit_view
def lengths_of(world):
    """Token lengths of all traces, [row, 2] prompt and output."""
    return array_at(world.lengths, (world.n_lengths, 2), np.int64)


@jit_view
def classes_of(world):
    """Cumulated shares of complexity, [workload, class]."""
    return array_at(world.class_cumulative, (world.n_class_cumulative, MAX_CLASSES), np.float64)


@jit_view
def items_of(world):
    """Cumulated popularity of questions, and where a search starts."""
    n = world.n_item_cumulative
    return array_at(world.item_cumulative, n, np.float64), array_at(world.item_guide, n, np.int64)


@jit_view
def quantiles_of(world):
    """Levels and values of the empirical distributions."""
    return array_at(world.levels, world.n_levels, np.float64), array_at(world.values, world.n_values, np.float64)


@jit
def fallback_at(world, place):
    """Entry of the list of fallbacks."""
    return array_at(world.fallbacks, world.n_fallbacks, np.int64)[place]


@jit
def backoff_lane_at(world, place):
    """Entry of the list of backoff lanes."""
    return array_at(world.backoff_lanes, world.n_backoff_lanes, np.int64)[place]


@jit
def success_rate_at(world, target, class_id):
    """Share of right answers of a model for a complexity class."""
    return array_at(world.success_rate, (world.n_success_rate, MAX_CLASSES), np.float64)[target, class_id]


@jit_view
def counts_of(world):
    """Counters, [bucket, stream, CountColumn]."""
    return array_at(world.counts, (world.n_counts, world.n_streams, N_COUNTS), np.int64)


@jit_view
def usage_of(world):
    """Usage, [bucket · stream, station, UsageColumn]."""
    return array_at(world.usage, (world.n_usage * world.n_streams, world.n_stations, N_USES), np.float64)


@jit_view
def latency_sum_of(world):
    """Latencies by time bucket, [bucket, stream] in seconds."""
    return array_at(world.latency_sum_s, (world.n_latency_sum_s, world.n_streams), np.float64)


@jit_view
def moments_of(world):
    """Moments, [stream, Metric, 3]."""
    return array_at(world.moments, (world.n_moments, N_METRICS, 3), np.float64)


@jit_view
def histogram_of(world):
    """Histograms, [stream, Metric, bin]."""
    return array_at(world.histogram, (world.n_histogram, N_METRICS, N_BINS), np.int64)


@jit_view
def wait_histogram_of(world):
    """Histograms of queue waits, [station, bin]."""
    return array_at(world.wait_histogram, (world.n_wait_histogram, N_BINS), np.int64)


@jit
def row_at(world, place):
    """A request row."""
    return array_at(world.rows, world.n_rows, ROW)[place]
