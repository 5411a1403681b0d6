"""Make the tables of step times that are shipped, from measurements published with aiconfigurator-core.

    python -m pip install 'rollout-simulator[profiles]'
    python -m simulator.mechanisms.replicas.make_profiles

An iteration is split as the package splits it: what all its tokens pass through, attention of prompts, attention of
decodes. Attention of prompts grows with pairs of tokens; its slope is fitted to prompts that go on after earlier chunks
and kept apart (`prefill_attention_s`), so that ten short prompts are not charged as one long one.
"""

import gzip
import json
from dataclasses import replace
from datetime import date
from importlib.metadata import version
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.mechanisms.replicas.catalog import PROFILES, file_name
from simulator.mechanisms.replicas.config import MEMORY_SHARE
from simulator.mechanisms.replicas.profile import Profile
from simulator.mechanisms.replicas.profile_text import profile_text

Floats = NDArray[np.float64]


class Pair(NamedTuple):
    """A model on so many GPUs of a kind."""

    model: str
    gpu: str
    tensor_parallel: int
    is_mixture: bool = False  # of experts, shared out over the GPUs
    engine: str = "vllm"


PAIRS = (
    Pair("meta-llama/Meta-Llama-3.1-8B", "a100_sxm", 1),
    Pair("meta-llama/Meta-Llama-3.1-8B", "l40s", 1),
    Pair("meta-llama/Meta-Llama-3.1-8B", "h100_sxm", 1),
    Pair("meta-llama/Meta-Llama-3.1-8B", "h100_sxm", 1, engine="sglang"),
    Pair("meta-llama/Meta-Llama-3.1-8B", "h200_sxm", 1),
    Pair("meta-llama/Meta-Llama-3.1-8B", "b200_sxm", 1),
    Pair("Qwen/Qwen3-8B", "l40s", 1),
    Pair("Qwen/Qwen3-8B", "h100_sxm", 1),
    Pair("Qwen/Qwen3-32B", "a100_sxm", 2),
    Pair("Qwen/Qwen3-32B", "h100_sxm", 2),
    Pair("Qwen/Qwen3-32B", "h200_sxm", 1),
    Pair("Qwen/Qwen3-32B-FP8", "h100_sxm", 1),
    Pair("Qwen/Qwen3-32B-FP8", "l40s", 2),
    Pair("Qwen/Qwen3-30B-A3B", "h100_sxm", 2, is_mixture=True),
    Pair("Qwen/Qwen3-30B-A3B-FP8", "h100_sxm", 1, is_mixture=True),
    Pair("meta-llama/Meta-Llama-3.1-70B", "a100_sxm", 4),
    Pair("meta-llama/Meta-Llama-3.1-70B", "h100_sxm", 4),
    Pair("meta-llama/Meta-Llama-3.1-70B", "h100_sxm", 8),
    Pair("meta-llama/Meta-Llama-3.1-70B", "h200_sxm", 4),
    Pair("meta-llama/Meta-Llama-3.1-70B", "b200_sxm", 2),
    Pair("nvidia/Llama-3.1-70B-Instruct-FP8", "h100_sxm", 8),
    Pair("Qwen/Qwen3-235B-A22B-FP8", "h200_sxm", 4, is_mixture=True),
    Pair("deepseek-ai/DeepSeek-V3", "h200_sxm", 8, is_mixture=True),
    Pair("openai/gpt-oss-20b", "h100_sxm", 1, is_mixture=True),
    Pair("openai/gpt-oss-120b", "h100_sxm", 2, is_mixture=True),
    Pair("openai/gpt-oss-120b", "b200_sxm", 1, is_mixture=True),
)
_PREFILL = (0, 16, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384)
_BATCH = (0, 1, 2, 4, 8, 16, 32, 64, 96, 128, 192, 256, 384, 512)
_CONTEXT = (16, 128, 256, 512, 1024, 2048, 3072, 4096, 6144, 8192, 16384, 32768, 65536, 131072)
_MORE_MEMORY = 0.05  # of the GPU's memory, by which the room of a token is found
_N_CHECKS = 400


def experts_of(pair: Pair) -> dict[str, int]:
    """How the experts of a mixture are shared out: each of them over all GPUs."""
    return {"moe_tp_size": pair.tensor_parallel, "moe_ep_size": 1} if pair.is_mixture else {}


class ProfileSource:
    """Step times of one pair as the package tells them, in seconds."""

    def __init__(self, pair: Pair) -> None:
        from aiconfigurator_core.sdk.engine import EngineHandle

        self._engine = EngineHandle.compile(
            pair.model, pair.gpu, pair.engine, tp_size=pair.tensor_parallel, **experts_of(pair)
        )

    def decode_s(self, batch: int, context: int) -> float:
        return float(self._engine.decode_step_latency(batch, context, 2)) / 1e3

    def shared_s(self, prefill_tokens: int, batch: int) -> float:
        """What prompts and decodes pass through together, without attention."""
        return float(self._engine.mixed_step_breakdown(prefill_tokens, batch, prefill_tokens, 2)[1]) / 1e3

    def prompt_attention_s(self, prefill_tokens: int) -> float:
        return float(self._engine.mixed_step_breakdown(prefill_tokens, 0, prefill_tokens, 2)[2]) / 1e3

    def decode_attention_s(self, batch: int, context: int) -> float:
        return float(self._engine.mixed_step_breakdown(context, batch, context, 2)[3]) / 1e3

    def later_chunk_s(self, chunk: int, before: int) -> float:
        """What a chunk takes longer for the tokens of its prompt that are in the cache before it."""
        later_ms = self._engine.predict_prefill_latency(1, before + chunk, before)
        return float(later_ms - self._engine.predict_prefill_latency(1, chunk, 0)) / 1e3


def attention_slope_s(source: ProfileSource, longest: int) -> float:
    """Seconds per pair of tokens, fitted to chunks after earlier ones, weighted so that relative errors count."""
    cases = [(chunk, before) for chunk in (512, 2048, 8192) for before in (2048, 8192, 32768)]
    cases = [(chunk, before) for chunk, before in cases if chunk + before <= longest]
    slopes = [source.later_chunk_s(chunk, before) / (chunk * before) for chunk, before in cases]
    return max(0.0, float(np.median(slopes)))


def make_table(source: ProfileSource, longest: int) -> tuple[tuple[Floats, Floats, Floats], Floats, float]:
    """Axes, times float64[prefill, batch, context] without pairs of prompt tokens, and seconds per pair."""
    context = np.array([at for at in _CONTEXT if at <= longest], dtype=np.float64)
    prefill, batch = np.array(_PREFILL, dtype=np.float64), np.array(_BATCH, dtype=np.float64)
    slope_s = attention_slope_s(source, longest)
    step_s = np.zeros((prefill.size, batch.size, context.size))
    decode_attention_s = np.zeros(step_s.shape[1:])
    for (b, n), (c, at) in product(enumerate(_BATCH), enumerate(context)):
        if n > 0:
            step_s[0, b, c] = source.decode_s(n, int(at))
            decode_attention_s[b, c] = source.decode_attention_s(n, int(at))
    for p, tokens in enumerate(_PREFILL[1:], start=1):
        base_s = max(0.0, source.prompt_attention_s(tokens) - slope_s * tokens**2 / 2.0)
        for b, n in enumerate(_BATCH):
            step_s[p, b] = source.shared_s(tokens, n) + base_s + decode_attention_s[b]
    step_s[0, 0] = step_s[0, 1]
    for axis in range(3):  # measured times jitter; more work does not take less time
        step_s = np.maximum.accumulate(step_s, axis=axis)
    return (prefill, batch, context), step_s, slope_s


def fit_errors(source: ProfileSource, profile: Profile) -> tuple[float, float]:
    """Mean and worst relative difference to the source at points off the knots: decodes alone, and with one prompt."""
    rng = np.random.default_rng(7)
    longest = int(min(profile.context_tokens[-1], 32768))
    errors = []
    for number in range(_N_CHECKS):
        n = int(np.exp(rng.uniform(0.0, np.log(512.0))))
        at = int(np.exp(rng.uniform(np.log(64.0), np.log(longest))))
        tokens = int(np.exp(rng.uniform(np.log(32.0), np.log(8192.0)))) if number % 2 else 0
        if n * at > profile.kv_tokens:
            continue
        table_s = profile.step_time_s(tokens, n, at) + profile.prefill_attention_s * tokens**2 / 2.0
        source_s = source.decode_s(n, at)
        if tokens:
            source_s = source.shared_s(tokens, n) + source.prompt_attention_s(tokens)
            source_s += source.decode_attention_s(n, at)
        errors.append(abs(table_s / source_s - 1.0))
    return float(np.mean(errors)), float(np.max(errors))


class GpuMemory(NamedTuple):
    """What fits where."""

    kv_tokens: int  # beside weights and activations
    kv_tokens_per_gb: float  # more with each 10⁹ bytes of every GPU
    weights_gb: float  # of the whole model
    gpu_memory_gb: float


def _memory_estimate(pair: Pair, engine_version: str, share: float) -> dict[str, Any]:
    """How the package divides the memory of a pair's GPUs, of which the engine takes a share."""
    from aiconfigurator_core.sdk.memory import estimate_kv_cache

    estimate: dict[str, Any] = estimate_kv_cache(
        pair.model,
        pair.gpu,
        pair.engine,
        engine_version,
        max_num_tokens=8192,
        max_batch_size=256,
        memory_fraction_kind="of_total",
        memory_fraction_value=share,
        tp_size=pair.tensor_parallel,
        **experts_of(pair),
    )
    return estimate


def read_memory(pair: Pair, engine_version: str) -> GpuMemory:
    """What fits into a pair's GPUs."""
    estimate = _memory_estimate(pair, engine_version, MEMORY_SHARE)
    larger = _memory_estimate(pair, engine_version, MEMORY_SHARE + _MORE_MEMORY)
    memory_gb = estimate["total_gpu_capacity_bytes"] / 1e9
    more_tokens = larger["total_kv_size_tokens"] - estimate["total_kv_size_tokens"]
    weights_bytes = estimate["memory_breakdown"]["weights_bytes"] * pair.tensor_parallel
    return GpuMemory(
        kv_tokens=int(estimate["total_kv_size_tokens"]),
        kv_tokens_per_gb=more_tokens / (_MORE_MEMORY * memory_gb),
        weights_gb=weights_bytes / 1e9,
        gpu_memory_gb=memory_gb,
    )


class Facts(NamedTuple):
    """What the package's own files say about a pair."""

    max_model_len: int
    layers: int
    gpu_power_w: float
    engine_version: str


def read_facts(pair: Pair) -> Facts:
    """Longest context and layers of the model, power of a GPU, version of the engine that was measured."""
    import aiconfigurator_core
    import yaml

    root = Path(aiconfigurator_core.__file__).parent
    config = json.loads((root / "model_configs" / f"{pair.model.replace('/', '--')}_config.json").read_text())
    system = yaml.safe_load((root / "systems" / f"{pair.gpu}.yaml").read_text())
    versions = yaml.safe_load((root / "systems" / "query_versions.yaml").read_text())
    measured = versions["defaults"] | versions["overrides"].get(pair.gpu, {})
    return Facts(
        int(config["max_position_embeddings"]),
        int(config["num_hidden_layers"]),
        float(system["gpu"]["power"]),
        measured[pair.engine]["current"],
    )


def make_profile(pair: Pair) -> Profile:
    """Profile of a pair."""
    source = ProfileSource(pair)
    facts = read_facts(pair)
    axes, step_s, slope_s = make_table(source, facts.max_model_len)
    memory = read_memory(pair, facts.engine_version)
    package = f"aiconfigurator-core {version('aiconfigurator-core')}"
    profile = Profile(
        model=pair.model,
        gpu=pair.gpu,
        engine=pair.engine,
        tensor_parallel=pair.tensor_parallel,
        prefill_tokens=axes[0],
        batch=axes[1],
        context_tokens=axes[2],
        step_s=step_s,
        prefill_attention_s=slope_s,
        kv_tokens=memory.kv_tokens,
        kv_tokens_per_gb=memory.kv_tokens_per_gb,
        max_model_len=facts.max_model_len,
        layers=facts.layers,
        weights_gb=memory.weights_gb,
        gpu_memory_gb=memory.gpu_memory_gb,
        gpu_power_w=facts.gpu_power_w,
        fit_error_mean=0.0,
        fit_error_worst=0.0,
        source=f"{package} (Apache-2.0), {pair.engine} {facts.engine_version}, {date.today().isoformat()}",
    )
    mean, worst = fit_errors(source, profile)
    return replace(profile, fit_error_mean=mean, fit_error_worst=worst)


def write_profile(profile: Profile, folder: Path) -> Path:
    """Write a profile as a compressed CSV file, the same bytes for the same profile."""
    notes = {
        "model": profile.model,
        "gpu": profile.gpu,
        "engine": profile.engine,
        "tensor_parallel": profile.tensor_parallel,
        "kv_tokens": profile.kv_tokens,
        "kv_tokens_per_gb": f"{profile.kv_tokens_per_gb:.1f}",
        "max_model_len": profile.max_model_len,
        "layers": profile.layers,
        "weights_gb": f"{profile.weights_gb:.1f}",
        "gpu_memory_gb": f"{profile.gpu_memory_gb:.1f}",
        "gpu_power_w": f"{profile.gpu_power_w:g}",
        "prefill_attention_s": f"{profile.prefill_attention_s:.4g}",
        "fit_error_mean": f"{profile.fit_error_mean:.4f}",
        "fit_error_worst": f"{profile.fit_error_worst:.4f}",
        "source": profile.source,
    }
    axes = (profile.prefill_tokens, profile.batch, profile.context_tokens)
    text = profile_text(notes, axes, profile.step_s)
    path = folder / file_name(profile.model, profile.gpu, profile.engine, profile.tensor_parallel)
    path.write_bytes(gzip.compress(text.encode(), mtime=0))
    return path


def main() -> None:
    """Make every table."""
    for pair in PAIRS:
        profile = make_profile(pair)
        path = write_profile(profile, PROFILES)
        errors = f"{profile.fit_error_mean:.1%} mean, {profile.fit_error_worst:.1%} worst"
        print(
            f"{path.name}: {profile.kv_tokens} tokens, {errors}, {path.stat().st_size / 1e3:.0f} kB",
            flush=True,
        )


if __name__ == "__main__":
    main()
