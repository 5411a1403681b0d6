"""Run a scenario: the one place where demand, data plane, control plane and results meet.

`run` simulates one window with one seed; `replicate` the same with many, in threads (the kernel releases the GIL).
"""

import math
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
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
from simulator.control.capacity_meter import ReplicaMeter
from simulator.control.data_plane import Cancelled, DataPlane
from simulator.control.deployments import PoolDeployment, ServiceDeployment
from simulator.control.environment import Environment
from simulator.control.exposure import follow_exposure
from simulator.control.health import check_health
from simulator.control.incidents import play_incidents
from simulator.control.shifts import work_shifts
from simulator.control.spot import SpotMarket
from simulator.kernel.memory import attempts_in_progress, in_flight_by_stream
from simulator.mechanisms.queueing.build import replicas_in, servers_of
from simulator.mechanisms.queueing.config import Service
from simulator.mechanisms.replicas.sizes import replicas_of
from simulator.metrics.columns import AreaColumn
from simulator.numerics.events import NONE
from simulator.numerics.jit import is_compiled
from simulator.results.conservation import check_conservation
from simulator.results.run_result import RunResult
from simulator.results.store.run_memory import RunMemory
from simulator.scenario.model import ListedModel, Scenario
from simulator.scenario.region_facts import timezone_of

Progress = Callable[[int, int, str], None]  # done, total, label

__all__ = ["Cancelled", "Progress", "RunOptions", "is_compiled", "replicate", "run", "simulate"]


@dataclass(frozen=True)
class RunOptions:
    """How to simulate; none of these changes a result.

    Attributes
    ----------
    record_rows : keep one row per action (memory grows with the actions simulated)
    record_buckets : keep latencies and times to first token by time bucket, too
    use_lanes : False sends every event through the heap
    n_threads : replications simulated at the same time
    memory : of results of `replicate`: what is in it is not simulated again
    """

    record_rows: bool = False
    record_buckets: bool = False
    use_lanes: bool = True
    n_threads: int = 2
    memory: RunMemory | None = None


DEFAULT_OPTIONS = RunOptions()


def run(
    scenario: Scenario,
    window: DemandWindow,
    seed: int,
    *,
    base_dir: Path,
    options: RunOptions = DEFAULT_OPTIONS,
) -> RunResult:
    """Simulate one window with one seed.

    Parameters
    ----------
    scenario : checked scenario
    window : the span and its demand, e.g. from `simulator.compiler.demand.stage_window`
    seed : users and their luck; the same seed gives the same bits, and pairs what-ifs
    base_dir : folder the scenario's trace files are relative to

    Raises
    ------
    TraceError
        If a trace cannot be used.
    ConservationError
        If the run broke a conservation law: an error of the simulator.
    """
    blueprint = compile_scenario(scenario, window, base_dir, options.use_lanes)
    return simulate(blueprint, seed, options)


def replicate(
    scenario: Scenario,
    window: DemandWindow,
    seeds: Sequence[int],
    *,
    base_dir: Path,
    options: RunOptions = DEFAULT_OPTIONS,
    progress: Progress | None = None,
    cancel: threading.Event | None = None,
) -> list[RunResult]:
    """Simulate one window with several seeds, in threads; results in the order of `seeds`.

    Raises
    ------
    Cancelled
        If `cancel` was set before every replication was done.
    """
    memory = None if options.record_rows else options.memory
    if memory is None:
        blueprint = compile_scenario(scenario, window, base_dir, options.use_lanes)
        return simulate_all(blueprint, seeds, options, progress, cancel)
    key = memory.key(scenario, window, options.record_buckets)
    results = {seed: result for seed in seeds if (result := memory.get(key, seed)) is not None}
    missing = [seed for seed in seeds if seed not in results]
    if missing:
        blueprint = compile_scenario(scenario, window, base_dir, options.use_lanes)
        for result in simulate_all(blueprint, missing, options, progress, cancel):
            memory.put(key, result)
            results[result.seed] = result
    return [results[seed] for seed in seeds]


def simulate_all(
    blueprint: Blueprint,
    seeds: Sequence[int],
    options: RunOptions = DEFAULT_OPTIONS,
    progress: Progress | None = None,
    cancel: threading.Event | None = None,
) -> list[RunResult]:
    """Replicate what is compiled already; see `replicate`."""
    cancel = cancel or threading.Event()
    window = blueprint.window
    label = window.name if window.stage is None else f"{window.stage}, {window.name}"
    with ThreadPoolExecutor(max_workers=max(1, options.n_threads)) as pool:
        futures = [pool.submit(simulate, blueprint, seed, options, cancel) for seed in seeds]
        try:
            _follow(futures, progress, label)
        except BaseException:
            cancel.set()
            for future in futures:
                future.cancel()
            raise
    return [future.result() for future in futures]


def _follow(futures: Sequence[Future[RunResult]], progress: Progress | None, label: str) -> None:
    """Wait for all futures, telling how many are done; the first error ends the wait."""
    pending = set(futures)
    while pending:
        done, pending = wait(pending, timeout=0.1, return_when=FIRST_COMPLETED)
        for future in done:
            future.result()
        if done and progress is not None:
            progress(len(futures) - len(pending), len(futures), label)


def simulate(
    blueprint: Blueprint,
    seed: int,
    options: RunOptions = DEFAULT_OPTIONS,
    cancel: threading.Event | None = None,
    rehearsal: Rehearsal | None = None,
) -> RunResult:
    """Simulate a compiled window with one seed.

    Parameters
    ----------
    rehearsal : a canary to be played, of the release that the window was compiled with; what happens is in its log
    """
    begin = time.perf_counter()
    plane = DataPlane(blueprint.world(seed, options.record_rows, options.record_buckets), cancel)
    env = Environment(plane)
    meter = ReplicaMeter(len(blueprint.targets.station_names))
    _start_control(env, meter, blueprint, seed)
    if rehearsal is not None:
        env.process(rehearsal.process(env))
    budgets = Budgets()
    budgets.start(env, blueprint)
    market = SpotMarket(len(blueprint.targets.station_names))
    market.start(env, blueprint, seed)
    warmup_s = blueprint.window.warmup_s
    if warmup_s > 0.0:
        env.run(until=warmup_s)
    before = _integrals(env, market), meter.replica_s(warmup_s) + env.conditions.gone_replica_s()
    env.run(until=blueprint.end_s)
    after = _integrals(env, market), meter.replica_s(blueprint.end_s) + env.conditions.gone_replica_s()
    areas_s, replica_s = after[0] - before[0], after[1] - before[1]
    is_pool = plane.world.stations.stations["pool"] != NONE
    replica_s[is_pool] += areas_s[is_pool, AreaColumn.SERVERS_S]
    result = _result(blueprint, plane, seed, areas_s, replica_s, options)
    result = replace(result, wall_s=time.perf_counter() - begin, budget_events=tuple(budgets.events))
    n_streams, n_stations = len(blueprint.recorded), len(result.stations)
    check_conservation(result, attempts_in_progress(plane.world, n_streams, n_stations))
    return result


def _integrals(env: Environment, market: SpotMarket) -> NDArray[np.float64]:
    """Integrals per station since the start, float64[station, AreaColumn]: of the data plane, and what is on spot."""
    integrals = env.plane.integrals_s()
    integrals[:, AreaColumn.SPOT_S] = env.conditions.spot_replica_s()
    integrals[:, AreaColumn.SPOT_INTERRUPTIONS] = market.interruptions
    return integrals


def _start_control(env: Environment, meter: ReplicaMeter, blueprint: Blueprint, seed: int) -> None:
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
            timezone = timezone_of(scenario, station.region)
            env.conditions.employ(station_id, lambda people: people, 0)
            env.process(work_shifts(env, meter, station_id, team, station.region, timezone, run_begin))
        elif station.kind == "model":
            _scale_pool(env, meter, station_id, models[station.target], station.region)
        else:
            _scale_service(env, meter, station_id, scenario.services[station.target], station.region)


def _scale_service(
    env: Environment, meter: ReplicaMeter, station: int, service: Service, region: str
) -> None:
    replicas = replicas_in(service, region) or 0
    env.conditions.employ(station, partial(servers_of, service), replicas)
    if service.autoscaling is None:
        meter.set(station, replicas, 0.0)
        return
    deployment = ServiceDeployment(env, station, service)
    env.process(autoscale(env, meter, deployment, service.autoscaling, replicas))


def _scale_pool(env: Environment, meter: ReplicaMeter, station: int, model: ListedModel, region: str) -> None:
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
    options: RunOptions,
) -> RunResult:
    rows = plane.rows() if options.record_rows else None
    world = plane.world
    recording = world.recording
    areas_s[blueprint.is_unlimited, AreaColumn.SERVERS_S] = 0.0
    window = blueprint.window
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
        bucket_histogram=recording.bucket_histogram if options.record_buckets else None,
    )
