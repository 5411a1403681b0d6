"""Run a scenario: the one place where demand, data plane, control plane and results meet.

`simulate` plays one window with one seed. A `Runner` does so with many seeds, in threads (the kernel releases the GIL), and
carries what every study needs besides a scenario: its folder, its threads, its memory, its progress, its end.
"""

import math
import os
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from simulator.compiler.blueprint import Blueprint, compile_scenario
from simulator.compiler.demand import DemandWindow
from simulator.control.autoscaler import autoscale
from simulator.control.budgets import Budgets
from simulator.control.canary import Rehearsal
from simulator.control.capacity_meter import CapacityMeter
from simulator.control.data_plane import Cancelled, DataPlane
from simulator.control.deployments import PoolDeployment, ServiceDeployment
from simulator.control.environment import Environment
from simulator.control.exposure import follow_exposure
from simulator.control.health import check_health
from simulator.control.incidents import play_incidents
from simulator.control.shifts import keep_staff, work_shifts
from simulator.control.spot import SpotMarket
from simulator.control.waiting import Waiting
from simulator.kernel.memory import attempts_in_progress, in_flight_by_stream
from simulator.mechanisms.queueing.build import replicas_in, servers_of
from simulator.mechanisms.queueing.config import Service
from simulator.mechanisms.releases.config import Release
from simulator.mechanisms.replicas.sizes import replicas_of
from simulator.mechanisms.traffic.config import Workload
from simulator.metrics.columns import AreaColumn, CountColumn
from simulator.numerics.events import NONE
from simulator.numerics.jit import is_compiled
from simulator.results.conservation import check_conservation
from simulator.results.run_result import RunResult
from simulator.results.store.run_memory import RunMemory
from simulator.scenario.model import ListedModel, Scenario
from simulator.scenario.region_facts import clock_of
from simulator.scenario.time_limits import longest_limit_s, waiting_limits_s

Progress = Callable[[float, int, str], None]  # done, total, label
_TOLD_SHARE = 0.01  # of the work, from which on progress is shown again

__all__ = ["Cancelled", "Progress", "Runner", "is_compiled", "quiet", "simulate", "threads_or_all"]


def quiet(_done: float, _total: int, _label: str) -> None:
    """Show no progress."""


def threads_or_all(asked: int | None) -> int:
    """Threads asked for, or as many as there are cores this process may use."""
    if asked is not None:
        return asked
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass(frozen=True)
class Runner:
    """Where simulations run and who follows them; every study takes one. Nothing in it changes a result.

    Attributes
    ----------
    base_dir : folder the scenario's trace and profile files are relative to
    n_threads : replications simulated at the same time
    memory : of results of `replicate`: what is in it is not simulated again
    record_rows : keep one row per action (memory grows with the actions simulated)
    record_buckets : keep latencies and times to first token by time bucket, too
    use_lanes : False sends every event through the heap
    progress : called with (done, total, label) as the work goes on
    cancel : set it to stop: the simulation under way ends with `Cancelled`
    """

    base_dir: Path = Path()
    n_threads: int = 2
    memory: RunMemory | None = None
    record_rows: bool = False
    record_buckets: bool = False
    use_lanes: bool = True
    progress: Progress = quiet
    cancel: threading.Event = field(default_factory=threading.Event)

    def at(self, folder: Path) -> "Runner":
        """The same for a scenario whose files are relative to another folder."""
        return replace(self, base_dir=folder)

    def alone(self) -> "Runner":
        """The same with one simulation at a time, for work that is itself done in threads."""
        return replace(self, n_threads=1)

    def telling(self, progress: Progress) -> "Runner":
        """The same with its progress told elsewhere."""
        return replace(self, progress=progress)

    def part(self, index: int, n_parts: int) -> "Runner":
        """The same for one of several parts of equal length, whose progress counts as that of the whole."""

        def told(done: float, total: int, label: str) -> None:
            self.progress(index * total + done, n_parts * total, label)

        return self.telling(told)

    def raise_if_cancelled(self) -> None:
        """Raise `Cancelled` once `cancel` is set."""
        if self.cancel.is_set():
            raise Cancelled

    def compile(self, scenario: Scenario, window: DemandWindow, release: Release | None = None) -> Blueprint:
        """Compile one window of a checked scenario, once for all seeds.

        Raises
        ------
        LogFileError
            If a trace cannot be used.
        """
        return compile_scenario(scenario, window, self.base_dir, self.use_lanes, release)

    def run(self, scenario: Scenario, window: DemandWindow, seed: int) -> RunResult:
        """Simulate one window with one seed: the same seed gives the same bits, and pairs what-ifs.

        Parameters
        ----------
        window : the span and its demand, e.g. from `simulator.compiler.demand.stage_window`
        """
        return simulate(self.compile(scenario, window), seed, self)

    def replicate(self, scenario: Scenario, window: DemandWindow, seeds: Sequence[int]) -> list[RunResult]:
        """Simulate one window with several seeds, in threads; results in the order of `seeds`.

        It shows no progress: how much there is to do, the study knows that asks for it.

        Raises
        ------
        Cancelled
            If `cancel` was set before every replication was done.
        """
        silent = self.telling(quiet)
        memory = None if self.record_rows else self.memory
        if memory is None:
            return silent.simulate_all(self.compile(scenario, window), seeds)
        key = memory.key(scenario, window, self.record_buckets)
        results = {seed: result for seed in seeds if (result := memory.get(key, seed)) is not None}
        missing = [seed for seed in seeds if seed not in results]
        if missing:
            for result in silent.simulate_all(self.compile(scenario, window), missing):
                memory.put(key, result)
                results[result.seed] = result
        return [results[seed] for seed in seeds]

    def simulate_all(self, blueprint: Blueprint, seeds: Sequence[int]) -> list[RunResult]:
        """Replicate what is compiled already, and tell how much of it is done, in replications; see `replicate`."""
        window = blueprint.window
        label = window.name if window.stage is None else f"{window.stage}, {window.name}"
        with ThreadPoolExecutor(max_workers=max(1, self.n_threads)) as pool:
            shares = [0.0] * len(seeds)
            futures = [
                pool.submit(simulate, blueprint, seed, self, told=partial(shares.__setitem__, place))
                for place, seed in enumerate(seeds)
            ]
            try:
                self._follow(futures, shares, label)
            except BaseException:
                self.cancel.set()
                for future in futures:
                    future.cancel()
                raise
        return [future.result() for future in futures]

    def _follow(self, futures: Sequence[Future[RunResult]], shares: Sequence[float], label: str) -> None:
        """Wait for all futures, telling what share of their time has passed; the first error ends the wait."""
        pending = set(futures)
        told = 0.0
        while pending:
            done, pending = wait(pending, timeout=0.1, return_when=FIRST_COMPLETED)
            for future in done:
                future.result()
            passed = sum(
                share if future in pending else 1.0 for future, share in zip(futures, shares, strict=True)
            )
            if passed > told and (done or passed - told >= _TOLD_SHARE * len(futures)):
                told = passed
                self.progress(passed, len(futures), label)


def simulate(
    blueprint: Blueprint,
    seed: int,
    runner: Runner | None = None,
    rehearsal: Rehearsal | None = None,
    told: Callable[[float], None] | None = None,
) -> RunResult:
    """Simulate a compiled window with one seed.

    Parameters
    ----------
    rehearsal : a canary to be played, of the release that the window was compiled with; what happens is in its log
    told : called a few times a second with the share of the time that has passed

    Raises
    ------
    Cancelled
        If the runner's `cancel` was set before the end.
    ConservationError
        If the run broke a conservation law: an error of the simulator.
    """
    runner = runner or Runner()
    begin = time.perf_counter()

    def watch(now_s: float) -> None:
        runner.raise_if_cancelled()
        if told is not None:
            told(min(1.0, now_s / blueprint.end_s))

    plane = DataPlane(blueprint.world(seed, runner.record_rows, runner.record_buckets), watch)
    env = Environment(plane)
    meter = CapacityMeter(len(blueprint.targets.station_names))
    _start_control(env, meter, blueprint, seed)
    if rehearsal is not None:
        env.process(rehearsal.process(env))
    budgets = Budgets()
    budgets.start(env, blueprint)
    market = SpotMarket(len(blueprint.targets.station_names))
    market.start(env, blueprint, seed)
    warmup_s = blueprint.window.warmup_s
    n_streams = len(blueprint.recorded)
    limits_s = waiting_limits_s(blueprint.scenario)
    if warmup_s > 0.0:
        env.run(until=warmup_s)
    before = _integrals(env, market), meter.replica_s(warmup_s) + env.effects.gone_replica_s()
    waiting = Waiting.at(plane.world, warmup_s, limits_s, n_streams)
    env.run(until=blueprint.end_s)
    after = _integrals(env, market), meter.replica_s(blueprint.end_s) + env.effects.gone_replica_s()
    areas_s, replica_s = after[0] - before[0], after[1] - before[1]
    is_pool = plane.world.stations.stations["pool"] != NONE
    replica_s[is_pool] += areas_s[is_pool, AreaColumn.SERVERS_S]
    waiting = Waiting.at(plane.world, blueprint.end_s, limits_s, n_streams).since(waiting)
    result = _result(blueprint, plane, seed, areas_s, replica_s, waiting, runner)
    result = replace(result, wall_s=time.perf_counter() - begin, budget_events=tuple(budgets.events))
    n_stations = len(result.stations)
    check_conservation(result, attempts_in_progress(plane.world, n_streams, n_stations))
    plane.close()
    return result


def _by_stream(blueprint: Blueprint, of: Callable[[Scenario, Workload], float]) -> NDArray[np.float64]:
    """What a workload has, for each recorded stream, float64[stream]."""
    scenario = blueprint.scenario
    values = {workload.name: of(scenario, workload) for workload in scenario.workloads}
    return np.array([values[stream.workload] for stream in blueprint.recorded])


def _integrals(env: Environment, market: SpotMarket) -> NDArray[np.float64]:
    """Integrals per station since the start, float64[station, AreaColumn]: of the data plane, and what is on spot."""
    integrals = env.plane.integrals_s()
    integrals[:, AreaColumn.SPOT_S] = env.effects.spot_replica_s()
    integrals[:, AreaColumn.SPOT_INTERRUPTIONS] = market.interruptions
    return integrals


def _start_control(env: Environment, meter: CapacityMeter, blueprint: Blueprint, seed: int) -> None:
    """Start the control processes that this scenario has."""
    scenario = blueprint.scenario
    window = blueprint.window
    env.process(follow_exposure(env, window.share))
    models = {model.model_name: model for model in scenario.model_list}
    play_incidents(env, blueprint, seed)
    if scenario.network.health_check is not None:
        env.process(check_health(env, scenario.network.health_check))
    run_begin = window.start - timedelta(seconds=window.warmup_s)
    for station_id, station in enumerate(blueprint.targets.station_names):
        if station.kind == "team":
            team = scenario.teams[station.target]
            clock = clock_of(scenario, station.region)
            env.effects.employ(station_id, lambda people: people, 0)
            if window.staff is None:
                env.process(work_shifts(env, meter, station_id, team, station.region, clock, run_begin))
            else:
                keep_staff(env, meter, station_id, window.staff[station.target, station.region])
        elif station.kind == "model":
            _scale_pool(env, meter, station_id, models[station.target], station.region)
        else:
            _scale_service(env, meter, station_id, scenario.services[station.target], station.region)


def _scale_service(
    env: Environment, meter: CapacityMeter, station: int, service: Service, region: str
) -> None:
    replicas = replicas_in(service, region) or 0
    env.effects.employ(station, partial(servers_of, service), replicas)
    if service.autoscaling is None:
        meter.set(station, replicas, 0.0)
        return
    deployment = ServiceDeployment(env, station, service)
    env.process(autoscale(env, meter, deployment, service.autoscaling, replicas))


def _scale_pool(
    env: Environment, meter: CapacityMeter, station: int, model: ListedModel, region: str
) -> None:
    """Let a pool scale itself; replicas that serve or drain are booked by the kernel."""
    if model.pool is None or model.pool.autoscaling is None:
        return
    replicas = replicas_of(model.pool, model.regions, region) or 0
    deployment = PoolDeployment(env, station, model.pool.autoscaling)
    env.process(autoscale(env, meter, deployment, model.pool.autoscaling, replicas))


def _result(
    blueprint: Blueprint,
    plane: DataPlane,
    seed: int,
    areas_s: NDArray[np.float64],
    replica_s: NDArray[np.float64],
    waiting: Waiting,
    runner: Runner,
) -> RunResult:
    rows = plane.rows() if runner.record_rows else None
    world = plane.world
    recording = world.recording
    areas_s[blueprint.is_unlimited, AreaColumn.SERVERS_S] = 0.0
    window = blueprint.window
    recording.counts[-1, :, CountColumn.OVERDUE] = waiting.overdue
    return RunResult(
        seed=seed,
        stage=window.stage,
        window=window.name,
        start=window.start,
        warmup_s=window.warmup_s,
        duration_s=window.duration_s,
        streams=blueprint.recorded,
        stations=blueprint.targets.station_names,
        bucket_s=blueprint.bucket_s,
        n_warmup_buckets=blueprint.n_warmup_buckets,
        counts=recording.counts,
        usage=recording.usage,
        latency_sum_s=recording.latency_sum_s,
        moments=recording.moments,
        histogram=recording.histogram,
        wait_histogram=recording.wait_histogram,
        areas=areas_s,
        replica_s=replica_s,
        max_in_system=world.stations.stations["max_in_system"].copy(),
        in_flight=in_flight_by_stream(world, len(blueprint.recorded)),
        n_events=int(world.events.head["n_events"][0]),
        wall_s=math.nan,
        rows=rows,
        waiting=waiting.questions,
        longest_limit_s=_by_stream(blueprint, longest_limit_s),
        in_loop=_by_stream(blueprint, lambda _, workload: float(workload.is_closed)) > 0.0,
        bucket_histogram=recording.bucket_histogram if runner.record_buckets else None,
    )
