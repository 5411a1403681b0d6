"""Clear, open, or a tie: as the interval of an objective lies to its limit, and how many more runs would tell."""

import pytest

from simulator.metrics.columns import CountColumn
from simulator.results.estimates import share_within
from simulator.results.run_result import RunResult
from simulator.scenario.model import Scenario
from simulator.studies.capacity.closeness import Closeness, closeness
from simulator.studies.common.verdicts.objectives import evaluate_slos
from simulator.theory.intervals import wilson_interval
from tests.theory.experiments import exponential, one_service, replications

_SCENARIO = one_service(7.2, {"max_ongoing_requests": 8, "service_time": exponential(1.0)})
_WAIT_S = 0.8768  # Erlang C; its 99 % lie below 5.3 s


@pytest.fixture(scope="module")
def runs() -> list[RunResult]:
    return replications(_SCENARIO, 36_000.0, 600.0, n=16)


def _found(runs: list[RunResult], objective: str) -> Closeness:
    slo = {"name": "wait", "indicator": "queue_wait", "objective": objective}
    document = _SCENARIO.model_dump(exclude_unset=True) | {"slos": [slo]}
    scenario = Scenario.model_validate(document)
    [verdict] = evaluate_slos(scenario, runs)
    return closeness(scenario, verdict, runs)


@pytest.mark.parametrize("objective", ["mean <= 2s", "mean <= 0.4s", "p99 <= 20s", "p99 <= 2s"])
def test_far_from_the_limit_it_is_clear(runs: list[RunResult], objective: str) -> None:
    found = _found(runs, objective)
    assert found.is_clear
    assert not found.is_tie
    assert found.growth == 1.0


def test_near_it_more_runs_would_tell(runs: list[RunResult]) -> None:
    found = _found(runs[:4], f"mean <= {1.03 * _WAIT_S}s")
    assert not found.is_clear
    assert found.growth > 1.0


def test_on_it_no_number_of_runs_makes_more_of_it_than_a_tie(runs: list[RunResult]) -> None:
    value = _found(runs, "mean <= 2s").found.estimate
    assert value is not None
    found = _found(runs, f"mean <= {value.value}s")
    assert not found.is_clear
    half_width = (value.high - value.low) / 2.0 / value.value
    assert found.is_tie == (half_width <= 0.02)
    assert found.growth == pytest.approx(max(1.5, (half_width / 0.007) ** 2), rel=0.05)


def test_a_percentile_that_is_zero_by_a_hair_is_not_clear() -> None:
    """5.1 % wait: p95 jumps between 0 and a wait, so the share within the limit is what counts."""
    scenario = one_service(3.2, {"max_ongoing_requests": 7, "service_time": exponential(1.0)})
    few = replications(scenario, 3600.0, 600.0, n=4)
    slo = {"name": "wait", "indicator": "queue_wait", "objective": "p95 <= 1ms"}
    scenario = Scenario.model_validate(scenario.model_dump(exclude_unset=True) | {"slos": [slo]})
    [verdict] = evaluate_slos(scenario, few)
    assert not closeness(scenario, verdict, few).is_clear


def test_runs_that_agree_by_chance_are_not_clear(runs: list[RunResult]) -> None:
    """The same run eight times has no spread; as many answers as it has would be apart by more."""
    alike = runs[:1] * 8
    share = share_within(alike, "queue_wait", 5.0)
    assert share is not None
    n_asked = float(sum(run.measured_counts[:, CountColumn.ARRIVED].sum() for run in alike))
    apart = wilson_interval(share.value * n_asked, n_asked)
    assert share.low == pytest.approx(apart.low, abs=1e-4)
    assert share.high == pytest.approx(apart.high, abs=1e-4)
