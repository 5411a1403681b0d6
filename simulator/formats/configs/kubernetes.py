"""Kubernetes: vLLM in a Deployment, HorizontalPodAutoscaler and KEDA's ScaledObject on it, and canaries of Argo Rollouts."""

import json
import re
import shlex
from collections.abc import Mapping
from typing import Any

from simulator.formats.configs.parts import Block, Imported, count, items, mapping, number, place
from simulator.formats.documents import ForeignMap, ForeignRow

_GPUS = (
    ("h200", "h200_sxm"),
    ("h100", "h100_sxm"),
    ("a100", "a100_sxm"),
    ("b200", "b200_sxm"),
    ("l40s", "l40s"),
)
_FLAGS = {
    "max-num-seqs": "max_num_seqs", "max-num-batched-tokens": "max_num_batched_tokens", "max-model-len": "max_model_len",
    "tensor-parallel-size": "tensor_parallel",
}  # fmt: skip
_QUIET = {
    "model",
    "host",
    "port",
    "served-model-name",
    "trust-remote-code",
    "dtype",
    "disable-log-requests",
}
_SIZE = re.compile(r"\d+(?:\.\d+)?[bB]")
_TARGETS = (
    (re.compile(r"num_requests_waiting|queue", re.I), "target_queued_requests"),
    (re.compile(r"num_requests_running|concurren|ongoing|in_flight", re.I), "target_ongoing_requests"),
    (re.compile(r"cache_usage", re.I), "target_kv_usage"),
)


def kind_of(document: Any) -> str:
    """Kind of an object of Kubernetes; empty: it is none."""
    return (
        str(document["kind"])
        if isinstance(document, Mapping) and "apiVersion" in document and "kind" in document
        else ""
    )


def gpu_of(text: str) -> str:
    """Our name of the GPU that a text names; empty: none that is known."""
    return next((ours for word, ours in _GPUS if word in text.lower()), "")


def read_deployment(document: Any, name: str, into: Imported) -> None:
    """Add the engine of a Deployment, if it runs one."""
    spec = mapping(document.get("spec"))
    pod = mapping(mapping(spec.get("template")).get("spec"))
    own = str(mapping(document.get("metadata")).get("name", "pool"))
    for container in items(pod.get("containers")):
        words = _words(mapping(container))
        if not any("vllm" in word for word in words[:6]) and "vllm" not in str(
            mapping(container).get("image", "")
        ):
            continue
        origin = place(mapping(container), "args" if "args" in container else "command", name)
        into.pools[own] = _pool(
            mapping(container), words, pod, count(spec.get("replicas")) or 1, origin, into
        )
        into.formats.append(f"{name}: vLLM in a Deployment")
        return
    into.dropped.append(f"{name}: Deployment {own} runs no vLLM")


def _words(container: ForeignMap) -> list[str]:
    """Command and arguments, taken apart where they are a line of a shell, with variables put in."""
    values = {
        str(mapping(one).get("name")): str(mapping(one).get("value", ""))
        for one in items(container.get("env"))
        if "value" in mapping(one)
    }
    found = []
    for word in [*items(container.get("command")), *items(container.get("args"))]:
        text = re.sub(r"\$[({]?(\w+)[)}]?", lambda match: values.get(match[1], match[0]), str(word))
        try:
            is_line = " " in text.strip() and not text.lstrip().startswith("{")  # not a flag's JSON
            found += shlex.split(text) if is_line else [text]
        except ValueError:
            found.append(text)
    return found


def _pool(
    container: ForeignMap,
    words: list[str],
    pod: ForeignMap,
    replicas: int,
    origin: str,
    into: Imported,
) -> Block:
    flags = _flags(words)
    model = flags.get("model") or next(
        (words[n + 1] for n, word in enumerate(words[:-1]) if word == "serve"), ""
    )
    gpu = gpu_of(str(dict(mapping(pod.get("nodeSelector")))))
    value: ForeignRow = {"model": model, "gpu": gpu or "h100_sxm", "replicas": replicas}
    stubs = [] if gpu else ["gpu"]
    if version := re.search(r":v?(\d+\.\d+)", str(container.get("image", ""))):
        value["engine_version"] = version[1]
    for flag, given in flags.items():
        if flag in _FLAGS and (limit := count(given)) is not None:
            value[_FLAGS[flag]] = limit
        elif flag == "gpu-memory-utilization" and (share := number(given)) is not None:
            value["gpu_memory_utilization"] = share
        elif flag in ("async-scheduling", "no-async-scheduling"):
            value["async_scheduling"] = flag == "async-scheduling"
        elif flag == "speculative-config" and (drafts := _drafts(given)) is not None:
            value["speculation"] = drafts
            stubs.append("speculation")
        elif flag == "no-enable-prefix-caching":
            value["prefix_caching"] = False
        elif flag == "no-enable-chunked-prefill" and not _is_v1(str(value.get("engine_version", ""))):
            value["chunked_prefill"] = False
        elif flag not in _QUIET and not flag.startswith("enable-"):
            into.dropped.append(f"{origin}: --{flag}{f'={given}' if given else ''}")
    return Block(value, origin, tuple(stubs))


def _drafts(given: str) -> ForeignRow | None:
    """Speculation by the flag's JSON; no flag says how much is accepted."""
    try:
        stated = mapping(json.loads(given))
    except ValueError:
        return None
    tokens = count(stated.get("num_speculative_tokens"))
    if tokens is None or not 1 <= tokens <= 16:
        return None
    drafts: ForeignRow = {"tokens": tokens, "acceptance": 0.6}
    return drafts | ({"draft_cost": 0.0} if stated.get("method") in ("ngram", "suffix") else {})


def _is_v1(version: str) -> bool:
    """Whether vLLM mixes prompts with decodes whatever the flag says: from 0.11 on, and where nobody knows."""
    major, _, minor = version.partition(".")
    return not version or (int(major), int(minor or 0)) >= (0, 11)


def _flags(words: list[str]) -> dict[str, str]:
    found, place_ = {}, 0
    while place_ < len(words):
        word = words[place_]
        place_ += 1
        if not word.startswith("--"):
            continue
        flag, equals, given = word[2:].partition("=")
        if not equals and place_ < len(words) and not words[place_].startswith("-"):
            given = words[place_]
            place_ += 1
        found[flag.replace("_", "-")] = given
    return found


def read_scaler(document: Any, name: str, into: Imported) -> None:
    """Add the bounds and the target of an autoscaler, with what it scales."""
    spec, is_keda = mapping(document.get("spec")), kind_of(document) == "ScaledObject"
    own = str(mapping(spec.get("scaleTargetRef")).get("name", "pool"))
    least, most = (
        (spec.get("minReplicaCount", 0), spec.get("maxReplicaCount", 100))
        if is_keda
        else (spec.get("minReplicas", 1), spec.get("maxReplicas"))
    )
    value: ForeignRow = {"min_replicas": count(least) or 0, "max_replicas": max(1, count(most) or 1)}
    targets = _keda_targets(spec, name, into) if is_keda else _hpa_targets(spec)
    for metric, target in targets:
        key = next((ours for pattern, ours in _TARGETS if pattern.search(metric)), None)
        if key is None or not target or any(one.startswith("target_") for one in value):
            into.dropped.append(f"{name}: {kind_of(document)} of {own} on {metric}")
            continue
        value[key] = f"{100.0 * target:g}%" if key == "target_kv_usage" and target <= 1.0 else target
    if is_keda:
        for key, ours in (("pollingInterval", "metrics_interval"), ("cooldownPeriod", "downscale_delay")):
            if (seconds := count(spec.get(key))) is not None and seconds > 0:
                value[ours] = f"{seconds}s"
    behavior = mapping(spec.get("behavior"))
    for side, ours in (("scaleUp", "upscale_delay"), ("scaleDown", "downscale_delay")):
        if (seconds := count(mapping(behavior.get(side)).get("stabilizationWindowSeconds"))) is not None:
            value[ours] = f"{seconds}s"
    stubs: tuple[str, ...] = ()
    if not any(one.startswith("target_") for one in value):
        value["target_ongoing_requests"], stubs = 32, ("target_ongoing_requests",)
    into.scaling[own] = Block(value, place(document, "spec", name), stubs)
    into.formats.append(f"{name}: {'KEDA ScaledObject' if is_keda else 'HorizontalPodAutoscaler'}")


def _keda_targets(spec: ForeignMap, name: str, into: Imported) -> list[tuple[str, float]]:
    found = []
    for trigger in items(spec.get("triggers")):
        about = mapping(mapping(trigger).get("metadata"))
        if mapping(trigger).get("type") == "cron":
            into.dropped.append(
                f"{name}: a cron trigger ({about.get('start', '')} to {about.get('end', '')}: "
                f"{about.get('desiredReplicas', '')} replicas)"
            )
            continue
        found.append(
            (
                str(about.get("query") or about.get("metricName") or mapping(trigger).get("type", "")),
                number(about.get("threshold")) or 0.0,
            )
        )
    return found


def _hpa_targets(spec: ForeignMap) -> list[tuple[str, float]]:
    found = []
    for metric in items(spec.get("metrics")):
        body = next((mapping(value) for key, value in mapping(metric).items() if key != "type"), {})
        name = str(mapping(body.get("metric")).get("name") or body.get("name", ""))
        target = mapping(body.get("target"))
        found.append((name, number(target.get("averageValue") or target.get("value")) or 0.0))
    return found


def read_rollout(document: Any, name: str, into: Imported) -> None:
    """Add the steps of a canary."""
    strategy = mapping(mapping(document.get("spec")).get("strategy"))
    canary = mapping(strategy.get("canary"))
    steps = items(canary.get("steps"))
    if not steps:
        into.dropped.append(
            f"{name}: a Rollout without steps of a canary ({', '.join(map(str, strategy)) or 'no strategy'})"
        )
        return
    found: list[ForeignRow] = []
    templates: list[list[str]] = []
    for step in steps:
        [(key, given), *_] = mapping(step).items() or [("", None)]
        if key == "setWeight" and (weight := number(given)) is not None:
            found.append({"set_weight": f"{weight:g}%"})
        elif key == "pause":
            length = str(mapping(given).get("duration", ""))
            if length:
                found.append({"pause": f"{length}s" if length.isdigit() else length})
            else:
                into.dropped.append(
                    f"{name}: `pause: {{}}`, a manual gate: the rehearsal does not wait there"
                )
        elif key == "analysis":
            found.append({"analysis": "quality"})
            templates.append(_templates(given))
        else:
            into.dropped.append(f"{name}: the step `{key}`")
    if canary.get("analysis") or not any("analysis" in step for step in found):
        found.insert(1 if found and "set_weight" in found[0] else 0, {"analysis": "quality"})
        templates.insert(0, _templates(canary.get("analysis")))
    if not found or "set_weight" not in found[0]:
        into.dropped.append(f"{name}: a canary that does not begin with `setWeight`")
        return
    if found[-1] != {"set_weight": "100%"}:
        found.append({"set_weight": "100%"})
    into.canary = Block(
        {"steps": found, "templates": templates}, place(strategy, "canary", name), ("analyses",)
    )
    into.formats.append(f"{name}: Argo Rollout")


def _templates(analysis: Any) -> list[str]:
    """Names of the templates that an analysis asks for."""
    return [str(mapping(one).get("templateName", "")) for one in items(mapping(analysis).get("templates"))]
