"""Work that piles up is found where more comes than is served, in hours of work, and nowhere else."""

import pytest

from simulator.results.backlog import Growth, growths
from tests.theory.experiments import exponential, replications, scenario_of


def _growths(
    rate_rps: float, service_s: float = 1.0, servers: int = 5, duration_s: float = 1_800.0, n: int = 5
) -> list[Growth]:
    ask = {"name": "ask", "arrival_rate": rate_rps, "steps": [{"call": "desk"}]}
    desk = {"max_ongoing_requests": servers, "service_time": exponential(service_s)}
    of = scenario_of({"workloads": [ask], "services": {"desk": desk}})
    return growths(replications(of, duration_s, 600.0, n=n))


@pytest.mark.parametrize("n", [1, 2, 5])
def test_what_comes_above_what_is_served_waits(n: int) -> None:
    [found] = _growths(8.0, n=n)
    left = (8.0 - 5.0) * 1_800.0
    assert found.more.value == pytest.approx(left, rel=0.05)
    assert found.work_h.value == pytest.approx(left / 3600.0, rel=0.08)
    assert n == 1 or found.more.low > 0.8 * left


@pytest.mark.parametrize("rate_rps", [1.0, 4.0, 4.75, 4.9])
@pytest.mark.parametrize("n", [1, 5])
def test_a_queue_that_goes_up_and_down_is_none(rate_rps: float, n: int) -> None:
    assert _growths(rate_rps, n=n) == []


def test_nobody_on_shift_does_nothing() -> None:
    ask = {
        "name": "ask",
        "arrival_rate": 0.1,
        "steps": [{"review": {"team": "agents", "when": ["exhausted"]}}],
    }
    people = {"staff": 0, "handle_time": exponential(60.0)}
    desk = {"service_time": exponential(1.0), "error_rate": 1.0}
    ask["steps"] = [{"call": "desk"}, *ask["steps"]]
    of = scenario_of({"workloads": [ask], "services": {"desk": desk}, "teams": {"agents": people}})
    [found] = growths(replications(of, 1_800.0, 0.0, n=4))
    assert found.station.kind == "team"
    assert found.more.value == pytest.approx(180.0, rel=0.2)
