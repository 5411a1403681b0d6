"""No statistics of survivors: who is refused, gives up, times out or still waits is slower than any limit."""

from math import inf, isnan
from pathlib import Path
from typing import Any

import pytest

from simulator.compiler.blueprint import compile_scenario
from simulator.compiler.demand import stage_window
from simulator.engine import simulate
from simulator.metrics.columns import CountColumn
from simulator.results.estimates import estimate
from simulator.results.run_result import RunResult
from simulator.scenario.model import Scenario

LIMIT_S = 5.0


def _runs(parts: dict[str, Any], duration_s: float = 1200.0, warmup_s: float = 120.0) -> list[RunResult]:
    scenario = Scenario.model_validate(
        {
            "metadata": {"name": "desk"},
            "slos": [{"name": "fast", "indicator": "latency", "objective": f"p95 < {LIMIT_S}s"}],
            **parts,
        }
    )
    blueprint = compile_scenario(scenario, stage_window(scenario, None, 0.0, duration_s, warmup_s), Path())
    return [simulate(blueprint, seed) for seed in range(1, 6)]


def _desk(service: dict[str, Any], **workload: Any) -> dict[str, Any]:
    return {
        "workloads": [{"name": "ask", "arrival_rate": "10 rps", "steps": [{"call": "desk"}], **workload}],
        "services": {
            "desk": {
                "max_ongoing_requests": 4,
                "service_time": {"distribution": "exponential", "mean": "1s"},
                **service,
            }
        },
    }


WAYS = {
    "timed out": _desk({}, timeout="4s"),
    "gave up": _desk({"patience": {"distribution": "exponential", "mean": "2s"}}),
    "turned away": _desk({"max_queued_requests": 2}),
    "refused by the rate": _desk({"max_ongoing_requests": 40, "rate_limit": "4 rps"}),
    "failed": _desk({"max_ongoing_requests": 40, "error_rate": "60%"}),
    "over the workload's limit": _desk({"max_ongoing_requests": 40}, limits={"rpm": 240}),
    "still waiting": _desk({}),
}


@pytest.mark.parametrize("way", WAYS)
def test_who_gets_no_answer_is_slower_than_the_limit(way: str) -> None:
    """Four of ten are answered, quickly but for the queue without an end: p50, p95 and the mean are above the limit."""
    runs = _runs(WAYS[way])
    p95 = estimate(runs, "latency", 0.95)
    assert p95 is not None
    assert p95.low >= LIMIT_S
    if way != "still waiting":
        assert p95.value == inf
    mean = estimate(runs, "latency")
    assert mean is not None
    assert mean.value == inf
    availability = estimate(runs, "availability")
    assert availability is not None
    assert availability.high < 0.6
    assert availability.low <= availability.value <= availability.high


def test_the_few_who_are_answered_have_their_own_quantile() -> None:
    """With 60 % failing at once the p30 is that of an answer."""
    runs = _runs(WAYS["failed"])
    p30 = estimate(runs, "latency", 0.30)
    assert p30 is not None
    assert 0.0 < p30.value < LIMIT_S


def test_a_steady_queue_has_nobody_overdue_for_its_long_waits() -> None:
    """Waits longer than the limit are slow answers, not missing ones: as many are overdue at the end as at the beginning."""
    parts = _desk({"max_ongoing_requests": 12, "service_time": {"distribution": "constant", "value": "1s"}})
    runs = _runs(parts | {"slos": [{"name": "fast", "indicator": "latency", "objective": "p95 < 100ms"}]})
    assert sum(int(run.counts[..., CountColumn.OVERDUE].sum()) for run in runs) <= 5 * 12
    availability = estimate(runs, "availability")
    assert availability is not None
    assert availability.value > 0.998


def test_nobody_who_asks_is_nothing_observed() -> None:
    runs = _runs(_desk({}, arrival_rate="1 per week"))
    assert estimate(runs, "latency", 0.95) is None
    assert estimate(runs, "availability") is None


def test_nothing_about_time_is_said() -> None:
    """Without timeout and objective the longest answer is the bound."""
    runs = _runs({**WAYS["failed"], "slos": []})
    p95 = estimate(runs, "latency", 0.95)
    assert p95 is not None
    assert p95.value == inf
    assert not isnan(p95.low)
    assert 1.0 < p95.low < 60.0
