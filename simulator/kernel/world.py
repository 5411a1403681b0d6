"""The world as kernels see it: one record with the addresses and sizes of every array, and a way to each.

`simulator.kernel.state.World` owns the arrays in Python; `pack` writes down where they are, again after each growth.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from simulator.kernel.state import INSTRUCTION, RECORDER, REQUEST, ROW, SLAB, World
from simulator.mechanisms.caching.table import ENTRY, INSTANCE
from simulator.mechanisms.counted_limits import LIMIT
from simulator.mechanisms.regions.codes import N_CHANGES
from simulator.mechanisms.regions.table import NETWORK, REGION_RULE
from simulator.mechanisms.releases.table import RELEASE
from simulator.mechanisms.replicas.table import POOLS, write_addresses
from simulator.mechanisms.routes.protection_table import ALLOWANCE, GUARD, POLICY, SLICE
from simulator.mechanisms.routes.table import CHOICE, ROUTE, WAIT
from simulator.mechanisms.station import STATION, TARGET
from simulator.mechanisms.traffic.table import LANGUAGE, MAX_CLASSES, STREAM, WORKLOAD
from simulator.metrics.columns import N_BUCKET_METRICS, CountColumn, Metric, UsageColumn
from simulator.numerics.draws import DISTRIBUTION
from simulator.numerics.events import EVENTS
from simulator.numerics.pointers import address_of, array_accessor, record_accessor
from simulator.numerics.sketch import N_BINS, N_COARSE_BINS

_GROUPS = ("distributions", "traffic", "routing", "guarding", "stations", "regions", "caching", "recording")


def _arrays(world: World) -> dict[str, NDArray[np.generic]]:
    """Every array by the name of its field; those of the event list and the pools are reached through their heads."""
    named: dict[str, NDArray[np.generic]] = {
        "program": world.program,
        "slab": world.slab,
        "requests": world.requests,
    }
    named["events"] = world.events.head
    named["releases"] = world.releases
    named["pools"] = world.pools.head
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
    "languages",
    "rate_rps",
    "gaps",
    "lengths",
    "unit_rows",
    "calls",
    "sessions",
    "class_cumulative",
    "class_place",
    "item_cumulative",
    "item_guide",
    "routes",
    "choices",
    "fallbacks",
    "waits",
    "policies",
    "guards",
    "slices",
    "allowances",
    "releases",
    "latencies",
    "stations",
    "targets",
    "limits",
    "by_rank",
    "one_way_s",
    "one_way_lane",
    "way_loss",
    "success_rate",
    "language_factor",
    "network",
    "region_rules",
    "region_weights",
    "near_regions",
    "rtt_s",
    "seen_up",
    "change_s",
    "candidates",
    "instances",
    "entries",
    "places",
    "pools",
    "recorder",
    "counts",
    "usage",
    "latency_sum_s",
    "moments",
    "histogram",
    "wait_histogram",
    "rows",
    "bucket_histogram",
)

WORLD = np.dtype(
    [(name, np.int64) for name in _NAMES]
    + [(f"n_{name}", np.int64) for name in _NAMES]  # length of the first axis
    + [("n_recorded", np.int64)]  # streams by language, class and release
    + [("n_regions", np.int64), ("n_ranks", np.int64), ("n_pieces", np.int64)]
    + [("piece_s", np.float64), ("lead_s", np.float64)]
    + [("step_replica", np.int64), ("join_pool", np.int64), ("leave_pool", np.int64)],  # late kernels
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
    write_addresses(world.pools)
    packed["n_recorded"] = world.recording.moments.shape[0]
    packed["n_regions"], packed["n_ranks"] = world.stations.by_rank.shape[1:]
    packed["n_pieces"] = world.traffic.rate_rps.shape[1]
    packed["piece_s"] = world.traffic.piece_s
    packed["lead_s"] = world.traffic.lead_s
    return packed


def _record(field: str, dtype: np.dtype[np.void]) -> Callable[[Any, int], Any]:
    return record_accessor(WORLD, field, dtype)


def _array(field: str, dtype: DTypeLike, *axes: str | int) -> Callable[[Any], Any]:
    return array_accessor(WORLD, field, dtype, *(axes or (f"n_{field}",)))


# (world, number) → record
events_at = _record("events", EVENTS)
slab_at = _record("slab", SLAB)
recorder_at = _record("recorder", RECORDER)
request_at = _record("requests", REQUEST)
instruction_at = _record("program", INSTRUCTION)
stream_at = _record("streams", STREAM)
language_at = _record("languages", LANGUAGE)
workload_at = _record("workloads", WORKLOAD)
route_at = _record("routes", ROUTE)
station_at = _record("stations", STATION)
target_at = _record("targets", TARGET)
network_at = _record("network", NETWORK)
region_rule_at = _record("region_rules", REGION_RULE)
cache_at = _record("instances", INSTANCE)
distribution_at = _record("distributions", DISTRIBUTION)
pools_at = _record("pools", POOLS)
wait_at = _record("waits", WAIT)
policy_at = _record("policies", POLICY)
release_at = _record("releases", RELEASE)
guard_at = _record("guards", GUARD)
allowance_at = _record("allowances", ALLOWANCE)
row_at = _record("rows", ROW)

# world → array
requests_of = _array("requests", REQUEST)
choices_of = _array("choices", CHOICE)
fallbacks_of = _array("fallbacks", np.int64)
guards_of = _array("guards", GUARD)
slices_of = _array("slices", SLICE)
latencies_of = _array("latencies", np.int64, "n_latencies", N_BINS)  # [allowance]
stations_of = _array("stations", STATION)
targets_of = _array("targets", TARGET)
limits_of = _array("limits", LIMIT)
by_rank_of = _array("by_rank", np.int64, "n_by_rank", "n_regions", "n_ranks")  # [target, region, rank]
one_way_s_of = _array("one_way_s", np.float64, "n_one_way_s", "n_stations")  # [region, station]
one_way_lane_of = _array("one_way_lane", np.int64, "n_one_way_s", "n_stations")
way_loss_of = _array("way_loss", np.float64, "n_way_loss", "n_stations")
language_factor_of = _array("language_factor", np.float64, "n_language_factor", "n_languages")
success_rate_of = _array("success_rate", np.float64, "n_success_rate", MAX_CLASSES)  # [target, class]
region_weights_of = _array("region_weights", np.float64, "n_region_weights", "n_regions")  # [route, region]
near_regions_of = _array("near_regions", np.int64, "n_near_regions", "n_regions")  # [region, rank]
rtt_s_of = _array("rtt_s", np.float64, "n_rtt_s", "n_regions")  # [region, region]
seen_up_of = _array("seen_up", np.int64)  # [station + instance]
change_s_of = _array("change_s", np.float64, "n_change_s", N_CHANGES)
candidates_of = _array("candidates", np.int64)
entries_of = _array("entries", ENTRY)
cache_index_of = _array("places", np.int32)
languages_of = _array("languages", LANGUAGE)
rates_of = _array("rate_rps", np.float64, "n_rate_rps", "n_pieces")  # [stream, piece]
gaps_of = _array("gaps", np.float64)
lengths_of = _array("lengths", np.int64, "n_lengths", 2)
unit_rows_of = _array("unit_rows", np.int64, "n_unit_rows", 2)  # [row of lengths]
calls_of = _array("calls", np.float64, "n_calls", 3)  # [row of lengths]
sessions_of = _array("sessions", np.int64)
classes_of = _array("class_cumulative", np.float64, "n_class_cumulative", MAX_CLASSES)  # [workload, class]
class_place_of = _array("class_place", np.int64, "n_class_place", MAX_CLASSES)  # [workload, class]
item_cumulative_of = _array("item_cumulative", np.float64)
item_guide_of = _array("item_guide", np.int64)
levels_of = _array("levels", np.float64)
values_of = _array("values", np.float64)
counts_of = _array("counts", np.int64, "n_counts", "n_recorded", len(CountColumn))
usage_of = _array("usage", np.float64, "n_usage", "n_recorded", "n_stations", len(UsageColumn))
latency_sum_of = _array("latency_sum_s", np.float64, "n_latency_sum_s", "n_recorded")
moments_of = _array("moments", np.float64, "n_moments", len(Metric), 3)
histogram_of = _array("histogram", np.int64, "n_histogram", len(Metric), N_BINS)
wait_histogram_of = _array("wait_histogram", np.int64, "n_wait_histogram", N_BINS)
bucket_histogram_of = _array(
    "bucket_histogram", np.int32, "n_bucket_histogram", "n_workloads", N_BUCKET_METRICS, N_COARSE_BINS
)
