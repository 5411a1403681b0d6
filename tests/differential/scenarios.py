"""Small scenarios, from one queue to everything at once, that the engine and the reference both run."""

from typing import Any

from simulator.scenario.model import Scenario


def exponential(mean: float) -> dict[str, Any]:
    """Memoryless, by its mean."""
    return {"distribution": "exponential", "mean": mean}


def lognormal(mean: float, cv: float) -> dict[str, Any]:
    """Right-skewed."""
    return {"distribution": "lognormal", "mean": mean, "cv": cv}


def gamma(mean: float, cv: float) -> dict[str, Any]:
    """By mean and coefficient of variation."""
    return {"distribution": "gamma", "mean": mean, "cv": cv}


def model(name: str, ttft_s: float, tpot_s: float, usd: float = 1.0, **values: Any) -> dict[str, Any]:
    """A hosted model with a price of its own."""
    return {
        "model_name": name,
        "provider": "own",
        "model": name,
        "prices": {"input": usd, "output": 4.0 * usd},
        "ttft": lognormal(ttft_s, 0.8),
        "tpot": gamma(tpot_s, 0.3),
        **values,
    }


_TOKENS = {"prompt_tokens": lognormal(600.0, 1.0), "output_tokens": gamma(90.0, 0.7)}
_TWO_REGIONS = {
    "regions": {"east": {}, "west": {}},
    "network": {"rtt": {"east": {"west": 0.0703}}, "local": 0.0021},
}


def _of(**parts: Any) -> Scenario:
    return Scenario.model_validate({"metadata": {"name": "differential"}, **parts})


def many_servers() -> Scenario:
    """M/M/c."""
    return _of(
        workloads=[{"name": "ask", "arrival_rate": 7.2, "steps": [{"call": "desk"}]}],
        services={"desk": {"max_ongoing_requests": 8, "service_time": exponential(1.0)}},
    )


def a_stage_of_the_day() -> Scenario:
    """The same for some of the users, while demand follows the clocks of two regions."""
    ask = {"name": "ask", "arrival_rate": 5.0, "profile": "office-hours", "steps": [{"call": "desk"}]}
    return _of(
        regions={"east": {"timezone": "America/New_York"}, "west": {"timezone": "Asia/Kolkata"}},
        workloads=[ask],
        services={"desk": {"max_ongoing_requests": 3, "service_time": exponential(1.0)}},
        stages=[{"name": "pilot", "duration": "4w", "exposure": {"east": 0.4, "west": 0.7}}],
    )


def bursts_and_priorities() -> Scenario:
    """G/G/c with a bounded queue, impatience, two classes, every kind of distribution."""
    steps = [{"call": "desk"}, {"call": "shelf"}, {"call": "door"}]
    quantiles = {"distribution": "empirical", "quantiles": {0: 0.05, 0.5: 0.3, 0.9: 0.8, 1: 4.0}}
    return _of(
        workloads=[
            {"name": "ask", "arrival_rate": 2.5, "burstiness": 2.0, "steps": steps},
            {"name": "sort", "arrival_rate": 2.0, "burstiness": 0.6, "steps": steps, "priority": "batch"},
        ],
        services={
            "desk": {
                "replicas": 2,
                "max_ongoing_requests": 1,
                "max_queued_requests": 12,
                "service_time": quantiles,
                "patience": exponential(6.0),
                "error_rate": 0.05,
            },
            "shelf": {
                "service_time": {"distribution": "uniform", "low": 0.1, "high": 0.6},
                "rate_limit": 4.0,
                "burst": 6,
            },
            "door": {"max_ongoing_requests": 3, "service_time": {"distribution": "constant", "value": 0.61}},
        },
    )


def retries_of_a_service() -> Scenario:
    """A route over two services that sheds, errs and is slow: per-try and whole time-outs, jittered backoff."""
    route = {
        "routing_strategy": "least-busy",
        "choose": ["first", "second"],
        "fallbacks": ["spare"],
        "timeout": 4.0,
        "per_try_timeout": 1.1,
        "num_retries": 2,
        "backoff": {"base": 0.2, "factor": 3.0, "max": 1.0, "jitter": "full"},
        "failover_after": 1,
    }
    desk = {
        "max_ongoing_requests": 2,
        "max_queued_requests": 3,
        "service_time": gamma(0.55, 1.2),
        "error_rate": 0.08,
    }
    return _of(
        **_TWO_REGIONS,
        workloads=[{"name": "ask", "arrival_rate": 3.9, "timeout": 5.2, "steps": [{"call": "desks"}]}],
        services={
            "first": desk,
            "second": {**desk, "regions": ["west"]},
            "spare": {"max_ongoing_requests": 1, "max_queued_requests": 0, "service_time": exponential(0.4)},
        },
        routes={"desks": route},
    )


def strategies() -> Scenario:
    """Every strategy, each on a route of its own over the same three limited models."""
    names = [
        "simple-shuffle",
        "least-busy",
        "power-of-two",
        "usage-based-routing",
        "latency-based-routing",
        "cost-based-routing",
        "cascade",
        "complexity",
    ]
    common = {"num_retries": 1, "backoff": {"base": 0.15, "jitter": "equal"}, "per_try_timeout": 3.0}
    workloads = [
        {
            "name": f"by-{name}",
            "arrival_rate": 0.55,
            **_TOKENS,
            "complexity": {"easy": 0.6, "hard": 0.4},
            "steps": [{"generate": name}],
        }
        for name in names
    ]
    by_class = {"easy": "small", "hard": "large"}
    routes = {
        name: {
            "routing_strategy": name,
            "choose": by_class if name == "complexity" else ["small", "middle", "large"],
            **common,
        }
        for name in names
    }
    small = model("small", 0.2, 0.006, 0.2, weight=3.0, rpm=100, error_rate=0.04, success_rate=0.7)
    rates = {"easy": 0.95, "hard": 0.8}
    return _of(
        **_TWO_REGIONS,
        workloads=workloads,
        model_list=[
            small,
            model("middle", 0.35, 0.009, 0.6, tpm=120_000, success_rate=rates),
            model("large", 0.6, 0.015, 2.0, max_parallel_requests=9, regions=["west"], success_rate=rates),
        ],
        routes=routes,
    )


def conversations_with_a_cache() -> Scenario:
    """Turns whose context grows, an exact and a semantic cache with LRU and TTL, a measured one, stale answers."""
    route = {
        "choose": ["small"],
        "fallbacks": ["cached-answer", "large"],
        "num_retries": 1,
        "max_context_tokens": 1500,
    }
    popularity = {"exponent": 0.8, "items": 60, "phrasings": 3}
    workload = {
        "arrival_rate": 1.2,
        **_TOKENS,
        "popularity": popularity,
        "turns": {"mean": 2.2, "think_time": 4.0},
        "timeout": 9.0,
    }
    return _of(
        **_TWO_REGIONS,
        workloads=[
            {
                "name": "chat",
                **workload,
                "steps": [
                    {"cache": "words"},
                    {"cache": "meanings"},
                    {"call": "search"},
                    {"generate": "answer"},
                    {"call": "search"},
                ],
            },
            {
                "name": "notes",
                **workload,
                "turns": {"distribution": "constant", "mean": 2, "think_time": 1.5},
                "steps": [{"cache": "meanings"}, {"generate": "answer"}],
            },
            {
                "name": "lists",
                "arrival_rate": {"west": 1.4},
                "steps": [{"cache": "measured"}, {"call": "search"}, {"call": "search"}],
            },
        ],
        caches={
            "words": {"type": "exact", "size": 40, "ttl": 90.0, "start": "cold", "latency": 0.004},
            "meanings": {
                "type": "semantic",
                "size": 25,
                "ttl": 45.0,
                "scope": "global",
                "false_hit": 0.04,
                "start": "cold",
            },
            "measured": {"type": "measured", "hit_rate": 0.4, "latency": 0.013, "false_hit": 0.1},
        },
        services={
            "search": {"max_ongoing_requests": 4, "service_time": gamma(0.08, 0.5), "context_tokens": 400}
        },
        model_list=[
            model("small", 0.3, 0.008, rpm=55, error_rate=0.1, success_rate=0.85),
            model("large", 0.8, 0.014, tpm=90_000, regions=["east"], success_rate=0.95),
        ],
        routes={"answer": route},
    )


def people() -> Scenario:
    """Unsure and missing answers go to people who may keep the user waiting too long; some answers are sampled."""
    return _of(
        **_TWO_REGIONS,
        workloads=[
            {
                "name": "ask",
                "arrival_rate": {"east": 1.1, "west": 0.7},
                **_TOKENS,
                "turns": {"mean": 1.5, "think_time": 3.0},
                "timeout": 14.0,
                "steps": [
                    {"generate": "answer"},
                    {"review": {"team": "agents", "sample": 0.2, "when": ["low_confidence", "exhausted"]}},
                    {"call": "record"},
                ],
            }
        ],
        services={"record": {"service_time": exponential(0.3), "error_rate": 0.1}},
        model_list=[
            model("small", 0.4, 0.009, rpm=50, error_rate=0.15, success_rate=0.8),
            model("large", 0.9, 0.015, rpm=20, success_rate=0.93),
        ],
        routes={
            "answer": {
                "routing_strategy": "cascade",
                "choose": ["small", "large"],
                "fallbacks": ["human"],
                "timeout": 6.07,
            }
        },
        teams={
            "agents": {
                "staff": {"east": 9},
                "handle_time": lognormal(12.0, 0.7),
                "patience": exponential(25.0),
                "success_rate": 0.85,
            }
        },
        slos=[
            {"name": "latency", "indicator": "latency", "objective": "p(95) < 3s"},
            {"name": "ttft", "indicator": "ttft", "objective": "p(95) < 1s", "workload": "ask"},
        ],
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
    return _of(
        **_TWO_REGIONS,
        workloads=[
            {
                "name": "tickets",
                "arrival_rate": {"east": 1.6, "west": 1.1},
                "burstiness": 1.6,
                **_TOKENS,
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
                **_TOKENS,
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
            model("small", 0.4, 0.011, 0.3, rpm=60, error_rate=0.05, success_rate={"easy": 0.9, "hard": 0.6}),
            model("middle", 0.5, 0.012, 1.0, max_parallel_requests=1, success_rate=0.9),
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


def everything_controlled() -> Scenario:
    """Everything, with a control plane: a pool that scales itself, shifts, exposure, caches that were there before."""
    parts = everything().model_dump(mode="json", by_alias=True)
    parts["caches"]["answers"]["start"] = "warm"
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
