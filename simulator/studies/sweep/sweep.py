"""From a scenario and a design to the folder of a sweep: points that are there already are not run again.

A point is done when its run is in the folder, whole; so a sweep may be killed at any moment, and goes on from what is
there. Workers only simulate; this process alone writes.
"""

import time
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from simulator import __version__
from simulator.engine import Cancelled, Runner
from simulator.numerics.jit import kernel_source_hash
from simulator.results.store.store import Store
from simulator.scenario.read.hashing import scenario_hash
from simulator.scenario.read.load import LoadedScenario
from simulator.studies.run.execution import keep
from simulator.studies.sweep.design_kind import DesignKind
from simulator.studies.sweep.designs import Design, design_points, read_points
from simulator.studies.sweep.folder import SWEEP, SweepRecord, read_record, write_record
from simulator.studies.sweep.outputs import Effort, about_sweep, write_outputs
from simulator.studies.sweep.parameters import Parameter, SweepError, parse_vary
from simulator.studies.sweep.points import Point, PointMaker, PointTask, compute
from simulator.studies.sweep.report import FailedPoint, Goal, SweepReport
from simulator.studies.sweep.response_table import known_outcomes, points_of, resolved_goals, without_damaged
from simulator.studies.sweep.responses import PointOutcome, known_responses, outcome_of
from simulator.studies.sweep.study import PointsStudy, SweepStudy
from simulator.studies.sweep.worker_pools import TaskFailed, WorkerPool, WorkersLostError, complete, open_pool


def sweep(loaded: LoadedScenario, asked: SweepStudy, runner: Runner) -> SweepReport:
    """Run every point of a sweep that was not run before, and report what came of all of them.

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
    design = design_of(asked, loaded.scenario.seed)
    goals = resolved_goals(asked.goals, known_responses(loaded.scenario))
    maker = PointMaker(loaded, design.factors, asked.stage, asked.replications)
    runner.progress(0, len(design.points), f"checking {len(design.points):,} points")
    points = maker.points(design.points, runner)
    if len(points) < len(design.points):
        raise Cancelled
    folder = asked.folder
    folder.mkdir(parents=True, exist_ok=True)
    record = record_of(loaded, asked, design, [point.key for point in points], goals)
    record = record.model_copy(update={"shard": asked.shard})
    _claim(asked, record)
    store = Store(folder)
    own = [points[index] for index in record.own_points()]
    outcomes, damaged = without_damaged(store, {point.index: point.key for point in own})
    n_reused = len(outcomes)
    missing = list({point.key: point for point in own if point.index not in outcomes}.values())
    found: dict[str, PointOutcome] = {}
    failed: dict[str, str] = {}
    for point, outcome in run_points(missing, maker, store, asked.executor, runner):
        if isinstance(outcome, str):
            failed[point.key] = outcome
        else:
            found[point.key] = outcome
        done, total = n_reused + len(found) + len(failed), n_reused + len(missing)
        runner.progress(done, total, f"point {point.index + 1} of {len(points)}")
    outcomes |= {point.index: found[point.key] for point in own if point.key in found}
    broken = [FailedPoint(point=of.index, reason=failed[of.key]) for of in own if of.key in failed]
    effort = Effort(
        n_simulated=len(found),
        n_reused=n_reused,
        interrupted=len(outcomes) + len(broken) < len(own),
        wall_s=time.perf_counter() - begin,
        failed=tuple(broken),
        damaged=damaged,
    )
    report = SweepReport(**about_sweep(record, folder, points_of(record, outcomes), effort))
    write_outputs(report)
    return report


def design_of(asked: SweepStudy, seed: int) -> Design:
    """Factors and points that are asked for.

    Raises
    ------
    SweepError
        If there are none, or too many.
    """
    if asked.csv is not None:
        if asked.vary:
            raise SweepError("points come from --csv or from --vary, not from both")
        return read_points(Path(asked.csv))
    factors = factors_of(asked)
    if asked.design not in list(DesignKind):
        raise SweepError(f"no design `{asked.design[:60]}`; there are: {', '.join(DesignKind)}")
    kind = DesignKind(asked.design)
    return Design(kind.value, factors, design_points(kind, factors, asked.points, seed))


def factors_of(asked: PointsStudy[Any]) -> list[Parameter]:
    """What is varied.

    Raises
    ------
    SweepError
        If a text says nothing that can be varied.
    """
    return [parse_vary(text) for text in asked.vary_texts]


def read_sweep(folder: Path, record: SweepRecord) -> SweepReport:
    """The report of a sweep from what is in its folder; nothing is simulated or written, and no damaged run believed."""
    outcomes, damaged = known_outcomes(Store(folder), dict(enumerate(record.keys)))
    effort = Effort(
        0,
        len(outcomes),
        interrupted=len(outcomes) < len(record.keys),
        wall_s=0.0,
        damaged=tuple(map(str, damaged.values())),
    )
    return SweepReport(**about_sweep(record, folder, points_of(record, outcomes), effort))


def run_points(
    points: Sequence[Point], maker: PointMaker, store: Store, executor: str, runner: Runner
) -> Iterator[tuple[Point, PointOutcome | str]]:
    """Simulate points and keep each as it is done; when cancelled, those that were finished.

    Yields
    ------
    Points, in the order they are finished, with what came of them, or why they failed every time
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
) -> Iterator[tuple[Point, PointOutcome | str]]:
    tasks = (PointTask(point, maker.spec(point.values)) for point in points)
    work = partial(compute, cancel=runner.cancel) if pool.is_here else compute
    for task, parts in complete(tasks, work, pool, runner.cancel):
        if isinstance(parts, TaskFailed):
            yield task.point, parts.reason
            continue
        if parts.report.interrupted:
            continue
        if parts.identity.key != task.point.key:
            raise WorkersLostError(
                f"a worker ran another version of the simulator, or read other files: version "
                f"{parts.identity.engine_version}, kernels {parts.identity.kernel_hash}; here "
                f"{__version__}, {kernel_source_hash()}"
            )
        keep(store, parts)
        yield task.point, outcome_of(parts.report)


def record_of(
    loaded: LoadedScenario,
    asked: PointsStudy[Any],
    design: Design,
    keys: Sequence[str],
    goals: Sequence[Goal],
) -> SweepRecord:
    """What a folder says of the points that are for it."""
    seed = loaded.scenario.seed
    return SweepRecord(
        scenario=loaded.scenario.metadata.name,
        scenario_hash=scenario_hash(loaded.scenario),
        stage=asked.stage,
        seeds=tuple(range(seed, seed + asked.replications)),
        design=design.name,
        factors=tuple(factor.varied for factor in design.factors),
        points=tuple(design.points),
        keys=tuple(keys),
        engine_version=__version__,
        kernel_hash=kernel_source_hash(),
        goal_pairs=tuple((goal.response, goal.direction) for goal in goals),
    )


def _claim(asked: SweepStudy, record: SweepRecord) -> None:
    """Write down what this folder is for; a sweep to be resumed must be this one."""
    if asked.resume:
        before = read_record(asked.folder)
        if before is None:
            raise SweepError(f"nothing to resume: {asked.folder} has no {SWEEP}")
        _check_same(before, record, asked.folder)
    write_record(asked.folder, record)


def _check_same(before: SweepRecord, record: SweepRecord, folder: Path) -> None:
    differences = set(record.differences(before)) - {"goals"}
    other = sorted(differences - {"keys", "points"}) or (["points"] if differences else [])
    if other:
        raise SweepError(
            f"{folder} holds another sweep ({', '.join(other)} differ); without --resume this one "
            "takes its place, and points that are equal are still not run again"
        )
