"""Scenarios whose routes, services and workloads protect themselves, each about a few ways to."""

from typing import Any

from simulator.mechanisms.incidents.losses import ReplicaLoss
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

_DESK = {"max_ongoing_requests": 2, "max_queued_requests": 6, "service_time": gamma(0.5, 1.2)}


def breakers_and_budgets() -> Scenario:
    """Targets that fail by turns: breakers on errors and on slow calls, a retry budget, jittered backoff."""
    route = {
        "routing_strategy": "simple-shuffle",
        "choose": ["first", "second", "third"],
        "fallbacks": ["spare"],
        "per_try_timeout": 1.7,
        "num_retries": 3,
        "backoff": {"base": 0.15, "jitter": "full"},
        "retry_budget": {"share": 0.3, "burst": 4},
        "circuit_breaker": {
            "error_rate": 0.35,
            "slow_rate": 0.5,
            "slow_call": 0.9,
            "min_calls": 6,
            "window": 7.0,
            "cooldown": 3.1,
            "probes": 2,
        },
    }
    return scenario_of(
        **TWO_REGIONS,
        workloads=[{"name": "ask", "arrival_rate": 3.4, "timeout": 6.1, "steps": [{"call": "desks"}]}],
        services={
            "first": {**_DESK, "error_rate": 0.3},
            "second": {**_DESK, "error_rate": 0.2, "regions": ["west"]},
            "third": {**_DESK, "error_rate": 0.4, "service_time": gamma(0.8, 0.9)},
            "spare": {"max_ongoing_requests": 3, "max_queued_requests": 4, "service_time": exponential(0.4)},
        },
        routes={"desks": route},
    )


def ejections_and_limits() -> Scenario:
    """Outlier ejection, an adaptive and a fixed limit on tries in flight, over every way to choose."""
    names = ["simple-shuffle", "least-busy", "power-of-two", "usage-based-routing", "latency-based-routing"]
    protections: list[dict[str, Any]] = [
        {
            "outlier_detection": {
                "consecutive_errors": 2,
                "base_ejection_time": 4.3,
                "max_ejection_percent": 0.7,
            }
        },
        {"max_parallel_requests": 2},
        {"adaptive_concurrency": {"initial": 3, "max": 9, "latency": 0.7, "backoff_ratio": 0.7}},
        {
            "outlier_detection": {"consecutive_errors": 1, "base_ejection_time": 2.9},
            "max_parallel_requests": 3,
        },
        {"circuit_breaker": {"error_rate": 0.2, "min_calls": 3, "window": 9.0, "cooldown": 2.3, "probes": 1}},
    ]
    routes = {
        name: {
            "routing_strategy": name,
            "choose": ["first", "second", "third"],
            "num_retries": 2,
            "backoff": {"base": 0.2, "jitter": "equal"},
            "failover_after": 1 if name == "power-of-two" else None,
            **protection,
        }
        for name, protection in zip(names, protections, strict=True)
    }
    service = {"max_ongoing_requests": 3, "max_queued_requests": 4, "error_rate": 0.15}
    return scenario_of(
        **TWO_REGIONS,
        workloads=[{"name": f"by-{name}", "arrival_rate": 1.1, "steps": [{"call": name}]} for name in names],
        services={
            "first": {**service, "service_time": gamma(0.5, 0.8)},
            "second": {**service, "service_time": lognormal(0.7, 1.1)},
            "third": {**service, "service_time": exponential(0.9), "regions": ["east"]},
        },
        routes=routes,
    )


def second_tries() -> Scenario:
    """Hedges after a time and after a percentile: to another model, to the next region, from a cascade."""
    common = {"per_try_timeout": 4.1, "num_retries": 1, "backoff": {"base": 0.3, "jitter": "full"}}
    routes = {
        "beside": {"choose": ["small", "middle"], "hedge": {"after": 0.9, "max": 0.6, "burst": 30}, **common},
        "afar": {"choose": ["small"], "hedge": {"after": "p90", "max": 0.3}, **common},
        "rising": {
            "routing_strategy": "cascade",
            "choose": ["small", "large"],
            "hedge": {"after": 0.7, "max": 0.5, "burst": 20},
            "circuit_breaker": {"error_rate": 0.3, "min_calls": 5, "window": 12.0, "cooldown": 5.3},
            **common,
        },
        "desks": {
            "routing_strategy": "least-busy",
            "choose": ["desk", "shelf"],
            "hedge": {"after": "p50", "max": 0.8, "burst": 15},
            "timeout": 2.7,
            "num_retries": 1,
        },
    }
    workloads = [
        {"name": f"by-{name}", "arrival_rate": 0.8, **TOKENS, "timeout": 7.3, "steps": [{"generate": name}]}
        for name in ("beside", "afar", "rising")
    ]
    workloads.append({"name": "by-desks", "arrival_rate": 1.6, "timeout": 3.7, "steps": [{"call": "desks"}]})
    return scenario_of(
        **TWO_REGIONS,
        workloads=workloads,
        model_list=[
            model("small", 0.5, 0.008, rpm=90, error_rate=0.1, success_rate=0.8),
            model("middle", 0.6, 0.009, tpm=150_000, error_rate=0.05, success_rate=0.9),
            model("large", 0.9, 0.014, max_parallel_requests=8, success_rate=0.95),
        ],
        services={
            "desk": {
                "max_ongoing_requests": 2,
                "service_time": gamma(0.6, 1.3),
                "error_rate": 0.1,
                "patience": exponential(1.5),
            },
            "shelf": {
                "max_ongoing_requests": 2,
                "max_queued_requests": 3,
                "service_time": lognormal(0.8, 1.0),
                "cancellation": False,
            },
        },
        routes=routes,
    )


def work_for_nobody() -> Scenario:
    """Services that do not notice who has given up, age out, favour the interactive, and learn deadlines."""
    desk = {"max_ongoing_requests": 2, "max_queued_requests": 9, "service_time": gamma(0.8, 0.9)}
    routes = {
        "plain": {"choose": ["desk"], "per_try_timeout": 1.9, "num_retries": 2, "backoff": {"base": 0.11}},
        "told": {
            "choose": ["told-desk"],
            "timeout": 4.3,
            "per_try_timeout": 1.7,
            "num_retries": 2,
            "propagate_deadline": True,
        },
        "ask": {"choose": ["small"], "timeout": 3.1, "propagate_deadline": True},
    }
    steps = [{"call": "plain"}, {"call": "told"}]
    return scenario_of(
        **TWO_REGIONS,
        workloads=[
            {"name": "ask", "arrival_rate": 0.9, "timeout": 8.3, "steps": steps},
            {"name": "sort", "arrival_rate": 0.7, "timeout": 6.7, "steps": steps, "priority": "batch"},
            {
                "name": "write",
                "arrival_rate": 0.6,
                **TOKENS,
                "timeout": 2.9,
                "steps": [{"generate": "ask"}],
            },
        ],
        services={
            "desk": {**desk, "cancellation": False, "batch_queue_share": 0.4, "max_queue_wait": 2.3},
            "told-desk": {**desk, "cancellation": False, "max_queued_requests": 5},
        },
        model_list=[model("small", 0.9, 0.012)],
        routes=routes,
    )


def users_who_come_back() -> Scenario:
    """Limits of workloads, users who ask again, and rules that answer when no model does."""
    return scenario_of(
        **TWO_REGIONS,
        workloads=[
            {
                "name": "chat",
                "arrival_rate": 1.1,
                **TOKENS,
                "turns": {"mean": 1.6, "think_time": 2.0},
                "timeout": 3.3,
                "limits": {"tpm": 40_000},
                "asks_again": {"share": 0.7, "after": 5.0, "max": 3},
                "steps": [{"validate": {"reject": 0.05}}, {"generate": "answer"}],
            },
            {
                "name": "notes",
                "arrival_rate": 0.9,
                **TOKENS,
                "complexity": {"easy": 0.6, "hard": 0.4},
                "limits": {"rpm": 40, "max_parallel_requests": 4},
                "asks_again": {"share": 0.5, "after": 9.0, "max": 1},
                "steps": [{"generate": "answer"}, {"call": "record"}],
            },
        ],
        services={
            "rules": {
                "service_time": {"distribution": "constant", "value": 0.05},
                "success_rate": {"easy": 0.6, "hard": 0.2, "simple": 0.5},
            },
            "record": {"service_time": exponential(0.2), "error_rate": 0.3},
        },
        model_list=[model("small", 0.7, 0.012, rpm=40, error_rate=0.2, success_rate=0.8)],
        routes={"answer": {"choose": ["small"], "fallbacks": ["rules"], "num_retries": 1}},
    )


def crashes_among_ghosts() -> Scenario:
    """The same while replicas crash: those who are served for nobody are lost by the luck of their own try."""
    crash = ReplicaLoss(name="crash", kind="replica_loss", target="told-desk", every=25.0, duration=3.0)
    scenario = work_for_nobody()
    desk = scenario.services["told-desk"].model_copy(update={"replicas": 2, "max_ongoing_requests": 1})
    services = {**scenario.services, "told-desk": desk}
    return scenario.model_copy(update={"services": services, "incidents": [crash]})
