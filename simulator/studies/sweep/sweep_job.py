"""From a scenario and a design to the folder of a sweep: points that are there already are not run again.

A point is done when its run is in the folder, whole; so a sweep may be killed at any moment, and goes on from what is
there. Workers only simulate; this process alone writes.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from simulator import __version__
from simulator.engine import Cancelled, Runner
from simulator.numerics.jit import kernel_source_hash
from simulator.results.store.store import Store
from simulator.results.store.sweep_folder import SWEEP, SweepRecord, read_record, write_record
from simulator.scenario.read.hashing import scenario_hash
from simulator.scenario.read.load import LoadedScenario
from simulator.studies.run.document import JsonObject
from simulator.studies.run.execution import keep
from simulator.studies.sweep.design_kind import DesignKind
from simulator.studies.sweep.designs import Values
from simulator.studies.sweep.parameters import Parameter, SweepError, parameter_document
from simulator.studies.sweep.response_table import resolved_goals
from simulator.studies.sweep.responses import Goal, known_responses
from simulator.studies.sweep.sweep_outputs import sweep_document, tables_of, write_outputs
from simulator.studies.sweep.sweep_points import Point, PointMaker, PointTask, compute
from simulator.studies.sweep.worker_pools import THREADS, WorkerPool, WorkersLostError, complete, open_pool

_TOLD_EVERY = 50


@dataclass(frozen=True)
class SweepRequest:
    """What to sweep.

    Attributes
    ----------
    out : folder of the sweep
    design, factors, points : what is varied, and the points: a value per factor
    stage, replications : of every point
    executor : where points are simulated, as many at a time as the runner has threads
    resume : go on with the sweep in the folder; another one is an error
    shard : only every n-th point, (number from 1, n)
    goals : what the Pareto front is of
    """

    out: Path
    design: DesignKind
    factors: Sequence[Parameter]
    points: Sequence[Values]
    stage: str | None = None
    replications: int = 5
    executor: str = THREADS
    resume: bool = False
    shard: tuple[int, int] | None = None
    goals: Sequence[Goal] = field(default=())


def sweep_job(loaded: LoadedScenario, request: SweepRequest, runner: Runner) -> JsonObject:
    """Run every point of a sweep that was not run before, and return what came of all of them.

    Raises
    ------
    SweepError
        If what is asked for is not there to be varied, or not the sweep that is to be resumed.
    ScenarioError
        If the scenario is not valid at some points; nothing is simulated then.
    StoreError
        If the folder cannot be read or written; what was finished is kept.
    WorkersLostError
        If the cluster cannot be reached, or its workers died; what was finished is kept.
    """
    begin = time.perf_counter()
    if not request.points:
        raise SweepError("a design of zero points asks nothing")
    check_stage(loaded, request.stage)
    goals = resolved_goals(request.goals, known_responses(loaded.scenario))
    maker = PointMaker(loaded, request.factors, request.stage, request.replications)
    runner.progress(0, len(request.points), f"checking {len(request.points):,} points")
    points = maker.points(request.points, runner)
    if len(points) < len(request.points):
        raise Cancelled
    record = _record(loaded, request, points, goals)
    _claim(request, record)
    store = Store(request.out)
    store.clean()
    own = [points[index] for index in record.own_points()]
    documents = known_documents(store, own)
    n_reused = len(documents)
    missing = list({point.key: point for point in own if point.index not in documents}.values())
    found: dict[str, JsonObject] = {}
    for point, document in run_points(missing, maker, store, request.executor, runner):
        found[point.key] = document
        done, total = n_reused + len(found), n_reused + len(missing)
        runner.progress(done, total, f"point {point.index + 1} of {len(points)}")
    documents |= {point.index: found[point.key] for point in own if point.key in found}
    outputs = write_outputs(request.out, record, documents)
    return sweep_document(
        record,
        outputs,
        n_reused=n_reused,
        n_simulated=len(found),
        interrupted=len(documents) < len(own),
        wall_s=time.perf_counter() - begin,
    )


def reread(folder: Path, record: SweepRecord) -> JsonObject:
    """The document of a sweep from what is in its folder; nothing is simulated or written.

    Raises
    ------
    StoreError
        If a run is damaged.
    """
    points = [
        Point(index, tuple(values), key)
        for index, (values, key) in enumerate(zip(record.points, record.keys, strict=True))
    ]
    documents = known_documents(Store(folder), points)
    outputs = tables_of(folder, record, documents)
    return sweep_document(
        record,
        outputs,
        n_reused=len(documents),
        n_simulated=0,
        interrupted=len(documents) < len(points),
        wall_s=0.0,
    )


def run_points(
    points: Sequence[Point], maker: PointMaker, store: Store, executor: str, runner: Runner
) -> Iterator[tuple[Point, JsonObject]]:
    """Simulate points and keep each as it is done; when cancelled, those that were finished.

    Yields
    ------
    Points, in the order they are finished, with their documents
    """
    if not points:
        return
    with open_pool(executor, min(runner.n_threads, len(points)), runner.cancel) as pool:
        try:
            yield from _finished(points, maker, store, pool, runner)
        except Cancelled:
            return
        except BaseException:
            runner.cancel.set()
            raise


def _finished(
    points: Sequence[Point], maker: PointMaker, store: Store, pool: WorkerPool, runner: Runner
) -> Iterator[tuple[Point, JsonObject]]:
    tasks = (PointTask(point, maker.spec(point.values)) for point in points)
    work = partial(compute, cancel=runner.cancel) if pool.is_here else compute
    for task, parts in complete(tasks, work, pool, runner.cancel):
        if parts.document["interrupted"]:
            continue
        if parts.identity.key != task.point.key:
            raise WorkersLostError(
                f"a worker ran another version of the simulator, or read other files: version "
                f"{parts.identity.engine_version}, kernels {parts.identity.kernel_hash}; here "
                f"{__version__}, {kernel_source_hash()}"
            )
        keep(store, parts)
        yield task.point, parts.document


def known_documents(store: Store, points: Sequence[Point]) -> dict[int, JsonObject]:
    """Documents of the points whose runs are in the store, by number of the point."""
    runs = {point.index: store.find(point.key) for point in points}
    return {index: run.summary() for index, run in runs.items() if run is not None}


def check_stage(loaded: LoadedScenario, stage: str | None) -> None:
    """Raise `SweepError` if the scenario has no such stage."""
    names = [known.name for known in loaded.scenario.stages]
    if stage is not None and stage not in names:
        raise SweepError(f"no stage `{stage}`; there are: {', '.join(names) or 'none'}")


def _record(
    loaded: LoadedScenario, request: SweepRequest, points: Sequence[Point], goals: Sequence[Goal]
) -> SweepRecord:
    seed = loaded.scenario.seed
    return SweepRecord(
        scenario=loaded.scenario.metadata.name,
        scenario_hash=scenario_hash(loaded.scenario),
        stage=request.stage,
        seeds=list(range(seed, seed + request.replications)),
        design=request.design.value,
        factors=[parameter_document(factor) for factor in request.factors],
        points=[list(point.values) for point in points],
        keys=[point.key for point in points],
        engine_version=__version__,
        kernel_hash=kernel_source_hash(),
        goals=[[goal.response, goal.direction] for goal in goals],
        shard=request.shard,
    )


def _claim(request: SweepRequest, record: SweepRecord) -> None:
    """Write down what this folder is for; a sweep to be resumed must be this one."""
    if request.resume:
        before = read_record(request.out)
        if before is None:
            raise SweepError(f"nothing to resume: {request.out} has no {SWEEP}")
        _check_same(before, record, request.out)
    write_record(request.out, record)


def _check_same(before: SweepRecord, record: SweepRecord, folder: Path) -> None:
    was: Mapping[str, Any] = before.whole()
    now: Mapping[str, Any] = record.whole()
    other = [name for name in now if name not in ("goals", "keys", "points") and was[name] != now[name]]
    if not other and (was["points"], was["keys"]) != (now["points"], now["keys"]):
        other = ["points"]
    if other:
        raise SweepError(
            f"{folder} holds another sweep ({', '.join(other)} differ); without --resume this one "
            "takes its place, and points that are equal are still not run again"
        )
