"""The engine against the reference where several regions serve: policies, residency, health checks, people who help out."""

from collections.abc import Callable

import pytest

from simulator.metrics.columns import CountColumn
from simulator.scenario.model import Scenario
from tests.differential.region_scenarios import failing_over, with_rules
from tests.differential.twins import (
    Twins,
    assert_same_measures,
    assert_same_rows,
    assert_same_totals,
    reference_counts,
    run_both,
)

_DURATION_S = 360.0
_WARMUP_S = 60.0


@pytest.fixture(
    scope="module",
    params=[(with_rules, 11), (failing_over, 12), (failing_over, 13)],
    ids=lambda case: f"{case[0].__name__}-{case[1]}",
)
def twins(request: pytest.FixtureRequest) -> Twins:
    make: Callable[[], Scenario]
    make, seed = request.param
    return run_both(make(), _DURATION_S, seed, _WARMUP_S)


def test_every_action_has_the_same_story(twins: Twins) -> None:
    assert_same_rows(twins)


def test_counters_uses_and_measures_agree(twins: Twins) -> None:
    assert_same_totals(twins)
    assert_same_measures(twins)


def test_regions_serve_one_another_as_far_as_data_may_go() -> None:
    twins = run_both(with_rules(), _DURATION_S, 11, _WARMUP_S)
    assert reference_counts(twins)[:, :, CountColumn.RESIDENCY_BLOCKED].sum() >= 50
    ways = {
        (target, origin, there)
        for _, (_, origin, *_), (target, there), what, _ in twins.ledger.uses
        if what == "ATTEMPTS"
    }
    zone = {"north": "A", "south": "A", "island": "B", "sea": None}
    assert {zone[there] for _, origin, there in ways if zone[origin] == "A"} == {"A"}
    assert {zone[there] for _, origin, there in ways if zone[origin] == "B"} == {"A", "B"}
    gone = {(origin, there) for _, origin, there in ways if origin != there}
    assert {("north", "south"), ("south", "north"), ("island", "south"), ("sea", "north")} <= gone
    assert {("agents", "north", "south"), ("agents", "sea", "island"), ("locals", "island", "south")} <= ways


def test_a_region_that_is_lost_is_noticed_late_and_by_some_users_later() -> None:
    """Errors until three checks have failed, then fewer from minute to minute as the name service is asked again."""
    twins = run_both(failing_over(), _DURATION_S, 12, _WARMUP_S)
    uses = [
        (time_s, there, what)
        for time_s, (_, origin, *_), (target, there), what, _ in twins.ledger.uses
        if origin == "north" and target == "desk"
    ]

    def n(there: str, what: str, begin_s: float, end_s: float) -> int:
        """Events in a span of the window."""
        span = (_WARMUP_S + begin_s, _WARMUP_S + end_s)
        return sum(
            place == there and kind == what and span[0] <= time_s < span[1] for time_s, place, kind in uses
        )

    lost_s, checks_s, ttl_s = 61.3, 3 * 5.13, 41.0
    assert n("south", "ATTEMPTS", -_WARMUP_S, lost_s + checks_s - 5.13) == 0  # two checks at most have failed
    n_errors = [
        n("north", "ERRORS", lost_s + since_s, lost_s + since_s + 13.0) for since_s in (0.0, 15.4, 38.0)
    ]
    assert n_errors[0] > n_errors[1] > n_errors[2]
    assert n("north", "ERRORS", lost_s + checks_s + ttl_s, lost_s + 80.0) == 0  # nobody asks there any more
    assert n("south", "ATTEMPTS", lost_s + checks_s + ttl_s, lost_s + 80.0) >= 5
    assert n("south", "ATTEMPTS", 195.0, 260.9) == 0  # drained back; 9.7 s were too short to be noticed
