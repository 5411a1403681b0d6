"""`rollout import`: each kind of file makes a scenario that runs, with origins, stubs and what could not be carried over."""

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import simulator
from simulator.formats.configs.parts import ConfigError
from simulator.formats.configs.read import read_configs
from simulator.scenario.model import Scenario
from simulator.scenario.read.errors import ScenarioError
from simulator.studies.inputs.imported.compose import composed, loaded
from tests.unit.invoking import invoke

LITELLM = """\
model_list:
  - model_name: chat
    litellm_params: {model: azure/gpt-4.1-mini, api_key: os.environ/KEY, tpm: 80_000, weight: 3}
    rpm: 600
  - model_name: chat
    litellm_params: {model: openai/gpt-4.1-mini, timeout: 30}
    tpm: "200_000"
  - model_name: large
    litellm_params: {model: azure/own-name, region_name: eu}
    model_info: {base_model: azure/gpt-4.1}
  - model_name: "*"
    litellm_params: {model: openai/*}
litellm_settings: {num_retries: 2, fallbacks: [{chat: [large]}]}
router_settings: {routing_strategy: usage-based-routing-v2}
"""
DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: llama}
spec:
  replicas: 3
  template:
    spec:
      nodeSelector: {cloud.google.com/gke-accelerator: nvidia-h100-80gb}
      containers:
        - image: vllm/vllm-openai:v0.11.0
          env: [{name: MODEL, value: meta-llama/Llama-3.1-8B-Instruct}]
          command: [sh, -c]
          args:
            - vllm serve $MODEL --max-num-seqs 64 --max_num_batched_tokens=4096 --no-enable-prefix-caching --swap-space 8
---
apiVersion: v1
kind: Service
metadata: {name: llama}
"""
KEDA = """\
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata: {name: scaler}
spec:
  scaleTargetRef: {name: llama}
  minReplicaCount: 1
  maxReplicaCount: 6
  pollingInterval: 15
  cooldownPeriod: 360
  triggers:
    - {type: prometheus, metadata: {query: "vllm:num_requests_waiting", threshold: '5'}}
    - {type: cron, metadata: {start: 0 8 * * *, end: 0 18 * * *, desiredReplicas: "4"}}
"""
HPA = """\
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: hpa}
spec:
  scaleTargetRef: {name: llama}
  minReplicas: 2
  maxReplicas: 5
  metrics:
    - {type: Pods, pods: {metric: {name: vllm_num_requests_running}, target: {averageValue: "24"}}}
  behavior: {scaleDown: {stabilizationWindowSeconds: 120}}
"""
ARGO = """\
apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata: {name: chat}
spec:
  strategy:
    canary:
      steps:
        - setWeight: 20
        - pause: {}
        - analysis: {templates: [{templateName: good}]}
        - setWeight: 60
        - pause: {duration: 40s}
"""
SLO = """\
apiVersion: openslo/v1
kind: SLO
metadata: {name: answer-latency}
spec:
  indicator: {spec: {thresholdMetric: {}}}
  budgetingMethod: Occurrences
  objectives: [{op: lt, value: 800, target: 0.95}, {op: lt, value: 3000, target: 0.99}]
---
apiVersion: openslo/v1
kind: SLO
metadata: {name: up}
spec: {indicator: {spec: {ratioMetric: {}}}, objectives: [{target: 0.995}]}
"""
ALL = {"litellm": LITELLM, "deployment": DEPLOYMENT, "keda": KEDA, "hpa": HPA, "argo": ARGO, "slo": SLO}


def _import(folder: Path, *names: str) -> tuple[Scenario, str, str]:
    files = []
    for name in names:
        files.append(folder / f"{name}.yaml")
        files[-1].write_text(ALL[name])
    out = folder / "scenario.yaml"
    result = invoke("import", *files, "-o", out)
    assert result.exit_code == 0, result.output
    return simulator.load(out).scenario, out.read_text(), result.stderr


def test_litellm(tmp_path: Path) -> None:
    scenario, text, told = _import(tmp_path, "litellm")
    first, second, large = scenario.model_list
    assert (first.model_name, first.provider, first.tpm, first.rpm) == ("chat", "azure", 80_000, 600)
    assert (second.model_name, second.tpm) == ("chat-2", 200_000)
    assert large.model == "gpt-4.1"  # the base model has the price
    route = scenario.routes["chat-route"]
    assert route.choose == ["chat", "chat-2"]
    assert (route.routing_strategy, route.num_retries, route.fallbacks) == (
        "usage-based-routing",
        2,
        ["large"],
    )
    assert route.per_try_timeout == 30.0
    assert "# litellm.yaml:2" in text
    assert "*: a wildcard" in told
    assert "`region_name` of large" in told
    assert "STUB" in text


@pytest.mark.parametrize("name", ALL)
def test_one_file_alone_makes_a_scenario(tmp_path: Path, name: str) -> None:
    scenario, text, _ = _import(tmp_path, name)
    assert scenario.model_list
    assert text.startswith("# From ")
    for line in text[text.index("\nmodel_list:") :].splitlines()[2:]:
        if line.startswith("    ") and line.strip() not in ("pool:",):
            assert "#" in line or line.strip().startswith(("- {", "steps:")), (
                line
            )  # every line has its origin, or is a stub


def test_weights_are_of_a_shuffle(tmp_path: Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(LITELLM.replace("usage-based-routing-v2", "simple-shuffle"))
    assert invoke("import", path, "-o", tmp_path / "s.yaml").exit_code == 0
    assert simulator.load(tmp_path / "s.yaml").scenario.model_list[0].weight == 3.0


def test_a_deployment_and_what_scales_it(tmp_path: Path) -> None:
    scenario, text, told = _import(tmp_path, "deployment", "keda")
    [model] = scenario.model_list
    assert model.pool is not None
    assert (model.pool.model, model.pool.gpu, model.pool.replicas) == (
        "meta-llama/Meta-Llama-3.1-8B",
        "h100_sxm",
        3,
    )
    assert (model.pool.max_num_seqs, model.pool.max_num_batched_tokens) == (64, 4096)
    assert not model.pool.prefix_caching
    assert model.pool.engine_version == "0.11"
    scaling = model.pool.autoscaling
    assert scaling is not None
    assert (scaling.min_replicas, scaling.max_replicas, scaling.target_queued_requests) == (1, 6, 5.0)
    assert (scaling.metrics_interval, scaling.downscale_delay) == (15.0, 360.0)
    assert "cron trigger" in told
    assert "--swap-space=8" in text


def test_an_autoscaler_of_version_two(tmp_path: Path) -> None:
    scenario, _, _ = _import(tmp_path, "deployment", "hpa")
    assert scenario.model_list[0].pool is not None
    scaling = scenario.model_list[0].pool.autoscaling
    assert scaling is not None
    assert (scaling.min_replicas, scaling.max_replicas, scaling.target_ongoing_requests) == (2, 5, 24.0)
    assert scaling.downscale_delay == 120.0


def test_a_canary_with_a_manual_gate(tmp_path: Path) -> None:
    scenario, _, told = _import(tmp_path, "argo")
    assert scenario.canary is not None
    steps = [step.model_dump() for step in scenario.canary.steps]
    assert steps == [
        {"set_weight": 0.2}, {"analysis": "quality"}, {"set_weight": 0.6}, {"pause": 40.0}, {"set_weight": 1.0},
    ]  # fmt: skip
    assert "a manual gate" in told


def test_objectives(tmp_path: Path) -> None:
    scenario, _, told = _import(tmp_path, "slo")
    found = [(slo.name, slo.indicator, str(slo.objective.limit)) for slo in scenario.slos]
    assert found == [
        ("answer-latency", "latency", "0.8"),
        ("answer-latency-2", "latency", "3.0"),
        ("up", "availability", "0.995"),
    ]
    assert "is 800 in milliseconds" in told


@pytest.mark.slow
def test_all_together_run(tmp_path: Path) -> None:
    scenario, _, _ = _import(tmp_path, *[name for name in ALL if name != "hpa"])
    assert len(scenario.model_list) == 4
    result = invoke(
        "run",
        tmp_path / "scenario.yaml",
        "--replications",
        1,
        "--set",
        "window.duration=1m",
        "--set",
        "window.warmup=0",
    )
    assert result.exit_code in (0, 11, 99), result.output


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\n", "nothing that a scenario says"),
        ("a: [1\n", "not valid YAML"),
        ("", "nothing that a scenario says"),
        ("startTime,spend\n", "nothing that a scenario says"),
        ("&a [*a]\n", "nothing that a scenario says"),
    ],
)
def test_what_is_no_configuration_is_said(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "a.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=message):
        read_configs([path])


def test_a_scenario_has_one_gateway(tmp_path: Path) -> None:
    files = [tmp_path / "one.yaml", tmp_path / "two.yaml"]
    for file in files:
        file.write_text(ALL["litellm"])
    result = invoke("import", *files, "-o", tmp_path / "scenario.yaml")
    assert result.exit_code == 2
    assert "two.yaml: a second LiteLLM proxy configuration besides one.yaml" in result.stderr


def test_a_file_that_is_there_is_not_written_over(tmp_path: Path) -> None:
    _import(tmp_path, "litellm")
    result = invoke("import", tmp_path / "litellm.yaml", "-o", tmp_path / "scenario.yaml")
    assert result.exit_code == 2
    assert "is there already" in result.output


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(sorted(ALL)), st.data())
def test_damage_never_ends_in_a_traceback(tmp_path: Path, name: str, data: st.DataObject) -> None:
    text = ALL[name]
    start = data.draw(st.integers(0, len(text)))
    path = tmp_path / "a.yaml"
    path.write_text(
        text[:start]
        + data.draw(st.text("[]{}:-# \n'\"0aé*&!", max_size=8))
        + text[start + data.draw(st.integers(0, 30)) :]
    )
    try:
        told = loaded(composed(read_configs([path]), "x"), "x.yaml", tmp_path).name
    except (ConfigError, ScenarioError) as error:
        told = str(error)
    assert told


def test_in_python(tmp_path: Path) -> None:
    path = tmp_path / "litellm.yaml"
    path.write_text(LITELLM)
    found = simulator.import_configs([path], name="desk")
    assert {model.model_name for model in found.scenario.model_list} >= {"large"}
    assert found.n_stubs > 0
    assert any("*" in line for line in found.dropped)
    found.write(tmp_path / "scenario.yaml")
    assert simulator.load(tmp_path / "scenario.yaml").scenario.metadata.name == "desk"


def test_the_switches_of_an_engine_are_carried_over(tmp_path: Path) -> None:
    drafts = json.dumps({"method": "ngram", "num_speculative_tokens": 4})
    text = f"""\
apiVersion: apps/v1
kind: Deployment
metadata: {{name: vllm}}
spec:
  template:
    spec:
      nodeSelector: {{gpu: nvidia-h100}}
      containers:
        - image: vllm/vllm-openai:v0.10.2
          args: [serve, meta-llama/Meta-Llama-3.1-8B, --gpu-memory-utilization=0.85, --async-scheduling,
            --no-enable-chunked-prefill, --max-model-len=4096, --speculative-config, '{drafts}']
"""
    (tmp_path / "d.yaml").write_text(text)
    assert invoke("import", tmp_path / "d.yaml", "-o", tmp_path / "s.yaml").exit_code == 0
    [model] = simulator.load(tmp_path / "s.yaml").scenario.model_list
    assert model.pool is not None
    assert (model.pool.gpu_memory_utilization, model.pool.async_scheduling) == (0.85, True)
    assert not model.pool.chunked_prefill
    assert model.pool.speculation is not None
    assert (model.pool.speculation.tokens, model.pool.speculation.draft_cost) == (4, 0.0)
    assert "STUB" in (tmp_path / "s.yaml").read_text()
