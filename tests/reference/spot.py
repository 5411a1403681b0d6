"""Replicas on spot in the reference: a timetable per replica, worked out before the run, and played.

Pools here do not scale themselves, so that all there is to know of a replica is when it is taken back.
"""

import math
from collections.abc import Iterator

from simulator.mechanisms.replicas.config import Pool
from tests.reference import draws
from tests.reference.action import Waiting
from tests.reference.clock import Environment, Kind
from tests.reference.pools import PoolStation

Moment = tuple[float, str, int]  # when, what (a method of a pool's station), which replica


def n_lent(pool: Pool, replicas: int, region: str) -> int:
    """Replicas on spot, of so many in a region."""
    if pool.spot is None:
        return 0
    held = pool.reserved.replicas if pool.reserved is not None else 0
    held = held.get(region, 0) if isinstance(held, dict) else held
    return math.floor(pool.spot.share * (replicas - held) + 1e-9)


def numbers(pool: Pool, replicas: int, region: str) -> list[int]:
    """Which they are: a replica is on spot if with it one more of those before it and itself is."""
    return [n for n in range(replicas) if n_lent(pool, n + 1, region) > max(0, n_lent(pool, n, region))]


def play_spot(env: Environment, station: PoolStation, replicas: int, seed: int, end_s: float) -> None:
    """Let the replicas of a pool that are on spot be taken back in their time."""
    assert station.pool.spot is not None
    assert station.pool.autoscaling is None
    for place, number in enumerate(numbers(station.pool, replicas, station.region)):
        key = draws.name_key(seed, "spot", station.target, station.region, number)
        found = timetable(station.pool, number, replicas + place, key, end_s)
        env.process(_play(env, station, sorted(found, key=lambda moment: moment[0])))


def _play(env: Environment, station: PoolStation, moments: list[Moment]) -> Waiting:
    for at_s, what, replica in moments:
        yield env.timeout(at_s - env.now, Kind.CHANGE)
        getattr(station, what)(replica)


def timetable(pool: Pool, replica: int, stand_in: int, key: int, end_s: float) -> Iterator[Moment]:
    """What happens to a replica, and to the one that stands in for it, up to the end of a run."""
    spot = pool.spot
    assert spot is not None
    number = 0

    def next_s(mean_s: float) -> float:
        nonlocal number
        number += 1
        return mean_s * draws.exponential(draws.derive(key, number))

    away_s = spot.notice + spot.wait + spot.startup_delay
    at_s = (1.0 / spot.interruptions + away_s) * draws.uniform(draws.derive(key, 0))
    if at_s >= away_s:  # it serves when the run begins
        noticed_s = next_s(1.0 / spot.interruptions)
        back_s = noticed_s + spot.notice + next_s(spot.wait) + spot.startup_delay
    elif at_s < spot.notice:
        noticed_s = -at_s
        back_s = noticed_s + spot.notice + next_s(spot.wait) + spot.startup_delay
    elif at_s < spot.notice + spot.wait:
        noticed_s = -spot.notice - next_s(spot.wait)
        back_s = next_s(spot.wait) + spot.startup_delay
    else:
        over_s = at_s - spot.notice - spot.wait
        noticed_s = -over_s - spot.notice - next_s(spot.wait)
        back_s = spot.startup_delay - over_s
    while noticed_s < end_s:
        yield max(0.0, noticed_s), "drain", replica
        yield max(0.0, noticed_s + spot.notice), "lose", replica
        if spot.fallback == "on-demand":
            yield max(0.0, noticed_s + spot.startup_delay), "start", stand_in
            yield back_s, "drain", stand_in
        yield back_s, "start", replica
        noticed_s = back_s + next_s(1.0 / spot.interruptions)
        back_s = noticed_s + spot.notice + next_s(spot.wait) + spot.startup_delay
