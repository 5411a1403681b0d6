"""Clients who ask when they have their answer: few and many, more and fewer of them, whatever happens to what they ask."""

from simulator.scenario.model import Scenario
from tests.differential.pool_scenarios import TOKENS as POOL_TOKENS
from tests.differential.pool_scenarios import pool
from tests.differential.scenarios import TOKENS, TWO_REGIONS, exponential, lognormal, model, scenario_of

CHANGE_S = (
    3 * 3600.0
)  # from Monday 00:00, when half as many are at work, and an hour later three times as many


def office() -> Scenario:
    """Tenants with quotas, users who give up or ask again, and a surge; whose number also follows the clock."""
    hours = [1.0] * 3 + [0.5] + [1.5] + [1.0] * 19
    steps = [{"validate": {"reject": 0.05}}, {"generate": "answer"}]
    return scenario_of(
        **TWO_REGIONS,
        workloads=[
            {
                "name": "desk", "clients": {"east": 21, "west": 6}, "profile": [hours] * 7, "timeout": 6.0,
                "think_time": lognormal(5.0, 0.9), "steps": steps, "turns": {"mean": 1.6, "think_time": 2.0},
                "asks_again": {"share": 0.5, "after": 4.0}, "limits": {"rpm": 60},
                "tenants": {"acme": {"share": 0.7}, "rest": {"share": 0.3, "limits": {"max_parallel_requests": 1}}},
                **TOKENS,
            },
            {"name": "others", "arrival_rate": 1.0, "steps": [{"generate": "answer"}], **TOKENS},
        ],
        model_list=[model("large", 0.6, 0.012, 30.0, rpm=200)],
        routes={"answer": {"choose": ["large"], "num_retries": 1, "per_try_timeout": 3.1}},
        incidents=[{"name": "wild", "kind": "surge", "workload": "desk", "factor": 3, "start": 40, "duration": 25}],
    )  # fmt: skip


def benchmark() -> Scenario:
    """So many clients that think of nothing keep one replica full."""
    return scenario_of(
        workloads=[{"name": "bench", "clients": 24, "steps": [{"generate": "own"}], **POOL_TOKENS}],
        model_list=[pool("own", max_num_seqs=16)],
    )


def conversations() -> Scenario:
    """Turns with cached prefixes, as an internal tool has them, at a stage that lets in half of its users."""
    turns = {"distribution": "geometric", "mean": 3.0, "think_time": 4.0}
    chat = {"name": "chat", "clients": 24, "think_time": exponential(3.0), "turns": turns}
    return scenario_of(
        workloads=[chat | {"steps": [{"generate": "own"}], **POOL_TOKENS}],
        model_list=[pool("own", kv_cache_tokens=20_000, max_model_len=6_000)],
        stages=[{"name": "half", "duration": "4w", "exposure": "50%"}],
    )


def two_streams_at_once() -> Scenario:
    """Two workloads whose clients all come in the first instant: one of each in turn stands in line."""
    steps = [{"call": "desk"}]
    return scenario_of(
        workloads=[
            {
                "name": name,
                "clients": 8,
                "think_time": {"distribution": "constant", "value": 3.0},
                "steps": steps,
            }
            for name in ("one", "other")
        ],
        services={
            "desk": {
                "replicas": 2,
                "max_ongoing_requests": 1,
                "service_time": {"distribution": "constant", "value": 0.7},
            }
        },
    )


def kept_away() -> Scenario:
    """Half of the clients stay away until the tenth second."""
    one_each = {
        "replicas": 2,
        "max_ongoing_requests": 1,
        "service_time": {"distribution": "constant", "value": 0.7},
    }
    pause = {"distribution": "constant", "value": 12.0}
    return scenario_of(
        workloads=[{"name": "one", "clients": 8, "think_time": pause, "steps": [{"call": "desk"}]}],
        services={"desk": one_each},
        incidents=[{"name": "quiet", "kind": "surge", "factor": 0.5, "every": 40.0, "duration": 30.0}],
    )
