"""Engines that an operator runs: VLLMRuntime of vLLM's production stack, and LLM applications of Ray Serve.

Ray Serve's configuration is YAML within YAML in a RayService (`serveConfigV2`), and a file of its own with `serve deploy`.
"""

from collections.abc import Mapping
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from simulator.formats.configs.kubernetes import gpu_of, kind_of
from simulator.formats.configs.parts import Block, Imported, count, items, mapping, number, place
from simulator.formats.documents import ForeignMap, ForeignRow

_ENGINE = {
    "max_num_seqs": "max_num_seqs",
    "max_num_batched_tokens": "max_num_batched_tokens",
    "max_model_len": "max_model_len",
    "tensor_parallel_size": "tensor_parallel",
}
_QUIET = {
    "dtype",
    "device",
    "trust_remote_code",
    "enable_chunked_prefill",
    "enable_prefix_caching",
    "tokenizer_pool_size",
}
_AUTO = {"min_replicas": 1, "max_replicas": 100, "target_ongoing_requests": 2}  # of `num_replicas: auto`
_RAY_DELAYS = {"upscale_delay_s": "upscale_delay", "downscale_delay_s": "downscale_delay"}
_RUNNING = 5  # requests for each replica: the production stack's own default
_POLLING_S = 15  # its default


def is_ray_serve(document: Any) -> bool:
    """Whether a document is a configuration of Ray Serve."""
    return isinstance(document, Mapping) and any(
        isinstance(item, Mapping) and "import_path" in item for item in items(document.get("applications"))
    )


def read_ray_service(document: Any, name: str, into: Imported) -> None:
    """Add the LLM applications of a RayService."""
    text = mapping(document.get("spec")).get("serveConfigV2")
    try:
        inner = YAML(typ="safe", pure=True).load(str(text or ""))
    except (YAMLError, RecursionError, ValueError):
        into.dropped.append(f"{name}: `serveConfigV2` is not valid YAML")
        return
    own = str(mapping(document.get("metadata")).get("name", "RayService"))
    if not is_ray_serve(inner):
        into.dropped.append(f"{name}: RayService {own} has no application")
        return
    read_ray_serve(inner, name, into, place(mapping(document.get("spec")), "serveConfigV2", name))


def read_ray_serve(document: Any, name: str, into: Imported, origin: str = "") -> None:
    """Add the LLM applications of a configuration of Ray Serve.

    Parameters
    ----------
    origin : where it stands; empty: it is a file of its own
    """
    found = False
    for application in items(document.get("applications")):
        configs = items(mapping(mapping(application).get("args")).get("llm_configs"))
        if not configs:
            told = mapping(application).get("name") or mapping(application).get("import_path")
            into.dropped.append(f"{name}: Ray Serve application {told} runs no LLM")
        for config in configs:
            found = True
            _add_llm(mapping(config), name, into, origin or place(mapping(application), "args", name))
    if found:
        into.formats.append(f"{name}: Ray Serve")


def _add_llm(config: ForeignMap, name: str, into: Imported, origin: str) -> None:
    loading, deployment = (
        mapping(config.get("model_loading_config")),
        mapping(config.get("deployment_config")),
    )
    own = str(loading.get("model_id") or "llm")
    source = loading.get("model_source")
    gpu = gpu_of(str(config.get("accelerator_type", "")))
    replicas = count(deployment.get("num_replicas"))
    pool: ForeignRow = {
        "model": source if isinstance(source, str) else own,
        "gpu": gpu or "h100_sxm",
        "replicas": replicas or 1,
    }
    for key, given in mapping(config.get("engine_kwargs")).items():
        if key in _ENGINE and (limit := count(given)) is not None:
            pool[_ENGINE[key]] = limit
        elif key == "gpu_memory_utilization" and (share := number(given)) is not None:
            pool[key] = share
        elif key == "enable_prefix_caching" and given is False:
            pool["prefix_caching"] = False
        elif key not in _QUIET:
            into.dropped.append(f"{name}: {own}: engine_kwargs.{key}: {given}")
    into.pools[own] = Block(pool, origin, () if gpu else ("gpu",))
    scaling = mapping(deployment.get("autoscaling_config"))
    if scaling or deployment.get("num_replicas") == "auto":
        into.scaling[own] = _ray_scaling(dict(scaling) or dict(_AUTO), own, name, into, origin)
    if (limit := count(deployment.get("max_ongoing_requests"))) is not None:
        into.dropped.append(
            f"{name}: {own}: max_ongoing_requests: {limit}; the engine queues what it cannot run"
        )


def _ray_scaling(scaling: ForeignRow, own: str, name: str, into: Imported, origin: str) -> Block:
    least, most = count(scaling.get("min_replicas")), count(scaling.get("max_replicas"))
    value: ForeignRow = {
        "min_replicas": 1 if least is None else least,
        "max_replicas": max(most or 1, least or 1),
        "target_ongoing_requests": number(scaling.get("target_ongoing_requests")) or 2,
    }
    for key, ours in _RAY_DELAYS.items():
        if (seconds := number(scaling.get(key))) is not None and seconds >= 0.0:
            value[ours] = f"{seconds:g}s"
    known = {"min_replicas", "max_replicas", "target_ongoing_requests", "initial_replicas", *_RAY_DELAYS}
    into.dropped += [
        f"{name}: {own}: autoscaling_config.{key}: {given}"
        for key, given in scaling.items()
        if key not in known
    ]
    return Block(value, origin)


def read_vllm_runtime(document: Any, name: str, into: Imported) -> None:
    """Add the engine of a VLLMRuntime, and how it is scaled."""
    spec = mapping(document.get("spec"))
    model, engine, deployment = (
        mapping(spec.get(key)) for key in ("model", "vllmConfig", "deploymentConfig")
    )
    own = str(mapping(document.get("metadata")).get("name", "vllm"))
    gpu = gpu_of(
        str(dict(mapping(spec.get("nodeSelector")))) + str(dict(mapping(deployment.get("nodeSelector"))))
    )
    pool: ForeignRow = {
        "model": str(model.get("modelURL", "")),
        "gpu": gpu or "h100_sxm",
        "replicas": count(deployment.get("replicas")) or 1,
    }
    for given, ours in (
        (model.get("maxNumSeqs"), "max_num_seqs"),
        (model.get("maxModelLen"), "max_model_len"),
        (engine.get("maxNumBatchedTokens"), "max_num_batched_tokens"),
        (engine.get("tensorParallelSize"), "tensor_parallel"),
    ):
        if (limit := count(given)) is not None:
            pool[ours] = limit
    if (share := number(engine.get("gpuMemoryUtilization"))) is not None:
        pool["gpu_memory_utilization"] = share
    if engine.get("enablePrefixCaching") is False:
        pool["prefix_caching"] = False
    into.dropped += [f"{name}: {own}: {word}" for word in items(engine.get("extraArgs"))]
    into.pools[own] = Block(pool, place(document, "spec", name), () if gpu else ("gpu",))
    scaling = mapping(spec.get("autoscalingConfig"))
    if scaling.get("enabled") is True:
        into.scaling[own] = _runtime_scaling(scaling, own, name, into, place(spec, "autoscalingConfig", name))
    into.formats.append(f"{name}: {kind_of(document)}")


def _runtime_scaling(scaling: ForeignMap, own: str, name: str, into: Imported, origin: str) -> Block:
    triggers = mapping(scaling.get("triggers"))
    least = count(scaling.get("minReplicas"))
    polling = count(scaling.get("pollingInterval"))
    value: ForeignRow = {
        "min_replicas": 1 if least is None else least,
        "max_replicas": max(1, count(scaling.get("maxReplicas")) or 1),
        "target_ongoing_requests": number(triggers.get("requestsRunningThreshold")) or _RUNNING,
        "metrics_interval": f"{polling or _POLLING_S}s",
    }
    for policy, ours in (("scaleUpPolicy", "upscale_delay"), ("scaleDownPolicy", "downscale_delay")):
        if (seconds := count(mapping(scaling.get(policy)).get("stabilizationWindowSeconds"))) is not None:
            value[ours] = f"{seconds}s"
    for key in ("generationTokensThreshold", "promptTokensThreshold"):
        if key in triggers:
            into.dropped.append(
                f"{name}: {own}: {key}: {triggers[key]}; the pool scales on requests that run"
            )
    zero = count(mapping(scaling.get("scaleDownPolicy")).get("scaleToZeroDelaySeconds"))
    if zero is not None and least == 0:
        into.dropped.append(
            f"{name}: {own}: scaleToZeroDelaySeconds: {zero}; the last replica goes as the others do"
        )
    return Block(value, origin)
