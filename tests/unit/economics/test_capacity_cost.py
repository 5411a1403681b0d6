"""What a setting of each kind of knob costs per month."""

from collections.abc import Callable
from typing import Any

import pytest

from simulator.economics.capacity_cost import capacity_cost_usd, person_hours_per_month
from simulator.mechanisms.review.config import Team
from simulator.scenario.model import Knob, Scenario

CONSTANT = {"distribution": "constant", "value": 1.0}


def knob_of(path: str, **changes: Any) -> Knob:
    return Knob.model_validate({"path": path, "min": 0, "max": 10} | changes)


def team_of(shifts: object) -> Team:
    return Team.model_validate({"staff": 2, "handle_time": CONSTANT, "cost": 28, "shifts": shifts})


def test_replicas_cost_their_price_around_the_clock(make_scenario: Callable[..., Scenario]) -> None:
    found = capacity_cost_usd(make_scenario(), knob_of("services.crm.replicas"), 3, "eu")
    assert found == pytest.approx(3 * 0.6 * 730)


@pytest.mark.parametrize(
    "path",
    [
        "model_list.large.rpm",
        "model_list.large.tpm",
        "model_list.large.max_parallel_requests",
        "services.crm.max_ongoing_requests",
    ],
)
def test_quota_is_free_unless_the_knob_says_otherwise(
    make_scenario: Callable[..., Scenario], path: str
) -> None:
    assert capacity_cost_usd(make_scenario(), knob_of(path), 4000, "eu") == 0.0
    assert capacity_cost_usd(make_scenario(), knob_of(path, unit_cost=0.25), 4000, "eu") == 1000.0


def test_a_unit_cost_replaces_the_targets_own(make_scenario: Callable[..., Scenario]) -> None:
    assert (
        capacity_cost_usd(make_scenario(), knob_of("teams.agents.staff", unit_cost=5000.0), 3, "eu")
        == 15_000.0
    )
    assert capacity_cost_usd(make_scenario(), knob_of("services.crm.replicas", unit_cost=0.0), 3, "eu") == 0.0


@pytest.mark.parametrize(
    ("shifts", "hours_per_week"),
    [
        ("always", 168.0),
        ("office-hours", 50.0),
        ([{"days": [0, 1], "start_hour": 22, "end_hour": 6}], 16.0),
        ([{"days": [6], "start_hour": 20.5, "end_hour": 4}], 7.5),
        ([{"start_hour": 8, "end_hour": 18}, {"start_hour": 12, "end_hour": 20}], 84.0),
    ],
)
def test_staff_is_paid_on_shift(
    make_scenario: Callable[..., Scenario], shifts: object, hours_per_week: float
) -> None:
    team = {"staff": 2, "handle_time": CONSTANT, "cost": 28, "shifts": shifts}
    found = capacity_cost_usd(make_scenario(teams={"agents": team}), knob_of("teams.agents.staff"), 4, "eu")
    assert found == pytest.approx(4 * 28 * hours_per_week * 730 / 168)


def test_fractions_of_people_are_paid_as_fractions() -> None:
    shifts = [{"start_hour": 8, "end_hour": 16}, {"start_hour": 16, "end_hour": 24, "share": 0.3}]
    for staff in (0, 1, 3, 4, 5):
        expected = staff * (56 + 0.3 * 56) * 730 / 168
        assert person_hours_per_month(team_of(shifts), staff) == pytest.approx(expected, rel=1e-12)


def test_replicas_that_are_reserved_add_nothing(make_scenario: Callable[..., Scenario]) -> None:
    pool = {"model": "meta-llama/Meta-Llama-3.1-8B", "gpu": "h100_sxm", "tensor_parallel": 2, "replicas": 3}
    pool |= {"price": 3.0, "reserved": {"replicas": {"eu": 2}, "price": 2.0}}
    scenario = make_scenario(model_list=[{"model_name": "own", "pool": pool}])
    knob = knob_of("model_list.own.pool.replicas")
    found = [capacity_cost_usd(scenario, knob, amount, "eu") for amount in (0, 1, 2, 3, 5)]
    assert found == pytest.approx([0.0, 0.0, 0.0, 2 * 3.0 * 730, 3 * 2 * 3.0 * 730])
    assert capacity_cost_usd(scenario, knob, 1, "us") == pytest.approx(2 * 3.0 * 730)


def test_replicas_on_spot_cost_what_a_cycle_costs(make_scenario: Callable[..., Scenario]) -> None:
    """Nine hours up, and away for a quarter of an hour of notice, half an hour of wait and a quarter of start-up."""
    spot = {
        "share": 0.5,
        "price": 1.0,
        "interruptions": 1 / 32_400,
        "notice": 900,
        "wait": 1_800,
        "startup_delay": 900,
    }
    pool = {"model": "meta-llama/Meta-Llama-3.1-8B", "gpu": "h100_sxm", "tensor_parallel": 2, "replicas": 5}
    pool |= {"price": 3.0, "reserved": {"replicas": {"eu": 1}, "price": 2.0}, "spot": spot}
    scenario = make_scenario(model_list=[{"model_name": "own", "pool": pool}])
    knob = knob_of("model_list.own.pool.replicas")
    on_spot = 2 * (1.0 * 9.5 / 10.0 + 3.0 * 1.0 / 10.0) * 730  # another stands in for the hour away
    found = [capacity_cost_usd(scenario, knob, amount, "eu") for amount in (1, 2, 3, 5)]
    assert found == pytest.approx([0.0, 6.0 * 730, 6.0 * 730 + on_spot, 2 * 6.0 * 730 + 2 * on_spot])
    alone = make_scenario(
        model_list=[{"model_name": "own", "pool": pool | {"spot": spot | {"fallback": "none"}}}]
    )
    found = [capacity_cost_usd(alone, knob, amount, "eu") for amount in (2, 3)]
    assert found == pytest.approx([6.0 * 730, 6.0 * 730 + 2 * 1.0 * 0.95 * 730])


def test_names_may_hold_dots(make_scenario: Callable[..., Scenario]) -> None:
    service = {"service_time": CONSTANT, "price": 1.0}
    scenario = make_scenario(services={"crm": service, "search.v2": service})
    assert capacity_cost_usd(scenario, knob_of("services.search.v2.replicas"), 2, "eu") == pytest.approx(
        1460.0
    )


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("services.crm", "not of the form"),
        ("caches.answers.size", "not of the form"),
        ("teams.agent.staff", "`teams` has no 'agent'"),
        ("model_list.large.price", "`price` of `model_list` is not a capacity"),
        ("teams.agents.replicas", "`replicas` of `teams` is not a capacity"),
    ],
)
def test_a_path_that_names_nothing_is_an_error(
    make_scenario: Callable[..., Scenario], path: str, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        capacity_cost_usd(make_scenario(), knob_of(path), 1, "eu")
