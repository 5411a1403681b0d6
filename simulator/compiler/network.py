"""Round trips between regions, and which station of a target is nearest."""

import numpy as np
from numpy.typing import NDArray

from simulator.numerics.events import NONE
from simulator.scenario.model import Network


def round_trip_s(network: Network, origin: str, destination: str) -> float:
    """Round trip in seconds; a pair named in one direction only holds for both."""
    if origin == destination:
        return network.local
    there = network.rtt.get(origin, {}).get(destination)
    back = network.rtt.get(destination, {}).get(origin)
    if there is not None:
        return there
    return network.default if back is None else back


def round_trips_s(network: Network, regions: list[str]) -> NDArray[np.float64]:
    """All round trips, float64[region, region] in seconds."""
    return np.array(
        [[round_trip_s(network, origin, destination) for destination in regions] for origin in regions]
    )


def nearest_stations(
    station_target: NDArray[np.int64],
    station_region: NDArray[np.int64],
    rtt_s: NDArray[np.float64],
    n_targets: int,
) -> NDArray[np.int64]:
    """Stations of each target as each region sees them, nearest first: int64[target, region, rank], NONE beyond.

    Of equally near ones the own region comes first, then the order of the scenario.
    """
    n_regions = rtt_s.shape[0]
    by_target = [np.flatnonzero(station_target == target) for target in range(n_targets)]
    n_ranks = max((stations.size for stations in by_target), default=1) or 1
    ranked = np.full((max(1, n_targets), n_regions, n_ranks), NONE, dtype=np.int64)
    for target, stations in enumerate(by_target):
        for region in range(n_regions):
            order = sorted(
                stations, key=lambda s: (rtt_s[region, station_region[s]], station_region[s] != region, s)
            )
            ranked[target, region, : stations.size] = order
    return ranked
