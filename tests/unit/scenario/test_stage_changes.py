"""What a stage changes holds from it on, bit for bit as if the file had these values; mistakes are told at their line."""

from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

import simulator
from simulator.compiler.demand import stage_window
from simulator.engine import Runner
from simulator.results.run_result import RunResult
from simulator.scenario.read.errors import ScenarioError
from simulator.scenario.read.load import LoadedScenario, load_text, with_overrides
from simulator.studies.plan.notes import change_notes

TEXT = """metadata: {name: desk}
seed: 3
start: 2027-01-04
workloads:
  - name: ask
    arrival_rate: 0.5
    complexity: {easy: 60%, hard: 40%}
    prompt_tokens: {distribution: constant, value: 500}
    output_tokens: {distribution: constant, value: 100}
    steps: [{generate: answer}]
  - {name: audit, arrival_rate: 0.02, steps: [{generate: any}], prompt_tokens: {distribution: constant, value: 9},
     output_tokens: {distribution: constant, value: 9}}
model_list:
  - {model_name: small, provider: own, model: s, success_rate: 80%, prices: {input: $1/Mtok, output: $2/Mtok},
     ttft: {distribution: exponential, mean: 400ms}, tpot: {distribution: constant, value: 5ms}}
  - {model_name: large, provider: own, model: l, success_rate: 95%, prices: {input: $5/Mtok, output: $9/Mtok},
     ttft: {distribution: exponential, mean: 900ms}, tpot: {distribution: constant, value: 9ms}, rpm: 6_000}
routes:
  answer: {choose: [small], num_retries: 1}
  any: {choose: [small, large]}
window: {duration: 5m, warmup: 1m}
stages:
  - {name: pilot, duration: 1w, exposure: 20%}
  - {name: half, duration: 1w, exposure: 50%CHANGES_OF_HALF}
  - {name: all, duration: 1w, exposure: 100%CHANGES_OF_ALL}
slos:
  - {name: latency, indicator: latency, objective: p95 < 30s}
economics: {baseline: {cost_per_action: $1}}
"""
HALF = ", changes: {routes.answer.choose: [large], model_list.large.success_rate: 90%}"
ALL = ", changes: {model_list.large.prices.output: $20/Mtok, workloads.ask.output_tokens.value: 200}"
WRITTEN = {
    "pilot": (),
    "half": ("routes.answer.choose=[large]", "model_list.large.success_rate=90%"),
    "all": (
        "routes.answer.choose=[large]",
        "model_list.large.success_rate=90%",
        "model_list.large.prices.output=$20/Mtok",
        "workloads.ask.output_tokens.value=200",
    ),
}
LINE = TEXT[: TEXT.index("CHANGES_OF_HALF")].count("\n") + 1


def _loaded(half: str = HALF, every: str = ALL) -> LoadedScenario:
    text = TEXT.replace("CHANGES_OF_HALF", half).replace("CHANGES_OF_ALL", every)
    return load_text(text, "desk.yaml", Path())


def _written(overrides: Sequence[str]) -> LoadedScenario:
    """The file without changes of stages, and with these values."""
    return with_overrides(_loaded(), ("stages.half.changes=null", "stages.all.changes=null", *overrides))


def _run(loaded: LoadedScenario, stage: str) -> RunResult:
    window = stage_window(loaded.scenario, stage, "peak", 300.0, 60.0, Path())
    return Runner().run(loaded.scenario, window, 3)


@pytest.mark.parametrize("stage", list(WRITTEN))
def test_it_has_the_bits_of_a_file_with_these_values(stage: str) -> None:
    changed = _run(_loaded().at_stage(stage), stage)
    written = _run(_written(WRITTEN[stage]), stage)
    for field in fields(RunResult):
        mine, theirs = getattr(changed, field.name), getattr(written, field.name)
        if isinstance(mine, np.ndarray):
            assert mine.tobytes() == theirs.tobytes(), field.name
        elif field.name != "wall_s":
            assert mine == theirs, field.name


def test_before_the_first_stage_nothing_is_changed() -> None:
    loaded = _loaded()
    assert loaded.at_stage(None) == loaded
    assert loaded.at_stage("pilot").scenario == loaded.scenario


def test_taken_twice_it_is_the_same() -> None:
    once = _loaded().at_stage("all")
    assert once.at_stage("all").scenario == once.scenario


NO_CHANGES = ("stages.half.changes=null", "stages.all.changes=null")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return the scenario as a file."""
    path = tmp_path / "desk.yaml"
    path.write_text(TEXT.replace("CHANGES_OF_HALF", HALF).replace("CHANGES_OF_ALL", ALL), encoding="utf-8")
    return path


def test_a_plan_sees_it(file: Path) -> None:
    """As do studies of one stage, see `tests/unit/studies/test_registry.py`."""
    ours, theirs = (
        simulator.load(file, overrides).plan(replications=2).stages[-1]
        for overrides in ((), (*NO_CHANGES, *WRITTEN["all"]))
    )
    assert (ours.metrics, ours.cost) == (theirs.metrics, theirs.cost)


def test_the_months_of_a_stage_cost_what_it_changes(file: Path) -> None:
    changed, half, written = (
        simulator.load(file, overrides).cost(replications=2, by=("stage",), draws=0)
        for overrides in ((), NO_CHANGES[1:], (*NO_CHANGES, *WRITTEN["all"]))
    )
    found, before, after = (
        {stage.stage: stage.cost for stage in of.stages} for of in (changed, half, written)
    )
    assert found["pilot"] == before["pilot"] != after["pilot"]
    assert found["half"] == before["half"] != after["half"]
    assert found["all"] == after["all"] != before["all"]


def test_levers_on_cost_are_those_of_the_last_stage(file: Path) -> None:
    ours, theirs = (
        simulator.load(file, overrides).cost(replications=2, draws=0, levers=True, as_written=True).levers
        for overrides in ((), (*NO_CHANGES, *WRITTEN["all"]))
    )
    assert ours is not None
    assert ours == theirs


def test_the_plan_says_what_changes(file: Path) -> None:
    plan = simulator.load(file).plan(replications=2)
    assert [len(stage.changes) for stage in plan.stages] == [0, 2, 2]
    assert plan.stages[1].changes["routes.answer.choose"] == ["large"]
    pilot, half, _ = (stage.metrics.success_rate for stage in plan.stages)
    assert pilot is not None
    assert half is not None
    assert pilot.value < half.value
    assert list(change_notes(plan.stages[2])) == [
        "from here on `model_list.large.prices.output` is $20/Mtok",
        "from here on `workloads.ask.output_tokens.value` is 200",
    ]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("routes.answer.chose: [large]", "unknown key `chose`"),
        ("routes.answer.choose: [huge]", "huge"),
        ("model_list.large.success_rate: 190%", "model_list.large.success_rate"),
        ("stages.all.exposure: 50%", "a stage cannot change `stages`"),
        ("economics.platform: $5/month", "a stage cannot change `economics`"),
        ("services.search: {service_time: {distribution: constant, value: 1s}}", "adds, removes or renames"),
        ("workloads.ask.steps: [{generate: nowhere}]", "nowhere"),
    ],
)
def test_a_mistake_is_told_at_its_line(change: str, said: str) -> None:
    with pytest.raises(ScenarioError) as caught:
        _loaded(f", changes: {{{change}}}", "")
    [problem] = caught.value.problems
    assert problem.line == LINE
    assert problem.path.startswith("stages.half.changes")
    assert said in f"{problem.path}: {problem.message} {problem.hint}"


def test_a_knob_is_the_plan_s() -> None:
    text = TEXT + "capacity: {knobs: [{path: model_list.large.rpm, min: 60, max: 6_000}]}\n"
    text = text.replace("CHANGES_OF_HALF", ", changes: {model_list.large.rpm: 600}")
    with pytest.raises(ScenarioError, match="is a knob of `capacity`"):
        load_text(text.replace("CHANGES_OF_ALL", ""), "desk.yaml", Path())
