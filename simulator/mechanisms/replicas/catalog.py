"""Which models on which GPUs come with a profile, and where a pool's profile is from."""

import math
from collections.abc import Sequence
from dataclasses import replace
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from simulator.mechanisms.replicas.codes import BLOCK_TOKENS
from simulator.mechanisms.replicas.config import MEMORY_SHARE, Pool, Speculation
from simulator.mechanisms.replicas.engines import engine_times
from simulator.mechanisms.replicas.iteration_times import with_host_times, with_speculation
from simulator.mechanisms.replicas.profile import PoolProfileError, Profile
from simulator.mechanisms.replicas.profile_file import read_profile
from simulator.mechanisms.sources import Source

PROFILES = Path(__file__).parent / "profiles"
_SUFFIX = ".csv.gz"


class Shipped(NamedTuple):
    """A profile that comes with the product."""

    model: str
    gpu: str
    engine: str
    tensor_parallel: int


def file_name(model: str, gpu: str, engine: str, tensor_parallel: int) -> str:
    """Name of the file that holds a shipped profile."""
    return f"{model.replace('/', '--')}.{gpu}.{engine}.tp{tensor_parallel}{_SUFFIX}"


@lru_cache(maxsize=1)
def shipped_profiles() -> tuple[Shipped, ...]:
    """Every profile there is, by model, GPU and number of GPUs."""
    found = []
    for path in PROFILES.glob(f"*{_SUFFIX}"):
        model, gpu, engine, parallel = path.name.removesuffix(_SUFFIX).rsplit(".", 3)
        found.append(Shipped(model.replace("--", "/"), gpu, engine, int(parallel.removeprefix("tp"))))
    return tuple(sorted(found))


def load_profile(pool: Pool, base_dir: Path) -> Profile:
    """Profile of a pool: a file of the scenario's, or the shipped one of its model and GPU with its engine's times.

    Raises
    ------
    ProfileError
        If the file cannot be used, no profile is shipped for this pair, or the numbers of the pool do not go with it.
    """
    kv_tokens = None if pool.kv_cache_tokens == "auto" else pool.kv_cache_tokens
    if pool.profile is not None:
        own = read_profile(base_dir / pool.profile, kv_tokens, pool.max_model_len)
        measured = _with_engine(own, _Settings(speculation=pool.speculation))
        return _in_memory(replace(measured, request_s=pool.request_overhead or 0.0), pool)
    wanted = Shipped(pool.model, pool.gpu, pool.engine, pool.tensor_parallel)
    if wanted not in shipped_profiles():
        raise PoolProfileError(_not_shipped(wanted))
    shipped = _shipped(wanted, kv_tokens, pool.max_model_len)
    return _in_memory(_with_engine(shipped, _settings(shipped, pool)), pool)


class _Settings(NamedTuple):
    """What an engine adds to the kernels.

    Attributes
    ----------
    host, host_source : whose times they are; "": a profile that was measured as a whole
    """

    iteration_s: float = 0.0
    sequence_s: float = 0.0
    launch_s: float = 0.0
    graph_tokens: float = math.inf
    prompt_graph_tokens: float = math.inf
    request_s: float = 0.0
    schedules_ahead: bool = False
    speculation: Speculation | None = None
    host: str = ""
    host_source: Source | None = None


def _settings(kernels: Profile, pool: Pool) -> _Settings:
    """Of a pool with a shipped profile."""
    chosen = engine_times(kernels.engine, pool.engine_version, chunks_prompts=pool.chunked_prefill)
    times = chosen.times
    graph_tokens = float(times.graph_limit(pool.batch_limits.max_num_seqs))
    said = [chosen.text(kernels.model, kernels.gpu)]
    if pool.iteration_overhead is not None:
        said.append("of an iteration, as the pool states it")
    if pool.schedules_ahead:
        said.append("hidden behind the GPU's (asynchronous scheduling, an assumption)")
    if pool.speculation is not None:
        said.append("speculation by its acceptance, an assumption")
    source = chosen.source(kernels.model, kernels.gpu)
    is_assumed = pool.schedules_ahead or pool.speculation is not None
    return _Settings(
        iteration_s=times.iteration_s if pool.iteration_overhead is None else pool.iteration_overhead,
        sequence_s=times.sequence_s,
        launch_s=times.launch_layer_s * kernels.layers,
        graph_tokens=graph_tokens,
        # prompts alone are never replayed as graphs
        prompt_graph_tokens=graph_tokens if pool.chunked_prefill else 0.0,
        request_s=times.request_s if pool.request_overhead is None else pool.request_overhead,
        schedules_ahead=pool.schedules_ahead,
        speculation=pool.speculation,
        host="; ".join(said),
        host_source=replace(source, grade="assumption") if is_assumed else source,
    )


@lru_cache(maxsize=64)
def _with_engine(kernels: Profile, settings: _Settings) -> Profile:
    """A profile with what its engine spends beside the kernels."""
    host_s = settings.iteration_s + settings.sequence_s * kernels.batch
    ahead = settings.schedules_ahead
    if settings.speculation is None:
        complete = replace(kernels, step_s=with_host_times(kernels.step_s, host_s, schedules_ahead=ahead))
    else:
        complete = with_speculation(kernels, settings.speculation, host_s, schedules_ahead=ahead)
    return replace(
        complete,
        launch_s=settings.launch_s,
        graph_tokens=settings.graph_tokens,
        prompt_graph_tokens=settings.prompt_graph_tokens,
        request_s=settings.request_s,
        host=settings.host,
        host_source=settings.host_source,
    )


def _in_memory(profile: Profile, pool: Pool) -> Profile:
    """With the KV cache that the engine's share of the memory holds."""
    if pool.gpu_memory_utilization is None or pool.kv_cache_tokens != "auto":
        return profile
    if math.isnan(profile.kv_tokens_per_gb) or math.isnan(profile.gpu_memory_gb):
        raise PoolProfileError(
            f"{pool.profile}: `gpu_memory_utilization` needs lines `# gpu_memory_gb: …` and `# kv_tokens_per_gb: …` "
            "(tokens of the KV cache in 10⁹ bytes of every GPU), or state `kv_cache_tokens` instead"
        )
    more_gb = (pool.gpu_memory_utilization - MEMORY_SHARE) * profile.gpu_memory_gb
    kv_tokens = int(profile.kv_tokens + profile.kv_tokens_per_gb * more_gb)
    if kv_tokens < BLOCK_TOKENS:
        raise PoolProfileError(
            f"{pool.gpu_memory_utilization:.0%} of the memory of {profile.gpu} does not hold the weights "
            f"({profile.weights_gb:.0f} GB on {profile.tensor_parallel} × {profile.gpu_memory_gb:.0f} GB): "
            "raise `gpu_memory_utilization`"
        )
    return replace(profile, kv_tokens=kv_tokens)


@lru_cache(maxsize=64)
def _shipped(wanted: Shipped, kv_tokens: int | None, max_model_len: int | None) -> Profile:
    return read_profile(PROFILES / file_name(*wanted), kv_tokens, max_model_len)


def _not_shipped(wanted: Shipped) -> str:
    """What is missing, and what comes nearest to it."""
    known = shipped_profiles()
    here = f"{wanted.model} on {wanted.tensor_parallel} × {wanted.gpu} with {wanted.engine}"
    alike = [one for one in known if one.model == wanted.model]
    if not alike:
        models = sorted({one.model for one in known})
        near = near_name(wanted.model, models)
        return f"no profile of {here}{near}; there are profiles of {', '.join(models)}"
    pairs = ", ".join(f"{one.tensor_parallel} × {one.gpu} with {one.engine}" for one in alike)
    gpus = sorted({one.gpu for one in known})
    near = "" if wanted.gpu in gpus else near_name(wanted.gpu, gpus)
    return f"no profile of {here}{near}{_too_large(wanted, alike)}; for this model there are {pairs}"


def near_name(word: str, known: Sequence[str]) -> str:
    """A hint at the name that is meant: one that ends like the word (models without their maker), or is spelled like it."""
    ends_alike = [name for name in known if name.lower().endswith(word[:100].lower())]
    close = ends_alike or get_close_matches(word[:100], known, 1, cutoff=0.5)
    return f" (did you mean `{close[0]}`?)" if close else ""


def _too_large(wanted: Shipped, alike: Sequence[Shipped]) -> str:
    """A hint where the weights alone do not fit into the GPUs' memory."""
    weights_gb = _shipped(alike[0], None, None).weights_gb
    on_gpu = next((one for one in shipped_profiles() if one.gpu == wanted.gpu), None)
    if on_gpu is None:
        return ""
    memory_gb = _shipped(on_gpu, None, None).gpu_memory_gb * wanted.tensor_parallel
    if weights_gb < memory_gb:
        return ""
    return f": its weights take {weights_gb:.0f} GB, and there are {memory_gb:.0f} GB"
