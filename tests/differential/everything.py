"""All mechanisms at once, that the engine and the reference both run; and with a control plane on top."""

from simulator.scenario.model import Scenario
from tests.differential.scenarios import (
    TOKENS,
    TWO_REGIONS,
    exponential,
    gamma,
    lognormal,
    model,
    scenario_of,
)


def everything() -> Scenario:
    """All mechanisms at once, in two regions, beyond capacity."""
    answer = {
        "routing_strategy": "complexity",
        "choose": {"easy": "small", "hard": "large"},
        "fallbacks": ["middle", "cached-answer", "human"],
        "timeout": 5.9,
        "per_try_timeout": 3.3,
        "num_retries": 1,
        "retry_on": ["timeout", "rate_limit", "error"],
        "backoff": {"base": 0.25, "factor": 2.0, "max": 0.8, "jitter": "full"},
        "failover_after": 1,
        "max_context_tokens": 4000,
        "confidence": {"flags_wrong": 0.6, "flags_right": 0.05},
    }
    records = {
        "choose": ["crm", "archive"],
        "num_retries": 1,
        "per_try_timeout": 1.4,
        "backoff": {"base": 0.11, "jitter": "none"},
    }
    return scenario_of(
        **TWO_REGIONS,
        workloads=[
            {
                "name": "tickets",
                "arrival_rate": {"east": 1.6, "west": 1.1},
                "burstiness": 1.6,
                **TOKENS,
                "turns": {"mean": 1.7, "think_time": 5.0},
                "complexity": {"easy": 0.7, "hard": 0.3},
                "popularity": {"exponent": 0.9, "items": 150, "phrasings": 2},
                "timeout": 7.4,
                "steps": [
                    {"validate": {"reject": 0.03, "latency": 0.005}},
                    {"cache": "answers"},
                    {"call": "search"},
                    {"generate": "answer"},
                    {
                        "review": {
                            "team": "agents",
                            "sample": 0.05,
                            "when": ["low_confidence", "exhausted"],
                        }
                    },
                    {"call": "records"},
                ],
            },
            {
                "name": "calls",
                "arrival_rate": {"west": 0.9},
                "priority": "batch",
                **TOKENS,
                "complexity": {"hard": 1.0},
                "steps": [{"call": "search"}, {"generate": "bulk"}],
            },
        ],
        caches={
            "answers": {
                "type": "semantic",
                "size": 60,
                "ttl": 25.0,
                "latency": 0.02,
                "false_hit": 0.03,
                "start": "cold",
            }
        },
        services={
            "search": {
                "max_ongoing_requests": 2,
                "max_queued_requests": 10,
                "service_time": gamma(0.5, 0.9),
                "patience": exponential(4.0),
                "context_tokens": 700,
                "error_rate": 0.01,
            },
            "crm": {
                "regions": ["east"],
                "rate_limit": 1.2,
                "burst": 5,
                "service_time": lognormal(0.4, 1.2),
                "error_rate": 0.05,
            },
            "archive": {"max_ongoing_requests": 1, "max_queued_requests": 2, "service_time": gamma(0.7, 0.6)},
        },
        model_list=[
            model("small", 0.4, 0.011, 0.3, rpm=60, error_rate=0.05, success_rate={"easy": 0.9, "hard": 0.6})
            | {"grounded": {"right": 0.97, "wrong": 0.5}},
            model("middle", 0.5, 0.012, 1.0, max_parallel_requests=1, success_rate=0.9)
            | {"prices": {"input": 1.0, "output": 4.0, "long": {"above": 900, "input": 2.0, "output": 5.0}}},
            model(
                "large",
                0.9,
                0.022,
                3.0,
                tpm={"east": 30_000, "west": 45_000},
                regions=["east", "west"],
                success_rate={"easy": 0.98, "hard": 0.92},
            ),
        ],
        routes={
            "answer": answer,
            "records": records,
            "bulk": {
                "routing_strategy": "cost-based-routing",
                "choose": ["large", "small"],
                "num_retries": 4,
                "timeout": 3.0,
                "backoff": {"base": 0.4, "jitter": "equal"},
            },
        },
        teams={
            "agents": {
                "staff": {"east": 4, "west": 3},
                "handle_time": lognormal(20.0, 0.6),
                "patience": gamma(30.0, 0.5),
                "success_rate": 0.9,
            }
        },
        slos=[{"name": "latency", "indicator": "latency", "objective": "p(95) < 4s"}],
    )


def everything_controlled(start: str = "warm") -> Scenario:
    """Everything, with a control plane: a pool that scales itself, shifts, exposure, caches that were there before."""
    parts = everything().model_dump(mode="json", by_alias=True, exclude_unset=True)
    parts["caches"]["answers"]["start"] = start
    parts["services"]["search"]["autoscaling"] = {
        "max_replicas": 4,
        "target_ongoing_requests": 1.5,
        "upscale_delay": 4.0,
        "downscale_delay": 9.0,
        "look_back_period": 6.0,
        "metrics_interval": 1.7,
        "startup_delay": 3.1,
    }
    parts["teams"]["agents"]["shifts"] = [
        {"start_hour": 8, "end_hour": 16, "share": 1.0},
        {"start_hour": 16, "end_hour": 8, "share": 0.5},
    ]
    parts["stages"] = [{"name": "pilot", "duration": 4 * 604800.0, "exposure": {"east": 0.9, "west": 0.8}}]
    return Scenario.model_validate(parts)


def everything_controlled_and_cold() -> Scenario:
    """The same with caches that begin empty."""
    return everything_controlled("cold")
