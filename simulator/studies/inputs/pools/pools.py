"""Which models on which GPUs are there profiles of, and what can the pools of a scenario do and cost at most?"""

from pathlib import Path

from simulator.economics.break_even import break_even
from simulator.economics.price_book import price_book
from simulator.mechanisms.replicas.catalog import load_profile, shipped_profiles
from simulator.mechanisms.replicas.codes import BLOCK_TOKENS
from simulator.mechanisms.replicas.comparisons import MeasuredLoads, MeasuredSystem, comparisons_with
from simulator.mechanisms.replicas.config import Pool
from simulator.mechanisms.replicas.engines import engine_times
from simulator.mechanisms.replicas.profile import Profile
from simulator.mechanisms.replicas.sizes import kv_blocks, limit_tokens
from simulator.mechanisms.replicas.throughput import saturation
from simulator.scenario.read.load import LoadedScenario
from simulator.studies.inputs.pools.report import BreakEvenPoint, PoolProfile, PoolsReport
from simulator.studies.record import finite

PROMPT_TOKENS, OUTPUT_TOKENS = 1024.0, 256.0  # of the requests that profiles are compared by


def shipped_pools() -> PoolsReport:
    """Every profile that comes with the package."""
    pools = [
        Pool(model=model, gpu=gpu, engine=engine, tensor_parallel=parallel)
        for model, gpu, engine, parallel in shipped_profiles()
    ]
    return PoolsReport(profiles=tuple(_profile(pool, Path()) for pool in pools))


def pools_of(loaded: LoadedScenario) -> PoolsReport:
    """The pools of a scenario, and where they begin to be cheaper than its hosted models."""
    scenario = loaded.scenario
    return PoolsReport(
        scenario=scenario.metadata.name,
        profiles=tuple(
            _profile(model.pool, loaded.base_dir, model.model_name)
            for model in scenario.model_list
            if model.pool is not None
        ),
        break_even=tuple(
            BreakEvenPoint(
                workload=found.workload,
                pool=found.pool,
                provider=found.provider,
                prompt_tokens=found.prompt_tokens,
                output_tokens=found.output_tokens,
                full_rps=found.full_rps,
                pool_usd=found.pool_usd,
                provider_usd=found.provider_usd,
                break_even_utilization=found.utilization if found.provider_usd > 0.0 else None,
            )
            for found in break_even(loaded, price_book(scenario))
        ),
    )


def _compared(profile: Profile) -> tuple[MeasuredLoads, ...]:
    engine = engine_times(profile.engine, None).times.name
    return comparisons_with(MeasuredSystem(profile.model, profile.gpu, profile.tensor_parallel, engine))


def _profile(pool: Pool, base_dir: Path, name: str | None = None) -> PoolProfile:
    profile = load_profile(pool, base_dir)
    full = saturation(pool, profile, PROMPT_TOKENS, OUTPUT_TOKENS)
    power_w = profile.gpu_power_w * pool.tensor_parallel
    return PoolProfile(
        pool=name,
        model=profile.model,
        gpu=profile.gpu,
        engine=profile.engine,
        tensor_parallel=profile.tensor_parallel,
        kv_tokens=kv_blocks(pool, profile) * BLOCK_TOKENS,
        max_request_tokens=limit_tokens(pool, profile),
        tpot_alone_s=profile.step_time_s(0.0, 1.0, PROMPT_TOKENS),
        full_rps=full.requests_per_s,
        full_batch=full.batch,
        full_output_tokens_per_s=full.requests_per_s * OUTPUT_TOKENS,
        full_energy_per_request_wh=finite(power_w / full.requests_per_s / 3600.0),
        fit_error_mean=finite(profile.fit_error_mean),
        fit_error_worst=finite(profile.fit_error_worst),
        gpu_power_w=finite(profile.gpu_power_w),
        source=profile.source,
        host=profile.host,
        grade="measured" if profile.host_is_measured or not profile.host else "assumption",
        compared=_compared(profile) if profile.host_is_measured else (),
    )
