"""Thresholds: how a name is read, and that every mistake in one is told with what would be right."""

from pathlib import Path

import pytest

from simulator.metrics.registry import COSTS, MONTHLY_COST, TESTABLE
from simulator.results.estimates import SAMPLED, SAMPLED_OF_TARGETS
from simulator.scenario.read.errors import ScenarioError
from simulator.scenario.read.hashing import scenario_hash
from simulator.scenario.read.load import load_scenario
from simulator.scenario.thresholds import (
    ThresholdNameError,
    parse_threshold_name,
)

BASE = """metadata: {name: desk}
workloads: [{name: ask, arrival_rate: 2, steps: [{call: desk}]}]
services: {desk: {replicas: 4, max_ongoing_requests: 1, service_time: {distribution: constant, value: 1}}}
stages: [{name: half, duration: 1w, exposure: 50%}]
thresholds:
"""


def problems(tmp_path: Path, thresholds: str) -> list[str]:
    file = tmp_path / "desk.yaml"
    file.write_text(BASE + thresholds, encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        load_scenario(file)
    return [str(problem).removeprefix(f"{file}:") for problem in caught.value.problems]


def test_a_name_has_a_metric_and_labels() -> None:
    found = parse_threshold_name(" latency_s{ region:home , stage:half }")
    assert (found.metric, found.labels) == ("latency", {"region": "home", "stage": "half"})
    assert parse_threshold_name("monthly_cost").labels == {}


def test_the_metrics_are_those_of_the_results_and_costs() -> None:
    assert set(TESTABLE) == {*SAMPLED, *SAMPLED_OF_TARGETS, *COSTS, MONTHLY_COST}


@pytest.mark.parametrize(
    "text", ["latency{", "latency}", "latency{region}", "latency{region:}", "{}", "a{b:c}{d:e}"]
)
def test_other_forms_are_refused(text: str) -> None:
    with pytest.raises(ThresholdNameError):
        parse_threshold_name(text)


@pytest.mark.parametrize(
    ("threshold", "told"),
    [
        ('latencey: ["mean < 1s"]', "no metric `latencey` (did you mean `latency`?)"),
        ('latency{regio:home}: ["mean < 1s"]', "no label `regio` (did you mean `region`?)"),
        ('latency{region:hom}: ["mean < 1s"]', "no region `hom` (did you mean `home`?)"),
        ('latency{stage:haf}: ["mean < 1s"]', "no stage `haf` (did you mean `half`?)"),
        ('latency{target:desk}: ["mean < 1s"]', "`latency` has no label `target`"),
        ('utilization: ["< 90%"]', "`utilization` is that of a target (write e.g. utilization{target:desk})"),
        ('availability: ["p(95) > 90%"]', "`availability` has no percentiles"),
        ('availability: ["p95 > 90%"]', "`availability` has no percentiles"),
        ('latency: ["p101 < 1s"]', "p101 is not a percentile between 0 and 100"),
        ('latency: ["p < 1s"]', "is not an objective such as"),
        ("availability: []", "no threshold is given"),
        ('latency{region:home,region:home}: ["mean < 1s"]', "a second label `region`"),
        ('queue_wait{target:desk,workload:ask}: ["mean < 1s"]', "not told by workload"),
    ],
)
def test_mistakes_are_told_at_their_line(tmp_path: Path, threshold: str, told: str) -> None:
    [problem] = problems(tmp_path, f"  {threshold}\n")
    assert problem.startswith("6:")
    assert told in problem


@pytest.mark.parametrize(
    ("classes", "labels", "told"),
    [
        (
            "simple: 70%, complex: 30%",
            "complexity:complx",
            "no complexity `complx` (did you mean `complex`?)",
        ),
        ("simple: 70%, complex: 30%", "complexity:odd", "no complexity `odd`"),
        ("complex: 100%", "complexity:complex", "no complexity `complex`"),
    ],
)
def test_a_class_of_complexity_is_one_of_several(
    tmp_path: Path, classes: str, labels: str, told: str
) -> None:
    file = tmp_path / "desk.yaml"
    text = BASE.replace("arrival_rate: 2,", f"arrival_rate: 2, complexity: {{{classes}}},")
    file.write_text(f'{text}  success_rate{{{labels}}}: [">= 90%"]\n', encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        load_scenario(file)
    assert told in str(caught.value)


def test_a_workload_without_a_class_is_not_narrowed_to_it(tmp_path: Path) -> None:
    file = tmp_path / "desk.yaml"
    two = """workloads:
  - {name: ask, arrival_rate: 2, complexity: {simple: 70%, complex: 30%}, steps: [{call: desk}]}
  - {name: sort, arrival_rate: 2, steps: [{call: desk}]}
"""
    text = BASE.replace("workloads: [{name: ask, arrival_rate: 2, steps: [{call: desk}]}]\n", two)
    file.write_text(
        f'{text}  success_rate{{complexity:simple,workload:sort}}: [">= 90%"]\n', encoding="utf-8"
    )
    load_scenario(file)
    file.write_text(
        f'{text}  success_rate{{complexity:complex,workload:sort}}: [">= 90%"]\n', encoding="utf-8"
    )
    with pytest.raises(ScenarioError, match="`sort` has no actions of class `complex`"):
        load_scenario(file)


def test_keys_of_an_entry_are_known(tmp_path: Path) -> None:
    [problem] = problems(tmp_path, '  latency: [{threshold: "mean < 1s", abort_on_fial: true}]\n')
    assert "abort_on_fail" in problem


def test_a_month_needs_stages(tmp_path: Path) -> None:
    file = tmp_path / "desk.yaml"
    file.write_text(BASE.replace("stages:", "metadata2:") + '  monthly_cost: ["< $1"]\n', encoding="utf-8")
    file.write_text(
        "\n".join(line for line in file.read_text().splitlines() if "metadata2" not in line), encoding="utf-8"
    )
    with pytest.raises(ScenarioError, match="no `stages`"):
        load_scenario(file)


def test_a_threshold_does_not_change_what_is_simulated(tmp_path: Path) -> None:
    hashes = set()
    for limit in ("1s", "2s"):
        file = tmp_path / "desk.yaml"
        file.write_text(BASE + f'  latency: ["mean < {limit}"]\n', encoding="utf-8")
        hashes.add(scenario_hash(load_scenario(file).scenario))
    assert len(hashes) == 1


@pytest.mark.parametrize("limit", ["p95 < 3s", "p(95) < 3s"])
def test_a_percentile_has_two_spellings(tmp_path: Path, limit: str) -> None:
    file = tmp_path / "desk.yaml"
    slo = f'slos: [{{name: quick, indicator: latency, objective: "{limit}"}}]\n'
    file.write_text(f'{BASE}  latency: ["{limit}"]\n{slo}', encoding="utf-8")
    scenario = load_scenario(file).scenario
    assert [one.statistic for one in scenario.thresholds["latency"]] == [0.95]
    assert scenario.slos[0].objective.statistic == 0.95


@pytest.mark.parametrize("name", ["retries_per_action", "hedges_per_action", "fallbacks_per_action"])
def test_extra_tries_can_be_limited(tmp_path: Path, name: str) -> None:
    file = tmp_path / "desk.yaml"
    file.write_text(f'{BASE}  {name}{{workload:ask}}: ["< 0.1"]\n', encoding="utf-8")
    assert load_scenario(file).scenario.thresholds
