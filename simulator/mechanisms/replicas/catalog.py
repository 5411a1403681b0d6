"""Which models on which GPUs come with a profile, and where a pool's profile is from."""

from collections.abc import Sequence
from dataclasses import replace
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from simulator.mechanisms.replicas.config import Pool
from simulator.mechanisms.replicas.engines import engine_times
from simulator.mechanisms.replicas.profile import PoolProfileError, Profile
from simulator.mechanisms.replicas.profile_file import read_profile

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
        return replace(own, request_s=pool.request_overhead or 0.0)
    wanted = Shipped(pool.model, pool.gpu, pool.engine, pool.tensor_parallel)
    if wanted not in shipped_profiles():
        raise PoolProfileError(_not_shipped(wanted))
    shipped = _shipped(wanted, kv_tokens, pool.max_model_len)
    return _with_engine(
        shipped,
        pool.engine_version,
        pool.max_num_seqs,
        pool.iteration_overhead,
        pool.request_overhead,
        pool.chunked_prefill,
    )


@lru_cache(maxsize=64)
def _with_engine(
    kernels: Profile,
    version: str | None,
    max_num_seqs: int,
    iteration_overhead_s: float | None,
    request_overhead_s: float | None,
    chunked_prefill: bool,
) -> Profile:
    """A profile with what its engine spends beside the kernels."""
    chosen = engine_times(kernels.engine, version, chunks_prompts=chunked_prefill)
    times = chosen.times
    graph_tokens = float(times.graph_limit(max_num_seqs))
    iteration_s = times.iteration_s if iteration_overhead_s is None else iteration_overhead_s
    host_s = iteration_s + times.sequence_s * kernels.batch
    stated = "" if iteration_overhead_s is None else "; of an iteration, as the pool states it"
    return replace(
        kernels,
        step_s=kernels.step_s + host_s[:, np.newaxis],
        launch_s=times.launch_layer_s * kernels.layers,
        graph_tokens=graph_tokens,
        prompt_graph_tokens=graph_tokens
        if chunked_prefill
        else 0.0,  # prompts alone are never replayed as graphs
        request_s=times.request_s if request_overhead_s is None else request_overhead_s,
        host=f"{chosen.text(kernels.model, kernels.gpu)}{stated}",
        host_source=chosen.source(kernels.model, kernels.gpu),
    )


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
