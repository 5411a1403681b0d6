"""Tables of demand: streams (a workload in a region), workloads, rates, gaps, token lengths, popularity."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

MAX_CLASSES = 8

STREAM = np.dtype(
    [
        ("workload", np.int64),
        ("region", np.int64),
        ("draw_key", np.uint64),  # of (seed, workload name, region name)
        ("n_arrived", np.int64),  # actions so far = number of the next one
        ("share", np.float64),  # of full exposure, set by the exposure process
        ("gap_shape", np.float64),  # gamma shape of gaps in operational time; 1 is Poisson
        ("first_gap", np.int64),  # trace: first row in `gaps`; NONE: gaps are drawn
        ("n_gaps", np.int64),
        ("gap_index", np.int64),  # trace: row of the next gap
        ("length_index", np.int64),  # trace in order: row of the next action's token lengths, or its session
        ("gap_left", np.float64),  # operational time left to the next arrival, at `gap_from_s`
        ("gap_from_s", np.float64),
        ("arrival_s", np.float64),  # of the next action, or client
        ("cycle_s", np.float64),  # of a closed loop: its rates times this are numbers of clients
        ("n_clients", np.int64),  # that there are
        ("n_joined", np.int64),  # that there have been
        ("new_share", np.float64),  # of actions that have the new release
        ("mirror_share", np.float64),  # of actions that are copied to the new release
        ("first_language", np.int64),  # of its users, in `languages`
        ("n_languages", np.int64),
        ("first_recorded", np.int64),  # where its actions are written down, by language and by class
        ("drawer", np.int64),  # number among those who draw on shared limits
        ("in_flight", np.int64),  # actions
        ("parallel_limit", np.int64),  # the workload's own limits, as of stations
        ("request_rate_per_s", np.float64),
        ("request_depth", np.float64),
        ("request_level", np.float64),
        ("token_rate_per_s", np.float64),
        ("token_depth", np.float64),
        ("token_level", np.float64),
        ("bucket_s", np.float64),
    ],
    align=True,
)

WORKLOAD = np.dtype(
    [
        ("first_pc", np.int64),
        ("priority", np.int64),  # 0 interactive, 1 batch
        ("prompt_distribution", np.int64),  # NONE: no tokens
        ("output_distribution", np.int64),
        ("length_link", np.int64),  # of `joint_draws`: how an answer's length goes with its prompt's
        ("length_correlation", np.float64),  # of normal scores
        (
            "first_rank",
            np.int64,
        ),  # in `values`: cumulated shares of the answers' ranks, by rank of the prompt
        ("n_prompt_ranks", np.int64),
        ("n_output_ranks", np.int64),
        ("turns_distribution", np.int64),  # NONE: one turn
        ("think_s", np.float64),  # mean pause between turns
        ("pause_distribution", np.int64),  # of clients between two actions; NONE: no closed loop
        ("first_length", np.int64),  # trace of token lengths: first row in `lengths`; NONE: distributions
        ("n_lengths", np.int64),
        ("lengths_in_order", np.int64),  # LengthOrder
        ("first_session", np.int64),  # in `sessions`
        ("n_sessions", np.int64),
        ("system_tokens", np.int64),  # in front of every conversation, the same for all
        ("unit_tokens", np.int64),  # of a leading part that prompts have in common; 0: none
        ("first_unit", np.int64),  # its number; NONE: it has those of its row in `unit_rows`
        ("n_classes", np.int64),
        ("n_recorded_classes", np.int64),  # that results tell apart
        ("first_item", np.int64),  # popularity: first row in `item_cumulative`; NONE: no cache
        ("n_items", np.int64),
        ("n_phrasings", np.int64),
        ("timeout_s", np.float64),  # infinity: none
        ("is_limited", np.int64),  # 1: its streams have limits of their own, or may get them
        ("again_share", np.float64),  # of those who got nothing, who ask again
        ("wrong_again_share", np.float64),  # of those whose answer was wrong
        ("again_s", np.float64),  # mean time after which
        ("again_limit", np.int64),  # how often at most
        ("timeout_lane", np.int64),
        ("generates", np.int64),  # 1: a step asks a model, so that an answer has a first token
        ("latency_limit_s", np.float64),  # of one turn, for goodput
        ("ttft_limit_s", np.float64),
        ("success_shift", np.float64),  # added to the success rate of every answer
        ("output_factor", np.float64),  # on the output tokens of every turn
        ("max_tokens", np.int64),  # of output that a request asks for; UNLIMITED: it does not say
    ],
    align=True,
)


LANGUAGE = np.dtype(
    [
        ("cumulative", np.float64),  # share of the region's users, cumulated
        ("number", np.int64),  # the same in every region
        ("token_factor", np.float64),  # on prompt and output tokens
    ],
    align=True,
)


class Traffic(NamedTuple):
    """Demand."""

    streams: NDArray[np.void]  # [stream] STREAM
    workloads: NDArray[np.void]  # [workload] WORKLOAD
    languages: NDArray[np.void]  # [region and language] LANGUAGE
    rate_rps: NDArray[np.float64]  # [stream, piece] full-exposure demand, piecewise constant
    piece_s: float
    lead_s: float  # of the first piece, before time 0
    gaps: NDArray[np.float64]  # traces' gaps over their mean
    lengths: NDArray[np.int64]  # [row, 2] prompt and output tokens of traces
    unit_rows: NDArray[np.int64]  # [row of `lengths`, 2] first unit and number of units
    calls: NDArray[
        np.float64
    ]  # [row of `lengths`, 3] of sessions: pause before it in s, calls left, 1: begins afresh
    sessions: NDArray[np.int64]  # [session] row of `lengths` of its first call
    class_cumulative: NDArray[np.float64]  # [workload, MAX_CLASSES] shares of complexity, cumulated
    class_place: NDArray[np.int64]  # [workload, MAX_CLASSES] among those that results tell apart
    item_cumulative: NDArray[np.float64]  # shares of items, cumulated, workload after workload
    item_guide: NDArray[
        np.int64
    ]  # [same] first row whose cumulated share exceeds row/n: where a search starts
