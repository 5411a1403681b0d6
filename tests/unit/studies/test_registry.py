"""Every study that is asked about a stage takes the scenario as it is there: a study that forgets it fails here."""

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from simulator.engine import Runner
from simulator.scenario.read.load import LoadedScenario, load_text, with_overrides
from simulator.studies.base import LoadedSource
from simulator.studies.registry import STUDIES, study_class

_TEXT = """metadata: {name: desk}
seed: 5
start: 2027-01-04
workloads:
  - name: ask
    arrival_rate: 0.5
    prompt_tokens: {distribution: constant, value: 500}
    output_tokens: {distribution: constant, value: 100}
    steps: [{generate: answer}, {review: {team: agents, sample: 20%}}]
model_list:
  - {model_name: small, provider: own, model: s, success_rate: 80%, prices: {input: $1/Mtok, output: $2/Mtok},
     ttft: {distribution: exponential, mean: 400ms}, tpot: {distribution: constant, value: 5ms}, error_rate: 5%}
  - {model_name: large, provider: own, model: l, success_rate: 95%, prices: {input: $5/Mtok, output: $9/Mtok},
     ttft: {distribution: exponential, mean: 900ms}, tpot: {distribution: constant, value: 9ms}, error_rate: 2%}
routes: {answer: {choose: [small, large], num_retries: 1}}
teams: {agents: {staff: 10, handle_time: {distribution: exponential, mean: 1m}, cost: $30/hour}}
window: {duration: 5m, warmup: 1m}
incidents: [{name: slow, kind: latency, target: large, factor: 5, start: 1m, duration: 1m}]
releases: [{name: v2, workload: ask, changes: {success_rate: -20%}}]
canary:
  steps: [{set_weight: 30%}, {analysis: quality}, {set_weight: 100%}]
  analyses: {quality: {interval: 2m, count: 2, compare: {metric: success_rate, alpha: 5%}}}
slos: [{name: latency, indicator: latency, objective: p95 < 30s}]
thresholds: {success_rate: [">= 50%"]}
stages:
  - {name: half, duration: 1w, exposure: 50%}
  - {name: all, duration: 1w, exposure: 100%, changes: {CHANGES}}
"""
_CHANGES = {
    "routes.answer.choose": "[large]",
    "workloads.ask.output_tokens.value": "200",
    "workloads.ask.steps.1.review.sample": "10%",
}
_WRITTEN = ("stages.all.changes=null", *(f"{path}={value}" for path, value in _CHANGES.items()))
_BEFORE = ("stages.all.changes=null",)
_OF_THE_FILE = {"scenario_hash", "wall_s", "head_hash", "files", "interrupted"}  # differ, or say nothing

_VARY = ("workloads.ask.arrival_rate=0.4,0.5",)


def _options(verb: str, folder: Path) -> Mapping[str, Any]:
    """What a study is asked besides the stage, so that it answers at once."""
    quick: dict[str, Mapping[str, Any]] = {
        "run": {"replications": 2},
        "check": {"replications": 2, "budget": 2},
        "compare": {"base": LoadedSource(_loaded(_BEFORE)), "replications": 2, "budget": 2},
        "drill": {"runs": 2, "cures": False},
        "cliff": {"runs": 2},
        "canary": {"rehearsals": 2},
        "drift": {"per_week": 0.1, "false_alarm_weeks": 8.0},
        "flow": {"replications": 2},
        "optimise": {
            "vary": _VARY,
            "out": folder,
            "replications": 1,
            "points": 1,
            "minimise": ("latency.p95",),
        },
        "sweep": {"vary": _VARY, "out": folder, "replications": 1, "design": "grid"},
        "what-if": {"change": ("routes.answer.num_retries=0",), "pairs": 2},
    }
    assert verb in quick, (
        f"say how `{verb}` is asked quickly, so that it is seen to know what a stage changes"
    )
    return quick[verb]


def _loaded(overrides: tuple[str, ...] = ()) -> LoadedScenario:
    changes = ", ".join(f"{path}: {value}" for path, value in _CHANGES.items())
    return with_overrides(load_text(_TEXT.replace("CHANGES", changes), "desk.yaml", Path()), overrides)


def _asks_for_a_stage(verb: str) -> str | None:
    return next((one.name for one in fields(study_class(verb)) if one.name in ("stage", "stages")), None)


def _told(verb: str, loaded: LoadedScenario, folder: Path) -> object:
    """What a study says of the last stage, but for what tells the files apart."""
    option = _asks_for_a_stage(verb)
    assert option is not None
    stage: Mapping[str, Any] = {option: "all" if option == "stage" else ["all"]}
    study = study_class(verb)(**{**_options(verb, folder), **stage})
    study.check(loaded.scenario)
    return _without_file(study.run(loaded, Runner(loaded.base_dir)).to_dict())


def _without_file(value: object) -> object:
    if isinstance(value, dict):
        return {key: _without_file(part) for key, part in value.items() if key not in _OF_THE_FILE}
    return [_without_file(part) for part in value] if isinstance(value, list) else value


@pytest.mark.parametrize("verb", [verb for verb in STUDIES if _asks_for_a_stage(verb)])
def test_a_stage_is_the_file_with_what_it_changes(verb: str, tmp_path: Path) -> None:
    told = {
        name: _told(verb, _loaded(overrides), tmp_path / name)
        for name, overrides in (("changed", ()), ("written", _WRITTEN), ("before", _BEFORE))
    }
    assert told["changed"] == told["written"]
    assert told["changed"] != told["before"]
