"""A plan: calendar, order dates, cost of the month, decisions, progress, and what an interruption leaves."""

import threading
from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest

from simulator.engine import Runner
from simulator.scenario.model import Scenario
from simulator.studies.capacity.knobs import KnobError
from simulator.studies.plan.plan import PlanError, PlanOptions, plan
from simulator.studies.plan.stage_parts import order_by

Desk = Callable[..., Scenario]
PATH = "services.desk.replicas"


def test_stages_on_the_calendar_with_capacity_and_cost(desk: Desk) -> None:
    found = plan(desk(), PlanOptions(), Runner())
    half, everyone = found.stages
    assert not found.interrupted
    assert (half.start, half.end) == (datetime(2027, 1, 4, tzinfo=UTC), datetime(2027, 2, 1, tzinfo=UTC))
    assert everyone.start == half.end
    assert (half.decision, everyone.decision) == ("GO", "GO")
    assert half.capacity[PATH]["home"] < everyone.capacity[PATH]["home"]
    assert everyone.demand.peak_rps == pytest.approx(7.2)
    assert everyone.demand.by_region == pytest.approx({"home": 7.2})
    assert everyone.demand.actions_per_month == pytest.approx({"ask": 7.2 * 730 * 3600})
    assert everyone.cost.month.value == pytest.approx(everyone.capacity[PATH]["home"] * 0.5 * 730)
    assert sum(one.value for one in everyone.cost.by_category.values()) == pytest.approx(
        everyone.cost.month.value
    )
    assert everyone.cost.per_action is not None
    assert everyone.cost.per_action.value == pytest.approx(
        everyone.cost.month.value / (7.2 * 730 * 3600), rel=0.05
    )
    assert everyone.limiting_slo == "wait"
    assert everyone.limiting_place == "desk in home"
    assert everyone.warnings == ()
    assert everyone.counts.arrived > 4 * 1800 * 7


def test_order_only_what_is_more_than_ever_before(desk: Desk) -> None:
    few = desk(services={**desk().model_dump()["services"], "desk": {**_desk_service(), "replicas": 6}})
    half, everyone = plan(few, PlanOptions(), Runner()).stages
    assert half.order_by == {}  # six are there, fewer are needed
    assert everyone.order_by == {PATH: date(2027, 1, 11)}  # three weeks before 1 February
    many = desk(services={"desk": {**_desk_service(), "replicas": 30}})
    assert [stage.order_by for stage in plan(many, PlanOptions(), Runner()).stages] == [{}, {}]


def _desk_service() -> dict[str, object]:
    times = {"distribution": "exponential", "mean": 1.0}
    return {"max_ongoing_requests": 1, "price": 0.5, "service_time": times}


def test_one_region_that_rises_is_reason_enough_to_order(desk: Desk) -> None:
    scenario = desk()
    before, now = {PATH: {"a": 3.0, "b": 3.0}}, {PATH: {"a": 2.0, "b": 4.0}}
    assert order_by(scenario, date(2027, 2, 1), before, now) == {PATH: date(2027, 1, 11)}
    assert order_by(scenario, date(2027, 2, 1), before, before) == {}


def test_cost_objective_is_held_against_the_month(desk: Desk) -> None:
    slos = [
        {"name": "wait", "indicator": "queue_wait", "objective": "mean < 0.5s"},
        {"name": "cheap", "indicator": "cost_per_action", "objective": "< $0.0001"},
    ]
    (stage,) = plan(desk(slos=slos), PlanOptions(["all"]), Runner()).stages
    assert [found.slo for found in stage.verdicts] == ["wait", "cheap"]
    assert [found.verdict for found in stage.verdicts] == ["PASS", "FAIL"]
    assert stage.is_feasible
    assert stage.decision == "NO-GO"
    assert (stage.limiting_slo, stage.limiting_place) == ("cheap", "")


def test_limit_without_a_knob_is_a_warning_and_a_no_go(desk: Desk) -> None:
    service = {**_desk_service(), "replicas": 9, "rate_limit": "300 rpm", "burst": 10}
    slo = {"name": "served", "indicator": "availability", "objective": ">= 99%"}
    stage = plan(desk(services={"desk": service}, slos=[slo]), PlanOptions(["all"]), Runner()).stages[0]
    assert stage.decision == "NO-GO"
    assert not stage.is_feasible
    (warning,) = stage.warnings
    assert warning.startswith("desk in home is offered 43")
    assert warning.endswith(" more than its 300")


def test_capacity_that_would_not_be_enough_is_not_ordered(desk: Desk) -> None:
    knobs = [{"path": PATH, "min": 1, "max": 6, "lead_time": 604_800.0}]
    stages = [
        {"name": "too much", "duration": 604_800.0, "exposure": 1.0},
        {"name": "half", "duration": 604_800.0, "exposure": 0.5},
    ]
    service = {**_desk_service(), "replicas": 2}
    scenario = desk(services={"desk": service}, capacity={"knobs": knobs}, stages=stages)
    too_much, half = plan(scenario, PlanOptions(), Runner()).stages
    assert (too_much.is_feasible, half.is_feasible) == (False, True)
    assert too_much.capacity[PATH]["home"] == 6.0
    assert too_much.order_by == {}
    assert half.order_by == {PATH: date(2027, 1, 4)}


def test_warmup_is_found_where_the_scenario_leaves_it_open(desk: Desk) -> None:
    window = {"duration": 1800.0, "warmup": "auto"}
    (stage,) = plan(desk(window=window), PlanOptions(["all"]), Runner()).stages
    assert stage.decision == "GO"
    assert stage.capacity[PATH]["home"] == 9.0
    dark = [{"name": "dark", "duration": 604_800.0, "exposure": 0.0}]
    assert plan(desk(window=window, stages=dark), PlanOptions(), Runner()).stages[0].decision == "UNDECIDED"


def test_same_seed_same_plan(desk: Desk) -> None:
    first, again = (plan(desk(), PlanOptions(["all"]), Runner()).stages[0] for _ in range(2))
    assert first == again


def test_progress_rises_to_the_end_and_names_the_stage(desk: Desk) -> None:
    told: list[tuple[int, int, str]] = []
    plan(desk(), PlanOptions(), Runner(progress=lambda done, total, label: told.append((done, total, label))))
    done = [entry[0] for entry in told]
    assert done == sorted(done)
    assert told[-1][:2] == (200, 200)
    assert all(total == 200 for _, total, _ in told)
    assert any(label.startswith("half: peak") for _, _, label in told)


def test_interrupted_plan_keeps_the_finished_stages(desk: Desk) -> None:
    cancel = threading.Event()

    def stop_in_second(done: float, total: int, label: str) -> None:  # noqa: ARG001
        if label.startswith("all"):
            cancel.set()

    found = plan(desk(), PlanOptions(), Runner(progress=stop_in_second, cancel=cancel))
    assert found.interrupted
    assert [stage.name for stage in found.stages] == ["half"]
    cancel = threading.Event()
    cancel.set()
    assert plan(desk(), PlanOptions(), Runner(cancel=cancel)).stages == ()


def test_only_some_stages(desk: Desk) -> None:
    assert [stage.name for stage in plan(desk(), PlanOptions(["all"]), Runner()).stages] == ["all"]
    with pytest.raises(PlanError, match="no stage world; stages of the scenario: half, all"):
        plan(desk(), PlanOptions(["all", "world"]), Runner())
    with pytest.raises(PlanError, match="stages of the scenario: none"):
        plan(desk(stages=[]), PlanOptions(), Runner())


def test_knob_that_names_nothing_is_an_error(desk: Desk) -> None:
    knobs = [{"path": "services.till.replicas", "min": 0, "max": 1}]
    with pytest.raises(KnobError, match=r"services\.till\.replicas"):
        plan(desk(capacity={"knobs": knobs}), PlanOptions(), Runner())


def test_stage_nobody_sees_needs_nothing_and_shows_nothing(desk: Desk) -> None:
    stages = [{"name": "dark", "duration": 604_800.0, "exposure": 0.0}]
    (stage,) = plan(desk(stages=stages), PlanOptions(), Runner()).stages
    assert stage.capacity[PATH]["home"] == 1.0
    assert stage.cost.per_action is None
    assert [(found.verdict, found.estimate) for found in stage.verdicts] == [("UNDECIDED", None)]
    assert stage.decision == "UNDECIDED"
