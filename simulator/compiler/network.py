"""Round trips between regions, and which stations of a target its users may go to, nearest first."""

import numpy as np
from numpy.typing import NDArray

from simulator.numerics.events import NONE
from simulator.scenario.model import Scenario
from simulator.scenario.region_facts import may_go, round_trip_s


def round_trips_s(scenario: Scenario) -> NDArray[np.float64]:
    """All round trips, float64[region, region] in seconds."""
    found = [
        [round_trip_s(scenario, origin, destination) for destination in scenario.regions]
        for origin in scenario.regions
    ]
    assert all(None not in row for row in found)  # the checks have told
    return np.array(found, dtype=np.float64)


def allowed_ways(scenario: Scenario) -> NDArray[np.bool_]:
    """Where data of each region's users may be processed, bool[region of users, region of station]."""
    return np.array(
        [[may_go(scenario, origin, there) for there in scenario.regions] for origin in scenario.regions]
    )


def nearest_stations(
    station_target: NDArray[np.int64],
    station_region: NDArray[np.int64],
    rtt_s: NDArray[np.float64],
    allowed: NDArray[np.bool_],
    n_targets: int,
) -> NDArray[np.int64]:
    """Stations of each target that a region's users may be sent to, nearest first: int64[target, region, rank], NONE
    beyond.

    Of equally near ones the own region comes first, then the order of the scenario.
    """
    n_regions = rtt_s.shape[0]
    by_target = [np.flatnonzero(station_target == target) for target in range(n_targets)]
    n_ranks = max((stations.size for stations in by_target), default=1) or 1
    ranked = np.full((max(1, n_targets), n_regions, n_ranks), NONE, dtype=np.int64)
    for target, stations in enumerate(by_target):
        for region in range(n_regions):
            order = sorted(
                stations[allowed[region, station_region[stations]]],
                key=lambda s: (rtt_s[region, station_region[s]], station_region[s] != region, s),
            )
            ranked[target, region, : len(order)] = order
    return ranked


def near_regions(scenario: Scenario) -> NDArray[np.int64]:
    """Regions where data of each region's users may go, int64[region, rank], nearest first, NONE beyond."""
    places = np.arange(len(scenario.regions))
    rtt_s, allowed = round_trips_s(scenario), allowed_ways(scenario)
    found: NDArray[np.int64] = nearest_stations(np.zeros_like(places), places, rtt_s, allowed, 1)[0]
    return found


def in_order(
    nearest: NDArray[np.int64], station_region: NDArray[np.int64], order: list[int]
) -> NDArray[np.int64]:
    """Stations of one target as each region's users ask them: the nearest, then those of the regions in `order`.

    Parameters
    ----------
    nearest : int64[region, rank], nearest first, NONE beyond
    order : regions in the order in which they are asked after the nearest
    """
    ordered = np.full_like(nearest, NONE)
    for region, ranked in enumerate(nearest):
        found = [int(station) for station in ranked if station != NONE]
        others = [s for there in order for s in found[1:] if station_region[s] == there]
        ordered[region, : len(others) + 1] = [*found[:1], *others] if found else [NONE]
    return ordered
