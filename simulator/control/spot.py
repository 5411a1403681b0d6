"""Replicas on spot capacity: interrupted by chance, drained while there is notice, lost, and replaced.

When a replica is interrupted depends on the seed and on its name alone, and not on what is done with the others. A window
begins in the midst of things: a replica is away at its start with the probability that it is away at any time,

    (notice + wait + startup_delay) / (1 / interruptions + notice + wait + startup_delay)
"""

from collections.abc import Iterator
from itertools import count
from typing import NamedTuple

import numpy as np

from simulator.compiler.blueprint import Blueprint
from simulator.control.environment import Environment, Process
from simulator.control.pool_capacity import PoolCapacity
from simulator.mechanisms.keys import name_key
from simulator.mechanisms.replicas.config import Spot
from simulator.mechanisms.replicas.sizes import ordinary_places, replicas_of, spot_places, stand_ins
from simulator.numerics.draws import derive, exponential, uniform


class Absence(NamedTuple):
    """From one interruption until a replica on spot serves again, in seconds."""

    up_s: float  # it serves for so long before
    past_s: float  # the interruption was so long ago, where the run begins in its midst
    notice_s: float  # it drains
    wait_s: float  # nothing is there
    startup_s: float  # another one starts


def absences(spot: Spot, key: np.uint64) -> Iterator[Absence]:
    """Absences of one replica, without end; the first may have begun before the run."""
    numbers = count()

    def mean(value_s: float) -> float:
        return value_s * float(exponential(np.uint64(derive(key, np.uint64(next(numbers))))))

    up_s = 1.0 / spot.interruptions
    away_s = spot.notice + spot.wait + spot.startup_delay
    at_s = (up_s + away_s) * float(uniform(np.uint64(derive(key, np.uint64(next(numbers))))))
    if at_s < spot.notice:
        yield Absence(0.0, at_s, spot.notice - at_s, mean(spot.wait), spot.startup_delay)
    elif (
        at_s < spot.notice + spot.wait
    ):  # what is over of a wait is as long, on average, as what is left of it
        yield Absence(0.0, spot.notice + mean(spot.wait), 0.0, mean(spot.wait), spot.startup_delay)
    elif at_s < away_s:
        over_s = at_s - spot.notice - spot.wait
        past_s = spot.notice + mean(spot.wait) + over_s
        yield Absence(0.0, past_s, 0.0, 0.0, spot.startup_delay - over_s)
    while True:
        yield Absence(mean(up_s), 0.0, spot.notice, mean(spot.wait), spot.startup_delay)


class SpotMarket:
    """Starts a process for every replica on spot, and counts what is taken back."""

    def __init__(self, n_stations: int) -> None:
        self.interruptions = np.zeros(n_stations)

    def start(self, env: Environment, blueprint: Blueprint, seed: int) -> None:
        """Let every replica on spot be interrupted in its time."""
        models = {model.model_name: model for model in blueprint.scenario.model_list}
        for station_id, station in enumerate(blueprint.targets.station_names):
            model = models.get(station.target)
            if model is None or model.pool is None or model.pool.spot is None:
                continue
            begins_with = replicas_of(model.pool, model.regions, station.region) or 0
            places = ordinary_places(model.pool, begins_with)
            on_spot = spot_places(model.pool, station.region, places)
            n_aside = stand_ins(model.pool, station.region, places)
            aside = range(places, places + n_aside)
            pool = env.effects.pool(station_id)
            pool.lend(on_spot, aside)
            for place, number in enumerate(on_spot):
                key = name_key(seed, "spot", station.target, station.region, number)
                stand_in = pool.replica(aside[place]) if n_aside else None
                lent = _Lent(env, pool, model.pool.spot, pool.replica(number), stand_in)
                env.process(self._lend(station_id, lent, absences(model.pool.spot, key)))

    def _lend(self, station: int, lent: "_Lent", found: Iterator[Absence]) -> Process:
        for absence in found:
            yield lent.env.timeout(absence.up_s)
            if not lent.pool.is_held(lent.replica):
                continue
            self.interruptions[station] += absence.past_s == 0.0
            yield from lent.be_away(absence)


class _Lent(NamedTuple):
    """One replica on spot, and who stands in for it."""

    env: Environment
    pool: PoolCapacity
    spot: Spot
    replica: int
    stand_in: int | None

    def be_away(self, absence: Absence) -> Process:
        """Drain, be lost, and come back."""
        if self.stand_in is not None:
            self.pool.order(self.replica, self.stand_in)
            self.env.process(self._stand_in(max(0.0, self.spot.startup_delay - absence.past_s)))
        self.pool.notice(self.replica)
        yield self.env.timeout(absence.notice_s)
        self.pool.reclaim(self.replica)
        yield self.env.timeout(absence.wait_s)
        self.pool.pay_start(self.replica)
        yield self.env.timeout(absence.startup_s)
        self.pool.give_back(self.replica)

    def _stand_in(self, after_s: float) -> Process:
        yield self.env.timeout(after_s)
        self.pool.employ(self.replica)
