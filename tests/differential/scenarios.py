"""Small scenarios, each about a few mechanisms, that the engine and the reference both run."""

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


TOKENS = {"prompt_tokens": lognormal(600.0, 1.0), "output_tokens": gamma(90.0, 0.7)}
TWO_REGIONS = {
    "regions": {"east": {}, "west": {}},
    "network": {"rtt": {"east": {"west": 0.0703}}, "local": 0.0021},
}


def scenario_of(**parts: Any) -> Scenario:
    """A scenario with a name."""
    return Scenario.model_validate({"metadata": {"name": "differential"}, **parts})


def many_servers() -> Scenario:
    """M/M/c."""
    return scenario_of(
        workloads=[{"name": "ask", "arrival_rate": 7.2, "steps": [{"call": "desk"}]}],
        services={"desk": {"max_ongoing_requests": 8, "service_time": exponential(1.0)}},
    )


def a_stage_of_the_day() -> Scenario:
    """The same for some of the users, while demand follows the clocks of two regions."""
    ask = {"name": "ask", "arrival_rate": 5.0, "profile": "office-hours", "steps": [{"call": "desk"}]}
    return scenario_of(
        regions={"east": {"timezone": "America/New_York"}, "west": {"timezone": "Asia/Kolkata"}},
        workloads=[ask],
        services={"desk": {"max_ongoing_requests": 3, "service_time": exponential(1.0)}},
        stages=[{"name": "pilot", "duration": "4w", "exposure": {"east": 0.4, "west": 0.7}}],
    )


def bursts_and_priorities() -> Scenario:
    """G/G/c with a bounded queue, impatience, two classes, every kind of distribution."""
    steps = [{"call": "desk"}, {"call": "shelf"}, {"call": "door"}]
    quantiles = {"distribution": "empirical", "quantiles": {0: 0.05, 0.5: 0.3, 0.9: 0.8, 1: 4.0}}
    return scenario_of(
        workloads=[
            {"name": "ask", "arrival_rate": 2.5, "burstiness": 1.5, "steps": steps},
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
    return scenario_of(
        **TWO_REGIONS,
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
            **TOKENS,
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
    return scenario_of(
        **TWO_REGIONS,
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
        **TOKENS,
        "popularity": popularity,
        "turns": {"mean": 2.2, "think_time": 4.0},
        "timeout": 9.0,
    }
    return scenario_of(
        **TWO_REGIONS,
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


def drafts() -> Scenario:
    """People decide on drafts of one class, take some of another over, and wrong answers come back."""
    first = people().workloads[0].model_dump(by_alias=True, exclude_unset=True)
    review = {"team": "agents", "before": 0.6, "of": ["complex", "odd"], "draft": True, "sample": 0.1}
    taken = {"team": "agents", "before": 0.3, "of": "simple", "when": ["low_confidence", "exhausted"]}
    ask = first | {
        "complexity": {"simple": 0.5, "complex": 0.3, "odd": 0.2},
        "asks_again": {"wrong": 0.7, "share": 0.4, "after": 4.0, "max": 7},
        "steps": [
            {"generate": "answer"},
            {"review": review | {"when": ["low_confidence"]}},
            {"call": "record"},
            {"review": taken},
        ],
    }
    given = people().model_dump(by_alias=True, exclude_unset=True)
    agents = given["teams"]["agents"] | {
        "staff": {"east": 14},
        "overrides": {"wrong": 0.8, "right": 0.1},
        "drafts": {"approve": exponential(3.0), "change": lognormal(9.0, 0.5), "rejected": 0.4},
    }
    return Scenario.model_validate(given | {"workloads": [ask], "teams": {"agents": agents}})


def people() -> Scenario:
    """Unsure and missing answers go to people who may keep the user waiting too long; some answers are sampled."""
    return scenario_of(
        **TWO_REGIONS,
        workloads=[
            {
                "name": "ask",
                "arrival_rate": {"east": 1.1, "west": 0.7},
                **TOKENS,
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


def languages() -> Scenario:
    """Users of several languages: longer texts, worse answers, caches of their own; people who do not see every fault."""
    ask = {
        "arrival_rate": {"east": 1.6, "west": 1.3, "south": 0.6},
        **TOKENS,
        "popularity": {"exponent": 0.9, "items": 30, "phrasings": 2},
        "turns": {"mean": 1.6, "think_time": 3.0},
    }
    review = {"team": "agents", "sample": 0.4, "when": ["low_confidence"]}
    by_class = {"simple": 0.85, "easy": 0.9, "hard": 0.6, "none": 0.5, "odd": 0.3}
    return scenario_of(
        regions={
            "east": {"languages": {"en": 0.7, "es": 0.3}},
            "west": {"languages": {"de": 0.5, "fr": 0.2, "en": 0.3, "it": 0.0}},
            "south": {},
        },
        network={"rtt": {"east": {"west": 0.0703}}, "default": 0.151, "local": 0.0021},
        languages={
            "de": {"token_factor": 1.35, "success_factor": 0.9},
            "fr": {"token_factor": 1.3},
            "es": {"success_factor": 0.6},
        },
        workloads=[
            {
                "name": "chat",
                **ask,
                "complexity": {"easy": 0.5, "hard": 0.3, "none": 0.0, "odd": 0.2},
                "steps": [
                    {"cache": "words"},
                    {"cache": "meanings"},
                    {"generate": "answer"},
                    {"review": review},
                ],
            },
            {
                "name": "notes",
                **ask,
                "system_prompt_tokens": 200,
                "steps": [{"cache": "meanings"}, {"generate": "answer"}],
            },
        ],
        caches={
            "words": {"type": "exact", "size": 20, "start": "cold"},
            "meanings": {"type": "semantic", "size": 25, "ttl": 45.0, "scope": "global", "start": "cold"},
        },
        model_list=[
            model("small", 0.4, 0.009, success_rate=by_class, grounded={"right": 0.95, "wrong": 0.5}),
            model("large", 0.9, 0.015, tpm=70_000, success_rate=0.93, grounded={"wrong": 0.3})
            | {"success_by_language": {"es": 0.9, "en": 0.97}},
        ],
        routes={
            "answer": {
                "routing_strategy": "cascade",
                "choose": ["small", "large"],
                "confidence": {"flags_wrong": 0.3, "flags_right": 0.05, "flags_ungrounded": 0.7},
            }
        },
        teams={
            "agents": {
                "staff": {"east": 9},
                "handle_time": lognormal(9.0, 0.7),
                "success_rate": 0.85,
                "overrides": {"wrong": 0.8, "right": 0.1},
            }
        },
    )
