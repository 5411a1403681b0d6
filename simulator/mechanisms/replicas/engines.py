"""What does an engine spend beside its GPU kernels, and with which of its versions was that measured?

The tables of step times are of kernels alone. Between two iterations the engine schedules, prepares inputs and samples;
an iteration with more tokens than the largest CUDA graph launches its kernels one by one; and a request passes HTTP and the
tokeniser before the engine sees it.
"""

import re
from typing import NamedTuple

from simulator.mechanisms.sources import Grade, Source

ALWAYS_CHUNKS = (
    0,
    11,
)  # vLLM from this version on has no iterations of prompts alone (`_set_default_args_v1`)
_VERSION = re.compile(r"v?(\d+)\.(\d+)(?:[.\-+].*)?")


class EngineTimes(NamedTuple):
    """Times of an engine beside the kernels, in seconds.

    Attributes
    ----------
    iteration_s, sequence_s : of each iteration, and more for each sequence that decodes
    launch_layer_s : of each layer, in an iteration that no CUDA graph holds
    request_s : of each request outside of the engine, in a client's view: there and back together
    chunks_prompts : prompts share iterations with decodes
    graph_seqs, graph_tokens : the largest graph holds `graph_seqs` tokens a seat, at most `graph_tokens`
    model, gpu : they were measured with
    source, date : of the measurements, with licence
    """

    engine: str
    version: tuple[int, int]
    chunks_prompts: bool
    iteration_s: float
    sequence_s: float
    launch_layer_s: float
    request_s: float
    graph_seqs: int
    graph_tokens: int
    model: str
    gpu: str
    source: str
    date: str

    @property
    def name(self) -> str:
        """As people write it."""
        name = f"{self.engine} {self.version[0]}.{self.version[1]}"
        return name if self.chunks_prompts else f"{name} without chunks"

    def graph_limit(self, max_num_seqs: int) -> int:
        """Most tokens of an iteration that is replayed as a graph."""
        return min(self.graph_seqs * max_num_seqs, self.graph_tokens)


_KUBECON = "kubernetes-sigs/inference-perf, demo of KubeCon NA 2025, commit 7de5ef2 (Apache-2.0)"
ENGINES = (
    EngineTimes(
        engine="vllm",
        version=(0, 11),
        chunks_prompts=True,
        iteration_s=0.57e-3,
        sequence_s=9.0e-6,
        launch_layer_s=75e-6,
        request_s=16.0e-3,
        graph_seqs=2,
        graph_tokens=512,
        model="meta-llama/Meta-Llama-3.1-8B",
        gpu="h100_sxm",
        source=_KUBECON,
        date="2025-11",
    ),
    EngineTimes(
        engine="vllm",
        version=(0, 9),
        chunks_prompts=False,  # the V0 engine
        iteration_s=1.2e-3,
        sequence_s=42e-6,
        launch_layer_s=75e-6,
        request_s=23.0e-3,
        graph_seqs=2,
        graph_tokens=512,
        model="meta-llama/Meta-Llama-3.1-8B",
        gpu="h100_sxm",
        source=_KUBECON,
        date="2025-11",
    ),
)


class BatchLimits(NamedTuple):
    """What an iteration takes."""

    max_num_seqs: int
    max_num_batched_tokens: int


_V0_LIMITS = BatchLimits(256, 2048)
_LIMITS_BY_GPU_FROM = (0, 9)
_SCHEDULES_AHEAD_FROM = (0, 14)  # vllm-project/vllm, pull request 27614
_LARGE_GPUS = ("h100", "h20", "h200", "gh200", "b200", "b300", "gb200", "gb300", "mi3", "rtx_pro_6000")


def server_limits(
    engine: str, version: str | None, gpu: str, max_model_len: int | None, *, chunks_prompts: bool
) -> BatchLimits:
    """Of an API server without flags: `EngineArgs.get_batch_defaults` of vLLM (vllm/engine/arg_utils.py).

    Large ones from 70 GiB on, but not on an A100, where they cost throughput (vllm-project/vllm, pull request 17885);
    without chunks an iteration holds the longest prompt. For engines other than vLLM they are an assumption.
    """
    if engine != "vllm":
        return BatchLimits(256, 8192)
    if not chunks_prompts:
        return BatchLimits(
            _V0_LIMITS.max_num_seqs, max(_V0_LIMITS.max_num_batched_tokens, max_model_len or 8192)
        )
    if version is not None and version_of(version) < _LIMITS_BY_GPU_FROM:
        return _V0_LIMITS
    return BatchLimits(1024, 8192) if gpu.lower().startswith(_LARGE_GPUS) else BatchLimits(256, 2048)


def hides_host_times(engine: str, version: str | None) -> bool:
    """Whether an engine schedules asynchronously unless told otherwise; without a version, the measured one's way."""
    return engine == "vllm" and version is not None and version_of(version) >= _SCHEDULES_AHEAD_FROM


class ChosenTimes(NamedTuple):
    """Times that stand for an engine, and whether they are of the version that was asked for."""

    times: EngineTimes
    wanted: str
    is_neighbour: bool

    def is_measured(self, model: str, gpu: str) -> bool:
        """Whether they are of this engine with this model and GPU, and not carried over."""
        return not self.is_neighbour and (model, gpu) == (self.times.model, self.times.gpu)

    def source(self, model: str, gpu: str) -> Source:
        """Where they are from, for a model and a GPU."""
        grade: Grade = "measured" if self.is_measured(model, gpu) else "assumption"
        return Source(self.times.source, self.times.date, grade)

    def text(self, model: str, gpu: str) -> str:
        """Whose times they are, and whether they hold for a model and a GPU."""
        times = self.times
        if self.is_measured(model, gpu):
            return f"host times of {times.name}, measured"
        if self.is_neighbour:
            return f"host times of {times.name}, the nearest measured to {self.wanted}: an assumption"
        return f"host times of {times.name}, measured with {times.model} on {times.gpu}: an assumption here"


def version_of(text: str) -> tuple[int, int]:
    """Major and minor number of `0.11`, `v0.11.0` and the like.

    Raises
    ------
    ValueError
        If the text is no version.
    """
    found = _VERSION.fullmatch(text.strip())
    if found is None:
        raise ValueError(
            f"{text[:40]!r} is no version of an engine: write major and minor number, e.g. '0.11'"
        )
    return int(found[1]), int(found[2])


def engine_times(engine: str, version: str | None, *, chunks_prompts: bool = True) -> ChosenTimes:
    """Times of an engine; without a version those of the newest that was measured, otherwise of the nearest one."""
    alike = [one for one in ENGINES if one.engine == engine]
    known = [one for one in alike or ENGINES if one.chunks_prompts == chunks_prompts] or list(ENGINES)
    if version is None:
        best = max(known, key=lambda one: one.version)
        wanted, is_same = engine, bool(alike)
    else:
        major, minor = version_of(version)
        best = min(known, key=lambda one: (abs(one.version[0] - major), abs(one.version[1] - minor)))
        wanted, is_same = f"{engine} {major}.{minor}", (engine, (major, minor)) == (best.engine, best.version)
    return ChosenTimes(best, wanted, not is_same)
