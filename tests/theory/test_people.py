"""Drafts that people decide on, and wrong answers that come back, against probability."""

import numpy as np
import pytest

from simulator.metrics.columns import AreaColumn, CountColumn, UsageColumn
from simulator.results.run_result import RunResult
from simulator.scenario.model import Scenario
from tests.theory.experiments import (
    assert_agrees,
    constant,
    count_shares,
    instant_model,
    replications,
    scenario_of,
    tokens,
)

SUCCESS, SEEN_WRONG, SEEN_RIGHT, REJECTED, RESOLVED = 0.7, 0.8, 0.05, 0.25, 0.95
APPROVED = SUCCESS * (1.0 - SEEN_RIGHT) + (1.0 - SUCCESS) * (1.0 - SEEN_WRONG)


def _desk(rate_rps: float, review: dict[str, object], again: dict[str, object] | None = None) -> Scenario:
    ask = {
        "name": "ask",
        "arrival_rate": rate_rps,
        **tokens(100, 50),
        "complexity": {"simple": 0.6, "complex": 0.4},
        "asks_again": again,
        "steps": [{"generate": "small"}, {"review": {"team": "agents", **review}}],
    }
    team = {
        "staff": 900,
        "handle_time": constant(30.0),
        "success_rate": RESOLVED,
        "overrides": {"wrong": SEEN_WRONG, "right": SEEN_RIGHT},
        "drafts": {"approve": constant(4.0), "change": constant(12.0), "rejected": REJECTED},
    }
    return scenario_of(
        {
            "workloads": [ask],
            "model_list": [instant_model("small", success_rate=SUCCESS)],
            "teams": {"agents": team},
        }
    )


def test_every_draft_of_a_class_is_approved_changed_or_rejected() -> None:
    results = replications(_desk(20.0, {"before": 1.0, "of": "complex", "draft": True}), 900.0, 60.0)
    kept = (1.0 - APPROVED) * (1.0 - REJECTED)
    simple, complex_ = 0, 1
    assert not count_shares(results, CountColumn.HANDED_OFF, CountColumn.TURNS, simple).any()
    assert (count_shares(results, CountColumn.HANDED_OFF, CountColumn.TURNS, complex_) == 1.0).all()
    approved, changed = CountColumn.DRAFTS_APPROVED, CountColumn.DRAFTS_CHANGED
    assert_agrees(count_shares(results, approved, CountColumn.SUCCEEDED, complex_), APPROVED)
    assert_agrees(count_shares(results, changed, CountColumn.SUCCEEDED, complex_), kept)
    # Right is what was right and went out, and what people made right.
    right = SUCCESS * (1.0 - SEEN_RIGHT) + (1.0 - APPROVED) * RESOLVED
    assert_agrees(count_shares(results, CountColumn.CORRECT, CountColumn.SUCCEEDED, complex_), right)
    handle_s = APPROVED * 4.0 + kept * 12.0 + (1.0 - APPROVED) * REJECTED * 30.0
    assert_agrees([_busy(run) for run in results], 20.0 * 0.4 * handle_s)


def _busy(run: RunResult) -> float:
    """People at work on average."""
    teams = [number for number, station in enumerate(run.stations) if station.kind == "team"]
    return float(run.areas[teams, AreaColumn.BUSY_S].sum() / run.duration_s)


def test_what_is_no_draft_is_taken_over() -> None:
    results = replications(_desk(20.0, {"before": 0.5}), 900.0, 60.0)
    assert_agrees(count_shares(results, CountColumn.HANDED_OFF, CountColumn.TURNS), 0.5)
    right = 0.5 * SUCCESS + 0.5 * RESOLVED
    assert_agrees(count_shares(results, CountColumn.CORRECT, CountColumn.SUCCEEDED), right)
    assert not sum(run.measured_counts[:, CountColumn.DRAFTS_APPROVED].sum() for run in results)


@pytest.mark.parametrize("after_s", [3.0, 86_400.0])
def test_wrong_answers_multiply_demand_however_long_their_users_wait(after_s: float) -> None:
    """Questions for each first one: 1 + x + x² + … with x = share × wrong; uncapped 1 / (1 − x)."""
    again = {"wrong": 0.6, "after": after_s, "max": 7}
    results = replications(_desk(20.0, {"sample": 0.01}, again), 900.0, 120.0)
    repeats = 0.6 * (1.0 - SUCCESS)
    firsts = 20.0 * 900.0
    arrived = [run.measured_counts[:, CountColumn.ARRIVED].sum() / firsts for run in results]
    assert_agrees(arrived, 1.0 / (1.0 - repeats))
    back = [run.measured_counts[:, CountColumn.ASKED_AGAIN].sum() / firsts for run in results]
    assert_agrees(back, repeats / (1.0 - repeats))
    used = [run.measured_usage[:, 0, UsageColumn.ATTEMPTS].sum() / firsts for run in results]
    assert_agrees(used, 1.0 / (1.0 - repeats))


def test_deflection_is_net_of_those_who_come_back() -> None:
    again = {"wrong": 0.5, "after": 3.0, "max": 7}
    results = replications(_desk(20.0, {"before": 0.2}, again), 900.0, 120.0)
    net = [
        (
            run.measured_counts[:, CountColumn.WITHOUT_PEOPLE] - run.measured_counts[:, CountColumn.CAME_BACK]
        ).sum()
        / run.measured_counts[:, CountColumn.SUCCEEDED].sum()
        for run in results
    ]
    assert_agrees(net, 0.8 * (1.0 - 0.5 * (1.0 - SUCCESS)))


def test_the_most_that_a_user_asks() -> None:
    results = replications(_desk(5.0, {"sample": 0.01}, {"wrong": 1.0, "after": 1.0, "max": 1}), 600.0, 60.0)
    arrived = np.array([run.measured_counts[:, CountColumn.ARRIVED].sum() for run in results])
    back = np.array([run.measured_counts[:, CountColumn.ASKED_AGAIN].sum() for run in results])
    assert_agrees(back / (arrived - back), 1.0 - SUCCESS)
