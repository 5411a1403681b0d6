"""The data plane as control processes see it: advance it, read it, change it; never a request at a time."""

import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulator.errors import InterruptedEarlyError
from simulator.kernel import commands
from simulator.kernel.advance import LAST_S, advance, stand_at
from simulator.kernel.codes import Phase, Stop
from simulator.kernel.memory import grow, sojourn_so_far_s
from simulator.kernel.pools import replicas
from simulator.kernel.pools.deferred import POOL_KERNELS
from simulator.kernel.state import World
from simulator.kernel.world import pack
from simulator.mechanisms.caching.build import flush
from simulator.mechanisms.regions.build import note_health
from simulator.mechanisms.replicas.codes import ReplicaState
from simulator.mechanisms.replicas.usage import pool_usage, serving_s
from simulator.metrics.columns import AreaColumn

_OF_POOLS = [AreaColumn.BUSY_S, AreaColumn.SERVERS_S, *range(AreaColumn.SEQUENCE_S, AreaColumn.LOST_S + 1)]
_ROWS_MARGIN = 8  # rows that a command may write
_SLICE_WALL_S = 0.2  # how long a cancellation may have to wait


class Cancelled(InterruptedEarlyError):
    """The run was told to stop."""


class DataPlane:
    """Owns the world of one run; the kernel changes it in place, and this class when buffers grow.

    Parameters
    ----------
    world : a fresh world at time 0
    watch : called with the time reached, a few times a second of wall time; it raises `Cancelled` to stop the run
    """

    def __init__(self, world: World, watch: Callable[[float], None] | None = None) -> None:
        self.world = world
        self._handle = self._packed()
        self._watch = watch
        self._now_s = 0.0
        self._slice_s = 60.0
        self._rows: list[NDArray[np.void]] = []
        commands.start_arrivals(self._handle)

    def advance(self, until_s: float) -> None:
        """Handle every data-plane event of the instants up to and including `until_s`; slices do not change the result.

        Raises
        ------
        Cancelled
            When the run was told to stop.
        """
        until_s += LAST_S
        while True:
            target_s = min(until_s, self._now_s + self._slice_s)
            begin = time.perf_counter()
            self._advance_slice(target_s)
            wall_s = time.perf_counter() - begin
            self._now_s = target_s
            if wall_s < _SLICE_WALL_S / 4:
                self._slice_s *= 2.0
            elif wall_s > _SLICE_WALL_S:
                self._slice_s /= 2.0
            if self._watch is not None:
                self._watch(target_s)
            if target_s >= until_s:
                self._now_s = stand_at(self._handle, until_s - LAST_S)
                return

    def _advance_slice(self, until_s: float) -> None:
        while advance(self._handle, until_s) == Stop.GROW:
            self._make_room()

    def close(self) -> None:
        """Forget the world; processes of an ended run refer to one another until Python looks for such circles."""
        del self.world, self._handle

    def _packed(self) -> NDArray[np.void]:
        """The world as kernels see it."""
        handle = pack(self.world)
        if self.world.pools.pools.size > 0:
            for name, kernel in POOL_KERNELS.items():
                handle[name] = kernel.address()
        return handle

    def _keep_room(self) -> None:
        """Make room if a command might find a buffer full."""
        recording = self.world.recording
        rows_are_tight = recording.recorder["n_rows"][0] + _ROWS_MARGIN > recording.rows.size
        if self.world.events.head["is_tight"][0] or rows_are_tight:
            self._make_room()

    def _make_room(self) -> None:
        recorder = self.world.recording.recorder
        n_rows = int(recorder["n_rows"][0])
        if n_rows:
            self._rows.append(self.world.recording.rows[:n_rows].copy())
            recorder["n_rows"] = 0
        self.world = grow(self.world)
        self._handle = self._packed()

    @property
    def now_s(self) -> float:
        """Up to when the data plane has been advanced."""
        return self._now_s

    def servers(self, station: int) -> int:
        """Servers of a station now."""
        return int(self.world.stations.stations["servers"][station])

    def in_system(self, station: int) -> int:
        """Requests waiting and being served at a station now."""
        row = self.world.stations.stations[station]
        return int(row.busy + row.queued)

    def set_servers(self, station: int, servers: int) -> None:
        """Give a station so many servers from now on; requests in service finish."""
        while commands.set_servers(self._handle, station, servers):
            if self.world.events.head["is_tight"][0]:
                self._make_room()

    def queued(self, station: int) -> int:
        """Requests waiting at a station now."""
        return int(self.world.stations.stations["queued"][station])

    def _pool(self, station: int) -> Any:
        return self.world.pools.pools[self.world.stations.stations["pool"][station]]

    def _replicas(self, station: int) -> range:
        pool = self._pool(station)
        return range(int(pool.first_replica), int(pool.first_replica + pool.n_replicas))

    def replica_states(self, station: int) -> dict[int, ReplicaState]:
        """State of every replica that a pool's station has or may have."""
        states = self.world.pools.replicas["state"]
        return {replica: ReplicaState(int(states[replica])) for replica in self._replicas(station)}

    def outstanding(self, replica: int) -> int:
        """Requests that run on a replica or wait for it."""
        row = self.world.pools.replicas[replica]
        return int(row.n_running + row.n_waiting)

    def serving_s(self, replicas: Sequence[int]) -> float:
        """Seconds that replicas have served or drained so far, added up."""
        return float(serving_s(self.world.pools.replicas[list(replicas)], self._now_s).sum())

    def kv_usage(self, station: int) -> float:
        """Shares of the KV cache that running requests hold, summed over the replicas of a pool's station."""
        used = self.world.pools.replicas["used_blocks"][self._replicas(station)]
        return float(used.sum() / self._pool(station).n_blocks)

    def first_tokens(self, station: int) -> tuple[int, float]:
        """First tokens of a pool's station so far, and the sum of the times to them since the requests arrived there."""
        pool = self._pool(station)
        return int(pool.n_first_tokens), float(pool.first_token_s)

    def set_replica_state(self, replica: int, state: ReplicaState) -> None:
        """Start (SERVING), drain (DRAINING) or lose (OFF) a replica now.

        A drained one takes nothing new and ends what it runs; a lost one answers all it has with an error.
        """
        while replicas.set_replica_state(self._handle, replica, int(state)):
            if self.world.events.head["is_tight"][0]:
                self._make_room()

    def set_new_share(self, stream: int, share: float) -> None:
        """Let this share of a stream's actions have the new release from now on."""
        self.world.traffic.streams["new_share"][stream] = share

    def set_mirror_share(self, stream: int, share: float) -> None:
        """Copy this share of a stream's actions to the new release from now on."""
        self.world.traffic.streams["mirror_share"][stream] = share

    def set_share(self, stream: int, share: float) -> None:
        """Let a stream have this share of full demand from now on."""
        commands.set_share(self._handle, stream, share)

    def set_station(self, station: int, **values: float) -> None:
        """Change fields of a station that the kernel only reads, e.g. `is_down` or `slowness`."""
        for name, value in values.items():
            self.world.stations.stations[name][station] = value

    def set_quota(self, station: int, left: float, **values: float) -> None:
        """Change what a station's limits let through; what is in them is counted up to now first.

        Parameters
        ----------
        left : share that is left of those that count as a provider does
        """
        commands.refill_buckets(self._handle, station)
        self.set_station(station, **values)
        record = self.world.stations.stations[station]
        self._set_left(int(record["first_limit"]), int(record["n_limits"]), left)

    def set_limits_left(self, first: int, n_limits: int, left: float) -> None:
        """Let a share of shared limits be left; what is in them is counted up to now first."""
        commands.bring_up_shared(self._handle, first, n_limits)
        self._set_left(first, n_limits, left)

    def _set_left(self, first: int, n_limits: int, left: float) -> None:
        self.world.stations.limits["left"][first : first + n_limits] = left

    def set_way(self, region: int, station: int, one_way_s: float, lane: int, loss: float) -> None:
        """Change the way between a region and a station; who is on it arrives as if nothing had changed.

        Parameters
        ----------
        lane : of that constant delay; NONE: there is none
        loss : share that never arrives
        """
        stations = self.world.stations
        stations.one_way_s[region, station] = one_way_s
        stations.one_way_lane[region, station] = lane
        stations.way_loss[region, station] = loss

    def lose_attempts(self, station: int, share: float, n_crash: int, *, waiting: bool) -> None:
        """Let each attempt in service at a station end with an error with probability `share`.

        Parameters
        ----------
        n_crash : number of this loss at the station, part of the draws
        waiting : those that wait are lost, too
        """
        requests = self.world.requests
        phases = (Phase.SERVING, Phase.QUEUED) if waiting else (Phase.SERVING,)
        slots = np.flatnonzero((requests["station"] == station) & np.isin(requests["phase"], phases))
        order = np.lexsort((requests["draw_key"][slots], requests["reach_s"][slots]))  # slots are chance
        for slot in slots[order]:
            self._keep_room()
            commands.lose_attempt(self._handle, slot, share, n_crash)

    def set_success_shift(self, target: int, shift: float) -> None:
        """Let a model answer right more (or less) often by this share from now on."""
        self.world.stations.targets["success_shift"][target] = shift

    def set_workload(self, workload: int, **values: float) -> None:
        """Change fields of a workload that the kernel only reads, e.g. `output_factor`."""
        for name, value in values.items():
            self.world.traffic.workloads[name][workload] = value

    def set_stream(self, stream: int, **values: float) -> None:
        """Change fields of a stream that the kernel does not derive, e.g. its own limits."""
        for name, value in values.items():
            self.world.traffic.streams[name][stream] = value

    def set_choice(self, choice: int, target: int) -> None:
        """Let a choice of a route be another target from now on; tries under way stay where they are."""
        self.world.routing.choices["target"][choice] = target

    def usage(self) -> NDArray[np.float64]:
        """What every stream has used of every station since the start, float64[stream, station, UsageColumn]."""
        used: NDArray[np.float64] = self.world.recording.usage.sum(axis=0)
        return used

    def set_rejected_share(self, pc: int, share: float) -> None:
        """Let the `validate` step at a place of the program reject this share."""
        self.world.program["probability"][pc] = share

    def set_cache_down(self, instance: int, is_down: bool) -> None:
        """Let an instance of a cache find and keep nothing from now on, or work again."""
        self.world.caching.instances["is_down"][instance] = int(is_down)

    def is_down(self) -> NDArray[np.bool_]:
        """What is down now, stations first, then instances of caches: bool[station + instance]."""
        stations, instances = self.world.stations.stations, self.world.caching.instances
        found: NDArray[np.bool_] = np.concatenate([stations["is_down"], instances["is_down"]]) == 1
        return found

    def set_seen_up(self, row: int, is_up: bool) -> None:
        """Let a station, or an instance of a cache, be seen as up or down from now on; rows are those of `is_down`."""
        note_health(self.world.regions, row, is_up, self._now_s)

    def flush(self, instance: int) -> None:
        """Let an instance of a cache forget everything."""
        flush(self.world.caching, instance)

    def integrals_s(self) -> NDArray[np.float64]:
        """Integrals per station since the start, up to now: float64[station, AreaColumn].

        A replica of a pool is one server, busy while its batch is not empty.
        """
        commands.account_all(self._handle)
        stations = self.world.stations.stations
        names = ("in_system_area_s", "busy_area_s", "servers_area_s", "sojourn_s")
        integrals = np.zeros((stations.size, len(AreaColumn)))
        integrals[:, : len(names)] = np.stack([stations[name] for name in names], axis=1)
        for usage in pool_usage(self.world.pools, self._now_s):
            integrals[usage.station, _OF_POOLS] = usage[1:]
        integrals[:, AreaColumn.SOJOURN_S] += sojourn_so_far_s(self.world, stations.size, self._now_s)
        return integrals

    def rows(self) -> pd.DataFrame:
        """Request rows recorded so far, one per ended action."""
        self._make_room()
        columns = self._rows or [self.world.recording.rows[:0]]
        return pd.DataFrame(np.concatenate(columns))
