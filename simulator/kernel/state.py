"""The world of a run: every room's tables, the requests in flight, the future events, the records.

Python owns these arrays; kernels reach them through the record of `simulator.kernel.world`.
Nothing here grows with the number of requests simulated: slabs and rings grow with requests in flight.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.mechanisms.caching.table import Caching
from simulator.mechanisms.regions.table import Regions
from simulator.mechanisms.replicas.table import PoolArrays
from simulator.mechanisms.routes.protection_table import Guarding
from simulator.mechanisms.routes.table import Routing
from simulator.mechanisms.station import Stations
from simulator.mechanisms.traffic.table import Traffic
from simulator.numerics.events import EventArrays

INSTRUCTION = np.dtype(
    [
        ("opcode", np.int64),
        ("operand", np.int64),  # ROUTE: route; REVIEW: team (target)
        ("lane", np.int64),  # DELAY
        ("delay_s", np.float64),  # DELAY
        ("probability", np.float64),  # VALIDATE: rejected; REVIEW: sampled afterwards
        ("takes_over", np.int64),  # REVIEW: bits of Mark that bring a person in
        ("before", np.float64),  # REVIEW: share of the other answers that a person sees before they go out
        ("before_classes", np.int64),  # REVIEW: bits of the classes of complexity of these
        ("is_draft", np.int64),  # REVIEW: 1: people get the answer as a draft
        ("hit_pc", np.int64),  # CACHE: where a hit goes on
        ("exhausted_pc", np.int64),  # ROUTE: where an exhausted route goes on; NONE: the action fails
        ("cache", np.int64),  # CACHE: asked; ROUTE: filled; first instance, NONE: no cache
        ("cache_by_region", np.int64),  # 1: one instance per region
        ("cache_offset", np.int64),  # of this workload's questions inside an instance's index
        ("cache_by_phrasing", np.int64),  # 1: exact, wordings are distinct
        ("cache_languages", np.int64),  # languages that it tells apart
        ("step_key", np.uint64),  # hash of the step's kind and name, part of its draws
    ],
    align=True,
)

REQUEST = np.dtype(
    [
        ("draw_key", np.uint64),
        ("progress_key", np.int64),  # key of the event that moves it on; 0: none
        ("timer_key", np.int64),  # of the time-out of this try
        ("turn_key", np.int64),  # of the user's own time-out
        ("patience_key", np.int64),
        ("arrival_s", np.float64),
        ("turn_start_s", np.float64),
        ("deadline_s", np.float64),  # of the step, infinity: none
        ("attempt_start_s", np.float64),
        ("reach_s", np.float64),  # when it entered its station
        ("charged_s", np.float64),  # when its limits were charged; infinity: nothing is to be settled
        ("serve_s", np.float64),  # when its service began
        ("first_token_s", np.float64),
        ("tpot_s", np.float64),
        ("way_back_s", np.float64),  # of the newest answer
        ("retry_after_s", np.float64),  # that the newest 429 said; 0: nothing
        ("ttft_s", np.float64),  # of this turn's answer; negative: none
        ("queue_wait_s", np.float64),  # of this turn
        ("latency_s", np.float64),  # of the last turn answered; negative: none
        ("number", np.int64),
        ("stream", np.int32),
        ("region", np.int32),
        ("workload", np.int32),
        ("pc", np.int32),
        ("phase", np.int32),
        ("marks", np.int32),
        ("turn", np.int32),
        ("n_turns", np.int32),
        ("class_id", np.int32),
        ("question", np.int32),
        ("phrasing", np.int32),
        ("length_row", np.int32),  # of a trace of token lengths
        ("first_row", np.int32),  # of its first turn, where a trace is replayed in order
        ("prompt_tokens", np.int32),  # of this turn's question, the first time with the system prompt
        ("output_tokens", np.int32),
        ("context_tokens", np.int32),  # of earlier turns
        ("called_tokens", np.int32),  # added by calls of this turn
        ("sent_tokens", np.int32),  # prompt of the attempt under way
        ("level", np.int32),  # 0: the route's choice; n: its n-th fallback
        ("tries", np.int32),  # at this level
        ("tier", np.int32),  # of a cascade
        (
            "kept_target",
            np.int32,
        ),  # of a cascade: whose unsure answer stands if no later tier answers; NONE: nobody's
        ("kept_station", np.int32),
        ("kept_marks", np.int32),  # Kept
        ("attempt", np.int32),  # number in this step, over all levels
        ("target", np.int32),
        ("station", np.int32),
        ("result", np.int32),
        ("n_attempts", np.int32),  # over the action
        ("next", np.int32),  # in a queue, or in the free list
        ("previous", np.int32),
        ("total_input_tokens", np.int32),  # billed to the action
        ("total_output_tokens", np.int32),
        ("sequence", np.int32),  # at a pool
        ("streamed_tokens", np.int32),  # by a pool in this attempt
        ("reusable_tokens", np.int32),  # leading part of the context that earlier turns sent as it is
        ("hedge_key", np.int64),  # of the moment at which a second try is made
        ("served_s", np.float64),  # when it will be over
        ("must_end_s", np.float64),  # a try that would end later is not begun; infinity: it is
        ("earlier_wait_s", np.float64),  # part of it before the attempt under way
        ("route", np.int32),  # of the attempt under way, where it has a policy
        ("policy", np.int32),  # NONE: none
        ("guard", np.int32),  # what the route knows of the station asked; NONE: it does not care
        ("pair", np.int32),  # the other of a pair of tries; NONE: there is one
        ("asked", np.int32),  # how often this user has asked before
        ("source", np.int32),  # stream it arrived in; `stream` is where it is written down
        ("release", np.int32),  # 0: the version before, 1: the new one
        ("language", np.int32),  # row of the table of languages
    ],
    align=True,
)

SLAB = np.dtype([("first_free", np.int64), ("n_free", np.int64)], align=True)

RECORDER = np.dtype(
    [
        ("measure_from_s", np.float64),  # moments and histograms start here
        ("bucket_s", np.float64),
        ("bucket_end_s", np.float64),
        ("bucket", np.int64),
        ("n_rows", np.int64),
        ("keeps_rows", np.int64),
        ("keeps_buckets", np.int64),  # latencies and first tokens by time bucket
    ],
    align=True,
)

ROW = np.dtype(
    [
        ("arrival_s", np.float64),
        ("end_s", np.float64),
        ("latency_s", np.float64),  # of the last turn answered; nan: none
        ("ttft_s", np.float64),
        ("queue_wait_s", np.float64),
        ("number", np.int64),
        ("stream", np.int64),
        ("outcome", np.int64),
        ("is_correct", np.int64),
        ("asked", np.int64),
        ("turns", np.int64),
        ("attempts", np.int64),
        ("input_tokens", np.int64),
        ("output_tokens", np.int64),
    ],
    align=True,
)


class Distributions(NamedTuple):
    """Every distribution of the scenario, and the quantile tables of the empirical ones."""

    records: NDArray[np.void]  # [distribution] DISTRIBUTION
    levels: NDArray[np.float64]
    values: NDArray[np.float64]


class Recording(NamedTuple):
    """What a run leaves behind; see `simulator.metrics.columns`."""

    recorder: NDArray[np.void]  # [1] RECORDER
    counts: NDArray[
        np.int64
    ]  # [bucket, stream, CountColumn]; streams by language and class, and by version if there is a new one
    usage: NDArray[np.float64]  # [bucket, stream, station, UsageColumn]
    latency_sum_s: NDArray[np.float64]  # [bucket, stream]
    moments: NDArray[np.float64]  # [stream, Metric, 3] n, sum, sum of squares
    histogram: NDArray[np.int64]  # [stream, Metric, bin]
    wait_histogram: NDArray[np.int64]  # [station, bin]
    rows: NDArray[np.void]  # [capacity] ROW
    bucket_histogram: NDArray[np.int32]  # [bucket, workload, LATENCY or TTFT, coarse bin]; if kept


class World(NamedTuple):
    """A whole run."""

    program: NDArray[np.void]  # [pc] INSTRUCTION, workload after workload
    distributions: Distributions
    traffic: Traffic
    routing: Routing
    guarding: Guarding
    releases: NDArray[np.void]  # [2] RELEASE
    stations: Stations
    regions: Regions
    caching: Caching
    pools: PoolArrays
    events: EventArrays
    slab: NDArray[np.void]  # [1] SLAB
    requests: NDArray[np.void]  # [slot] REQUEST
    recording: Recording
