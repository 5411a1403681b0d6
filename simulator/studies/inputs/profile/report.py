"""What `rollout profile` reports: the loads of benchmark results, and the step times fitted to them."""

from collections.abc import Mapping
from typing import ClassVar, Literal

from simulator.studies.record import Record
from simulator.studies.report import Shown

Span = tuple[float, float]  # smallest and largest


class BenchmarkLoad(Record):
    """One load of the results, and what was measured under it.

    Attributes
    ----------
    requests : that were answered
    mean_batch : sequences that decode at once
    by : what the file tells times of
    """

    label: str
    requests: int
    requests_per_s: float
    mean_batch: float
    ttft_s: float
    tpot_s: float
    by: Literal["load", "request", "token"]


class SeenSpans(Record):
    """What the results saw of each size; beyond it, the profile extrapolates."""

    batch: Span
    prefill_tokens: Span
    context_tokens: Span


class ProfileReport(Shown):
    """Step times fitted to benchmark results, and how good the fit is.

    Attributes
    ----------
    model, gpu, kv_tokens, max_model_len, gpu_power_w : of the set-up; None: not known
    coefficients : seconds of an iteration: each, per prompt token, per sequence that decodes, per token that it reads
    not_identified : terms that these results do not tell from the others; their coefficients are 0
    points : iterations, or averages over some, that were fitted
    fit_error_mean, fit_error_worst : relative, of the time per token
    file : the profile that was written
    """

    view: ClassVar[str] = "simulator.studies.inputs.profile.view"

    model: str | None
    gpu: str | None
    tensor_parallel: int
    kv_tokens: int | None
    max_model_len: int | None
    gpu_power_w: float | None
    loads: tuple[BenchmarkLoad, ...]
    coefficients: Mapping[str, float]
    not_identified: tuple[str, ...]
    requests: int
    points: int
    fit_error_mean: float
    fit_error_worst: float
    seen: SeenSpans
    warnings: tuple[str, ...]
    source: str
    file: str

    @property
    def subject(self) -> str:
        """What the profile is of."""
        return self.model or self.file
