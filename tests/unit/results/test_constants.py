"""What always takes the same time takes exactly that: no bin of a histogram makes it slower than its limit."""

import pytest

from simulator.results.estimates import estimate, share_within
from simulator.studies.common.verdicts.objectives import evaluate_slos
from tests.theory.experiments import constant, one_service, replications


@pytest.mark.parametrize("value_s", [0.0004, 0.004, 0.0123, 0.4, 3.0, 41.0, 700.0])
def test_percentiles_of_a_constant_are_the_constant(value_s: float) -> None:
    scenario = one_service(0.5, {"service_time": constant(value_s)})
    limits = [
        {"name": op, "indicator": "latency", "objective": f"p95 {op} {value_s!r}s"} for op in ("<=", "<")
    ]
    scenario = scenario.model_validate({**scenario.model_dump(by_alias=True), "slos": limits})
    runs = replications(scenario, 3600.0, 1800.0, n=3)
    for statistic in ("p50", "p95", "p99"):
        found = estimate(runs, "latency", statistic)
        assert found is not None
        assert (found.value, found.low, found.high) == (value_s, value_s, value_s)
    assert [found.verdict for found in evaluate_slos(scenario, runs)] == ["PASS", "FAIL"]
    within, just_below = (
        share_within(runs, "latency", value_s),
        share_within(runs, "latency", 0.999 * value_s),
    )
    assert within is not None
    assert just_below is not None
    assert (within.value, just_below.value) == (1.0, 0.0)


def test_what_varies_is_not_taken_for_a_constant() -> None:
    service = {"service_time": {"distribution": "uniform", "low": 0.4, "high": 0.402}}
    runs = replications(one_service(0.5, service), 3600.0, 60.0, n=3)
    found = estimate(runs, "latency", "p95")
    assert found is not None
    assert found.value != pytest.approx(0.401, rel=1e-6)
