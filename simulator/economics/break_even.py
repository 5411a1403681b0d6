"""Own GPUs or a provider? What a request costs on a full replica, and how full it must be to be the cheaper.

Worked out from the profile's roofline and list prices, before any simulation: the least that own GPUs can cost.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from simulator.economics.price_book import PriceBook
from simulator.mechanisms.distribution_means import mean_of
from simulator.mechanisms.replicas.catalog import load_profile
from simulator.mechanisms.replicas.throughput import saturation
from simulator.mechanisms.traffic.config import GenerateStep, TokenTrace, Workload
from simulator.mechanisms.traffic.trace import TraceData, trace_of
from simulator.scenario.read.load import LoadedScenario

_SECONDS_PER_HOUR = 3600.0


@dataclass(frozen=True)
class BreakEven:
    """A workload's requests on a pool and at a provider, in US dollars."""

    workload: str
    pool: str
    provider: str  # model_name of the hosted model
    prompt_tokens: float  # mean of a first turn
    output_tokens: float
    full_rps: float  # requests per second of a replica at its roofline
    pool_usd: float  # per request there
    provider_usd: float

    @property
    def utilization(self) -> float:
        """Share of a replica's roofline above which it is the cheaper; above 1: never."""
        return self.pool_usd / self.provider_usd if self.provider_usd > 0.0 else float("inf")


def break_even(loaded: LoadedScenario, book: PriceBook) -> Iterator[BreakEven]:
    """Every workload that generates, on every pool against every hosted model of a scenario."""
    scenario = loaded.scenario
    for workload in scenario.workloads:
        tokens = _mean_tokens(workload, trace_of(workload, loaded.base_dir))
        if tokens is None or not any(isinstance(step, GenerateStep) for step in workload.steps):
            continue
        prompt, output = tokens
        for model in scenario.model_list:
            if model.pool is None:
                continue
            profile = load_profile(model.pool, loaded.base_dir)
            full_rps = saturation(model.pool, profile, prompt, output).requests_per_s
            replica_usd = book.pools[model.model_name].replica_hour_usd / _SECONDS_PER_HOUR
            for name, price in book.models.items():
                provider_usd = prompt * price.input_usd_per_mtok + output * price.output_usd_per_mtok
                yield BreakEven(
                    workload.name,
                    model.model_name,
                    name,
                    prompt,
                    output,
                    full_rps,
                    replica_usd / full_rps,
                    provider_usd * 1e-6,
                )


def _mean_tokens(workload: Workload, trace: TraceData | None) -> tuple[float, float] | None:
    """Mean prompt and output tokens of a workload's first turn; None where it has no tokens."""
    system = workload.system_prompt_tokens or 0
    if trace is not None and trace.lengths is not None:
        return system + float(trace.lengths[:, 0].mean()), float(trace.lengths[:, 1].mean())
    prompt, output = workload.prompt_tokens, workload.output_tokens
    if prompt is None or output is None or isinstance(prompt, TokenTrace) or isinstance(output, TokenTrace):
        return None
    return system + mean_of(prompt), mean_of(output)
