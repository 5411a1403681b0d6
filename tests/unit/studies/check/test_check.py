"""Checking a scenario: which criteria there are, what each look decides, and when the work ends."""

import threading
from collections.abc import Callable

import pytest

from simulator.engine import Cancelled, Runner
from simulator.errors import OptionError
from simulator.scenario.model import Scenario
from simulator.studies.check.check import check
from simulator.studies.check.study import CheckStudy
from simulator.studies.common.verdicts.criteria import criteria_of

Desk = Callable[..., Scenario]
FEW = CheckStudy(replications=2, budget=2)
TWO_REGIONS = {
    "regions": {"east": {}, "west": {}},
    "workloads": [{"name": "ask", "arrival_rate": {"east": 3.0, "west": 1.0}, "steps": [{"call": "desk"}]}],
    "services": {
        "desk": {"replicas": 9, "max_ongoing_requests": 1}
        | {"service_time": {"distribution": "exponential", "mean": 1.0}}
    },
    "capacity": {},
}


def test_slos_and_thresholds_are_one_list(desk: Desk) -> None:
    scenario = desk(
        thresholds={
            "queue_wait{stage:half}": ["mean < 1s", {"threshold": "p(99) < 9s", "abort_on_fail": True}],
            "utilization{target:desk}": ["< 95%"],
        }
    )
    found = criteria_of(scenario)
    assert [str(one.measure) for one in found] == [
        "queue_wait",
        "queue_wait",
        "p99 queue_wait",
        "utilization{target:desk}",
    ]
    assert [one.stage for one in found] == [None, "half", "half", None]
    assert [one.abort_on_fail for one in found] == [False, False, True, False]
    assert found[2].path == ("thresholds", "queue_wait{stage:half}", 1, "threshold")


def test_a_star_stands_for_each(desk: Desk) -> None:
    scenario = desk(**TWO_REGIONS, slos=[], thresholds={"latency{region:*,stage:*}": ["mean < 9s"]})
    assert [(one.measure.selection.region, one.stage) for one in criteria_of(scenario)] == [
        ("east", "half"),
        ("east", "all"),
        ("west", "half"),
        ("west", "all"),
    ]


def test_regions_can_be_held_apart(desk: Desk) -> None:
    scenario = desk(**TWO_REGIONS, thresholds={"in_system{target:desk}": ["< 99"]})
    found = [str(one.measure) for one in criteria_of(scenario, by_region=True)]
    assert found == [
        "queue_wait",
        "queue_wait{region:east}",
        "queue_wait{region:west}",
        "in_system{target:desk}",
    ]


def test_every_criterion_is_judged_at_its_stages(desk: Desk) -> None:
    scenario = desk(
        thresholds={
            "latency{stage:half}": ["p(95) < 60s"],
            "throughput_rps{stage:all}": ["> 100"],
            "monthly_cost{stage:all}": ["p(90) < $1_000_000"],
            "cost_per_action": ["< $0.000001"],
        }
    )
    found = check(scenario, FEW, Runner())
    verdicts = [(one.criterion.name, one.stage, one.verdict) for one in found.verdicts]
    assert verdicts == [
        ("wait", "half", "PASS"),
        ("latency{stage:half}", "half", "PASS"),
        ("cost_per_action", "half", "FAIL"),
        ("wait", "all", verdicts[3][2]),
        ("throughput_rps{stage:all}", "all", "FAIL"),
        ("monthly_cost{stage:all}", "all", "PASS"),
        ("cost_per_action", "all", "FAIL"),
    ]
    assert found.stages == ("half", "all")


def test_a_month_costs_what_its_replicas_cost(desk: Desk) -> None:
    scenario = desk(slos=[], thresholds={"monthly_cost{stage:all}": ["< $1"]})
    [found] = check(scenario, FEW, Runner()).verdicts
    assert found.estimate.value == pytest.approx(9 * 0.5 * 730.0)  # nine replicas at half a dollar an hour


def test_replications_grow_until_decided(desk: Desk) -> None:
    open_limit = desk(slos=[], thresholds={"utilization{target:desk}": ["< 80%"]})  # 7.2 / 9 = 80 %
    options = CheckStudy(stages=["all"], replications=4, budget=16)
    [undecided] = check(open_limit, options, Runner()).verdicts
    assert (undecided.verdict, undecided.n_runs) == ("UNDECIDED", 16)
    clear = desk(slos=[], thresholds={"utilization{target:desk}": ["< 99%"]})
    [decided] = check(clear, options, Runner()).verdicts
    assert decided.verdict == "PASS"
    assert decided.n_runs < 16


def test_abort_on_fail_ends_the_check(desk: Desk) -> None:
    entry = {"threshold": "mean < 1us", "abort_on_fail": True}
    found = check(desk(thresholds={"latency": [entry]}), FEW, Runner())
    assert found.stages == ("half",)
    assert found.aborted_by.criterion.name == "latency"


def test_what_nobody_asks_for_is_left_out_unless_its_stage_is_named(desk: Desk) -> None:
    stages = [{"name": "east-only", "duration": 604_800.0, "exposure": {"east": 1.0}}]
    limits = {"latency{region:west}": ["mean < 9s"], "latency{region:west,stage:east-only}": ["mean < 9s"]}
    [found] = check(desk(**TWO_REGIONS, stages=stages, slos=[], thresholds=limits), FEW, Runner()).verdicts
    assert (found.criterion.stage, found.estimate, found.verdict) == ("east-only", None, "UNDECIDED")


def test_a_planned_capacity_can_be_held(desk: Desk) -> None:
    services = {
        "desk": {"replicas": 1, "max_ongoing_requests": 1, "price": 0.5}
        | {"service_time": {"distribution": "exponential", "mean": 1.0}}
    }
    scenario = desk(services=services)
    options = CheckStudy(stages=["half"], replications=4, budget=16, planned=True)
    [planned] = check(scenario, options, Runner()).verdicts
    [written] = check(scenario, CheckStudy(stages=["half"], replications=2, budget=2), Runner()).verdicts
    assert (planned.verdict, written.verdict) == ("PASS", "FAIL")


def test_a_stage_that_is_not_there(desk: Desk) -> None:
    with pytest.raises(OptionError, match="no stage 'none-such'; there are: half, all"):
        CheckStudy(stages=["none-such"]).check(desk())


def test_a_cancelled_check_keeps_what_was_finished(desk: Desk) -> None:
    cancel = threading.Event()

    def stop_at_the_second(_done: float, _total: int, label: str) -> None:
        if label == "all":
            cancel.set()

    found = check(desk(), FEW, Runner(progress=stop_at_the_second, cancel=cancel))
    assert (found.stages, found.interrupted) == (("half",), True)
    with pytest.raises(Cancelled):
        check(desk(), FEW, Runner(cancel=cancel))
