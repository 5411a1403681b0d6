"""Comparing two scenarios: what is judged, how it ends, and what may be compared with what."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from simulator.engine import Runner
from simulator.errors import ExitCode, OptionError
from simulator.metrics.registry import metric
from simulator.results.paired import sample_difference
from simulator.results.samples import Sample, to_estimate
from simulator.results.store.manifest import Manifest, RunIdentity
from simulator.scenario.model import Scenario
from simulator.studies.common.changes.judged_measures import Judged, judged_measures
from simulator.studies.common.changes.statements import Statement
from simulator.studies.common.verdicts.criteria import Measure
from simulator.studies.compare.compare import compare, looks_of
from simulator.studies.compare.comparison_sides import CompareError, ComparisonSide, side_of_run
from simulator.studies.compare.regression import judge_family
from simulator.studies.compare.report import CompareReport, JudgedChange
from simulator.studies.compare.study import CompareStudy, FailOn

Desk = Callable[..., Scenario]
STUDY = CompareStudy(base="desk.yaml", stages=["all"], replications=4, budget=8)


def side(scenario: Scenario) -> ComparisonSide:
    stages = tuple(stage.name for stage in scenario.stages)
    return ComparisonSide("desk.yaml", scenario, Path(), stages, scenario.seed)


def change(report: CompareReport, metric: str) -> JudgedChange:
    return next(one for one in report.changes if one.metric == metric)


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
    found = compare(side(desk()), side(desk()), STUDY, Runner())
    assert {one.verdict for one in found.changes} == {"PASS"}
    assert {one.direction for one in found.changes} == {"none"}
    assert {one.n_pairs for one in found.changes} == {4}  # the first look decides


def test_what_is_only_told_says_which_way_is_better_as_its_metric_does(desk: Desk) -> None:
    told = compare(side(desk()), side(desk()), STUDY, Runner()).unjudged
    ways = {one.metric: one.better for one in told}
    assert ways["goodput_rps"] == "higher"
    assert ways == {name: "higher" if metric(name).better == "high" else "lower" for name in ways}


def test_a_slower_desk_is_a_regression_and_a_faster_one_is_not(desk: Desk) -> None:
    base, head = side(desk()), side(slower(desk(), 1.1))
    worse = compare(base, head, STUDY, Runner())
    assert (change(worse, "latency").verdict, change(worse, "latency").direction) == ("FAIL", "worse")
    assert change(worse, "availability").verdict == "PASS"
    better = compare(head, base, STUDY, Runner())
    assert (change(better, "latency").verdict, change(better, "latency").direction) == ("PASS", "better")


def test_limits_and_what_everyone_cares_for_are_judged(desk: Desk) -> None:
    head = desk(thresholds={"throughput_rps": ["> 1"], "latency{stage:half}": ["p(50) < 9s"]})
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
    base, head = side(desk(seed=5)), side(desk(seed=99))
    found = compare(base, head, STUDY, Runner())
    assert {one.direction for one in found.changes} == {"none"}


def test_sides_without_a_common_stage(desk: Desk) -> None:
    base = replace(side(desk()), stages=("other",))
    with pytest.raises(CompareError, match="no stage in common: other; half, all"):
        compare(base, side(desk()), STUDY, Runner())


def test_a_stage_that_one_side_does_not_have(desk: Desk) -> None:
    with pytest.raises(OptionError, match="no stage 'none-such'; there are: half, all"):
        replace(STUDY, stages=["none-such"]).check(desk())
    base = replace(side(desk()), stages=("half",))
    with pytest.raises(CompareError, match="the base has no stage all"):
        compare(base, side(desk()), STUDY, Runner())


def test_the_exit_code_tells_what_it_is_asked_to(desk: Desk) -> None:
    limits = {"latency": ["p(95) < 1ms"]}
    report = compare(
        side(desk(thresholds=limits)), side(slower(desk(thresholds=limits), 1.1)), STUDY, Runner()
    )
    undecided = report.model_copy(update={"verdict": "UNDECIDED"})
    codes = {
        reason: (
            replace(STUDY, fail_on=[reason]).exit_code(report),
            replace(STUDY, fail_on=[reason]).exit_code(undecided),
        )
        for reason in FailOn
    }
    assert codes == {
        FailOn.REGRESSION: (ExitCode.REGRESSION, ExitCode.UNDECIDED),
        FailOn.THRESHOLD: (ExitCode.FAILED, ExitCode.FAILED),
        FailOn.NOTHING: (ExitCode.PASS, ExitCode.PASS),
    }
    assert replace(STUDY, fail_on=list(FailOn)).exit_code(report) == ExitCode.REGRESSION


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

        def __init__(self, scenario: dict[str, Any], file_hashes: list[str]) -> None:
            identity = RunIdentity("", "all", {}, [3, 4], "", "", file_hashes)
            self.manifest = Manifest(key=self.key, identity=identity, created="", files={}, scenario=scenario)

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
