"""AnalysisTemplates: what a canary measures, where it is success or errors; the rest is listed."""

from pathlib import Path

import pytest

import simulator
from simulator.studies.inputs.imported.imported import ImportedScenario

_ROLLOUT = """\
apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata: {name: chat}
spec:
  strategy:
    canary:
      steps:
        - setWeight: 20
        - analysis: {templates: [{templateName: success-rate}, {templateName: errors}]}
        - setWeight: 60
        - analysis: {templates: [{templateName: job}]}
"""
_TEMPLATES = """\
kind: AnalysisTemplate
apiVersion: argoproj.io/v1alpha1
metadata: {name: success-rate}
spec:
  args: [{name: service-name}]
  metrics:
  - name: success-rate
    interval: 5m
    count: 4
    initialDelay: 1m
    successCondition: result[0] >= 0.95
    failureLimit: 3
    provider:
      prometheus: {address: "http://prometheus:9090", query: 'sum(irate(requests{code!~"5.*"}[5m]))'}
---
kind: ClusterAnalysisTemplate
apiVersion: argoproj.io/v1alpha1
metadata: {name: errors}
spec:
  metrics:
  - {name: error-rate, interval: 30s, count: 10, failureCondition: "result[0] > 0.025", provider: {prometheus: {}}}
---
kind: AnalysisTemplate
apiVersion: argoproj.io/v1alpha1
metadata: {name: job}
spec:
  metrics: [{name: pass, count: 1, interval: 5s, provider: {job: {}}}]
"""


def _imported(folder: Path, *texts: str) -> ImportedScenario:
    paths = []
    for number, text in enumerate(texts):
        paths.append(folder / f"{number}.yaml")
        paths[-1].write_text(text)
    return simulator.import_configs(paths)


@pytest.mark.parametrize(
    "texts", [(_ROLLOUT, _TEMPLATES), (_TEMPLATES, _ROLLOUT), (f"{_ROLLOUT}---\n{_TEMPLATES}",)]
)
def test_conditions_are_carried_over(tmp_path: Path, texts: tuple[str, ...]) -> None:
    found = _imported(tmp_path, *texts)
    canary = found.scenario.canary
    assert canary is not None
    steps = [step.model_dump() for step in canary.steps]
    assert [step["analysis"] for step in steps if "analysis" in step] == ["success-rate", "errors", "quality"]
    success, errors = canary.analyses["success-rate"], canary.analyses["errors"]
    assert (success.interval, success.count, success.initial_delay, success.failure_limit) == (
        300.0,
        4,
        60.0,
        3,
    )
    assert success.success_condition is not None
    [clause] = success.success_condition.clauses
    assert (clause.metric, clause.op, clause.limit) == ("availability", ">=", pytest.approx(0.95))
    assert errors.failure_condition is not None
    [clause] = errors.failure_condition.clauses
    assert (clause.metric, clause.op, clause.limit) == ("error_rate", ">", pytest.approx(0.025))
    assert canary.analyses["quality"].compare is not None
    assert any("the metric pass: what it measures is not known" in line for line in found.dropped)
    assert any("`quality` look at" in line for line in found.open)


@pytest.mark.parametrize(
    "condition",
    [
        "result[0] >= 0.95 && result[1] < 3",
        "len(result) == 0",
        "result[0] >= 95",
        "default(result, 1) > 0.5",
        "",
        "true",
    ],
)
def test_conditions_that_a_scenario_cannot_say(tmp_path: Path, condition: str) -> None:
    templates = _TEMPLATES.replace("result[0] >= 0.95", f"'{condition}'")
    found = _imported(tmp_path, _ROLLOUT, templates)
    assert found.scenario.canary is not None
    assert "success-rate" not in found.scenario.canary.analyses
    assert any("success-rate: the metric success-rate" in line for line in found.dropped)
