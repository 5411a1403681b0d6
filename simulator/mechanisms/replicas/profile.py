"""How fast a replica is: the time of one iteration by what it does, and how much its KV cache holds."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.errors import RolloutError
from simulator.mechanisms.sources import Source


class PoolProfileError(RolloutError, ValueError):
    """A profile that cannot be used; the message says what is wrong and suggests a fix."""

    prefix = "no profile: "


@dataclass(frozen=True, eq=False)
class Profile:
    """Step times of one replica, to be interpolated linearly in all three axes and continued beyond them.

    Attributes
    ----------
    prefill_tokens : float64[p], rising, the first is 0: tokens of prompts in the iteration
    batch : float64[b], rising, the first is 0: sequences that decode
    context_tokens : float64[c], rising: tokens that each of them reads, on average
    step_s : float64[p, b, c] in seconds; [0, 0, :] is where the lines of [0, 1:, :] begin
    prefill_attention_s : seconds more per pair of a prompt token and one before it in its prompt
    kv_tokens : capacity of the KV cache, where the engine takes `MEMORY_SHARE` of the GPUs' memory
    max_model_len : longest prompt and output together, tokens
    weights_gb : of the whole model, 10⁹ bytes; nan: not known
    gpu_memory_gb : of one GPU, 10⁹ bytes; nan: not known
    gpu_power_w : what one GPU is rated for, watts; nan: not known
    fit_error_mean, fit_error_worst : relative, between the table and its source off the knots; nan: not known
    source : where the times are from, with version and date
    layers : of the model; 0: not known
    kv_tokens_per_gb : more of them with each 10⁹ bytes of every GPU; nan: not known
    launch_s : seconds more of an iteration of more tokens than fit into a CUDA graph
    graph_tokens, prompt_graph_tokens : most that fit, of decodes alone and together with prompts
    request_s : of each request outside of the engine, in a client's view: there and back together
    tokens_per_seq : that an iteration works on for each sequence that decodes: one, and those a draft proposes
    tokens_per_step : of them, those that come out on average; all times of decodes are of one token
    host : whose times beside the kernels are in the table; "": the times were measured as a whole
    host_source : where they are from; an assumption where they are not of this engine, model and GPU
    """

    model: str
    gpu: str
    engine: str
    tensor_parallel: int
    prefill_tokens: NDArray[np.float64]
    batch: NDArray[np.float64]
    context_tokens: NDArray[np.float64]
    step_s: NDArray[np.float64]
    prefill_attention_s: float
    kv_tokens: int
    max_model_len: int
    weights_gb: float
    gpu_memory_gb: float
    gpu_power_w: float
    fit_error_mean: float
    fit_error_worst: float
    source: str
    layers: int = 0
    kv_tokens_per_gb: float = math.nan
    launch_s: float = 0.0
    graph_tokens: float = math.inf
    prompt_graph_tokens: float = math.inf
    request_s: float = 0.0
    tokens_per_seq: int = 1
    tokens_per_step: float = 1.0
    host: str = ""
    host_source: Source | None = None

    @property
    def host_is_measured(self) -> bool:
        """Whether the times beside the kernels were measured with this engine, model and GPU."""
        return self.host_source is not None and self.host_source.grade == "measured"

    def step_time_s(self, prefill_tokens: float, batch: float, context_tokens: float) -> float:
        """Seconds of one iteration, without the pairs of prompt tokens."""
        values = self.step_s
        for axis, at in (
            (self.prefill_tokens, prefill_tokens),
            (self.batch, batch),
            (self.context_tokens, context_tokens),
        ):
            place = min(max(int(axis.searchsorted(at, side="right")) - 1, 0), axis.size - 2)
            weight = (at - axis[place]) / (axis[place + 1] - axis[place])
            values = values[place] + weight * (values[place + 1] - values[place])
        return float(values) + self._launch_time_s(prefill_tokens, self.tokens_per_seq * batch)

    def _launch_time_s(self, prefill_tokens: float, decode_tokens: float) -> float:
        """Seconds more of an iteration that no graph holds; where its decodes do without prompts, too, their share of it."""
        if decode_tokens > self.graph_tokens:
            return self.launch_s / self.tokens_per_step
        return (
            self.launch_s
            if prefill_tokens > 0.0 and prefill_tokens + decode_tokens > self.prompt_graph_tokens
            else 0.0
        )
