"""The conditions of a run: base values of the data plane, and the effects that are active on top of them.

Exposure, shifts and autoscalers set base values here, incidents begin and end effects. Every change writes the value
that follows from the base and all active effects, never an old value times something. So effects compose whatever
their order, and after the last has ended everything is as it was, to the bit.
"""

from collections.abc import Callable, Sequence
from functools import reduce
from itertools import count
from operator import mul
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulator.control.capacity import Missing, UnitCapacity
from simulator.control.capacity_meter import CapacityMeter
from simulator.control.data_plane import DataPlane
from simulator.control.pool_capacity import PoolCapacity
from simulator.kernel.codes import Opcode
from simulator.mechanisms.incidents.codes import Aspect, Effect
from simulator.mechanisms.regions.table import JITTERED
from simulator.numerics.events import NONE

_QUOTA = ("request_rate_per_s", "request_depth", "token_rate_per_s", "token_depth")
_CAPACITY = (Aspect.DOWN, Aspect.LOST, Aspect.LOST_REPLICA, Aspect.SHORTAGE)


class Happening(NamedTuple):
    """Effects that are active, as one of them may be there twice: which replicas a crash took is known by its number."""

    number: int
    effects: Sequence[Effect]


class ActiveEffects:
    """What is the case now, as everybody on the control plane has it.

    Parameters
    ----------
    plane : at time 0; what its tables say then are the base values
    """

    def __init__(self, plane: DataPlane) -> None:
        self._plane = plane
        world = plane.world
        self._stations = world.stations.stations.copy()
        self._one_way_s = world.stations.one_way_s.copy()
        self._one_way_lane = world.stations.one_way_lane.copy()
        self._rejected = world.program["probability"].copy()
        self._share = world.traffic.streams["share"].copy()
        self._units: dict[int, UnitCapacity] = {}
        self._gone = CapacityMeter(len(self._stations))
        self._gone_spot = CapacityMeter(len(self._stations))
        self._pools = {
            int(station): PoolCapacity(plane, int(station), self._gone, self._gone_spot)
            for station in world.pools.pools["station"]
        }
        self._active: dict[tuple[Aspect, tuple[int, ...]], list[float]] = {}
        self._down: set[int] = set()
        self._n_losses = [count() for _ in self._stations]
        self._n_happenings = count()

    # ------------------------------------------------------------------------------------------- base values

    def set_share(self, stream: int, share: float) -> None:
        """Let a stream have this share of full demand, times the surges there are."""
        self._share[stream] = share
        self._set_demand((stream,))

    def employ(self, station: int, servers_of: Callable[[int], int], units: int) -> None:
        """Tell how many units (replicas of a service, people) a station has, and how many servers so many are."""
        self._units[station] = UnitCapacity(self._plane, station, servers_of, units)

    def set_units(self, station: int, units: int) -> None:
        """Let a station have so many units from now on, less those that are missing."""
        self._units[station].plan(units)

    def units(self, station: int) -> int:
        """Units that a station should have now."""
        return self._units[station].units

    def pool(self, station: int) -> PoolCapacity:
        """Replicas of a pool's station."""
        return self._pools[station]

    def gone_replica_s(self) -> NDArray[np.float64]:
        """Replica-seconds of pools that are paid and served nobody, up to now, float64[station]: crashed, or starting."""
        return self._gone.replica_s(self._plane.now_s)

    def spot_replica_s(self) -> NDArray[np.float64]:
        """Replica-seconds on spot that are paid, up to now, float64[station]."""
        paid_s = self._gone_spot.replica_s(self._plane.now_s)
        for station, pool in self._pools.items():
            paid_s[station] += self._plane.serving_s(pool.spot)
        return paid_s

    # ----------------------------------------------------------------------------------------------- effects

    def begin(self, effects: Sequence[Effect]) -> Happening:
        """Let effects be active from now on; all of them are there before any attempt is lost."""
        happening = Happening(next(self._n_happenings), effects)
        for aspect, place, value in effects:
            if aspect == Aspect.FLUSH:
                self._plane.flush(place[0])
                continue
            self._active.setdefault((aspect, place), []).append(value)
            if aspect == Aspect.LOST and place[0] in self._pools:
                self._pools[place[0]].crash(happening.number, int(value))
        self._apply(effects)
        return happening

    def end(self, happening: Happening) -> None:
        """Let what had begun be over."""
        for aspect, place, value in happening.effects:
            if aspect == Aspect.FLUSH:
                continue
            self._active[aspect, place].remove(value)
            if aspect == Aspect.LOST and place[0] in self._pools:
                self._pools[place[0]].repair(happening.number)
        self._apply(happening.effects)

    def _apply(self, effects: Sequence[Effect]) -> None:
        for aspect, place in dict.fromkeys((effect.aspect, effect.place) for effect in effects):
            if aspect in _SETTERS:
                _SETTERS[aspect](self, place)
        stations = dict.fromkeys(effect.place[0] for effect in effects if effect.aspect in _CAPACITY)
        for station in stations:
            self._set_capacity(station)

    def _values(self, aspect: Aspect, place: tuple[int, ...]) -> list[float]:
        """Values of the active effects, in an order that does not depend on when they began."""
        return sorted(self._active.get((aspect, place), ()))

    def _factor(self, aspect: Aspect, place: tuple[int, ...]) -> float:
        return reduce(mul, self._values(aspect, place), 1.0)

    def _share_of(self, aspect: Aspect, place: tuple[int, ...], base: float = 0.0) -> float:
        """1 - (1 - base) · Π(1 - p): any of independent mishaps; the base itself where there are none."""
        values = self._values(aspect, place)
        return 1.0 - reduce(mul, (1.0 - value for value in values), 1.0 - base) if values else base

    # ----------------------------------------------------------------------------------------------- writing

    def _set_down(self, place: tuple[int, ...]) -> None:
        self._plane.set_station(place[0], is_down=int(bool(self._values(Aspect.DOWN, place))))

    def _set_slowness(self, place: tuple[int, ...]) -> None:
        slowness = self._factor(Aspect.SLOWNESS, place)
        ttft_slowness = slowness * self._factor(Aspect.TTFT, place)
        self._plane.set_station(place[0], slowness=slowness, ttft_slowness=ttft_slowness)

    def _set_error(self, place: tuple[int, ...]) -> None:
        base = float(self._stations["error_rate"][place[0]])
        self._plane.set_station(place[0], error_rate=self._share_of(Aspect.ERROR, place, base))

    def _set_refused(self, place: tuple[int, ...]) -> None:
        self._plane.set_station(place[0], refused_share=self._share_of(Aspect.REFUSED, place))

    def _set_overloaded(self, place: tuple[int, ...]) -> None:
        self._plane.set_station(place[0], overloaded_share=self._share_of(Aspect.OVERLOADED, place))

    def _set_quota(self, place: tuple[int, ...]) -> None:
        left = self._factor(Aspect.QUOTA, place)
        limits = {name: float(self._stations[name][place[0]]) for name in _QUOTA}
        cut = {name: limit * left if np.isfinite(limit) else limit for name, limit in limits.items()}
        self._plane.set_quota(place[0], left, **cut)

    def _set_shared_quota(self, place: tuple[int, ...]) -> None:
        first, n_limits = place
        self._plane.set_limits_left(first, n_limits, self._factor(Aspect.SHARED_QUOTA, place))

    def _set_way(self, place: tuple[int, ...]) -> None:
        region, station = place
        base_s = float(self._one_way_s[place])
        outside_s = float(self._stations["outside_s"][station])  # is no network
        extra_s = sum(self._values(Aspect.WAY_EXTRA, place)) + outside_s
        factor = self._factor(Aspect.WAY_FACTOR, place)
        one_way_s = (
            base_s if factor == 1.0 and extra_s == outside_s else (base_s - outside_s) * factor + extra_s
        )
        lane = int(self._one_way_lane[place])
        if one_way_s != base_s and lane != JITTERED:
            lane = NONE
        self._plane.set_way(region, station, one_way_s, lane, self._share_of(Aspect.WAY_LOSS, place))

    def _set_demand(self, place: tuple[int, ...]) -> None:
        (stream,) = place
        self._plane.set_share(stream, float(self._share[stream]) * self._factor(Aspect.DEMAND, place))

    def _set_success_of_target(self, place: tuple[int, ...]) -> None:
        shift = sum(self._values(Aspect.SUCCESS_OF_TARGET, place))
        self._plane.set_success_shift(place[0], shift)

    def _set_workload(self, place: tuple[int, ...]) -> None:
        shift = sum(self._values(Aspect.SUCCESS_OF_WORKLOAD, place))
        output_factor = self._factor(Aspect.OUTPUT, place)
        self._plane.set_workload(place[0], success_shift=shift, output_factor=output_factor)

    def _set_rejected(self, place: tuple[int, ...]) -> None:
        for pc in self._contracts_of(place[0]):
            base = float(self._rejected[pc])
            self._plane.set_rejected_share(pc, self._share_of(Aspect.REJECT, place, base))

    def _contracts_of(self, workload: int) -> list[int]:
        """Places in the program of a workload's `validate` steps."""
        program, first = self._plane.world.program, self._plane.world.traffic.workloads["first_pc"]
        later = first[first > first[workload]]
        last = later.min() if later.size else program.size
        is_contract = program["opcode"][first[workload] : last] == Opcode.VALIDATE
        return [int(first[workload] + place) for place in np.flatnonzero(is_contract)]

    def _set_cache_down(self, place: tuple[int, ...]) -> None:
        is_down = bool(self._values(Aspect.CACHE_DOWN, place))
        self._plane.set_cache_down(place[0], is_down)
        if is_down:
            self._plane.flush(place[0])

    def _set_capacity(self, station: int) -> None:
        """Let what is missing at a station be gone, with what was in service on it."""
        place = (station,)
        is_down = bool(self._values(Aspect.DOWN, place))
        goes_down = is_down and station not in self._down
        self._down = self._down | {station} if is_down else self._down - {station}
        share = 0.0
        capacity = self._pools.get(station) or self._units.get(station)
        if capacity is not None:  # of a hosted model nobody counts the servers
            capacity.missing = self._missing(station)
            share = capacity.update()
        if goes_down or share > 0.0:
            n_loss = next(self._n_losses[station])
            self._plane.lose_attempts(station, 1.0 if goes_down else share, n_loss, waiting=goes_down)

    def _missing(self, station: int) -> Missing:
        place = (station,)
        numbers = {
            other[1]
            for (aspect, other), values in self._active.items()
            if aspect == Aspect.LOST_REPLICA and other[0] == station and values
        }
        return Missing(
            len(self._values(Aspect.DOWN, place)),
            int(sum(self._values(Aspect.LOST, place))),
            numbers,
            self._share_of(Aspect.SHORTAGE, place),
        )


_SETTERS: dict[Aspect, Callable[[ActiveEffects, tuple[int, ...]], None]] = {
    Aspect.DOWN: ActiveEffects._set_down,
    Aspect.SLOWNESS: ActiveEffects._set_slowness,
    Aspect.TTFT: ActiveEffects._set_slowness,
    Aspect.ERROR: ActiveEffects._set_error,
    Aspect.REFUSED: ActiveEffects._set_refused,
    Aspect.OVERLOADED: ActiveEffects._set_overloaded,
    Aspect.QUOTA: ActiveEffects._set_quota,
    Aspect.SHARED_QUOTA: ActiveEffects._set_shared_quota,
    Aspect.WAY_FACTOR: ActiveEffects._set_way,
    Aspect.WAY_EXTRA: ActiveEffects._set_way,
    Aspect.WAY_LOSS: ActiveEffects._set_way,
    Aspect.DEMAND: ActiveEffects._set_demand,
    Aspect.SUCCESS_OF_TARGET: ActiveEffects._set_success_of_target,
    Aspect.SUCCESS_OF_WORKLOAD: ActiveEffects._set_workload,
    Aspect.OUTPUT: ActiveEffects._set_workload,
    Aspect.REJECT: ActiveEffects._set_rejected,
    Aspect.CACHE_DOWN: ActiveEffects._set_cache_down,
}
