"""What `rollout pools` reports: profiles of models on GPUs and, of a scenario, where its pools begin to be the cheaper."""

from typing import Annotated, ClassVar

from simulator.mechanisms.replicas.comparisons import MeasuredLoads
from simulator.mechanisms.sources import Grade
from simulator.studies.record import Record, if_known
from simulator.studies.report import Shown


class PoolProfile(Record):
    """What one replica can do, of a profile that comes with the package or is named by a pool.

    Attributes
    ----------
    pool : of a scenario
    kv_tokens : room in the KV cache
    max_request_tokens : longest prompt and output
    tpot_alone_s : time per output token of a request that is alone
    full_rps, full_batch, full_output_tokens_per_s : at the roofline
    full_energy_per_request_wh : there, at most (rated power of the GPUs); None: not known
    fit_error_mean, fit_error_worst : of the table against its source; None: not known
    gpu_power_w : rated power of a GPU; None: not known
    host : whose times beside the GPU's kernels are in it; "": measured as a whole
    grade : `measured`: with this engine, model and GPU; `assumption`: times beside the kernels are those of another
    compared : with measured loads; empty: with none
    """

    pool: Annotated[str | None, if_known] = None
    model: str
    gpu: str
    engine: str
    tensor_parallel: int
    kv_tokens: int
    max_request_tokens: float
    tpot_alone_s: float
    full_rps: float
    full_batch: float
    full_output_tokens_per_s: float
    full_energy_per_request_wh: float | None
    fit_error_mean: float | None
    fit_error_worst: float | None
    gpu_power_w: float | None
    source: str
    host: str
    grade: Grade
    compared: tuple[MeasuredLoads, ...]


class BreakEvenPoint(Record):
    """Requests of a workload on a pool and at a provider.

    Attributes
    ----------
    prompt_tokens, output_tokens : mean of a first turn
    full_rps : requests per second of a replica at its roofline
    pool_usd, provider_usd : cost per request there
    break_even_utilization : share of the roofline above which the pool is the cheaper, above 1: never; None: the provider
        costs nothing
    """

    workload: str
    pool: str
    provider: str
    prompt_tokens: float
    output_tokens: float
    full_rps: float
    pool_usd: float
    provider_usd: float
    break_even_utilization: float | None

    @property
    def is_ever_cheaper(self) -> bool:
        """Whether a pool that is full is the cheaper."""
        return self.break_even_utilization is not None and self.break_even_utilization <= 1.0


class PoolsReport(Shown):
    """Which models on which GPUs there are profiles of; of a scenario, what its pools can do and cost at most.

    Attributes
    ----------
    scenario, break_even : None: it is the list of every profile that comes with the package
    """

    view: ClassVar[str] = "simulator.studies.inputs.pools.view"

    scenario: Annotated[str | None, if_known] = None
    profiles: tuple[PoolProfile, ...]
    break_even: Annotated[tuple[BreakEvenPoint, ...] | None, if_known] = None

    @property
    def subject(self) -> str:
        """The scenario, or where the profiles come from."""
        return self.scenario or "the package"
