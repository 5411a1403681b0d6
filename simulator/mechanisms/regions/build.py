"""From the network and the policies of routes to tables."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.mechanisms.distribution_table import DistributionTable
from simulator.mechanisms.regions.codes import N_CHANGES, Policy
from simulator.mechanisms.regions.config import Network, RegionPolicy, policy_of
from simulator.mechanisms.regions.table import NETWORK, REGION_RULE, Regions
from simulator.numerics.events import NONE

_POLICY = {
    "nearest": Policy.NEAREST,
    "weighted": Policy.WEIGHTED,
    "least-loaded": Policy.LEAST_LOADED,
    "spill-over": Policy.SPILL_OVER,
    "failover": Policy.FAILOVER,
}


class Ways(NamedTuple):
    """Where data of each region's users may go, and how far that is."""

    near_regions: NDArray[np.int64]  # [region, rank] nearest first
    rtt_s: NDArray[np.float64]  # [region, region]


def build_regions(
    network: Network,
    routes: Sequence[RegionPolicy],
    regions: Sequence[str],
    ways: Ways,
    n_checked: int,
    n_choices: int,
    table: DistributionTable,
) -> Regions:
    """Tables of a scenario's regions.

    Parameters
    ----------
    routes : policy of every route, by number
    n_checked : stations and instances of caches
    n_choices : most choices that a route has
    """
    rules = np.zeros(max(1, len(routes)), dtype=REGION_RULE).view(np.recarray)
    weights = np.zeros((max(1, len(routes)), len(regions)))
    for number, route in enumerate(routes):
        policy = policy_of(route, network)
        rules["policy"][number] = _POLICY[policy.region_policy or "nearest"]
        rules["spill_over_at"][number] = policy.spill_over_at or 0.0
        weights[number] = _weights(policy.region_weights or {}, regions)
    head = np.zeros(1, dtype=NETWORK).view(np.recarray)
    head["jitter"] = NONE if network.jitter is None else table.add(network.jitter)
    head["checks_health"] = int(network.health_check is not None)
    head["ttl_s"] = 0.0 if network.health_check is None else network.health_check.ttl
    return Regions(
        head,
        rules,
        weights,
        ways.near_regions,
        ways.rtt_s,
        np.ones(n_checked, dtype=np.int64),
        np.full((n_checked, N_CHANGES), -np.inf),
        np.full(max(1, n_choices), NONE, dtype=np.int64),
    )


def _weights(weights: Mapping[str, float], regions: Sequence[str]) -> list[float]:
    return [weights.get(region, 0.0) for region in regions]


def note_health(regions: Regions, row: int, is_up: bool, now_s: float) -> None:
    """Let a row of health be seen as up or down from now on; in place."""
    regions.change_s[row, 1:] = regions.change_s[row, :-1].copy()
    regions.change_s[row, 0] = now_s
    regions.seen_up[row] = int(is_up)
