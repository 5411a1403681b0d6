"""Contingencies: N-1 is Erlang's formula with a server more to hold; one unit less fails; places that are out of reach."""

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from simulator.engine import Runner
from simulator.mechanisms.incidents.losses import ReplicaLoss, StaffShortage
from simulator.mechanisms.incidents.trouble import QuotaCut
from simulator.metrics.columns import AreaColumn
from simulator.scenario.contingency_places import cases_of
from simulator.scenario.model import Scenario
from simulator.studies.capacity.capacity import StageCapacity, plan_capacity
from simulator.studies.capacity.contingencies import held_for, in_use
from simulator.studies.capacity.knobs import Axis, axes_of
from simulator.studies.capacity.peak_trial import PeakTrial
from simulator.studies.capacity.search import cost_of
from simulator.studies.common.replicator import Replicator
from simulator.studies.common.windows import peaks
from simulator.studies.plan.plan import PlanOptions, plan
from simulator.theory.erlang import mean_wait_s

Desk = Callable[..., Scenario]
KNOBS = [{"path": "services.desk.replicas", "min": 1, "max": 40, "unit_cost": 100.0}]


def _capacity(*survive: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"knobs": KNOBS, "survive": list(survive)} | more


def _plan(scenario: Scenario) -> StageCapacity:
    found = peaks(scenario, scenario.stages[-1], Runner(), 300.0)
    return plan_capacity(Replicator(Runner()), scenario, found, cases=cases_of(scenario))


def _fewest(rate_rps: float, limit_s: float, service_s: float = 1.0) -> int:
    servers = int(rate_rps * service_s) + 1
    while mean_wait_s(servers, rate_rps, service_s) >= limit_s:
        servers += 1
    return servers


@pytest.mark.parametrize("n_lost", [1, 3])
@pytest.mark.parametrize("limit_s", [0.5, 0.01])
def test_what_is_left_after_a_loss_is_what_erlang_c_asks_for(desk: Desk, limit_s: float, n_lost: int) -> None:
    slo = {"name": "wait", "indicator": "queue_wait", "objective": f"mean < {limit_s}s"}
    found = _plan(desk(slos=[slo], capacity=_capacity({"replica_loss": n_lost})))
    assert found.amounts["services.desk.replicas"]["home"] == _fewest(7.2, limit_s) + n_lost
    assert found.is_cheapest
    assert found.is_feasible
    name = f"{n_lost} replica{'s' if n_lost > 1 else ''} of desk in home"
    assert [at.contingency for at in found.evidence] == [None, name]


def test_offered_load_is_carried_by_what_is_left_even_if_averages_would_pass(desk: Desk) -> None:
    slo = {"name": "wait", "indicator": "queue_wait", "objective": "mean < 1h"}
    found = _plan(desk(slos=[slo], capacity=_capacity({"replica_loss": 1})))
    assert found.amounts["services.desk.replicas"]["home"] == 9.0


def test_a_slow_target_needs_the_servers_of_its_longer_service(desk: Desk) -> None:
    slow = {
        "name": "slow",
        "kind": "latency",
        "target": "desk",
        "factor": 1.5,
        "every": "30d",
        "duration": "5m",
    }
    found = _plan(desk(incidents=[slow], capacity=_capacity({"incident": "slow"})))
    assert found.amounts["services.desk.replicas"]["home"] == _fewest(7.2, 0.5, 1.5)


def test_one_unit_less_holds_while_nothing_goes_wrong_and_fails_when_it_does(desk: Desk) -> None:
    scenario = desk(capacity=_capacity({"replica_loss": 1}))
    axes = axes_of(scenario)
    trial = PeakTrial(
        Replicator(Runner()),
        scenario,
        axes,
        peaks(scenario, scenario.stages[-1], Runner(), 300.0),
        cases_of(scenario),
    )
    level = axes[0].levels.index(float(_fewest(7.2, 0.5)))
    assert trial.evaluate((level + 1,)).holds
    assert not trial.evaluate((level,)).holds
    healthy, hit = trial.evidence((level,))
    assert [of.verdict for of in healthy.verdicts] == ["PASS"]
    assert [(of.verdict, of.contingency) for of in hit.verdicts] == [("FAIL", "1 replica of desk in home")]


def test_the_loss_is_in_force_for_the_whole_window(desk: Desk) -> None:
    """Servers over the measured span are one less than were bought, exactly."""
    hit = _plan(desk(capacity=_capacity({"replica_loss": 1}))).evidence[1].results[0]
    bought = _fewest(7.2, 0.5) + 1
    assert hit.areas[0, AreaColumn.SERVERS_S] == pytest.approx((bought - 1) * hit.duration_s)
    assert hit.replica_s[0] == pytest.approx(bought * hit.duration_s)  # what is lost is paid for all the same


def test_a_plan_tells_what_survival_costs_and_what_binds(desk: Desk) -> None:
    survive = ({"replica_loss": 1, "stages": ["all"]},)
    half, full = plan(desk(capacity=_capacity(*survive)), PlanOptions(), Runner()).stages
    assert half.survival is None
    assert full.survival is not None
    assert full.survival.without == {"services.desk.replicas": {"home": float(_fewest(7.2, 0.5))}}
    assert full.capacity["services.desk.replicas"]["home"] == _fewest(7.2, 0.5) + 1
    # a replica more, at half a dollar an hour of a month of 730 h; the same users either way
    assert full.survival.extra_cost.month.value == pytest.approx(0.5 * 730.0)
    assert full.survival.extra_cost.month.high - full.survival.extra_cost.month.low < 1e-6
    assert full.limiting_contingency == "1 replica of desk in home"
    assert full.decision == "GO"


def test_without_contingencies_nothing_changes_to_the_bit(desk: Desk) -> None:
    """A contingency of another stage leaves this one alone."""
    other = desk(capacity=_capacity({"replica_loss": 1, "stages": ["all"]}))
    assert repr(plan(desk(capacity=_capacity()), PlanOptions(["half"]), Runner()).stages) == repr(
        plan(other, PlanOptions(["half"]), Runner()).stages
    )


def test_what_no_knob_survives_is_told_with_its_shortfall(desk: Desk) -> None:
    """Half of the sixteen are lost: eight servers' mean wait is Erlang's, and above the limit."""
    slo = {"name": "wait", "indicator": "queue_wait", "objective": "mean < 0.5s"}
    knobs = [{"path": "services.desk.replicas", "min": 1, "max": 16}]
    found = _plan(desk(slos=[slo], capacity=_capacity({"replica_loss": 8}, knobs=knobs)))
    assert found.out_of_reach == ("wait",)
    (missed,) = found.missed_at_top
    assert missed.contingency == "8 replicas of desk in home"
    assert missed.estimate is not None
    # the exact value is 3.6 s; a run of half an hour from rest is short for such a load
    assert missed.estimate.value == pytest.approx(mean_wait_s(8, 7.2, 1.0), rel=0.5)
    assert missed.estimate.low > missed.limit


def test_a_region_is_lost_with_all_that_runs_in_it(desk: Desk) -> None:
    """Users of the lost region are served by the other one, which must have the places of both."""
    document: dict[str, Any] = {
        "regions": {"west": {}, "east": {}},
        "network": {"default": 0.001},
        "workloads": [{"name": "ask", "arrival_rate": 2.8, "steps": [{"call": "way"}]}],
        "routes": {"way": {"choose": ["desk"], "num_retries": 1, "failover_after": 1}},
        "services": {
            "desk": {"replicas": {"west": 9, "east": 9}, "max_ongoing_requests": 1}
            | {"service_time": {"distribution": "exponential", "mean": 1.0}}
        },
    }
    found = _plan(desk(**document, capacity=_capacity({"region_loss": "west"})))
    by_region = found.amounts["services.desk.replicas"]
    assert by_region == {"west": float(_fewest(2.8, 0.5)), "east": float(_fewest(5.6, 0.5))}


def test_what_sets_the_capacity_is_named_not_what_has_the_least_room(desk: Desk) -> None:
    """A slow archive leaves the least room and asks for nothing; the lost replica is what one more is bought for."""
    archive = {"max_ongoing_requests": 500, "service_time": {"distribution": "constant", "value": 4.0}}
    services = desk().model_dump(exclude_unset=True)["services"] | {"archive": archive}
    workloads = [
        {"name": "ask", "arrival_rate": {"home": 7.2}, "steps": [{"call": "desk"}, {"call": "archive"}]}
    ]
    slos = [
        {"name": "wait", "indicator": "queue_wait", "objective": "mean < 0.5s"},
        {"name": "latency", "indicator": "latency", "objective": "mean < 9.6s"},
    ]
    slow = {"name": "slow", "kind": "latency", "target": "archive", "factor": 2.0}
    (stage,) = plan(
        desk(
            services=services,
            workloads=workloads,
            slos=slos,
            incidents=[slow | {"every": "30d", "duration": "5m"}],
            capacity=_capacity({"replica_loss": 1, "target": "desk"}, {"incident": "slow"}),
        ),
        PlanOptions(["all"]),
        Runner(),
    ).stages
    assert stage.survival is not None
    lost = "1 replica of desk in home"
    assert stage.capacity["services.desk.replicas"]["home"] == _fewest(7.2, 0.5) + 1
    room = {one.name: one.tightest.slack for one in stage.survival.contingencies if one.tightest is not None}
    assert room["incident slow"] < room[lost]
    refusal = stage.survival.set_by["services.desk.replicas"]["home"]
    assert (refusal.slo, refusal.contingency) == ("wait", lost)
    assert stage.survival.decisive == refusal.contingency
    assert (stage.limiting_slo, stage.limiting_contingency) == ("wait", lost)


def test_the_offered_load_can_be_what_refuses_a_level_less(desk: Desk) -> None:
    slo = {"name": "wait", "indicator": "queue_wait", "objective": "mean < 1h"}
    found = _plan(desk(slos=[slo], capacity=_capacity({"replica_loss": 1})))
    refusal = found.set_by["services.desk.replicas"]["home"]
    assert (refusal.slo, refusal.contingency) == (None, "1 replica of desk in home")


def _two_regions(desk: Desk, *survive: dict[str, Any], **rates: float) -> Scenario:
    """Whoever finds nobody in their own region asks in the other."""
    knobs = [{"path": "services.desk.replicas", "min": 0, "max": 5, "unit_cost": 100.0}]
    document: dict[str, Any] = {
        "regions": {"west": {}, "east": {}},
        "network": {"default": 0.001},
        "workloads": [{"name": "ask", "arrival_rate": rates, "steps": [{"call": "way"}]}],
        "routes": {"way": {"choose": ["desk"], "num_retries": 1, "failover_after": 1}},
        "services": {
            "desk": {"replicas": {"west": 2, "east": 2}, "max_ongoing_requests": 1}
            | {"max_queued_requests": 4, "service_time": {"distribution": "exponential", "mean": 1.0}}
        },
        "slos": [
            {"name": "wait", "indicator": "queue_wait", "objective": "mean < 0.5s"},
            {"name": "served", "indicator": "availability", "objective": ">= 97%"},
        ],
    }
    return desk(**document, capacity=_capacity(*survive, knobs=knobs))


@pytest.mark.parametrize(
    "seed",
    [
        pytest.param(seed, marks=[pytest.mark.slow] if seed == 4 else []) for seed in range(9)
    ],  # the fifth lies at a limit
)
def test_a_region_that_a_loss_would_leave_empty_is_planned_as_all_settings_say(desk: Desk, seed: int) -> None:
    """One replica would do in the west, and its loss would leave nobody there; every cheaper setting is simulated."""
    rng = np.random.default_rng([35, seed])
    rates = {"west": float(rng.uniform(0.05, 0.4)), "east": float(rng.uniform(0.8, 1.8))}
    scenario = _two_regions(desk, {"replica_loss": 1}, **rates)
    found = _plan(scenario)
    axes, bench = axes_of(scenario), Replicator(Runner())
    at = peaks(scenario, scenario.stages[-1], Runner(), 300.0)
    trial = PeakTrial(bench, scenario, axes, at, cases_of(scenario))
    costs = [axis.cost_usd for axis in axes]
    by_region = found.amounts["services.desk.replicas"]
    chosen = int(by_region["west"]), int(by_region["east"])
    assert found.is_feasible
    assert _carries(chosen, rates)
    assert trial.evaluate(chosen).holds
    for setting in itertools.product(range(6), repeat=2):
        if cost_of(setting, costs) < cost_of(chosen, costs) and _carries(setting, rates):
            assert not trial.evaluate(setting).holds


def _carries(setting: tuple[int, int], rates: dict[str, float]) -> bool:
    """The plan's own rule: what is left in each region after the loss of a replica carries what is asked there."""
    return all(amount - 1 >= load for amount, load in zip(setting, rates.values(), strict=True))


def test_cases_of_what_nobody_asks_for_are_left_out(desk: Desk) -> None:
    idle = {
        "replicas": 3,
        "max_ongoing_requests": 1,
        "service_time": {"distribution": "constant", "value": 1.0},
    }
    services = desk().model_dump(exclude_unset=True)["services"] | {"idle": idle}
    scenario = desk(services=services, capacity=_capacity({"replica_loss": 1}))
    cases = cases_of(scenario)
    assert [case.name for case in cases] == ["1 replica of desk in home", "1 replica of idle in home"]
    bare = plan_capacity(Replicator(Runner()), scenario, peaks(scenario, scenario.stages[0], Runner(), 300.0))
    left = in_use(cases, [at.results for at in bare.evidence])
    assert [case.name for case in left] == ["1 replica of desk in home"]


def _axis(field: str) -> Axis:
    return Axis("", "home", "service", "desk", field, (0.0, 1.0), (0.0, 1.0), 0.0)


def test_as_much_is_held_as_leaves_enough() -> None:
    times = {"name": "x", "target": "desk", "duration": 60.0}
    lost = ReplicaLoss.model_validate({"kind": "replica_loss", "replicas": 2} | times)
    short = StaffShortage.model_validate({"kind": "staff", "share": 0.25} | times)
    cut = QuotaCut.model_validate({"kind": "quota", "factor": 0.5} | times)
    assert held_for(_axis("replicas"), lost, 5.0) == 7.0
    assert held_for(_axis("replicas"), lost, 0.0) == 0.0
    assert held_for(_axis("replicas"), lost.model_copy(update={"region": "away"}), 5.0) == 5.0
    assert held_for(_axis("staff"), short, 6.0) == 8.0
    assert held_for(_axis("tpm"), cut, 100.0) == 200.0
