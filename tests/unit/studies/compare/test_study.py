"""Comparing two scenarios: what is judged, how it ends, and what may be compared with what."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from simulator.engine import Runner
from simulator.results.paired import sample_difference
from simulator.results.samples import Sample, to_estimate
from simulator.scenario.model import Scenario
from simulator.studies.common.criteria import Measure
from simulator.studies.compare.comparison_sides import CompareError, ComparisonSide, side_of_run
from simulator.studies.compare.regression import Judged, Statement, judge_family
from simulator.studies.compare.study import CompareOptions, compare, judged_measures, looks_of

Desk = Callable[..., Scenario]
OPTIONS = CompareOptions(stages=["all"], min_runs=4, max_runs=8)


def arm(scenario: Scenario) -> ComparisonSide:
    return ComparisonSide(
        "desk.yaml", scenario, Path(), tuple(stage.name for stage in scenario.stages), scenario.seed
    )


def slower(scenario: Scenario, mean_s: float) -> Scenario:
    service = scenario.services["desk"]
    changed = service.model_copy(
        update={"service_time": service.service_time.model_copy(update={"mean": mean_s})}
    )
    return scenario.model_copy(update={"services": {"desk": changed}})


def statement(before: list[float], after: list[float], metric: str = "latency", **judged: bool) -> Statement:
    first, second = (Sample(float(np.mean(units)), np.array(units)) for units in (before, after))
    return Statement(
        "all",
        Judged(Measure(metric), **{"is_lower_better": True, **judged}),
        to_estimate(first),
        to_estimate(second),
        sample_difference(first, second),
        first.units,
        second.units,
    )


def test_the_same_scenario_is_unchanged(desk: Desk) -> None:
    found = compare(arm(desk()), arm(desk()), OPTIONS, Runner())
    assert {change.verdict for change in found.changes} == {"PASS"}
    assert {change.statement.direction for change in found.changes} == {"none"}
    assert {change.statement.paired.n_pairs for change in found.changes} == {4}  # the first look decides


def test_a_slower_desk_is_a_regression_and_a_faster_one_is_not(desk: Desk) -> None:
    base, head = arm(desk()), arm(slower(desk(), 1.1))
    worse = {str(one.statement.judged.measure): one for one in compare(base, head, OPTIONS, Runner()).changes}
    assert worse["p95 latency"].verdict == "FAIL"
    assert worse["p95 latency"].statement.direction == "worse"
    assert worse["availability"].verdict == "PASS"
    better = {
        str(one.statement.judged.measure): one for one in compare(head, base, OPTIONS, Runner()).changes
    }
    assert (better["p95 latency"].verdict, better["p95 latency"].statement.direction) == (
        "PASS",
        "better",
    )


def test_limits_and_what_everyone_cares_for_are_judged(desk: Desk) -> None:
    head = arm(desk(thresholds={"throughput_rps": ["> 1"], "latency{stage:half}": ["p(50) < 9s"]}))
    found = judged_measures(head, "all")
    assert [(str(one.measure), one.is_lower_better) for one in found] == [
        ("queue_wait", True),
        ("throughput_rps", False),
        ("p95 latency", True),
        ("availability", False),
        ("success_rate", False),
        ("cost_per_successful_action", True),
    ]


def test_both_sides_have_the_seeds_of_the_base(desk: Desk) -> None:
    base, head = arm(desk(seed=5)), arm(desk(seed=99))
    found = compare(base, head, OPTIONS, Runner())
    assert {change.statement.direction for change in found.changes} == {"none"}


def test_sides_without_a_common_stage(desk: Desk) -> None:
    base = replace(arm(desk()), stages=("other",))
    with pytest.raises(CompareError, match="no stage in common: other; half, all"):
        compare(base, arm(desk()), OPTIONS, Runner())


def test_looks_double() -> None:
    assert looks_of(8, 32) == [8, 16, 32]
    assert looks_of(5, 12) == [5, 10, 12]
    assert looks_of(8, 8) == [8]


def test_a_loss_within_the_tolerance_passes_and_one_beyond_fails() -> None:
    before = [1.0, 1.1, 0.9, 1.05]
    within = [1.02 * value + 0.001 * k for k, value in enumerate(before)]
    beyond = [1.09 * value + 0.001 * k for k, value in enumerate(before)]
    near, far = judge_family([statement(before, within), statement(before, beyond)], 0.05, 0.05)
    assert (near.verdict, far.verdict) == ("PASS", "FAIL")
    assert near.p_same < 0.05 < far.p_same
    [strict] = judge_family([statement(before, within)], 0.0, 0.05)
    assert strict.verdict == "FAIL"


def test_less_is_worse_where_more_is_better() -> None:
    before, after = [10.0, 11.0, 9.0, 10.5], [9.0, 9.8, 8.1, 9.4]
    [goodput] = judge_family([statement(before, after, "goodput_rps", is_lower_better=False)], 0.05, 0.05)
    assert (goodput.verdict, goodput.statement.direction) == ("FAIL", "worse")


def test_a_share_is_measured_by_what_is_missing() -> None:
    before, after = (
        [0.990, 0.991, 0.989, 0.990],
        [0.988, 0.9888, 0.9868, 0.9881],
    )  # 0.2 % of 1 %: a fifth more
    [lost] = judge_family([statement(before, after, "availability", is_lower_better=False)], 0.05, 0.05)
    assert lost.verdict == "FAIL"
    [tolerated] = judge_family([statement(before, after, "availability", is_lower_better=False)], 0.5, 0.05)
    assert tolerated.verdict == "PASS"


def test_one_pair_decides_nothing() -> None:
    [open_one] = judge_family([statement([1.0], [2.0])], 0.05, 0.05)
    assert open_one.verdict == "UNDECIDED"


def test_a_run_of_other_files_cannot_be_a_base(desk: Desk, tmp_path: Path) -> None:
    class Run:
        key = "ab" * 32
        folder = tmp_path

        def __init__(self, scenario: object, file_hashes: list[str]) -> None:
            identity = {"stage": "all", "seeds": [3, 4], "file_hashes": file_hashes}
            self.manifest = {"identity": identity, "scenario": scenario}

        def verify(self) -> None:
            pass

    document = desk().model_dump(mode="json", by_alias=True)
    found = side_of_run(Run(document, []), tmp_path)
    assert (found.stages, found.first_seed, found.scenario) == (("all",), 3, desk())
    document["workloads"][0]["profile"] = {"file": "week.csv"}
    with pytest.raises(CompareError, match=r"week\.csv is not the file that run abababababab read"):
        side_of_run(Run(document, ["00" * 32]), tmp_path)
    with pytest.raises(CompareError, match="not one of this version"):
        side_of_run(Run({"metadata": {}}, []), tmp_path)
