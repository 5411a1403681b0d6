"""The time scale of a target follows its load; of several the slowest counts, overloaded ones do not."""

import pytest

from simulator.results.run_result import RunResult
from simulator.results.time_scale import slowest, time_scales
from simulator.theory.relaxation import relaxation_s
from tests.theory.experiments import constant, exponential, replications, scenario_of


def _runs(**services: dict[str, object]) -> list[RunResult]:
    steps = [{"call": name} for name in services]
    ask = {"name": "ask", "arrival_rate": 4.0, "steps": steps}
    return replications(scenario_of({"workloads": [ask], "services": services}), 20_000.0, 600.0, n=3)


def test_a_queue_has_the_time_scale_of_its_formula() -> None:
    [found] = time_scales(_runs(desk={"max_ongoing_requests": 5, "service_time": exponential(1.0)}))
    assert found.relaxation_s == pytest.approx(relaxation_s(5, 4.0, 1.0), rel=0.25)
    assert found.is_busy
    assert not found.is_overloaded


def test_the_slowest_counts_and_where_nobody_waits_it_is_a_service() -> None:
    quick = {"max_ongoing_requests": 5, "service_time": exponential(1.0)}
    found = slowest(_runs(desk=quick, lines={"service_time": constant(60.0)}))
    assert found is not None
    assert found.station.target == "lines"
    assert found.relaxation_s == pytest.approx(60.0, rel=0.02)
    busy = slowest(_runs(desk=quick, lines={"service_time": constant(60.0)}), is_busy=True)
    assert busy is not None
    assert busy.station.target == "desk"


def test_an_overloaded_target_has_none_to_wait_for() -> None:
    over = {"max_ongoing_requests": 3, "service_time": exponential(1.0)}
    assert slowest(_runs(desk=over)) is None
    leaving = over | {"patience": exponential(5.0)}
    [found] = time_scales(_runs(desk=leaving))
    assert found.is_overloaded
    assert found.relaxation_s == pytest.approx(5.0, rel=0.1)


def test_who_waits_for_people_leaves_and_reviews_stand_behind_them() -> None:
    team = {"staff": 5, "handle_time": exponential(60.0), "patience": constant(100.0)}
    steps = [{"call": "desk"}, {"review": {"team": "agents", "sample": 0.5, "when": ["exhausted"]}}]
    ask = {"name": "ask", "arrival_rate": 0.14, "steps": steps}
    desk = {"service_time": constant(1.0), "error_rate": 0.4}
    of = {"workloads": [ask], "services": {"desk": desk}, "teams": {"agents": team}}
    found = slowest(replications(scenario_of(of), 20_000.0, 600.0, n=2))
    assert found is not None
    handed_off = 0.4 * 0.14 * 60.0
    assert found.relaxation_s == pytest.approx(min(100.0, relaxation_s(5, handed_off, 60.0)), rel=0.1)
    assert not found.is_overloaded  # by 20 % with the reviews, which wait for longer
