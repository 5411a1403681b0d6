"""Scenarios of several regions that the engine and the reference both run: who serves whom, and what is down."""

from simulator.scenario.model import Scenario
from tests.differential.scenarios import TOKENS, exponential, gamma, lognormal, model, scenario_of

FAR_AND_WIDE = {
    "regions": {
        "north": {"residency": "A"},
        "south": {"residency": "A"},
        "island": {"residency": "B"},
        "sea": {},
    },
    "network": {
        "rtt": {
            "north": {"south": 0.0311, "island": 0.0703, "sea": 0.0217},
            "south": {"island": 0.0507, "sea": 0.0801},
            "island": {"sea": 0.0409},
        },
        "local": 0.0021,
        "jitter": gamma(0.013, 0.8),
        "region_policy": "spill-over",
        "spill_over_at": 0.7,
        "region_weights": {"north": 3.0, "sea": 1.0},
    },
    "data_residency": {"A": ["A"], "B": ["B", "A"]},
}


def with_rules() -> Scenario:
    """Users whose data may not go everywhere, every policy of regions, a team that overflows in two ways."""
    desk = {
        "max_ongoing_requests": 2,
        "max_queued_requests": 4,
        "service_time": gamma(0.6, 0.9),
        "error_rate": 0.1,
    }
    retried = {"num_retries": 1, "failover_after": 1}
    steps = [
        {"call": "desk"},
        {"call": "shared"},
        {"call": "spread"},
        {"generate": "answer"},
        {"review": {"team": "agents", "sample": 0.1, "when": ["low_confidence", "exhausted"]}},
        {"generate": "stairs"},
        {"review": {"team": "locals", "sample": 0.1, "when": ["low_confidence", "exhausted"]}},
    ]
    people = {"handle_time": lognormal(15.0, 0.7), "patience": exponential(60.0)}
    return scenario_of(
        **FAR_AND_WIDE,
        workloads=[
            {
                "name": "ask",
                "arrival_rate": {"north": 1.1, "south": 0.4, "island": 0.6, "sea": 0.5},
                **TOKENS,
                "steps": steps,
            }
        ],
        services={
            "desk": desk,
            "counter": {**desk, "regions": ["island", "sea"]},
            "hall": {**desk, "rate_limit": 0.9, "burst": 3},
        },
        model_list=[
            model("small", 0.3, 0.006, 0.3, regions=["island", "sea"], error_rate=0.1, success_rate=0.8),
            model("middle", 0.5, 0.009, 1.0, max_parallel_requests=3, success_rate=0.9),
            model("large", 0.9, 0.014, 3.0, rpm=60, regions=["north", "island"], success_rate=0.95),
        ],
        routes={
            "shared": {
                "choose": ["counter", "hall", "desk"],
                "region_policy": "least-loaded",
                "fallbacks": ["hall"],
            },
            "spread": {"choose": ["counter"], "fallbacks": ["counter", "hall"], "region_policy": "weighted"},
            "answer": {
                "routing_strategy": "power-of-two",
                "choose": ["small", "middle", "large"],
                "fallbacks": ["human"],
                "region_policy": "nearest",
                **retried,
            },
            "stairs": {
                "routing_strategy": "cascade",
                "choose": ["small", "middle", "small", "large"],
                "confidence": {"flags_right": 0.4, "flags_wrong": 0.7},
                "fallbacks": ["human"],
                **retried,
            },
        },
        teams={
            "agents": {
                **people,
                "staff": {"north": 0, "south": 2, "island": 2, "sea": 3},
                "overflow": True,
                "overflow_above": 2,
            },
            "locals": {**people, "staff": {"island": 2, "sea": 1, "south": 2}, "overflow": ["sea", "south"]},
        },
    )


def failing_over() -> Scenario:
    """A region, a service and a cache that go down and come back, noticed late, by some users later than by others."""
    ask = {
        "name": "ask",
        "arrival_rate": {"north": 1.6, "south": 0.7, "island": 0.5},
        **TOKENS,
        "popularity": {"exponent": 0.7, "items": 90},
        "timeout": 9.3,
        "steps": [{"cache": "answers"}, {"call": "desk"}, {"generate": "answer"}, {"call": "spread"}],
    }
    outages = [(61.3, 80.0), (190.7, 9.7), (260.9, 37.0), (330.1, 55.0)]
    return scenario_of(
        regions={"north": {"residency": "A"}, "south": {"residency": "A"}, "island": {"residency": "B"}},
        network={
            "rtt": {"north": {"south": 0.0311, "island": 0.0703}, "south": {"island": 0.0507}},
            "local": 0.0021,
            "region_policy": "failover",
            "health_check": {"interval": 5.13, "failures": 3, "successes": 2, "ttl": 41.0},
        },
        data_residency={"A": ["A"]},
        workloads=[ask],
        caches={"answers": {"type": "exact", "size": 40, "ttl": 60.0, "latency": 0.01, "start": "cold"}},
        services={
            "desk": {"max_ongoing_requests": 4, "max_queued_requests": 6, "service_time": gamma(0.4, 0.9)},
            "hall": {"max_ongoing_requests": 2, "max_queued_requests": 3, "service_time": gamma(0.5, 0.9)},
        },
        model_list=[
            model("small", 0.3, 0.006, 0.3, max_parallel_requests=6),
            model("large", 0.9, 0.012, 3.0, regions=["south", "island"]),
        ],
        routes={
            "answer": {
                "routing_strategy": "least-busy",
                "choose": ["small", "large"],
                "fallbacks": ["cached-answer"],
                "num_retries": 1,
                "failover_after": 1,
            },
            "spread": {"choose": ["hall"], "region_policy": "least-loaded", "num_retries": 1},
        },
        incidents=[
            {"name": f"loss-{start:g}", "kind": "outage", "region": "north", "start": start, "duration": span}
            for start, span in outages
        ]
        + [
            {
                "name": "desk",
                "kind": "outage",
                "target": "desk",
                "region": "south",
                "start": 270.3,
                "duration": 60.0,
            },
            {
                "name": "cache",
                "kind": "outage",
                "target": "answers",
                "region": "island",
                "start": 40.9,
                "duration": 90.0,
            },
        ],
    )
