"""Metrics of models, services and teams: each is declared once, here, by a field of `TargetMetrics`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from simulator.metrics.columns import AreaColumn, UsageColumn
from simulator.metrics.definition import Definition, Sampled, Spread
from simulator.metrics.formula import HOURS, MINUTES, SECONDS, of_time, of_tries
from simulator.theory.estimate import Estimate

USED: Mapping[UsageColumn, Definition] = {
    UsageColumn.ATTEMPTS: Definition(
        "attempts", "Tries that reached the target: first tries, retries and fallbacks."
    ),
    UsageColumn.SUCCEEDED: Definition("attempts", "Tries that were answered."),
    UsageColumn.ERRORS: Definition("attempts", "Tries that failed with an error of the target."),
    UsageColumn.RATE_LIMITED: Definition(
        "attempts", "Tries answered with 429: beyond requests or tokens per minute."
    ),
    UsageColumn.TIMED_OUT: Definition("attempts", "Tries given up by a time-out."),
    UsageColumn.SHED: Definition("attempts", "Tries turned away by a full queue."),
    UsageColumn.ABANDONED: Definition("attempts", "Tries that left the queue when patience ran out."),
    UsageColumn.INPUT_TOKENS: Definition("tokens", "Billed input tokens."),
    UsageColumn.OUTPUT_TOKENS: Definition("tokens", "Billed output tokens."),
    UsageColumn.WASTED_INPUT_TOKENS: Definition(
        "tokens", "Part of `input_tokens`: of tries whose answer was not used."
    ),
    UsageColumn.WASTED_OUTPUT_TOKENS: Definition(
        "tokens", "Part of `output_tokens`: of tries whose answer was not used."
    ),
    UsageColumn.BUSY_S: Definition("s", "Server-seconds used, counted when the try ended."),
    UsageColumn.CANCELLED: Definition(
        "attempts", "Tries cut off, as another of their pair was answered first."
    ),
    UsageColumn.LONG_INPUT_TOKENS: Definition(
        "tokens", "Part of `input_tokens`: of prompts so long that they are priced by another tier."
    ),
    UsageColumn.LONG_OUTPUT_TOKENS: Definition("tokens", "Part of `output_tokens`: answers to such prompts."),
    UsageColumn.JUDGED: Definition("answers", "Answers, those that a cascade passes on among them."),
    UsageColumn.RIGHT: Definition("answers", "Part of `judged`."),
    UsageColumn.GROUNDED: Definition("answers", "Part of `judged`: rest on what was retrieved for them."),
}


@dataclass(frozen=True)
class TargetMetrics:
    """Metrics of a target in all its regions, or in one."""

    kind: Annotated[str, Definition("", "`model`, `service` or `team`.")]
    utilization: Annotated[
        Estimate | None,
        Definition(
            "share",
            "Busy server-seconds / available ones; none where servers are unlimited.",
            of_time(AreaColumn.BUSY_S, AreaColumn.SERVERS_S),
            heading="busy",
        ),
    ]
    offered_load_erlangs: Annotated[
        Estimate | None,
        Definition(
            "erlangs",
            "Attempts per second, turned away included, x mean service time.",
            Sampled.OFFERED_LOAD,
            heading="load",
        ),
    ]
    carried_load_erlangs: Annotated[
        Estimate | None,
        Definition("erlangs", "Mean number of busy servers.", of_time(AreaColumn.BUSY_S, SECONDS)),
    ]
    in_system: Annotated[
        Estimate | None,
        Definition(
            "attempts",
            "Mean number waiting or served (L of Little's law).",
            of_time(AreaColumn.IN_SYSTEM_S, SECONDS),
        ),
    ]
    max_in_system: Annotated[int, Definition("attempts", "Most waiting or served at one time in one region.")]
    queue_wait: Annotated[
        Spread,
        Definition(
            "s",
            "Wait in the target's queue, per attempt; the mean to 0.8 %.",
            Sampled.WAIT_AT_TARGET,
            better="low",
            heading="wait",
        ),
    ]
    attempts: Annotated[int, USED[UsageColumn.ATTEMPTS]]
    succeeded: Annotated[int, USED[UsageColumn.SUCCEEDED]]
    errors: Annotated[int, USED[UsageColumn.ERRORS]]
    rate_limited: Annotated[int, USED[UsageColumn.RATE_LIMITED]]
    timed_out: Annotated[int, USED[UsageColumn.TIMED_OUT]]
    shed: Annotated[int, USED[UsageColumn.SHED]]
    abandoned: Annotated[int, USED[UsageColumn.ABANDONED]]
    cancelled: Annotated[int, USED[UsageColumn.CANCELLED]]
    requests_per_minute: Annotated[
        Estimate | None,
        Definition(
            "1/min", "Attempts per minute.", of_tries(UsageColumn.ATTEMPTS, MINUTES), heading="per minute"
        ),
    ]
    input_tokens_per_minute: Annotated[
        Estimate | None,
        Definition(
            "tokens/min", "Billed input tokens per minute.", of_tries(UsageColumn.INPUT_TOKENS, MINUTES)
        ),
    ]
    output_tokens_per_minute: Annotated[
        Estimate | None,
        Definition(
            "tokens/min", "Billed output tokens per minute.", of_tries(UsageColumn.OUTPUT_TOKENS, MINUTES)
        ),
    ]
    error_rate: Annotated[
        Estimate | None,
        Definition(
            "share",
            "Tries that failed with an error of the target.",
            of_tries(UsageColumn.ERRORS, is_of_trials=True),
            better="low",
            heading="errors",
            quiet_at=0.0,
        ),
    ]
    rate_limited_rate: Annotated[
        Estimate | None,
        Definition(
            "share",
            "Tries answered with 429.",
            of_tries(UsageColumn.RATE_LIMITED, is_of_trials=True),
            better="low",
            heading="429",
            quiet_at=0.0,
        ),
    ]
    shed_rate: Annotated[
        Estimate | None,
        Definition(
            "share",
            "Tries turned away by a full queue.",
            of_tries(UsageColumn.SHED, is_of_trials=True),
            better="low",
        ),
    ]
    right_rate: Annotated[
        Estimate | None,
        Definition(
            "share",
            "Right answers; those that a cascade passes on are among them.",
            of_tries(UsageColumn.RIGHT, UsageColumn.JUDGED, is_of_trials=True),
            better="high",
            heading="right",
        ),
    ]
    grounded_rate: Annotated[
        Estimate | None,
        Definition(
            "share",
            "Answers that rest on what was retrieved, likewise.",
            of_tries(UsageColumn.GROUNDED, UsageColumn.JUDGED, is_of_trials=True),
            better="high",
            heading="grounded",
            quiet_at=1.0,
        ),
    ]
    batch_size: Annotated[
        Estimate | None,
        Definition(
            "sequences",
            "Pools: sequences that run while a replica works, on average.",
            of_time(AreaColumn.SEQUENCE_S, AreaColumn.BUSY_S),
            heading="batch",
            is_of_pools=True,
        ),
    ]
    kv_usage: Annotated[
        Estimate | None,
        Definition(
            "share",
            "Pools: tokens held by those that run / room in the KV cache.",
            of_time(AreaColumn.KV_TOKEN_S, AreaColumn.KV_CAPACITY_TOKEN_S),
            label="KV cache usage",
            heading="KV cache",
            is_of_pools=True,
        ),
    ]
    preemptions_per_minute: Annotated[
        Estimate | None,
        Definition(
            "1/min",
            "Pools: sequences sent back for want of KV cache.",
            of_time(AreaColumn.PREEMPTIONS, MINUTES),
            better="low",
            heading="preempted/min",
            quiet_at=0.0,
            is_of_pools=True,
        ),
    ]
    prefix_hit_rate: Annotated[
        Estimate | None,
        Definition(
            "share",
            "Pools: prompt tokens found in the cache at first admission / prompt tokens.",
            of_time(AreaColumn.HIT_TOKENS, AreaColumn.PROMPT_TOKENS),
            better="high",
            heading="prefix hits",
            quiet_at=0.0,
            is_of_pools=True,
        ),
    ]
    interruptions_per_hour: Annotated[
        Estimate | None,
        Definition(
            "1/h",
            "Pools: replicas on spot that were taken back.",
            of_time(AreaColumn.SPOT_INTERRUPTIONS, HOURS),
            better="low",
            heading="interrupted/h",
            quiet_at=0.0,
            is_of_pools=True,
        ),
    ]
    energy_per_action_wh: Annotated[
        Estimate | None,
        Definition(
            "Wh",
            "Pools, at most: rated power of the GPUs x time they worked / actions ended, all workloads together.",
            better="low",
            label="Wh per action",
            heading="Wh/action",
        ),
    ]


@dataclass(frozen=True)
class TargetCosts:
    """Costs of a target, which prices are needed for."""

    cost_per_million_tokens: Annotated[
        Estimate | None,
        Definition("currency", "cost / (input and output tokens / 10⁶).", heading="$/Mtok", quiet_at=0.0),
    ]
    cost: Annotated[
        Estimate | None,
        Definition("currency", "Cost of the target in the window.", heading="cost", quiet_at=0.0),
    ]
