"""Documents as `rollout run --json` and `rollout plan --json` print them, made by hand."""

from typing import Any

import pytest

Document = dict[str, Any]


def interval(value: float, half_width: float | None) -> Document:
    """Estimate of a document; a half-width of None is an unknown interval."""
    if half_width is None:
        return {"value": value, "low": None, "high": None}
    return {"value": value, "low": value - half_width, "high": value + half_width}


def spread(mean_s: float) -> Document:
    """A measure's mean and percentiles."""
    return {
        "mean": interval(mean_s, 0.02 * mean_s),
        "p50": interval(0.8 * mean_s, 0.01 * mean_s),
        "p95": interval(2.0 * mean_s, 0.05 * mean_s),
        "p99": interval(3.0 * mean_s, 0.2 * mean_s),
    }


def metrics(scale: float = 1.0) -> Document:
    """Metrics of a run, or a part of one."""
    return {
        "latency_s": spread(1.7 * scale),
        "ttft_s": spread(0.6 * scale),
        "tpot_s": spread(0.012),
        "queue_wait_s": {"mean": None, "p50": None, "p95": None, "p99": None},
        "resolution_s": spread(12.0),
        "availability": interval(0.9995, 0.0002),
        "success_rate": interval(0.8812, 0.004),
        "cache_hit_rate": None,
        "goodput_rps": interval(12.4, 0.1),
        "arrival_rps": interval(12.9, 0.1),
        "cost_per_action": interval(0.2143, 0.004),
        "cost_per_successful_action": interval(0.2443, 0.005),
    }


COUNTS = {
    "arrived": 46_512,
    "succeeded": 45_000,
    "degraded": 12,
    "failed": 500,
    "rejected": 200,
    "abandoned": 100,
    "in_flight": 700,
}


def verdict(
    slo: str, metric: str, op: str, limit: float, value: float, half: float, decided: str
) -> Document:
    """One objective."""
    estimate = interval(value, half)
    return {
        "slo": slo,
        "metric": metric,
        "workload": None,
        "region": None,
        "op": op,
        "limit": limit,
        **estimate,
        "verdict": decided,
    }


VERDICTS = [
    verdict("latency", "p(95) latency", "<", 8.0, 3.9, 0.1, "PASS"),
    verdict("first-token", "p(95) ttft", "<", 2.0, 2.3, 0.1, "FAIL"),
    verdict("availability", "availability", ">=", 0.995, 0.9951, 0.0003, "UNDECIDED"),
    verdict("unit-cost", "cost_per_successful_action", "<", 0.35, 0.2443, 0.005, "PASS"),
]


def heading() -> Document:
    """Keys that both documents begin with."""
    price = {
        "input_usd_per_mtok": 2.0,
        "output_usd_per_mtok": 8.0,
        "source": "genai-prices 1.0, azure/large",
        "as_of": "2027-01-04",
        "notes": [],
    }
    return {
        "schema": 1,
        "scenario": "support-copilot",
        "scenario_hash": "a1b2c3d4e5f6" + "0" * 52,
        "engine_version": "0.1.0",
        "seed": 7,
        "replications": 5,
        "interval_level": 0.95,
        "wall_s": 3.21,
        "interrupted": False,
        "traces": [],
        "prices": {"large": price},
    }


def target() -> Document:
    """A target of a run."""
    return {
        "kind": "model",
        "utilization": None,
        "offered_load_erlangs": interval(24.2, 0.4),
        "queue_wait_s": spread(0.05),
        "requests_per_minute": interval(687.2, 3.0),
        "error_rate": interval(0.003, 0.0005),
        "rate_limited_rate": None,
        "cost": interval(123.4, 2.0),
    }


@pytest.fixture
def run_example() -> Document:
    """Document of a run."""
    return {
        **heading(),
        "stage": "global",
        "window": "peak",
        "start": "2027-05-10T14:00:00+00:00",
        "window_s": 3600.0,
        "warmup_s": 600.0,
        "counts": dict(COUNTS),
        "metrics": metrics(),
        "by": {
            "workload": {"answer-ticket": {"counts": COUNTS, "metrics": metrics()}},
            "language": {},
            "region": {
                "eu-west": {"counts": COUNTS, "metrics": metrics()},
                "us-east": {"counts": COUNTS, "metrics": metrics(1.3)},
            },
            "stage": {},
            "release": {},
            "target": {"large": target(), "small": target()},
        },
        "cost": {
            "total": interval(2000.0, 12.0),
            "wasted": interval(20.0, 1.0),
            "by_category": {"input_tokens": interval(800.0, 4.0), "output_tokens": interval(1200.0, 5.0)},
        },
        "verdicts": list(VERDICTS),
        "warnings": [],
    }


def stage(name: str, scale: float, decision: str) -> Document:
    """A stage of a plan."""
    return {
        "name": name,
        "start": "2027-02-01T00:00:00+00:00",
        "end": "2027-03-01T00:00:00+00:00",
        "demand": {
            "peak_rps": 3.2 * scale,
            "peak_start": "2027-02-22T09:00:00+00:00",
            "by_region": {"eu-west": 1.2 * scale, "us-east": 2.0 * scale},
            "actions_per_month": {"answer-ticket": 12_000.0 * scale},
            "headroom": 0.15,
        },
        "capacity": {
            "model_list.large.tpm": {"eu-west": 400_000.0, "us-east": 800_000.0},
            "teams.agents.staff": {"eu-west": 3.0},
        },
        "is_cheapest": True,
        "is_feasible": decision == "GO",
        "out_of_reach": [] if decision == "GO" else ["latency"],
        "alternatives": [
            {"kind": "own", "capacity": {}, "cost": {"month": 13_579.0 * scale}, "is_feasible": True},
            {"kind": "none", "capacity": {}, "cost": {"month": 24_680.0 * scale}, "is_feasible": False},
        ],
        "order_by": {"model_list.large.tpm": "2027-01-18"},
        "binding": "first-token",
        "binding_at": "large in eu-west",
        "counts": COUNTS,
        "metrics": metrics(scale),
        "by": {"target": {"large": target(), "small": target()}},
        "cost": {
            "month": {**interval(12_345.0 * scale, 800.0 * scale), "p10": 1.0, "p50": 2.0, "p90": 3.0},
            "per_action": interval(0.21, 0.004),
            "per_successful_action": interval(0.24, 0.004),
            "by_category": {},
        },
        "verdicts": list(VERDICTS),
        "warnings": [] if decision == "GO" else ["large in eu-west is offered 2e+06 tokens/min"],
        "decision": decision,
        "n_settings": 12,
        "n_runs": 60,
    }


@pytest.fixture
def plan_example() -> Document:
    """Document of a plan."""
    stages = [
        stage("pilot", 0.1, "GO"),
        stage("production", 0.6, "GO"),
        stage("two-regions", 1.2, "UNDECIDED"),
        stage("global", 2.0, "NO-GO"),
    ]
    return {**heading(), "decision": "NO-GO", "n_runs": 240, "stages": stages}
