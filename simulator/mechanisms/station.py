"""Stations, which every room meets: a target in one region, with its servers, queue, limits and integrals over time."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

N_PRIORITIES = 2
UNLIMITED = 1 << 60

STATION = np.dtype(
    [
        ("target", np.int64),
        ("region", np.int64),
        ("servers", np.int64),  # UNLIMITED: no queue ever
        ("busy", np.int64),
        ("queued", np.int64),
        ("pool", np.int64),  # of a self-hosted model; NONE: not one
        ("outside_s", np.float64),  # one way between the network and the pool's engine
        ("is_down", np.int64),  # 1: every attempt that reaches it fails at once
        ("refused_share", np.float64),  # of attempts, answered 429 whatever the limits say
        ("overloaded_share", np.float64),  # of the others, answered 529
        ("error_rate", np.float64),  # of attempts in service
        ("slowness", np.float64),  # factor on service times and times per token
        ("ttft_slowness", np.float64),  # factor on times to first token
        ("queue_limit", np.int64),
        ("batch_queue_limit", np.int64),  # of batch work, which is turned away first
        ("parallel_limit", np.int64),  # beyond it 429
        ("request_rate_per_s", np.float64),  # token bucket of requests; infinity: none
        ("request_depth", np.float64),
        ("request_level", np.float64),
        ("token_rate_per_s", np.float64),  # token bucket of tokens; infinity: none
        ("token_depth", np.float64),
        ("token_level", np.float64),
        ("bucket_s", np.float64),  # when both levels were last brought up to date
        ("first_limit", np.int64),  # of those that count as a provider does, in `limits`
        ("n_limits", np.int64),
        ("head_0", np.int64),  # first and last waiting request per priority, NONE when empty
        ("tail_0", np.int64),
        ("head_1", np.int64),
        ("tail_1", np.int64),
        ("account_s", np.float64),  # the integrals below are up to date at this time
        ("in_system_area_s", np.float64),
        ("busy_area_s", np.float64),
        ("servers_area_s", np.float64),
        ("sojourn_s", np.float64),  # sum over requests that left
        ("max_in_system", np.int64),
        ("latency_ewma_s", np.float64),  # of successful attempts; negative: none yet
    ],
    align=True,
)

TARGET = np.dtype(
    [
        ("kind", np.int64),  # TargetKind
        ("service_distribution", np.int64),  # services and teams
        ("service_lane", np.int64),  # constant service time; NONE: drawn
        ("ttft_distribution", np.int64),  # models
        ("tpot_distribution", np.int64),
        ("patience_distribution", np.int64),  # NONE: waits for ever
        ("mean_s", np.float64),  # of service; of models to the first token
        ("mean_tpot_s", np.float64),
        ("queue_wait_limit_s", np.float64),  # who waited longer is turned away; infinity: nobody is
        ("has_rules", np.int64),  # 1: a service that may answer in place of a model
        ("ignores_cancel", np.int64),  # 1: works on for callers who have given up
        ("context_tokens", np.int64),  # added to the prompt by a call
        ("success_rate", np.float64),  # teams
        ("approve_distribution", np.int64),  # teams: of the time that a draft takes which is sent as it is
        ("change_distribution", np.int64),  # teams: which is changed
        ("reject_distribution", np.int64),  # teams: in place of which an answer is written
        ("rejected", np.float64),  # teams: share of the drafts not sent as they are that people replace
        ("overrides_wrong", np.float64),  # teams: share of wrong answers that a review changes
        ("overrides_right", np.float64),  # and of right ones
        ("grounded_right", np.float64),  # models: share of right answers that rest on what was retrieved
        ("grounded_wrong", np.float64),  # and of wrong ones
        ("success_shift", np.float64),  # added to the share of right answers, in every language
        ("overflow_above", np.int64),  # teams: waiting hand-offs beyond which others are asked; NONE: never
        ("input_usd", np.float64),  # per token, for cost-based routing
        ("output_usd", np.float64),
        ("long_prompt_tokens", np.int64),  # longer prompts are priced by another tier
    ],
    align=True,
)


class Stations(NamedTuple):
    """Everything that serves attempts."""

    stations: NDArray[np.void]  # [station] STATION
    targets: NDArray[np.void]  # [target] TARGET
    limits: NDArray[np.void]  # [limit] LIMIT, those of a station side by side
    by_rank: NDArray[
        np.int64
    ]  # [target, region, rank] station where its users may go, nearest first; NONE beyond
    one_way_s: NDArray[np.float64]  # [region, station]
    one_way_lane: NDArray[np.int64]  # [region, station]
    way_loss: NDArray[np.float64]  # [region, station] share of attempts, and of answers, that never arrive
    success_rate: NDArray[np.float64]  # [target, class] of models
    language_factor: NDArray[np.float64]  # [target, row of languages] on the success rate


def fresh_stations(tables: Stations) -> Stations:
    """Stations of one run: what may change in it is its own."""
    return tables._replace(
        stations=tables.stations.copy(),
        one_way_s=tables.one_way_s.copy(),
        one_way_lane=tables.one_way_lane.copy(),
        way_loss=tables.way_loss.copy(),
        targets=tables.targets.copy(),
        limits=tables.limits.copy(),
    )
