"""Nothing is called better of a change that answers fewer: cost, times and loads fall with those who are refused."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.engine import Runner
from simulator.metrics.columns import CountColumn
from simulator.results.answered_in_time import answers_fewer
from simulator.results.backlog import leaves_more
from simulator.results.run_result import RunResult
from simulator.scenario.change import ScenarioChange
from simulator.scenario.read.load import LoadedScenario, load_text
from simulator.studies.common.changes.change_text import direction_text, reading_text
from simulator.studies.what_if.peak import simulated
from simulator.studies.what_if.report import WhatIfReport
from simulator.studies.what_if.what_if import what_if_of

_FILE = """
metadata: {name: desk}
seed: 5
regions: {home: {}}
workloads:
  - name: ask
    arrival_rate: 5 rps
    timeout: 20s
    prompt_tokens: {distribution: constant, value: 500}
    output_tokens: {distribution: constant, value: 100}
    steps: [{call: search}, {generate: answer}, {review: {team: people, when: [exhausted]}}]
services:
  search:
    max_ongoing_requests: 3
    max_queued_requests: 30
    service_time: {distribution: exponential, mean: 300ms}
    price: $1/hour
model_list:
  - model_name: small
    provider: openai
    model: gpt-4o-mini
    regions: [home]
    ttft: {distribution: constant, value: 200ms}
    tpot: {distribution: constant, value: 5ms}
    rpm: 360
    prices: {input: 1, output: 4}
    success_rate: 90%
routes: {answer: {choose: [small], num_retries: 1, backoff: {base: 200ms}}}
teams:
  people:
    staff: 2
    handle_time: {distribution: exponential, mean: 20s}
    patience: {distribution: constant, value: 30s}
    cost: $30/hour
window: {duration: 10m, warmup: 2m}
slos:
  - {name: fast, indicator: latency, objective: "p95 < 8s"}
  - {name: cheap, indicator: cost_per_action, objective: "< $1"}
thresholds: {"utilization{target:small}": ["< 90%"]}
"""
_CHANGES: dict[str, list[Any]] = {
    "services.search.max_ongoing_requests": [1, 2, 6],
    "services.search.max_queued_requests": [0, 3, 500],
    "model_list.small.rpm": [60, 200, 900],
    "model_list.small.error_rate": [0.2, 0.6],
    "workloads.ask.timeout": ["2s", "60s"],
    "routes.answer.num_retries": [0, 4],
    "teams.people.staff": [1, 3, 9],
    "teams.people.patience.value": ["1s", "10m"],
}


def _loaded() -> LoadedScenario:
    return load_text(_FILE, "desk.yaml", Path())


def _what_if(change: ScenarioChange) -> tuple[WhatIfReport, list[RunResult], list[RunResult]]:
    loaded = _loaded()
    base = simulated(loaded, ScenarioChange(), None, 5, Runner())
    head = simulated(loaded, change, None, 5, Runner())
    return what_if_of(loaded, base, head, change), base.results, head.results


def _shares(runs: list[RunResult]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Of those who came, who got an answer within every limit; by run."""
    counts = [run.measured_counts.sum(axis=0) for run in runs]
    return np.array(
        [of[CountColumn.GOOD] / (of[CountColumn.ARRIVED] - of[CountColumn.INVALID]) for of in counts]
    )


@settings(max_examples=12, deadline=None)
@given(
    st.dictionaries(st.sampled_from(sorted(_CHANGES)), st.integers(0, 2), min_size=1, max_size=3),
    st.sampled_from([0.8, 1.0, 1.6]),
)
def test_no_change_that_answers_fewer_is_better(chosen: dict[str, int], demand: float) -> None:
    overrides = [f"{path}={_CHANGES[path][place % len(_CHANGES[path])]}" for path, place in chosen.items()]
    report, before, after = _what_if(ScenarioChange("changed", tuple(overrides), demand_factor=demand))
    fall = _shares(before) - _shares(after)
    if fall.mean() > 4.0 * fall.std(ddof=1) / np.sqrt(len(fall)) and fall.mean() > 0.005:
        assert {found.direction for found in report.measures} <= {"none", "unclear", "worse", "fewer"}
        assert all("better" not in (reading_text(found), direction_text(found)) for found in report.measures)


def test_who_is_refused_instead_of_answered_late_is_told_where_no_more_are_in_time() -> None:
    """Without a limit on time that anybody meets, a shorter queue only turns users away; with one it serves more in time."""
    slow = (
        "model_list.small.rpm=6000",
        "services.search.service_time.mean=550ms",
        "workloads.ask.timeout=10m",
    )
    base = ScenarioChange("long", (*slow, "services.search.max_queued_requests=3000"))
    for limit, is_fewer in (("1ms", True), ("1.5s", False)):
        text = _FILE.replace("p95 < 8s", f"p95 < {limit}").replace(
            "when: [exhausted]", "when: [], sample: 1%"
        )
        loaded = load_text(text, "desk.yaml", Path())
        short = ScenarioChange("short", (*slow, "services.search.max_queued_requests=2"))
        before, after = (simulated(loaded, change, None, 5, Runner()).results for change in (base, short))
        assert answers_fewer(before, after) is is_fewer


@pytest.mark.parametrize(("staff", "is_more"), [(2, True), (6, False)])
def test_what_leaves_a_growing_queue_behind_is_not_better(staff: int, is_more: bool) -> None:
    """Answers go out before people look at them: nobody is late, but cases pile up, and the bill of the window falls."""
    text = _FILE.replace("    patience: {distribution: constant, value: 30s}\n", "").replace(
        "when: [exhausted]", "sample: 30%"
    )
    loaded = load_text(text, "desk.yaml", Path())
    many = simulated(loaded, ScenarioChange("many", ("teams.people.staff=40",)), None, 5, Runner())
    change = ScenarioChange("few", (f"teams.people.staff={staff * 6}",))
    few = simulated(loaded, change, None, 5, Runner())
    report = what_if_of(loaded, many, few, change)
    assert leaves_more(many.results, few.results) is is_more
    assert leaves_more(few.results, many.results) is False
    cost = report.measure("cost_per_action")
    assert cost is not None
    assert direction_text(cost) == ("answers fewer" if is_more else "better")


def test_a_smaller_queue_is_cheaper_and_says_why() -> None:
    report, _, _ = _what_if(ScenarioChange("less", ("model_list.small.rpm=100",)))
    cost = report.measure("cost_per_action")
    assert cost is not None
    assert cost.answers_fewer
    assert cost.difference.high < 0.0
    assert direction_text(cost) == reading_text(cost) == "answers fewer"
    availability = report.measure("availability")
    assert availability is not None
    assert availability.direction == "worse"
