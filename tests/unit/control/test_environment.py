"""SimPy processes see the data plane as it is at their own time; at equal times the data plane comes first."""

from collections.abc import Callable

import pytest
import simpy

from simulator.control.data_plane import Cancelled, DataPlane
from simulator.control.environment import Environment, Process
from simulator.metrics.columns import CountColumn
from tests.unit.kernel.desk import blueprint_of, constant, desk_scenario

BLUEPRINT = blueprint_of(desk_scenario(5.0, service_time=constant(0.75)), 60.0)


def _environment(watch: Callable[[float], None] | None = None) -> Environment:
    return Environment(DataPlane(BLUEPRINT.world(3, keeps_rows=True), watch))


def _arrived(env: Environment) -> int:
    return int(env.plane.world.recording.counts[..., CountColumn.ARRIVED].sum())


def _rows() -> tuple[list[float], list[float]]:
    """Arrivals and ends of the run, when nobody looks."""
    env = _environment()
    env.run(until=60.0)
    rows = env.plane.rows()
    return sorted(rows["arrival_s"]), sorted(rows["end_s"])


ARRIVALS_S, ENDS_S = _rows()


def test_a_process_sees_the_data_plane_at_its_own_time() -> None:
    env = _environment()
    seen = []

    def watch() -> Process:
        while True:
            yield env.timeout(3.7)
            ended = _arrived(env) - env.plane.in_system(0)
            seen.append((env.now, _arrived(env), ended))

    env.process(watch())
    env.run(until=55.0)
    assert len(seen) == 14
    for now_s, arrived, ended in seen:
        assert arrived == sum(arrival_s <= now_s for arrival_s in ARRIVALS_S)
        assert ended == sum(end_s <= now_s for end_s in ENDS_S)


def _seen_at(time_s: float) -> tuple[int, int]:
    """How many have arrived and how many have ended, as a process sees it that wakes at `time_s`."""
    env = _environment()
    seen = []

    def look() -> Process:
        yield env.timeout(time_s)
        seen.append((_arrived(env), _arrived(env) - env.plane.in_system(0)))

    env.process(look())
    env.run(until=time_s + 1.0)
    return seen[0]


@pytest.mark.parametrize("number", [0, 1, 7, 150])
def test_at_equal_times_the_data_plane_comes_first(number: int) -> None:
    """A process that wakes at the very time of an arrival, or of an end, sees it done; one before does not."""
    arrival_s, end_s = ARRIVALS_S[number], ENDS_S[number]
    assert _seen_at(arrival_s)[0] == number + 1
    assert _seen_at(arrival_s - 1e-6)[0] == number
    assert _seen_at(end_s)[1] == number + 1
    assert _seen_at(end_s - 1e-6)[1] == number


def test_who_looks_sees_what_changes_in_the_instant() -> None:
    """Whatever rounding makes of the sums: 0.1 + 0.2 is later than 0.3."""
    env = _environment()
    order = []

    def look(*waits_s: float) -> Process:
        for wait_s in waits_s:
            yield env.look(wait_s)
        order.append("looked")

    def change(*waits_s: float) -> Process:
        for wait_s in waits_s:
            yield env.timeout(wait_s)
        order.append("changed")

    env.process(look(0.3))
    env.process(change(0.1, 0.2))
    env.process(look(0.1, 0.2))
    env.process(change(0.3))
    env.run(until=1.0)
    assert order == ["changed", "changed", "looked", "looked"]


def test_control_events_keep_their_own_order() -> None:
    env = _environment()
    order = []

    def act(name: str) -> Process:
        yield env.timeout(5.0)
        order.append(name)

    for name in ("first", "second", "third"):
        env.process(act(name))
    env.run(until=5.0 + 1e-9)
    assert order == ["first", "second", "third"]


def test_the_end_of_a_run_is_handled_before_it_is_read() -> None:
    env = _environment()
    env.run(until=ARRIVALS_S[20])
    assert _arrived(env) == 21


def test_without_control_events_there_is_nothing_to_step_to() -> None:
    env = _environment()
    with pytest.raises(simpy.core.EmptySchedule):
        env.step()


def test_a_run_that_is_cancelled_stops() -> None:
    stopped: list[float] = []

    def watch(_now_s: float) -> None:
        if stopped:
            raise Cancelled

    env = _environment(watch)

    def stop() -> Process:
        yield env.timeout(30.0)
        stopped.append(env.now)

    env.process(stop())
    with pytest.raises(Cancelled):
        env.run(until=60.0)
    assert env.now < 60.0
