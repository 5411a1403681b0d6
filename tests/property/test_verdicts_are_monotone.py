"""More load, or less capacity, never turns FAIL into PASS, nor answers more; twice the prices are twice the money."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.compiler.demand import stage_window
from simulator.economics.accounts import accounts
from simulator.economics.price_book import price_book
from simulator.engine import Runner
from simulator.results.estimates import estimate
from simulator.results.run_result import RunResult
from simulator.scenario.model import Scenario
from simulator.studies.common.verdicts.objectives import evaluate_slos

_LESS = 0.8  # so much less of capacity, or of what is not load, is beyond noise


def _scenario(rate_rps: float, servers: int, level: int, price: float = 1.0, **service: Any) -> Scenario:
    return Scenario.model_validate(
        {
            "metadata": {"name": "monotone"},
            "workloads": [{"name": "ask", "arrival_rate": rate_rps, "steps": [{"call": "desk"}]}],
            "services": {
                "desk": {
                    "max_ongoing_requests": 1,
                    "replicas": servers,
                    "price": price,
                    "cost": 0.001 * price,
                    "service_time": {"distribution": "exponential", "mean": 1.0},
                    **service,
                }
            },
            "slos": [
                {"name": "wait", "indicator": "queue_wait", "objective": f"p{level} <= 1s"},
                {"name": "answered", "indicator": "availability", "objective": f">= {level}%"},
            ],
        }
    )


def _runs(scenario: Scenario) -> list[RunResult]:
    window = stage_window(scenario, None, 0.0, 900.0, 300.0, Path())
    return Runner().replicate(scenario, window, range(1, 7))


@given(st.floats(0.5, 12.0), st.integers(2, 12), st.sampled_from([80, 95]), st.booleans())
@settings(max_examples=25, deadline=None)
def test_more_load_or_less_capacity_is_never_better(
    rate_rps: float, servers: int, level: int, leaves: bool
) -> None:
    patience = {"patience": {"distribution": "exponential", "mean": 5.0}} if leaves else {}
    here = _scenario(rate_rps, servers, level, **patience)
    runs = _runs(here)
    for worse in (
        _scenario(rate_rps / _LESS, servers, level, **patience),
        _scenario(rate_rps, int(_LESS * servers), level, **patience),
    ):
        after = _runs(worse)
        for one, other in zip(evaluate_slos(here, runs), evaluate_slos(worse, after), strict=True):
            assert not (one.verdict == "FAIL" and other.verdict == "PASS")
        shares = estimate(runs, "availability"), estimate(after, "availability")
        assert shares[0] is not None
        assert shares[1] is not None
        assert shares[1].low <= shares[0].high


@given(st.floats(0.5, 6.0), st.floats(0.1, 50.0))
@settings(max_examples=10, deadline=None)
def test_all_prices_scale_all_money(rate_rps: float, factor: float) -> None:
    scenario, dearer = _scenario(rate_rps, 4, 80), _scenario(rate_rps, 4, 80, factor)
    runs = _runs(scenario)
    once, scaled = (accounts(runs, price_book(one)).money() for one in (scenario, dearer))
    assert scaled.tolist() == pytest.approx((factor * once).tolist(), rel=1e-9)
