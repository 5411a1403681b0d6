"""Scenarios in which something goes wrong, that the engine and the reference both run."""

from typing import Any

from simulator.scenario.model import Scenario
from tests.differential import pool_scenarios
from tests.differential.everything import (
    everything,
    everything_controlled,
    everything_controlled_and_cold,
)
from tests.differential.scenarios import model


def _at(kind: str, start: float, duration: float | None, **values: Any) -> dict[str, Any]:
    """An incident at its time, named after what and when it is."""
    when = {"start": start} if duration is None else {"start": start, "duration": duration}
    return {"name": f"{kind}-{start:g}", "kind": kind, **when, **values}


def _drawn(kind: str, every: float, duration: float | None, **values: Any) -> dict[str, Any]:
    """An incident that is drawn again and again."""
    when = {"every": every} if duration is None else {"every": every, "duration": duration}
    return {"name": f"{kind}-{every:g}", "kind": kind, **when, **values}


def _failing(kind: str, mtbf: float, mttr: float, **values: Any) -> dict[str, Any]:
    """Something that fails and is repaired, again and again."""
    return {"name": f"{kind}-{mtbf:g}", "kind": kind, "mtbf": mtbf, "mttr": mttr, **values}


SCHEDULED: list[dict[str, Any]] = [
    _at("outage", 21.3, 44.1, target="small"),
    _at("outage", 60.7, 31.9, target="search", region="east"),
    _at("outage", 80.3, 30.2, target="search"),
    _at("outage", 145.1, 38.4, region="east"),
    _at("outage", 10.4, 25.3, target="answers", region="west"),
    _at("latency", 70.9, 60.2, target="large", factor=3.1),
    _at("latency", 100.3, 60.6, target="large", region="west", factor=1.7),
    _at("latency", 30.9, 90.2, target="archive", factor=2.3),
    _at("error", 190.8, 40.7, target="large", share=0.3),
    _at("error", 20.8, 180.7, target="crm", share=0.5),
    _at("rate_limit", 200.2, 50.3, target="small", share=0.6),
    _at("overload", 210.2, 60.3, target="small", share=0.3),
    _at("overload", 60.2, 90.3, target="crm", region="east", share=0.4),
    _at("quota", 230.6, 60.1, target="large", factor=0.2),
    _at("quota", 250.6, 60.1, target="large", region="east", factor=0.5),
    _at("quota", 110.6, 90.1, target="crm", factor=0.3),
    _at("replica_loss", 275.5, 25.2, target="search"),
    _at("network", 130.3, 120.8, region="east", extra=0.113, factor=2.1, loss=0.2),
    _at("network", 180.3, 90.8, region="west", to="east", loss=0.1),
    _at("flush", 250.4, None, target="answers"),
    _at("surge", 310.2, 40.5, factor=1.9, region="west"),
    _at("surge", 330.2, 40.5, factor=1.4, workload="tickets"),
    _at("staff", 200.9, 99.1, target="agents", share=0.5),
    _at("staff", 240.9, 99.1, target="agents", region="east", share=0.4),
    _at("release", 310.7, 60.3, target="small", success_rate=-0.3, error_rate=0.2, ttft=0.8),
    _at("release", 290.7, 50.3, workload="tickets", success_rate=-0.2, output_tokens=0.6),
    _at("contract", 55.7, 50.3, workload="tickets", reject=0.25),
    {"name": "drift", "kind": "drift", "workload": "tickets", "success_per_week": -0.05},
    {"name": "drift-of-large", "kind": "drift", "target": "large", "success_per_week": -0.02},
]

DRAWN: list[dict[str, Any]] = [
    _drawn("outage", 110.0, 17.3, target="small"),
    _failing("outage", 150.0, 14.0, region="east"),
    _failing("replica_loss", 60.0, 15.0, target="search"),
    _drawn("latency", 60.0, 33.7, target="large", factor=3.1),
    _failing("error", 40.0, 30.0, target="crm", share=0.3),
    _drawn("network", 70.0, 20.9, region="east", loss=0.3),
    _drawn("flush", 60.0, None, target="answers"),
    _drawn("surge", 90.0, 30.4, factor=2.2),
    _failing("staff", 50.0, 50.0, target="agents", share=0.7),
]


def _with(scenario: Scenario, incidents: list[dict[str, Any]]) -> Scenario:
    """The scenario with incidents, two replicas of its search, and users who do not wait for ever."""
    written = scenario.model_dump(mode="json", by_alias=True, exclude_unset=True)
    written["services"]["search"]["replicas"] = 2
    written["workloads"][1]["timeout"] = 40.07
    return Scenario.model_validate(written | {"incidents": incidents, "start": "2026-12-21"})


def every_kind() -> Scenario:
    """Every kind at its time, several at once, with a control plane."""
    return _with(everything_controlled_and_cold(), SCHEDULED)


def early_and_late() -> Scenario:
    """Every kind once in quick succession and once at leisure, over caches that were there before."""
    early = [
        incident
        | {"name": f"early {incident['name']}"}
        | {key: 0.07 * incident[key] for key in ("start", "duration") if key in incident}
        for incident in SCHEDULED
        if incident["kind"] != "drift"
    ]
    return _with(everything_controlled(), [*early, *SCHEDULED])


def drawn() -> Scenario:
    """Incidents that are drawn, one of them under way at the start."""
    return _with(everything_controlled_and_cold(), DRAWN)


def drawn_without_control() -> Scenario:
    """The same where nobody replaces what is gone."""
    return _with(everything(), DRAWN)


def pools_in_zones() -> Scenario:
    """Replicas of pools and services that crash alone, together, with their zone and with their region."""
    steps = [{"call": "search"}, {"generate": "route"}]
    incidents: list[dict[str, Any]] = [
        _at("outage", 20.3, 14.2, region="east", zone=2),
        _at("replica_loss", 28.1, 12.9, target="own", replicas=2),
        _failing("replica_loss", 50.0, 9.0, target="own"),
        _failing("replica_loss", 30.0, 9.0, target="search"),
        _at("outage", 55.7, 8.3, region="east"),
        _at("error", 70.3, 30.9, target="own", share=0.2),
        _at("rate_limit", 80.3, 20.9, target="own", share=0.2),
        _at("network", 60.2, 30.1, region="east", to="west", loss=0.2),
        _at("surge", 90.1, 12.8, factor=1.8),
    ]
    return pool_scenarios.scenario_of(
        regions={"east": {"zones": 3}, "west": {}},
        network={"rtt": {"east": {"west": 0.0703}}, "local": 0.0021},
        workloads=[
            pool_scenarios.chat(7.0) | {"steps": steps, "timeout": 20.03},
            pool_scenarios.chat(3.0)
            | {"name": "sort", "priority": "batch", "steps": steps, "timeout": 30.07},
        ],
        services={
            "search": {
                "replicas": {"east": 4, "west": 2},
                "max_ongoing_requests": 2,
                "service_time": {"distribution": "exponential", "mean": 0.3},
            }
        },
        routes={
            "route": {
                "choose": ["own"],
                "fallbacks": ["hosted"],
                "num_retries": 2,
                "failover_after": 1,
                "backoff": {"base": 0.3, "jitter": "full"},
                "per_try_timeout": 6.0,
            }
        },
        model_list=[
            pool_scenarios.pool("own", 4, max_num_seqs=24, kv_cache_tokens=40_000, max_model_len=20_000)
            | {"regions": ["east", "west"]},
            model("hosted", 0.4, 0.01),
        ],
        incidents=incidents,
    )


def crashes_of_desks() -> Scenario:
    """Servers of a crowded service crash one by one, two at once, and all: who waits goes on waiting."""
    return pool_scenarios.scenario_of(
        workloads=[
            {
                "name": "ask",
                "arrival_rate": 5.0,
                "steps": [{"call": "desks"}, {"call": "open"}],
                "timeout": 60.03,
            }
        ],
        services={
            "desk": {
                "replicas": 4,
                "max_ongoing_requests": 3,
                "service_time": {"distribution": "lognormal", "mean": 2.0, "cv": 0.9},
            },
            "open": {"replicas": 2, "service_time": {"distribution": "exponential", "mean": 1.0}},
        },
        routes={"desks": {"choose": ["desk"], "num_retries": 3}},
        incidents=[
            _at("replica_loss", 20.0, 40.0, target="desk"),
            _at("replica_loss", 30.0, 90.0, target="desk", replicas=2),
            _at("replica_loss", 50.0, 7.0, target="desk", replicas=3),
            _at("replica_loss", 60.0, 7.0, target="open", replicas=1),
            _at("replica_loss", 64.0, 7.0, target="open", replicas=2),
            _at("outage", 120.0, 7.0, target="open"),
        ],
    )
