"""How many replicas a pool has, and how much fits into one: what a pool and its profile say together."""

from collections.abc import Sequence

from simulator.mechanisms.replicas.codes import BLOCK_TOKENS
from simulator.mechanisms.replicas.config import Pool
from simulator.mechanisms.replicas.profile import Profile


def replicas_of(pool: Pool, regions: Sequence[str] | None, region: str) -> int | None:
    """Replicas of a pool in a region, or None where it does not run; `regions`: where it may, None: everywhere."""
    if regions is not None and region not in regions:
        return None
    return pool.replicas.get(region) if isinstance(pool.replicas, dict) else pool.replicas


def kv_blocks(pool: Pool, profile: Profile) -> int:
    """Blocks of the KV cache of one replica."""
    n_tokens = profile.kv_tokens if pool.kv_cache_tokens == "auto" else pool.kv_cache_tokens
    return n_tokens // BLOCK_TOKENS


def limit_tokens(pool: Pool, profile: Profile) -> int:
    """Longest prompt and output together that a replica takes."""
    longest = profile.max_model_len if pool.max_model_len is None else pool.max_model_len
    return min(longest, kv_blocks(pool, profile) * BLOCK_TOKENS)
