"""Metrics of actions: each is declared once, here, by a field of `ActionMetrics`.

The field's name is the metric's name everywhere: `metrics.latency.p95` in Python, `latency` in thresholds and objectives. In
JSON a time has its unit, `latency_s`. A metric that is added has a default, so that files made before read back.
"""

from dataclasses import dataclass
from typing import Annotated

from simulator.metrics.columns import CountColumn, Metric
from simulator.metrics.definition import Definition, Sampled, Spread
from simulator.metrics.formula import ANSWERED, DUE, SECONDS, Weights, of_actions
from simulator.theory.estimate import Estimate

_OVERRIDDEN_DRAFTS: Weights = {CountColumn.DRAFTS_CHANGED: 1.0, CountColumn.DRAFTS_REJECTED: 1.0}


@dataclass(frozen=True, kw_only=True)
class ActionMetrics:
    """Metrics of a selection of actions."""

    arrival_rps: Annotated[
        Estimate | None,
        Definition(
            "1/s",
            "Actions per second that were asked for in the window, without those carried in.",
            of_actions(CountColumn.ARRIVED, SECONDS),
            label="arrivals",
            heading="arrivals",
        ),
    ]
    goodput_rps: Annotated[
        Estimate | None,
        Definition(
            "1/s",
            "Actions per second that were answered within every per-request limit.",
            of_actions(CountColumn.GOOD, SECONDS),
            better="high",
            label="goodput",
            heading="goodput",
        ),
    ]
    throughput_rps: Annotated[
        Estimate | None,
        Definition(
            "1/s",
            "Actions per second that were answered.",
            of_actions(ANSWERED, SECONDS),
            better="high",
            label="throughput",
        ),
    ]
    latency: Annotated[
        Spread,
        Definition(
            "s",
            "Per turn: from the user's ask to the answer, or to the hand-off to people.",
            Metric.LATENCY,
            better="low",
            heading="latency",
            is_indicator=True,
        ),
    ]
    ttft: Annotated[
        Spread,
        Definition(
            "s",
            "Per turn: from the ask to the first token of the answer that was used.",
            Metric.TTFT,
            better="low",
            label="first token",
            heading="token",
            is_indicator=True,
        ),
    ]
    tpot: Annotated[
        Spread,
        Definition(
            "s",
            "Per turn: mean time per output token after the first.",
            Metric.TPOT,
            better="low",
            label="time per output token",
            is_indicator=True,
        ),
    ]
    queue_wait: Annotated[
        Spread,
        Definition(
            "s",
            "Per turn: all waits in queues of services and models, not for people.",
            Metric.QUEUE_WAIT,
            better="low",
            is_indicator=True,
        ),
    ]
    resolution: Annotated[
        Spread,
        Definition(
            "s",
            "Per answered action: until it is closed, people and pauses included.",
            Metric.RESOLUTION,
            better="low",
            is_indicator=True,
        ),
    ]
    availability: Annotated[
        Estimate | None,
        Definition(
            "share",
            "Valid actions that were answered, of those that ended or are overdue.",
            of_actions(ANSWERED, DUE, is_of_trials=True),
            better="high",
            heading="available",
            is_indicator=True,
        ),
    ]
    success_rate: Annotated[
        Estimate | None,
        Definition(
            "share",
            "Valid actions that were answered, or resolved by people, and right, of those that ended or are overdue.",
            of_actions(CountColumn.CORRECT, DUE, is_of_trials=True),
            better="high",
            heading="success",
            is_indicator=True,
        ),
    ]
    failed_rate: Annotated[
        Estimate | None,
        Definition(
            "share",
            "Actions that were not answered.",
            of_actions(CountColumn.FAILED, is_of_trials=True),
            better="low",
        ),
    ]
    rejected_rate: Annotated[
        Estimate | None,
        Definition(
            "share",
            "Actions that were turned away.",
            of_actions(CountColumn.REJECTED, is_of_trials=True),
            better="low",
            is_indicator=True,
        ),
    ]
    abandoned_rate: Annotated[
        Estimate | None,
        Definition(
            "share",
            "Actions whose users left a queue.",
            of_actions(CountColumn.ABANDONED, is_of_trials=True),
            better="low",
        ),
    ]
    handed_off_rate: Annotated[
        Estimate | None,
        Definition(
            "share",
            "Turns that people took over, or whose drafts they decided on.",
            of_actions(CountColumn.HANDED_OFF, CountColumn.TURNS, is_of_trials=True),
            better="low",
            is_indicator=True,
        ),
    ]
    deflection_rate: Annotated[
        Estimate | None,
        Definition(
            "share",
            "Valid actions that were answered without people, and whose users did not come back with the same question, of "
            "those that ended or are overdue.",
            of_actions(
                {CountColumn.WITHOUT_PEOPLE: 1.0, CountColumn.CAME_BACK: -1.0}, DUE, is_of_trials=True
            ),
            better="high",
            heading="deflected",
            quiet_at=1.0,
            is_indicator=True,
        ),
    ] = None
    residency_blocked_rate: Annotated[
        Estimate | None,
        Definition(
            "entries per action",
            "Entries of routes, and teams, passed over for where data may go.",
            of_actions(CountColumn.RESIDENCY_BLOCKED),
            better="low",
        ),
    ]
    groundedness: Annotated[
        Estimate | None,
        Definition(
            "share",
            "Answers of models that rest on what was retrieved for them.",
            of_actions(
                {CountColumn.GENERATED: 1.0, CountColumn.UNGROUNDED: -1.0},
                CountColumn.GENERATED,
                is_of_trials=True,
            ),
            better="high",
            heading="grounded",
            quiet_at=1.0,
            is_indicator=True,
        ),
    ]
    override_rate: Annotated[
        Estimate | None,
        Definition(
            "share",
            "Answers that people changed, of all that they looked at: drafts before they go out, and samples afterwards.",
            of_actions(
                {CountColumn.REVIEWED: 1.0, CountColumn.REVIEWED_RIGHT: -1.0, **_OVERRIDDEN_DRAFTS},
                {CountColumn.REVIEWED: 1.0, CountColumn.DRAFTS_APPROVED: 1.0, **_OVERRIDDEN_DRAFTS},
                is_of_trials=True,
            ),
            better="low",
            heading="overridden",
        ),
    ]
    draft_approval_rate: Annotated[
        Estimate | None,
        Definition(
            "share",
            "Drafts that people sent as they were.",
            of_actions(
                CountColumn.DRAFTS_APPROVED,
                {CountColumn.DRAFTS_APPROVED: 1.0, **_OVERRIDDEN_DRAFTS},
                is_of_trials=True,
            ),
            better="high",
            heading="approved",
        ),
    ] = None
    cache_hit_rate: Annotated[
        Estimate | None,
        Definition(
            "share",
            "Look-ups in a response cache that found an answer.",
            of_actions(CountColumn.CACHE_HITS, CountColumn.CACHE_LOOKUPS, is_of_trials=True),
            better="high",
            heading="cache hits",
            is_indicator=True,
        ),
    ]
    retries_per_action: Annotated[
        Estimate | None,
        Definition(
            "per action",
            "Tries beyond the first at the same entry of a route, per action.",
            of_actions(CountColumn.RETRIES),
            better="low",
            heading="retries",
            quiet_at=0.0,
        ),
    ] = None
    fallbacks_per_action: Annotated[
        Estimate | None,
        Definition(
            "per action",
            "Moves to the next entry of a route after one failed, per action.",
            of_actions(CountColumn.FALLBACKS),
            better="low",
            heading="fallbacks",
            quiet_at=0.0,
        ),
    ] = None
    hedges_per_action: Annotated[
        Estimate | None,
        Definition(
            "per action",
            "Second tries beside slow first ones, per action.",
            of_actions(CountColumn.HEDGES),
            heading="hedges",
            quiet_at=0.0,
        ),
    ] = None
    energy_per_action_wh: Annotated[
        Estimate | None,  # of everything; parts of it are not told apart
        Definition(
            "Wh",
            "At most: rated power of the pools' GPUs x time they worked / actions ended; only of all actions.",
            better="low",
            label="Wh per action",
        ),
    ]


@dataclass(frozen=True)
class ActionCosts:
    """Costs of a selection of actions, which prices are needed for."""

    cost_per_action: Annotated[
        Estimate | None,
        Definition(
            "currency",
            "Cost of the window / actions ended.",
            Sampled.MONEY,
            better="low",
            heading="$/action",
            quiet_at=0.0,
            is_indicator=True,
        ),
    ]
    cost_per_successful_action: Annotated[
        Estimate | None,
        Definition(
            "currency",
            "Cost of the window / correct actions.",
            Sampled.MONEY,
            better="low",
            label="cost per success",
            heading="$/success",
            quiet_at=0.0,
            is_indicator=True,
        ),
    ]
