"""A mix of what is held and what is paid by use: simulated problems against simulating every setting."""

import itertools
from typing import Any

import numpy as np
import pytest

from simulator.economics.price_book import price_book
from simulator.engine import Runner
from simulator.scenario.contingency_places import cases_of
from simulator.scenario.model import Scenario
from simulator.studies.capacity.capacity import StageCapacity, plan_capacity
from simulator.studies.capacity.knobs import amounts, axes_of
from simulator.studies.capacity.mix import SearchPart, parts_of
from simulator.studies.capacity.month_cost import Billing, MonthCosts
from simulator.studies.capacity.peak_trial import PeakTrial
from simulator.studies.capacity.search import cost_of
from simulator.studies.common.replicator import Replicator
from simulator.studies.common.windows import peaks
from tests.unit.studies.conftest import desk_document

N_PROBLEMS = 30
N_QUICK = 6  # of them by default
HOURS_PER_MONTH = 730.0
_OFFICE = [[0.3] * 8 + [1.0] * 10 + [0.3] * 6] * 7
_WARMUP_S = 60.0


def spilling_desk(rate_rps: float, price: float, call_usd: float, **changes: Any) -> Scenario:
    """M/M/c/c by day and by night, with a desk by the call for those who find nobody free."""
    document = desk_document(
        workloads=[
            {
                "name": "ask",
                "arrival_rate": {"home": rate_rps},
                "profile": _OFFICE,
                "steps": [{"call": "help"}],
            }
        ],
        services={
            "own": {"replicas": 2, "max_ongoing_requests": 1, "max_queued_requests": 0, "price": price}
            | {"service_time": {"distribution": "exponential", "mean": 1.0}},
            "hired": {"cost": call_usd, "service_time": {"distribution": "exponential", "mean": 3.0}},
        },
        routes={"help": {"choose": ["own"], "fallbacks": ["hired"], "num_retries": 0}},
        window={"duration": 600.0, "warmup": _WARMUP_S},
        slos=[{"name": "latency", "indicator": "latency", "objective": "mean < 2.5s"}],
        capacity={"knobs": [{"path": "services.own.replicas", "min": 0, "max": 6}]},
    )
    return Scenario.model_validate(document | changes)


def _random_problem(seed: int) -> Scenario:
    """One region with seven levels, or two with three each; the objective binds, or does not."""
    rng = np.random.default_rng([3, seed])
    price = float(rng.uniform(0.2, 2.0))
    call_usd = price / 3600.0 * float(rng.uniform(1.0, 4.0))  # own servers pay from 25 % to 100 % in use
    limit_s = float(rng.choice([1.3, 1.8, 2.5, 4.0]))
    changes: dict[str, Any] = {
        "slos": [{"name": "latency", "indicator": "latency", "objective": f"mean < {limit_s}s"}]
    }
    scenario = spilling_desk(float(rng.uniform(0.8, 3.0)), price, call_usd, **changes)
    if seed % 3 != 0:
        return scenario
    document = scenario.model_dump()
    east, west = rng.uniform(0.2, 0.9, 2)
    document["regions"] = {"east": {}, "west": {"timezone": "Etc/GMT+8"}}
    document["workloads"][0]["arrival_rate"] = {"east": float(east), "west": float(west)}
    document["capacity"]["knobs"][0]["max"] = 2
    return Scenario.model_validate(document)


def _plan(scenario: Scenario) -> StageCapacity:
    bench = Replicator(Runner(), min_runs=2)
    stage = scenario.stages[-1]
    found = peaks(scenario, stage, Runner(), _WARMUP_S)
    billing = Billing(stage, price_book(scenario), _WARMUP_S)
    return plan_capacity(bench, scenario, found, None, billing, cases_of(scenario))


def _cheapest_by_simulating_all(scenario: Scenario) -> tuple[dict[Any, float], float | None]:
    """Cost of every setting of the knobs, and of the cheapest that holds."""
    axes, bench, stage = axes_of(scenario), Replicator(Runner(), min_runs=2), scenario.stages[-1]
    at = peaks(scenario, stage, Runner(), _WARMUP_S)
    trial = PeakTrial(bench, scenario, axes, at, cases_of(scenario))
    bills = MonthCosts(bench, scenario, axes, Billing(stage, price_book(scenario), _WARMUP_S))
    held_usd = [axis.cost_usd for axis in axes]
    costs = {
        setting: cost_of(setting, held_usd) + bills.by_use_usd(setting)
        for setting in itertools.product(*(range(len(axis.levels)) for axis in axes))
    }
    rising = sorted(costs, key=lambda setting: costs[setting])
    best = next((costs[setting] for setting in rising if trial.evaluate(setting).holds), None)
    return {str(amounts(axes, setting)): cost for setting, cost in costs.items()}, best


@pytest.mark.parametrize(
    "seed", [pytest.param(n, marks=pytest.mark.slow) if n >= N_QUICK else n for n in range(N_PROBLEMS)]
)
def test_mix_costs_what_the_best_of_all_settings_costs(seed: int) -> None:
    scenario = _random_problem(seed)
    found = _plan(scenario)
    costs, best = _cheapest_by_simulating_all(scenario)
    assert found.is_feasible == (best is not None)
    if best is not None:
        assert found.is_cheapest
        assert best <= costs[str(found.amounts)] <= best * 1.001


@pytest.mark.parametrize(
    "seed", [pytest.param(n, marks=pytest.mark.slow) if n >= N_QUICK else n for n in range(12)]
)
def test_with_contingencies_too(seed: int) -> None:
    """A replica less of what is held, for as long as the peak lasts: the hired desk takes what it did."""
    document = _random_problem(seed).model_dump()
    document["capacity"]["survive"] = [{"replica_loss": 1, "target": "own"}]
    scenario = Scenario.model_validate(document)
    found = _plan(scenario)
    costs, best = _cheapest_by_simulating_all(scenario)
    assert found.is_feasible == (best is not None)
    if best is not None:
        assert found.is_cheapest
        assert best <= costs[str(found.amounts)] <= best * 1.001


def test_neither_all_own_nor_all_hired() -> None:
    """Two servers are busy all day; a third would stand idle at night, and costs more than the calls it takes."""
    found = _plan(spilling_desk(2.0, 1.0, 2.0 / 3600.0))
    assert found.amounts == {"services.own.replicas": {"home": 2.0}}
    own, none = found.alternatives
    assert (own.kind, none.kind) == ("own", "none")
    assert own.holds


def _erlang_b(servers: int, load: float) -> float:
    blocked = 1.0
    for number in range(1, servers + 1):
        blocked = load * blocked / (number + load * blocked)
    return blocked


def test_cost_by_use_is_that_of_erlang_b() -> None:
    """Calls are those who find every server busy, by day and by night, each with Erlang's loss formula."""
    scenario = spilling_desk(2.0, 1.0, 0.01, slos=[])
    axes, stage = axes_of(scenario), scenario.stages[-1]
    bills = MonthCosts(Replicator(Runner()), scenario, axes, Billing(stage, price_book(scenario), _WARMUP_S))
    mean_share = (10.0 * 1.0 + 14.0 * 0.3) / 24.0
    day, night = 2.0 / mean_share, 2.0 * 0.3 / mean_share
    for servers in (0, 1, 2, 4):
        lost = (10.0 * day * _erlang_b(servers, day) + 14.0 * night * _erlang_b(servers, night)) / 24.0
        assert bills.by_use_usd((servers,)) == pytest.approx(lost * 3600.0 * HOURS_PER_MONTH * 0.01, rel=0.04)
        held = servers * 1.0 * HOURS_PER_MONTH
        assert bills.total_usd((servers,)) == pytest.approx(held + bills.by_use_usd((servers,)))


def test_parts_are_all_settings_each_once() -> None:
    scenario = _random_problem(0)
    axes = axes_of(scenario)
    parts = parts_of(axes, (True, True))
    assert parts[0] == SearchPart((1, 1), (2, 2))
    assert parts[-1] == SearchPart((0, 0), (0, 0))
    inside = [
        setting
        for part in parts
        for setting in itertools.product(
            *(range(low, high + 1) for low, high in zip(part.low, part.high, strict=True))
        )
    ]
    assert sorted(inside) == list(itertools.product(range(3), range(3)))
    assert parts_of(axes, (False, False)) == [SearchPart((0, 0), (2, 2))]


def test_many_optional_knobs_are_all_there_or_none_is() -> None:
    scenario = spilling_desk(2.0, 1.0, 0.01)
    document = scenario.model_dump()
    names = ["a", "b", "c", "d", "e"]
    document["regions"] = {name: {} for name in names}
    document["workloads"][0]["arrival_rate"] = dict.fromkeys(names, 1.0)
    axes = axes_of(Scenario.model_validate(document))
    parts = parts_of(axes, (True,) * 5)
    assert [part.low for part in parts] == [(1,) * 5, (0,) * 5]
    assert [part.high for part in parts] == [(6,) * 5, (0,) * 5]
