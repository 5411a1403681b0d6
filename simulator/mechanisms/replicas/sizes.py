"""How many replicas a pool has, and how much fits into one: what a pool and its profile say together."""

from collections.abc import Sequence
from math import floor

from simulator.mechanisms.replicas.codes import BLOCK_TOKENS
from simulator.mechanisms.replicas.config import Pool
from simulator.mechanisms.replicas.profile import Profile


def replicas_of(pool: Pool, regions: Sequence[str] | None, region: str) -> int | None:
    """Replicas of a pool in a region, or None where it does not run; `regions`: where it may, None: everywhere."""
    if regions is not None and region not in regions:
        return None
    return pool.replicas.get(region) if isinstance(pool.replicas, dict) else pool.replicas


def ordinary_places(pool: Pool, replicas: int) -> int:
    """Replicas that there may be in a region that begins with so many, those that stand in for spot ones not counted."""
    return max(replicas, 0 if pool.autoscaling is None else pool.autoscaling.max_replicas)


def spot_places(pool: Pool, region: str, places: int) -> list[int]:
    """Numbers of the replicas that run on spot, of so many places in a region; of more places, more of the same.

    Of the first n that are not reserved, the share of n rounded down, whatever n is.
    """
    if pool.spot is None:
        return []
    first = 0 if pool.reserved is None else pool.reserved.replicas_in(region)
    share = pool.spot.share
    return [
        number
        for number in range(first, places)
        if _whole(share, number - first + 1) > _whole(share, number - first)
    ]


def stand_ins(pool: Pool, region: str, places: int) -> int:
    """Replicas on demand that may stand in for spot ones; their numbers follow those of the places."""
    if pool.spot is None or pool.spot.fallback == "none":
        return 0
    return len(spot_places(pool, region, places))


def _whole(share: float, replicas: int) -> int:
    return floor(share * replicas + 1e-9)


def kv_blocks(pool: Pool, profile: Profile) -> int:
    """Blocks of the KV cache of one replica."""
    n_tokens = profile.kv_tokens if pool.kv_cache_tokens == "auto" else pool.kv_cache_tokens
    return n_tokens // BLOCK_TOKENS


def limit_tokens(pool: Pool, profile: Profile) -> int:
    """Longest prompt and output together that a replica takes."""
    longest = profile.max_model_len if pool.max_model_len is None else pool.max_model_len
    return min(longest, kv_blocks(pool, profile) * BLOCK_TOKENS)
