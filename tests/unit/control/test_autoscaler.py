"""The autoscaler decides by Ray Serve's rule; what it decides is paid at once and serves after the start-up."""

import math
from types import SimpleNamespace
from typing import Any

import pytest
import simpy
from hypothesis import given
from hypothesis import strategies as st

from simulator.control.autoscaler import Decider, autoscale, wanted_replicas
from simulator.control.capacity_meter import CapacityMeter
from simulator.control.deployments import ServiceDeployment
from simulator.mechanisms.queueing.config import Autoscaling, Service

CONCURRENCY = 2


def _policy(**values: Any) -> Autoscaling:
    return Autoscaling.model_validate({"max_replicas": 5, **values})


@pytest.mark.parametrize(
    ("ongoing", "wanted"), [(0.0, 1), (2.0, 1), (2.1, 2), (4.0, 2), (9.9, 5), (10.1, 5), (1000.0, 5)]
)
def test_replicas_bring_the_ongoing_requests_to_the_target(ongoing: float, wanted: int) -> None:
    assert wanted_replicas(_policy(), 2.0, ongoing) == wanted


def _decisions(policy: Autoscaling, ongoing: list[int], replicas: int) -> list[int]:
    decider = Decider(policy, policy.target_ongoing_requests)
    decided = []
    for number, value in enumerate(ongoing, start=1):
        replicas = decider.decide(number * policy.metrics_interval, value, replicas)
        decided.append(replicas)
    return decided


def test_more_must_be_wanted_for_the_whole_delay() -> None:
    policy = _policy(upscale_delay=30.0, look_back_period=10.0)
    assert _decisions(policy, [8, 8, 8, 8, 8], 1) == [1, 1, 1, 4, 4]
    assert _decisions(policy, [8, 8, 8, 0, 8, 8, 8, 8], 1) == [
        1,
        1,
        1,
        1,
        1,
        1,
        1,
        4,
    ]  # once not wanted: from anew


def test_fewer_must_be_wanted_for_a_delay_of_their_own() -> None:
    policy = _policy(upscale_delay=0.0, downscale_delay=20.0, look_back_period=10.0)
    assert _decisions(policy, [8, 0, 0, 0, 0], 1) == [4, 4, 4, 1, 1]


def test_the_mean_is_over_the_look_back_period() -> None:
    policy = _policy(upscale_delay=0.0, look_back_period=30.0)
    assert _decisions(policy, [0, 0, 12, 12, 12], 1) == [1, 1, 2, 4, 5]  # means 0, 0, 4, 8, 12


@given(
    st.lists(st.integers(0, 30), min_size=1, max_size=40),
    st.sampled_from([0.0, 10.0, 35.0]),
    st.integers(1, 5),
)
def test_a_decision_is_within_bounds_and_only_as_wanted(
    ongoing: list[int], delay_s: float, replicas: int
) -> None:
    policy = _policy(upscale_delay=delay_s, downscale_delay=delay_s, look_back_period=25.0)
    decided = _decisions(policy, ongoing, replicas)
    for number, (before, after) in enumerate(zip([replicas, *decided], decided, strict=False)):
        recent = ongoing[max(0, number - 2) : number + 1]
        wanted = wanted_replicas(policy, policy.target_ongoing_requests, sum(recent) / len(recent))
        assert after in (before, wanted)
        if delay_s == 0.0:
            assert after == wanted
        assert policy.min_replicas <= after <= policy.max_replicas


class Desk(simpy.Environment):
    """An environment whose data plane holds so many requests as it is told, and writes down its replicas."""

    def __init__(self, ongoing: dict[float, int]) -> None:
        super().__init__()
        self.history: list[tuple[float, int]] = []
        self._ongoing = ongoing
        self.plane = SimpleNamespace(in_system=self._in_system)
        self.effects = SimpleNamespace(set_units=self._set_replicas)

    def look(self, delay_s: float) -> simpy.Event:
        return self.timeout(delay_s)

    def _set_replicas(self, _station: int, replicas: int) -> None:
        self.history.append((self.now, replicas))

    def _in_system(self, _station: int) -> int:
        return self._ongoing[max(time_s for time_s in self._ongoing if time_s <= self.now)]


def _run(
    ongoing: dict[float, int],
    until_s: float,
    kind: type[ServiceDeployment] = ServiceDeployment,
    initial: int = 1,
    **policy: Any,
) -> tuple[Desk, float]:
    """The desk after a run, and its replica-seconds."""
    env: Any = Desk(ongoing)
    chosen = _policy(look_back_period=10.0, metrics_interval=10.0, **policy)
    service = Service.model_validate(
        {
            "service_time": {"distribution": "constant", "value": 1.0},
            "max_ongoing_requests": CONCURRENCY,
            "autoscaling": chosen,
        }
    )
    meter = CapacityMeter(1)
    env.process(autoscale(env, meter, kind(env, 0, service), chosen, initial))
    env.run(until=until_s)
    return env, float(meter.replica_s(until_s)[0])


def test_a_replica_is_paid_from_the_decision_and_serves_after_its_start() -> None:
    env, replica_s = _run({0.0: 8}, 100.0, upscale_delay=20.0, startup_delay=45.0)
    assert env.history == [(0.0, 1), (30.0 + 45.0, 4)]
    assert replica_s == 30.0 * 1 + 70.0 * 4


class SelfBooked(ServiceDeployment):
    """Books the replicas that serve by itself, as a pool does."""

    def __init__(self, env: Any, station: int, service: Service) -> None:
        super().__init__(env, station, service)
        self.books_itself = True


@pytest.mark.parametrize("startup_s", [15.0, 45.0, 200.0])
def test_where_those_that_serve_are_booked_elsewhere_those_that_start_are_paid_from_the_decision(
    startup_s: float,
) -> None:
    _, replica_s = _run({0.0: 8}, 100.0, SelfBooked, upscale_delay=20.0, startup_delay=startup_s)
    assert replica_s == 3 * min(startup_s, 70.0)


def test_one_that_is_taken_away_stops_at_once() -> None:
    env, replica_s = _run({0.0: 8, 45.0: 0}, 100.0, initial=4, downscale_delay=20.0)
    assert env.history == [(0.0, 4), (70.0, 1)]
    assert replica_s == 70.0 * 4 + 30.0 * 1


@pytest.mark.parametrize(("initial", "begins_with"), [(0, 1), (1, 1), (3, 3), (9, 5)])
def test_a_run_begins_within_the_bounds(initial: int, begins_with: int) -> None:
    env, _ = _run({0.0: 2 * begins_with}, 5.0, initial=initial)
    assert env.history == [(0.0, begins_with)]


@given(
    st.lists(st.integers(0, 12), min_size=1, max_size=12),
    st.sampled_from([0.0, 5.0, 25.0, 60.0]),
    st.integers(1, 5),
)
def test_in_the_end_so_many_serve_as_are_paid(loads: list[int], startup_s: float, initial: int) -> None:
    """Also when replicas are taken away before others that were ordered have started."""
    ongoing = {30.0 * number: load for number, load in enumerate(loads)}
    end_s = 30.0 * len(loads) + 100.0
    settled = {"upscale_delay": 0.0, "downscale_delay": 0.0, "startup_delay": startup_s}
    env, _ = _run(ongoing, end_s, initial=initial, **settled)
    wanted = min(5, max(1, math.ceil(loads[-1] / 2.0)))
    assert env.history[-1][1] == wanted
    assert all(0 <= replicas <= 5 for _, replicas in env.history)
