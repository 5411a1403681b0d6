"""Both figures of two futures, in words and in the verdicts of every report."""

import numpy as np
import pytest

from simulator.engine import Runner
from simulator.results.collapse import collapsed_runs
from simulator.scenario.model import Scenario
from simulator.studies.common.replications import Replications
from simulator.studies.common.two_futures import Futures, broken_value, futures_text
from simulator.studies.common.verdicts.criteria import criteria_of
from simulator.studies.common.verdicts.criterion_record import JudgedCriterion
from simulator.studies.common.verdicts.criterion_text import both_figures
from simulator.studies.common.verdicts.sequential_verdicts import judge
from simulator.theory.estimate import Estimate

DOWN = Estimate(31.0, 30.0, 32.0)
WELL = Estimate(2.0, 1.9, 2.1)


def _runs(
    good: list[float], answered: list[float], tries: list[float], arrived: float = 1000.0
) -> list[bool]:
    lost = [1.0 - share for share in answered]
    columns = (np.array(column) * arrived for column in (good, answered, lost, tries))
    return collapsed_runs(*columns, np.full(len(good), arrived)).tolist()  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("good", "answered", "tries", "expected"),
    [
        ([0.99, 0.98, 0.02], [1.0, 1.0, 0.05], [1.0, 1.0, 1.0], [False, False, True]),
        (
            [0.99, 0.98, 0.30],
            [1.0, 1.0, 0.95],
            [1.0, 1.0, 2.5],
            [False, False, True],
        ),  # slow, and tries again
        ([0.99, 0.98, 0.30], [1.0, 1.0, 0.95], [1.0, 1.0, 1.1], [False] * 3),  # a long queue
        ([0.02, 0.03, 0.01], [0.1, 0.1, 0.02], [4.0, 4.0, 4.0], [False] * 3),  # all alike
        ([0.05, 0.02, 0.90], [0.1, 0.1, 1.0], [4.0, 4.0, 1.0], [True, True, False]),  # most of them
    ],
)
def test_a_run_has_collapsed(
    good: list[float], answered: list[float], tries: list[float], expected: list[bool]
) -> None:
    assert _runs(good, answered, tries) == expected


def test_who_still_waits_has_lost_nothing() -> None:
    """Three people with five minutes of work each, in twenty minutes: a crowd waits, and nobody has left."""
    good, answered = np.array([19.0, 20.0, 2.0] * 2), np.array([20.0, 20.0, 3.0] * 2)
    lost, arrived = np.zeros(6), np.full(6, 40.0)
    assert not collapsed_runs(good, answered, lost, arrived, arrived).any()
    assert collapsed_runs(2.0 * good, 2.0 * answered, arrived - 2.0 * answered, arrived, arrived)[2]


def test_a_few_actions_are_no_evidence() -> None:
    shares = ([1.0, 1.0, 0.25], [1.0, 1.0, 0.25], [1.0, 1.0, 1.0])
    assert _runs(*shares, arrived=4.0) == [False] * 3
    assert _runs([0.95, 1.0, 0.0], [1.0, 1.0, 0.0], [1.0, 1.0, 4.0], arrived=20.0) == [False] * 3
    assert _runs(*shares, arrived=400.0) == [False, False, True]


@pytest.mark.parametrize(
    ("collapsed", "expected"),
    [(DOWN, 31.0), (WELL, None), (None, float("inf"))],
)
def test_an_objective_is_broken_by_those_that_collapsed(
    collapsed: Estimate | None, expected: float | None
) -> None:
    futures = Futures(n_collapsed=7, n_runs=40, collapsed=collapsed, others=WELL)
    assert broken_value(futures, "<=", 5.0) == expected
    assert broken_value(None, "<=", 5.0) is None


def test_both_figures_are_said() -> None:
    futures = Futures(n_collapsed=7, n_runs=40, collapsed=DOWN, others=None)
    text = futures_text(futures, "p(95) latency")
    assert text == "7 of 40 runs collapsed: p95 latency 31.0 s ± 1.0 in them, nothing observed in the others"


def test_a_check_of_a_collapse_fails_with_both_figures() -> None:
    scenario = Scenario.model_validate(
        {
            "metadata": {"name": "storm"},
            "workloads": [{"name": "ask", "arrival_rate": 12.4, "steps": [{"call": "search"}]}],
            "services": {
                "index": {
                    "max_ongoing_requests": 8,
                    "service_time": {"distribution": "exponential", "mean": 0.5},
                    "cancellation": False,
                }
            },
            "routes": {
                "search": {
                    "choose": ["index"],
                    "per_try_timeout": 2.5,
                    "num_retries": 3,
                    "backoff": {"base": 0.2, "jitter": "full"},
                }
            },
            "window": {"start": 0, "duration": 1200, "warmup": 600},
            "slos": [{"name": "answered", "indicator": "availability", "objective": ">= 50%"}],
        }
    )
    replications = Replications(scenario, Runner(), None, 0)
    replications.extend(20)
    [collapse] = replications.collapses()
    assert 0 < collapse.n_collapsed < collapse.n_runs == 20
    [answered] = judge(replications, criteria_of(scenario))
    assert answered.verdict == "FAIL"
    assert answered.slack < 0.0
    record = JudgedCriterion.of(answered)
    assert record.futures is not None
    assert both_figures(record.futures, record).startswith(f"{collapse.n_collapsed} of 20 runs collapsed")
