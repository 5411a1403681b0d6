"""Ray Serve and VLLMRuntime: engines, their limits and their scaling; what is no LLM, or has no key, is listed."""

from pathlib import Path

import pytest

import simulator
from simulator.formats.configs.parts import ConfigError
from simulator.mechanisms.replicas.config import Pool
from simulator.studies.inputs.imported.imported import ImportedScenario

_APPLICATIONS = """\
applications:
- name: llms
  import_path: ray.serve.llm:build_openai_app
  args:
    llm_configs:
    - model_loading_config: {model_id: small, model_source: meta-llama/Llama-3.1-8B-Instruct}
      accelerator_type: H100
      engine_kwargs: {max_num_seqs: 48, max_model_len: 8192, enable_prefix_caching: false, pipeline_parallel_size: 2}
      deployment_config:
        autoscaling_config:
          min_replicas: 2
          max_replicas: 6
          target_ongoing_requests: 64
          downscale_delay_s: 300
          upscaling_factor: 0.5
        max_ongoing_requests: 128
- name: fruit
  import_path: fruit.graph
"""
_RAY_SERVICE = (
    "apiVersion: ray.io/v1\nkind: RayService\nmetadata: {name: ray}\nspec:\n  serveConfigV2: |\n"
    + "".join(f"    {line}\n" for line in _APPLICATIONS.splitlines())
)
_RUNTIME = """\
apiVersion: production-stack.vllm.ai/v1alpha1
kind: VLLMRuntime
metadata: {name: llama}
spec:
  model: {modelURL: meta-llama/Llama-3.1-8B-Instruct, maxModelLen: 4096, maxNumSeqs: 32}
  vllmConfig: {tensorParallelSize: 1, gpuMemoryUtilization: "0.9", enablePrefixCaching: false}
  deploymentConfig: {replicas: 2}
  autoscalingConfig:
    enabled: true
    minReplicas: 0
    maxReplicas: 4
    scaleDownPolicy: {stabilizationWindowSeconds: 120, scaleToZeroDelaySeconds: 600}
    triggers: {requestsRunningThreshold: 8, promptTokensThreshold: 100}
"""


def _imported(folder: Path, text: str) -> tuple[ImportedScenario, Pool]:
    path = folder / "serve.yaml"
    path.write_text(text)
    found = simulator.import_configs([path])
    pool = found.scenario.model_list[0].pool
    assert pool is not None
    return found, pool


@pytest.mark.parametrize("text", [_APPLICATIONS, _RAY_SERVICE])
def test_ray_serve(tmp_path: Path, text: str) -> None:
    found, pool = _imported(tmp_path, text)
    assert found.scenario.model_list[0].model_name == "small"
    assert (pool.gpu, pool.max_num_seqs, pool.max_model_len, pool.prefix_caching) == (
        "h100_sxm",
        48,
        8192,
        False,
    )
    scaling = pool.autoscaling
    assert scaling is not None
    assert (scaling.min_replicas, scaling.max_replicas, scaling.target_ongoing_requests) == (2, 6, 64)
    assert scaling.downscale_delay == 300.0
    for word in (
        "pipeline_parallel_size: 2",
        "upscaling_factor",
        "max_ongoing_requests: 128",
        "fruit runs no LLM",
    ):
        assert any(word in line for line in found.dropped), word


def test_ray_serve_scales_by_itself(tmp_path: Path) -> None:
    before, _, after = _APPLICATIONS.partition("        autoscaling_config:")
    text = before + "        num_replicas: auto\n" + after[after.index("        max_ongoing") :]
    _, pool = _imported(tmp_path, text)
    assert pool.autoscaling is not None
    assert (pool.autoscaling.min_replicas, pool.autoscaling.max_replicas) == (1, 100)


def test_vllm_runtime(tmp_path: Path) -> None:
    found, pool = _imported(tmp_path, _RUNTIME)
    assert (pool.replicas, pool.max_num_seqs, pool.max_model_len, pool.prefix_caching) == (2, 32, 4096, False)
    scaling = pool.autoscaling
    assert scaling is not None
    assert (scaling.min_replicas, scaling.max_replicas, scaling.target_ongoing_requests) == (0, 4, 8)
    assert (scaling.metrics_interval, scaling.downscale_delay) == (15.0, 120.0)
    for word in ("promptTokensThreshold", "scaleToZeroDelaySeconds"):
        assert any(word in line for line in found.dropped), word


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            _APPLICATIONS[_APPLICATIONS.index("- name: fruit") :].join(["applications:\n", ""]),
            "fruit runs no LLM",
        ),
        (_RAY_SERVICE.replace("applications:", "applications: ["), "not valid YAML"),
        (
            "apiVersion: ray.io/v1\nkind: RayService\nmetadata: {name: ray}\n",
            "RayService ray has no application",
        ),
    ],
)
def test_what_runs_no_llm(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "serve.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=words):
        simulator.import_configs([path])
