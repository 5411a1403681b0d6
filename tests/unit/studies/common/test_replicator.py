"""The bench: how many replications, which seeds, and when it stops."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Literal

import pytest

from simulator.compiler.demand import steady_window
from simulator.engine import Runner
from simulator.results.run_result import RunResult
from simulator.scenario.model import Scenario, Slo
from simulator.studies.common.replicator import (
    MAX_RUNS,
    Replicator,
    first_runs,
    measured_actions,
    most_runs,
    simulated_actions,
)
from simulator.studies.common.verdicts.objectives import SloVerdict, judge
from simulator.theory.estimate import Estimate

Desk = Callable[..., Scenario]
WINDOW = steady_window("short", None, datetime(2027, 1, 4, tzinfo=UTC), [9.0], 60.0, 10.0, 730.0)
SLO = Slo.model_validate({"name": "latency", "indicator": "latency", "objective": "mean < 1s"})


def _verdict(kind: Literal["PASS", "FAIL", "UNDECIDED"]) -> SloVerdict:
    ends = {"PASS": (0.1, 0.2), "FAIL": (2.0, 3.0), "UNDECIDED": (0.5, 2.0)}[kind]
    return judge(SLO, Estimate(sum(ends) / 2, *ends))


def test_few_actions_begin_with_more_replications() -> None:
    assert first_runs(10_000.0) == 4
    assert first_runs(100.0) == 32
    assert first_runs(0.0) == MAX_RUNS
    assert first_runs(10_000.0, min_runs=6) == 6


def test_many_actions_end_with_fewer_replications() -> None:
    assert most_runs(100.0) == 64
    assert most_runs(10_000.0) == 32
    assert most_runs(10.0**7) == 16


def test_a_warmup_costs_and_is_no_evidence() -> None:
    assert measured_actions(WINDOW) == pytest.approx(9.0 * 60.0)
    assert simulated_actions(WINDOW) == pytest.approx(9.0 * 70.0)


def test_a_long_warmup_begins_with_as_many_replications_as_a_short_one(desk: Desk) -> None:
    """Of 0.1 rps for a minute, six are measured: an hour before that makes no more of them."""
    for warmup_s in (10.0, 3_600.0):
        window = steady_window("few", None, datetime(2027, 1, 4, tzinfo=UTC), [0.1], 60.0, warmup_s, 730.0)
        found = Replicator(Runner()).until_decided(desk(), window, lambda _: (_verdict("PASS"),))
        assert len(found.results) == MAX_RUNS


def test_replications_double_until_decided_and_keep_their_seeds(desk: Desk) -> None:
    asked: list[int] = []

    def judge_late(results: Sequence[RunResult]) -> tuple[SloVerdict, ...]:
        asked.append(len(results))
        assert [run.seed for run in results] == [11 + k for k in range(len(results))]
        return (_verdict("UNDECIDED" if len(results) < 16 else "PASS"), _verdict("PASS"))

    bench = Replicator(Runner())
    evidence = bench.until_decided(desk(), WINDOW, judge_late)
    assert asked == [4, 8, 16]
    assert {found.verdict for found in evidence.verdicts} == {"PASS"}
    assert bench.n_runs == len(evidence.results) == 16


@pytest.mark.parametrize(("kind", "n_runs"), [("FAIL", 4), ("UNDECIDED", 64)])
def test_a_missed_objective_ends_at_once_an_open_one_when_enough_was_spent(
    desk: Desk, kind: Literal["FAIL", "UNDECIDED"], n_runs: int
) -> None:
    bench = Replicator(Runner())
    evidence = bench.until_decided(desk(), WINDOW, lambda _: (_verdict("UNDECIDED"), _verdict(kind)))
    assert "PASS" not in [found.verdict for found in evidence.verdicts]
    assert len(evidence.results) == n_runs
