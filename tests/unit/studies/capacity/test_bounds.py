"""First guesses: Erlang's formula, offered load, people on shift."""

from collections.abc import Callable

import pytest

from simulator.compiler.demand import stage_window
from simulator.engine import Runner
from simulator.results.run_result import RunResult
from simulator.scenario.model import Scenario
from simulator.studies.capacity.bounds import guessed_amount, least_amount, level_for, servers_for
from simulator.studies.capacity.knobs import axes_of
from simulator.theory.erlang import erlang_c

Desk = Callable[..., Scenario]
TIMES = {"distribution": "exponential", "mean": 1.0}


def _runs(scenario: Scenario) -> list[RunResult]:
    window = stage_window(scenario, None, "peak", 1800.0, 120.0)
    return Runner().replicate(scenario, window, [1, 2, 3, 4])


@pytest.mark.parametrize("load", [0.01, 0.5, 1.0, 7.2, 80.0])
def test_servers_are_the_fewest_that_keep_waiting_rare(load: float) -> None:
    servers = servers_for(load)
    assert servers > load
    assert erlang_c(servers, load) <= 0.3
    assert servers == 1 or servers - 1 <= load or erlang_c(servers - 1, load) > 0.3


def test_replicas_carry_the_offered_load(desk: Desk) -> None:
    scenario = desk()
    (axis,) = axes_of(scenario)
    results = _runs(scenario)
    assert least_amount(scenario, axis, results, Runner()) == 8.0  # 7.2 erlangs
    assert guessed_amount(scenario, axis, results, Runner()) == servers_for(7.2)
    wide = desk(services={"desk": {"replicas": 9, "max_ongoing_requests": 4, "service_time": TIMES}})
    assert least_amount(wide, axes_of(wide)[0], _runs(wide), Runner()) == 2.0
    unlimited = desk(services={"desk": {"replicas": 1, "service_time": TIMES}})
    assert least_amount(unlimited, axes_of(unlimited)[0], _runs(unlimited), Runner()) == 1.0


def test_staff_counts_those_off_shift(desk: Desk) -> None:
    steps = [{"call": "desk"}, {"review": {"team": "people", "sample": 1.0}}]
    team = {"staff": 40, "shifts": [{"start_hour": 0, "end_hour": 24, "share": 0.5}], "handle_time": TIMES}
    scenario = desk(
        workloads=[{"name": "ask", "arrival_rate": 7.2, "steps": steps}],
        teams={"people": team},
        capacity={"knobs": [{"path": "teams.people.staff", "min": 0, "max": 99}]},
    )
    (axis,) = axes_of(scenario)
    results = _runs(scenario)
    assert least_amount(scenario, axis, results, Runner()) == pytest.approx(2 * 7.2, abs=0.8)
    assert guessed_amount(scenario, axis, results, Runner()) == 2 * servers_for(7.2)


def test_quotas_follow_requests_and_tokens(desk: Desk) -> None:
    times = {"distribution": "constant", "value": 0.1}
    scenario = desk(
        workloads=[
            {"name": "ask", "arrival_rate": 2.0, "steps": [{"generate": "model"}]}
            | {"prompt_tokens": {"distribution": "constant", "value": 90}}
            | {"output_tokens": {"distribution": "constant", "value": 10}}
        ],
        model_list=[
            {"model_name": "model", "provider": "p", "model": "m", "ttft": times, "tpot": times}
            | {"prices": {"input": 1.0, "output": 1.0}}
        ],
        capacity={
            "knobs": [
                {"path": f"model_list.model.{field}", "min": 1, "max": 100_000}
                for field in ("tpm", "rpm", "max_parallel_requests")
            ]
        },
    )
    tpm, rpm, parallel = axes_of(scenario)
    results = _runs(scenario)
    requests = least_amount(scenario, rpm, results, Runner())
    assert requests == pytest.approx(
        120.0, rel=4 / (4 * 3600) ** 0.5
    )  # four standard deviations of the count
    assert least_amount(scenario, tpm, results, Runner()) == pytest.approx(100 * requests, rel=1e-3)
    assert guessed_amount(scenario, rpm, results, Runner()) == pytest.approx(1.1 * requests)
    load = 2.0 * (0.1 + 9 * 0.1)  # ten tokens: the first after 0.1 s, nine more
    assert least_amount(scenario, parallel, results, Runner()) == pytest.approx(load, rel=0.05)
    assert guessed_amount(scenario, parallel, results, Runner()) in (6, 7)  # 2 + 3 · √2


def test_nothing_asked_needs_nothing(desk: Desk) -> None:
    spare = {"replicas": 3, "max_ongoing_requests": 1, "service_time": TIMES}
    scenario = desk(
        services={"desk": spare | {"replicas": 20}, "spare": spare},
        capacity={"knobs": [{"path": "services.spare.replicas", "min": 0, "max": 9}]},
    )
    (axis,) = axes_of(scenario)
    assert least_amount(scenario, axis, _runs(scenario), Runner()) == 0.0
    assert guessed_amount(scenario, axis, _runs(scenario), Runner()) == 0.0


def test_level_for_is_the_lowest_that_offers_enough_or_the_top(desk: Desk) -> None:
    knob = {"path": "services.desk.replicas", "steps": [2, 5, 9]}
    (axis,) = axes_of(desk(capacity={"knobs": [knob]}))
    assert [level_for(axis, amount) for amount in (0.0, 2.0, 2.1, 9.0, 50.0)] == [0, 0, 1, 2, 2]
