"""Are the pools of self-hosted models possible: seats, tokens, replicas, reservations?"""

from collections.abc import Iterator, Mapping

from simulator.mechanisms.replicas.codes import BLOCK_TOKENS
from simulator.mechanisms.replicas.config import Pool
from simulator.mechanisms.replicas.engines import ALWAYS_CHUNKS, version_of
from simulator.mechanisms.replicas.sizes import ordinary_places, replicas_of, spot_places, stand_ins
from simulator.scenario.check.diagnostics import Finding
from simulator.scenario.model import ListedModel, Scenario
from simulator.scenario.read.yaml_source import Path_

MAX_REPLICAS = 1_024  # of all pools together
MAX_SEATS = 1_000_000
MAX_KV_TOKENS = 1_000_000_000


def check_pools(scenario: Scenario) -> list[Finding]:
    """Findings about self-hosted models."""
    found: list[Finding] = []
    n_replicas = n_seats = 0
    planned = {knob.path: knob for knob in scenario.capacity.knobs}
    for index, model in enumerate(scenario.model_list):
        if model.pool is None:
            continue
        path: Path_ = ("model_list", index, "pool")
        knob = planned.get(f"model_list.{model.model_name}.pool.replicas")
        most = 0 if knob is None else int(knob.max or max(knob.steps or [0]))
        places = {region: max(most, amount) for region, amount in _most_replicas(model, scenario).items()}
        n_here = sum(n + stand_ins(model.pool, region, n) for region, n in places.items())
        n_replicas += n_here
        n_seats += n_here * model.pool.batch_limits.max_num_seqs
        if max(places.values(), default=0) == 0:
            hint = "give a region at least one replica"
            found.append(Finding((*path, "replicas"), "runs nowhere", hint))
        found += _tokens(model.pool, path)
        found += _engine(model.pool, path)
        found += _reserved(model, scenario, path)
        found += _spot(model.pool, places, path)
        found += _unpriced(model, scenario)
    if n_replicas > MAX_REPLICAS or n_seats > MAX_SEATS:
        found.append(
            Finding(
                ("model_list",),
                f"the pools have up to {n_replicas:,} replicas with {n_seats:,} seats (`max_num_seqs`)",
                f"at most {MAX_REPLICAS:,} replicas and {MAX_SEATS:,} seats can be simulated",
            )
        )
    return found


def _most_replicas(model: ListedModel, scenario: Scenario) -> dict[str, int]:
    """Replicas that there may be, in each region where the pool runs."""
    assert model.pool is not None
    amounts = {region: replicas_of(model.pool, model.regions, region) for region in scenario.regions}
    return {
        region: ordinary_places(model.pool, amount)
        for region, amount in amounts.items()
        if amount is not None
    }


def _tokens(pool: Pool, path: Path_) -> Iterator[Finding]:
    limits = pool.batch_limits
    proposed = 0 if pool.speculation is None else pool.speculation.tokens
    least = limits.max_num_seqs * (1 + proposed)
    if limits.max_num_batched_tokens < least:
        drafts = f" with {proposed} proposed tokens each" if proposed else ""
        yield Finding(
            (*path, "max_num_batched_tokens"),
            f"{limits.max_num_batched_tokens:,} is below `max_num_seqs` ({limits.max_num_seqs:,}){drafts}: "
            "not every sequence could decode a token in each iteration",
            f"at least {least:,}, or fewer sequences",
        )
    if pool.kv_cache_tokens != "auto" and not BLOCK_TOKENS <= pool.kv_cache_tokens <= MAX_KV_TOKENS:
        yield Finding(
            (*path, "kv_cache_tokens"),
            f"{pool.kv_cache_tokens:,} is not between {BLOCK_TOKENS} (one block) and {MAX_KV_TOKENS:,}",
        )
    if pool.max_queued_requests is not None and pool.autoscaling is not None:
        target = pool.autoscaling.target_queued_requests
        if target is not None and target > pool.max_queued_requests:
            yield Finding(
                (*path, "autoscaling", "target_queued_requests"),
                f"{target:g} is never reached: requests are shed beyond {pool.max_queued_requests:,} that wait",
            )


def _engine(pool: Pool, path: Path_) -> Iterator[Finding]:
    """A profile of one's own was measured with its engine."""
    for key in ("engine_version", "iteration_overhead", "async_scheduling"):
        if pool.profile is not None and getattr(pool, key) is not None:
            yield Finding(
                (*path, key),
                "has no effect beside `profile`, whose times were measured as a whole",
                "leave one of the two out",
            )
    if pool.gpu_memory_utilization is not None and pool.kv_cache_tokens != "auto":
        yield Finding(
            (*path, "gpu_memory_utilization"),
            "has no effect beside `kv_cache_tokens`, which says what fits",
            "leave one of the two out",
        )
    version = None if pool.engine_version is None else version_of(pool.engine_version)
    if not pool.chunked_prefill and pool.engine == "vllm" and (version is None or version >= ALWAYS_CHUNKS):
        yield Finding(
            (*path, "chunked_prefill"),
            "vLLM from 0.11 on mixes prompts with decodes whatever the flag says",
            "leave it out, or name an `engine_version` before, e.g. '0.9'",
        )


def _reserved(model: ListedModel, scenario: Scenario, path: Path_) -> Iterator[Finding]:
    pool = model.pool
    assert pool is not None
    if pool.reserved is None:
        return
    for region in scenario.regions:
        reserved = pool.reserved.replicas_in(region)
        there = replicas_of(pool, model.regions, region) or 0
        least = there if pool.autoscaling is None else pool.autoscaling.min_replicas
        if reserved > least:
            yield Finding(
                (*path, "reserved", "replicas"),
                f"{reserved} in {region!r}, where there are {least} at times",
                "reserve no more than always run: raise `replicas` or `min_replicas`",
            )


def _spot(pool: Pool, places: Mapping[str, int], path: Path_) -> Iterator[Finding]:
    """A share so small that no whole replica is on spot changes nothing."""
    if pool.spot is None or any(spot_places(pool, region, n) for region, n in places.items()):
        return
    most = max(places.values(), default=0)
    yield Finding(
        (*path, "spot", "share"),
        f"{pool.spot.share:.0%} of what is not reserved, of {most} replicas in a region, is not one whole replica",
        "raise it, or the replicas",
    )


def _unpriced(model: ListedModel, scenario: Scenario) -> Iterator[Finding]:
    """A plan weighs replicas against what a provider beside them costs; it must know what a replica costs."""
    assert model.pool is not None
    if "price" in model.pool.model_fields_set:
        return
    hosted = {other.model_name for other in scenario.model_list if other.pool is None}
    for index, knob in enumerate(scenario.capacity.knobs):
        if knob.path != f"model_list.{model.model_name}.pool.replicas" or knob.unit_cost is not None:
            continue
        for route in scenario.routes.values():
            chosen = route.choose.values() if isinstance(route.choose, dict) else route.choose
            targets = [*chosen, *route.fallbacks]
            beside = next((name for name in targets if name in hosted), None)
            if model.model_name in targets and beside is not None:
                yield Finding(
                    ("capacity", "knobs", index),
                    f"what a replica costs is not known, so it cannot be weighed against the tokens of `{beside}`",
                    "give the pool a `price`, e.g. `$2.99/gpu_hour`, or the knob a `unit_cost`",
                )
                break
