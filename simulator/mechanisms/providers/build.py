"""From hosted models to targets and stations: each region is a deployment with limits of its own."""

from collections.abc import Sequence

from simulator.mechanisms.codes import TargetKind
from simulator.mechanisms.distribution_means import mean_of
from simulator.mechanisms.distribution_table import DistributionTable
from simulator.mechanisms.providers.config import Model
from simulator.mechanisms.providers.limits_build import counts_apart, limit_in, limit_rows
from simulator.mechanisms.providers.shared_build import SharedLimits
from simulator.mechanisms.station import UNLIMITED
from simulator.mechanisms.targets import TargetList, bucket


def build_model(
    model: Model,
    regions: Sequence[str],
    price_usd: tuple[float, float],
    long_prompt_tokens: int | None,
    table: DistributionTable,
    targets: TargetList,
    shared: SharedLimits,
) -> int:
    """Add a model and its deployments; `price_usd`: per input and output token; prompts longer than
    `long_prompt_tokens` (None: none) have a price of their own. Returns its target number.
    """
    assert model.ttft is not None  # the scenario asks for both of a hosted model
    assert model.tpot is not None
    target = targets.add_target(
        TargetKind.MODEL,
        ttft_distribution=table.add(model.ttft),
        tpot_distribution=table.add(model.tpot),
        error_rate=model.error_rate,
        mean_s=mean_of(model.ttft),
        mean_tpot_s=mean_of(model.tpot),
        input_usd=price_usd[0],
        output_usd=price_usd[1],
        long_prompt_tokens=UNLIMITED if long_prompt_tokens is None else long_prompt_tokens,
    )
    for region_id, region in enumerate(regions):
        if model.regions is not None and region not in model.regions:
            continue
        parallel = limit_in(model.max_parallel_requests, region)
        buckets = {} if counts_apart(model) else _buckets(model, region)
        targets.add_station(
            target, region_id, parallel_limit=UNLIMITED if parallel is None else parallel, **buckets
        )
        limits = shared.rows(model, region)
        if counts_apart(model):
            limits += limit_rows(model, region)
        if limits:
            targets.add_limits(limits)
    return target


def _buckets(model: Model, region: str) -> dict[str, float]:
    """Limits as they are written: a bucket of requests, and one of all tokens."""
    limits: dict[str, float] = {}
    rpm = limit_in(model.rpm, region)
    tpm = tokens_per_minute(model, region)
    if rpm is not None:
        limits |= bucket(rpm / 60.0, rpm, "request")
    if tpm is not None:
        limits |= bucket(tpm / 60.0, tpm, "token")
    return limits


def tokens_per_minute(model: Model, region: str) -> float | None:
    """Token limit of a deployment: what its units carry and, if it may overflow, its `tpm` besides."""
    tpm = limit_in(model.tpm, region)
    held = model.provisioned
    if held is None:
        return tpm
    carried_tpm = (limit_in(held.units, region) or 0.0) * held.tpm_per_unit
    if not held.overflow:
        return carried_tpm
    return None if tpm is None else carried_tpm + tpm
