"""The engine against a plain SimPy program with the same luck: every action must have the same story."""

from collections.abc import Callable
from functools import cache

import numpy as np
import pytest

from simulator.compiler.demand import stage_window
from simulator.engine import Runner
from simulator.metrics.columns import CountColumn, UsageColumn
from simulator.scenario.model import Scenario
from tests.differential import budgeted, counted_limits, protected, scenarios, tenants
from tests.differential.everything import everything, everything_controlled_and_cold
from tests.differential.twins import (
    Twins,
    assert_same_crowds,
    assert_same_measures,
    assert_same_rows,
    assert_same_stations,
    assert_same_totals,
    reference_counts,
    reference_usage,
    run_both,
)

_DURATION_S = 300.0
_WARMUP_S = 120.0
_HOUR_S = 3600.0

_PROTECTED = (
    protected.breakers_and_budgets,
    protected.ejections_and_limits,
    protected.second_tries,
    protected.work_for_nobody,
    protected.crashes_among_ghosts,
    protected.users_who_come_back,
)
_PROTECTIONS = (
    CountColumn.RETRIES_DENIED,
    CountColumn.HELD_BACK,
    CountColumn.EXPIRED,
    CountColumn.HEDGES,
    CountColumn.HEDGES_WON,
    CountColumn.LIMITED,
    CountColumn.ASKED_AGAIN,
)
_CASES: list[tuple[Callable[[], Scenario], int, float]] = [
    (scenarios.many_servers, 1, 0.0),
    (scenarios.a_stage_of_the_day, 2, 13.95 * _HOUR_S),  # demand changes on the hour
    (scenarios.bursts_and_priorities, 3, 0.0),
    (scenarios.retries_of_a_service, 4, 0.0),
    (scenarios.strategies, 5, 0.0),
    (scenarios.conversations_with_a_cache, 6, 0.0),
    (scenarios.people, 7, 0.0),
    (scenarios.languages, 8, 20.0),
    (scenarios.drafts, 20, 0.0),
    *((make, 11 + place, 0.0) for place, make in enumerate(_PROTECTED)),
    (budgeted.budgets, 17, 0.0),
    (tenants.shared, 18, 0.0),
    (counted_limits.counted_limits, 19, 0.0),
    (everything, 8, 0.0),
    pytest.param((everything, 9, 0.0), marks=pytest.mark.slow),
    (everything_controlled_and_cold, 10, 7.95 * _HOUR_S),  # a shift begins on the hour
]


@cache
def _twins(make: Callable[[], Scenario], seed: int, start_s: float = 0.0) -> Twins:
    """A run of both; some are looked at twice."""
    return run_both(make(), _DURATION_S, seed, _WARMUP_S, start_s)


@pytest.fixture(scope="module", params=_CASES, ids=lambda case: f"{case[0].__name__}-{case[1]}")
def twins(request: pytest.FixtureRequest) -> Twins:
    return _twins(*request.param)


def test_every_action_has_the_same_story(twins: Twins) -> None:
    assert_same_rows(twins)


def test_every_counter_and_every_use_of_a_station_agrees(twins: Twins) -> None:
    assert_same_totals(twins)


def test_measures_and_integrals_agree(twins: Twins) -> None:
    assert_same_measures(twins)
    assert_same_stations(twins)
    assert_same_crowds(twins)


def test_people_decide_on_drafts_and_wrong_answers_come_back() -> None:
    counts = reference_counts(_twins(scenarios.drafts, 20)).sum(axis=(0, 1))
    happens = (
        CountColumn.CAME_BACK,
        CountColumn.DRAFTS_APPROVED,
        CountColumn.DRAFTS_CHANGED,
        CountColumn.DRAFTS_REJECTED,
    )
    assert (counts[list(happens)] > 5).all()


def test_everything_happens_in_the_scenario_with_everything() -> None:
    twins = _twins(everything, 8)
    counts = reference_counts(twins).sum(axis=(0, 1))
    usage = reference_usage(twins).sum(axis=(0, 1, 2))
    elsewhere = {
        *_PROTECTIONS,
        CountColumn.RESIDENCY_BLOCKED,
        CountColumn.OVERDUE,
        CountColumn.CAME_BACK,
        CountColumn.DRAFTS_APPROVED,
        CountColumn.DRAFTS_CHANGED,
        CountColumn.DRAFTS_REJECTED,
    }  # in scenarios of their own
    rare = [column.name for column in CountColumn if counts[column] < 10 and column not in elsewhere]
    assert not rare, f"too seldom to compare: {rare}"
    assert counts[CountColumn.REJECTED] - counts[CountColumn.INVALID] >= 10, "shed and given up"
    rare = [column.name for column in UsageColumn if usage[column] < 10 and column != UsageColumn.CANCELLED]
    assert not rare, f"too seldom to compare: {rare}"
    leaving = {station for _, _, station, what, _ in twins.ledger.uses if what == "ABANDONED"}
    assert {target for target, _ in leaving} == {"search", "agents"}
    last_turn = max(row.turns for row in twins.ledger.rows)
    assert last_turn >= 4


def test_every_protection_is_seen_in_the_protected_scenarios() -> None:
    counts, cancelled = np.zeros(len(CountColumn), dtype=np.int64), 0.0
    for make in _PROTECTED:
        scenario = make()
        window = stage_window(scenario, None, 0.0, _DURATION_S, _WARMUP_S)
        result = Runner().run(scenario, window, 1)
        counts += result.counts.sum(axis=(0, 1))
        cancelled += result.usage[..., UsageColumn.CANCELLED].sum()
    rare = [column.name for column in _PROTECTIONS if counts[column] < 10]
    assert not rare, f"too seldom to compare: {rare}"
    assert cancelled >= 10


def test_every_strategy_chooses_among_the_models() -> None:
    twins = _twins(scenarios.strategies, 5)
    asked = {
        (stream, target) for _, (stream, *_), (target, _), what, _ in twins.ledger.uses if what == "SUCCEEDED"
    }
    for stream in {stream for stream, _ in asked}:
        assert len([target for asking, target in asked if asking == stream]) >= 2, stream


def test_budgets_are_exceeded_and_renewed_at_the_same_looks(twins: Twins) -> None:
    found = [(event.workload, event.kind, round(event.time_s, 6)) for event in twins.engine.budget_events]
    expected = [(workload, kind, round(time_s, 6)) for workload, kind, time_s in twins.pipeline.budget_events]
    assert sorted(found) == sorted(expected)
    workloads = twins.pipeline.scenario.workloads
    with_budget = {workload.name for workload in workloads if workload.budget is not None}
    assert {name for name, _, _ in found} == with_budget
    assert {kind for _, kind, _ in found} == ({"exceeded", "renewed"} if with_budget else set())
