"""The fit error of a profile stands beside every result that rests on it: terminal, JSON and Markdown."""

import json
from pathlib import Path

import pytest
from typer.testing import Result

from simulator.scenario.files import files_of
from simulator.scenario.read.load import load_scenario
from simulator.studies.common.step_times import StepTimesSource
from simulator.studies.footer import fit_error_text
from tests.unit.invoking import invoke

SCENARIO = """
metadata: {name: own}
workloads:
  - name: chat
    arrival_rate: 2 rps
    prompt_tokens: {distribution: constant, value: 300}
    output_tokens: {distribution: constant, value: 40}
    steps: [{generate: mine}]
model_list:
  - {model_name: mine, success_rate: 96%, pool: {model: own, gpu: card, profile: steps.csv, price: $2/gpu_hour}}
window: {duration: 1m, warmup: 10s}
stages: [{name: all, duration: 4w, exposure: 100%}]
slos: [{name: quick, indicator: latency, objective: "p(95) < 10s"}]
thresholds: {latency: ["p(95) < 10s"]}
"""
STEPS = """# kv_tokens: 40000
# max_model_len: 8000
# gpu_power_w: 700
# fit_error_mean: 0.023
# fit_error_worst: 0.11
# source: bench of ours
prefill_tokens,batch,context_tokens,step_ms
0,1,1,6
0,1,8000,7
0,2,1,6.1
0,2,8000,7.1
512,0,1,20
512,0,8000,20
512,1,1,21
512,1,8000,22
512,2,1,22
512,2,8000,23
"""
LINE = "step times of mine: off by 2.3 % on average (11 % at worst); bench of ours"


@pytest.fixture
def scenario(tmp_path: Path) -> Path:
    (tmp_path / "steps.csv").write_text(STEPS)
    path = tmp_path / "own.yaml"
    path.write_text(SCENARIO)
    return path


def invoked(*arguments: object) -> Result:
    result = invoke(*arguments)
    assert result.exit_code in (0, 11), result.output
    return result


@pytest.mark.parametrize("verb", ["run", "plan"])
def test_on_the_terminal_and_in_json(verb: str, scenario: Path) -> None:
    assert LINE in invoke(verb, scenario, "--replications", 2).stdout
    document = json.loads(invoked(verb, scenario, "--replications", 2, "--json").stdout)
    profile = document["profiles"]["mine"]
    assert (profile["fit_error_mean"], profile["fit_error_worst"]) == (0.023, 0.11)
    metrics = document["metrics"] if verb == "run" else document["stages"][0]["metrics"]
    assert metrics["energy_per_action_wh"]["value"] > 0.0


def test_in_checks_and_comparisons(scenario: Path, tmp_path: Path) -> None:
    markdown = tmp_path / "check.md"
    told = invoked("check", scenario, "--replications", 2, "--budget", 2, "--markdown", markdown)
    assert LINE in " ".join(told.stdout.split())
    assert LINE in markdown.read_text()
    markdown = tmp_path / "compare.md"
    faster = tmp_path / "faster.yaml"
    faster.write_text(SCENARIO.replace("2 rps", "3 rps"))
    told = invoked("compare", scenario, faster, "--markdown", markdown, "--fail-on", "nothing")
    assert LINE in " ".join(told.stdout.split())
    assert LINE in markdown.read_text()


def test_in_the_list_of_pools(scenario: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "130")
    told = invoked("pools", scenario).stdout
    assert "2.3 % (11 %)" in told
    assert " Wh " in told
    [row] = json.loads(invoked("pools", scenario, "--json").stdout)["profiles"]
    assert row["full_energy_per_request_wh"] == pytest.approx(700.0 / row["full_rps"] / 3600.0)


def test_a_run_depends_on_the_content_of_the_profile(scenario: Path, tmp_path: Path) -> None:
    """A profile that was fitted again is another run: the store must not answer with the old one."""
    assert files_of(load_scenario(scenario, []).scenario) == ["steps.csv"]
    first = json.loads(invoked("run", scenario, "--json", "--out", tmp_path / "store").stdout)
    (tmp_path / "steps.csv").write_text(STEPS.replace("0,1,1,6\n", "0,1,1,5\n"))
    second = json.loads(invoked("run", scenario, "--json", "--out", tmp_path / "store").stdout)
    assert "from_store" not in second
    assert second["metrics"]["tpot_s"]["mean"] != first["metrics"]["tpot_s"]["mean"]


def test_what_is_not_known_is_said() -> None:
    unknown = StepTimesSource(
        model="m",
        gpu="g",
        engine="vllm",
        tensor_parallel=1,
        fit_error_mean=None,
        fit_error_worst=None,
        gpu_power_w=None,
        source="s",
        host="",
    )
    assert fit_error_text(unknown) == "fit error not known"
