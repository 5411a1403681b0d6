"""Comparisons keep their promises: the rate of false alarms, the coverage of paired intervals, what pairing is worth.

Sides that are alike but for their seeds are *independent* pairs (seed k against seed k + 1,000,000), the hardest
case: with equal seeds an unchanged measure is equal to the last bit and cannot raise an alarm.
"""

from functools import cache
from math import sqrt
from pathlib import Path

import numpy as np
import pytest

from simulator.compiler.demand import stage_window
from simulator.engine import Runner
from simulator.results.estimates import sample_of
from simulator.results.paired import paired_difference, paired_units, sample_difference
from simulator.results.run_result import RunResult
from simulator.results.samples import Sample, to_estimate
from simulator.scenario.read.load import load_scenario
from simulator.studies.common.changes.judged_measures import Judged
from simulator.studies.common.changes.statements import Statement
from simulator.studies.common.verdicts.criteria import Measure
from simulator.studies.compare.regression import judge_family
from simulator.theory.comparison import holm, p_above
from simulator.theory.erlang import mean_wait_s

LEVEL = 0.05
N_PAIRS = 8
_OTHER_SEEDS = 1_000_000
_MEASURES = (
    ("latency", None),
    ("latency", "p50"),
    ("latency", "p95"),
    ("queue_wait", None),
    ("queue_wait", "p95"),
)
DESK = """metadata: {name: desk}
workloads: [{name: ask, arrival_rate: RATE, steps: [{call: desk}]}]
services: {desk: {max_ongoing_requests: 8, service_time: {distribution: exponential, mean: 1s}}}
window: {duration: SPAN, warmup: 30s}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder for scenario files."""
    return tmp_path_factory.mktemp("desks")


def runs(folder: Path, rate_rps: float, first_seed: int, n_runs: int, span: str = "60s") -> list[RunResult]:
    file = folder / f"desk-{rate_rps}.yaml"
    file.write_text(DESK.replace("RATE", str(rate_rps)).replace("SPAN", span), encoding="utf-8")
    scenario = load_scenario(file).scenario
    window = stage_window(scenario, None, "peak", scenario.window.duration, 30.0)
    seeds = range(first_seed, first_seed + n_runs)
    return Runner(folder, n_threads=2).replicate(scenario, window, seeds)


def statements(before: list[RunResult], after: list[RunResult]) -> list[Statement]:
    found = []
    for indicator, statistic in _MEASURES:
        first, second = (sample_of(side, indicator, statistic) for side in (before, after))
        units = paired_units(first, second)
        judged = Judged(Measure(indicator), is_lower_better=True)
        estimates = to_estimate(first), to_estimate(second)
        found.append(Statement("all", judged, *estimates, sample_difference(first, second), *units))
    return found


def _alarms(folder: Path, n_experiments: int) -> tuple[int, int]:
    """Of comparisons of a scenario with itself: how many call the mean latency alone, and any of all, a regression."""
    before = runs(folder, 5.6, 0, n_experiments * N_PAIRS)
    after = runs(folder, 5.6, _OTHER_SEEDS, n_experiments * N_PAIRS)
    alone = together = 0
    for k in range(n_experiments):
        part = slice(k * N_PAIRS, (k + 1) * N_PAIRS)
        found = statements(before[part], after[part])
        [mean] = judge_family(found[:1], 0.0, LEVEL)
        alone += mean.p_regression < LEVEL
        together += any(change.verdict == "FAIL" for change in judge_family(found, 0.0, LEVEL))
    return alone, together


def check_alarms(folder: Path, n_experiments: int) -> None:
    alone, together = _alarms(folder, n_experiments)
    error = sqrt(LEVEL * (1.0 - LEVEL) / n_experiments)
    assert abs(alone / n_experiments - LEVEL) <= 4.0 * error, f"{alone} of {n_experiments}"
    assert together / n_experiments <= LEVEL + 4.0 * error, f"{together} of {n_experiments}"


def test_a_scenario_against_itself_fails_at_the_stated_rate(folder: Path) -> None:
    check_alarms(folder, 60)


@pytest.mark.slow
def test_a_scenario_against_itself_fails_at_the_stated_rate_at_full_size(folder: Path) -> None:
    check_alarms(folder, 300)


def check_coverage(folder: Path, n_experiments: int) -> None:
    """Paired intervals of what more demand does to the mean wait, against Erlang C."""
    truth_s = mean_wait_s(8, 5.8, 1.0) - mean_wait_s(8, 5.6, 1.0)
    before = runs(folder, 5.6, 0, n_experiments * N_PAIRS, "30m")
    after = runs(folder, 5.8, 0, n_experiments * N_PAIRS, "30m")
    n_covered = 0
    for k in range(n_experiments):
        part = slice(k * N_PAIRS, (k + 1) * N_PAIRS)
        found = paired_difference(before[part], after[part], "queue_wait").difference
        n_covered += found.low <= truth_s <= found.high
    error = sqrt(0.95 * 0.05 / n_experiments)
    assert abs(n_covered / n_experiments - 0.95) <= 4.0 * error, f"{n_covered} of {n_experiments}"


@cache
def _normal_pairs(n_experiments: int) -> tuple[int, int]:
    """Families of six correlated measures without a change: alarms of one measure, and of any, by Holm."""
    rng = np.random.default_rng(20270104)
    shared = rng.normal(size=(n_experiments, 1, N_PAIRS))
    losses = 0.7 * shared + 0.7 * rng.normal(size=(n_experiments, 6, N_PAIRS))
    alone = together = 0
    for family in losses:
        p_values = [p_above(loss.tolist()) for loss in family]
        alone += p_values[0] < LEVEL
        together += min(holm(p_values)) < LEVEL
    return alone, together


def test_many_measures_share_one_error() -> None:
    n_experiments = 4_000
    alone, together = _normal_pairs(n_experiments)
    error = sqrt(LEVEL * (1.0 - LEVEL) / n_experiments)
    assert abs(alone / n_experiments - LEVEL) <= 4.0 * error
    assert 0.02 < together / n_experiments <= LEVEL + 4.0 * error


def test_at_the_edge_of_the_tolerance_neither_verdict_is_more_frequent_than_stated() -> None:
    n_experiments = 2_000
    rng = np.random.default_rng(7)
    n_fail = n_pass = 0
    for _ in range(n_experiments):
        before = rng.normal(1.0, 0.1, N_PAIRS)
        after = 1.05 * before + rng.normal(0.0, 0.02, N_PAIRS)  # worse by exactly what is tolerated
        first, second = (Sample(float(units.mean()), units) for units in (before, after))
        judged = Judged(Measure("latency"), is_lower_better=True)
        paired = sample_difference(first, second)
        statement = Statement("all", judged, to_estimate(first), to_estimate(second), paired, before, after)
        [change] = judge_family([statement], 0.05, LEVEL)
        n_fail += change.verdict == "FAIL"
        n_pass += change.verdict == "PASS"
    error = sqrt(LEVEL * (1.0 - LEVEL) / n_experiments)
    assert abs(n_fail / n_experiments - LEVEL) <= 4.0 * error
    assert abs(n_pass / n_experiments - LEVEL) <= 4.0 * error


def test_paired_intervals_cover(folder: Path) -> None:
    check_coverage(folder, 40)


@pytest.mark.slow
def test_paired_intervals_cover_at_full_size(folder: Path) -> None:
    check_coverage(folder, 200)
