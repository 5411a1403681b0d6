"""From a scenario, goals and constraints to the points that no other beats, on the store that sweeps use.

A point that was simulated before, by whatever sweep or search, is read and not run again.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from simulator import __version__
from simulator.engine import Runner
from simulator.numerics.jit import kernel_source_hash
from simulator.results.store.store import Store
from simulator.results.store.sweep_folder import SweepRecord, write_record
from simulator.scenario.read.hashing import scenario_hash
from simulator.scenario.read.load import LoadedScenario
from simulator.studies.run.document import JsonObject
from simulator.studies.sweep.designs import Values
from simulator.studies.sweep.parameters import Parameter, parameter_document
from simulator.studies.sweep.pareto_search import Evaluation, search
from simulator.studies.sweep.response_table import IS_PARETO, RESPONSES, front, resolved_goals, write_frame
from simulator.studies.sweep.responses import (
    Constraint,
    Goal,
    find_response,
    known_responses,
    parse_constraint,
    response_estimates,
)
from simulator.studies.sweep.sweep_job import check_stage, known_documents, run_points
from simulator.studies.sweep.sweep_outputs import points_document, sweep_document, write_outputs
from simulator.studies.sweep.sweep_points import Point, PointMaker
from simulator.studies.sweep.worker_pools import THREADS

DESIGN = "search"
FEASIBLE = "is_feasible"


@dataclass(frozen=True)
class SearchRequest:
    """What to search.

    Attributes
    ----------
    out : folder that keeps the points
    factors : what may be chosen
    goals : what is to be low or high
    constraints : what must hold, as written
    n_points : points proposed at most
    stage, replications, executor : as for a sweep
    """

    out: Path
    factors: Sequence[Parameter]
    goals: Sequence[Goal]
    constraints: Sequence[str] = ()
    n_points: int = 64
    stage: str | None = None
    replications: int = 5
    executor: str = THREADS


def optimise_job(loaded: LoadedScenario, request: SearchRequest, runner: Runner) -> JsonObject:
    """Search for the points that meet every constraint and that no other such point beats.

    Raises
    ------
    SweepError, ScenarioError, StoreError, WorkersLostError
        As for `simulator.studies.sweep.sweep_job.sweep_job`.
    """
    begin = time.perf_counter()
    check_stage(loaded, request.stage)
    known = known_responses(loaded.scenario)
    goals = resolved_goals(request.goals, known)
    constraints = [_resolved(text, known) for text in request.constraints]
    maker = PointMaker(loaded, request.factors, request.stage, request.replications)
    store = Store(request.out)
    store.clean()
    documents: dict[str, JsonObject] = {}
    reused: set[str] = set()
    keys: dict[Values, str] = {}
    n_told = 0

    def evaluate(batch: Sequence[Values]) -> list[Evaluation | None] | None:
        nonlocal n_told
        for values in batch:
            keys.setdefault(values, maker.key(values))
        new = {keys[v]: v for v in batch if keys[v] not in documents}
        points = [Point(index, values, key) for index, (key, values) in enumerate(new.items())]
        for index, document in known_documents(store, points).items():
            documents[points[index].key] = document
            reused.add(points[index].key)
        missing = [point for point in points if point.key not in documents]
        for point, document in run_points(missing, maker, store, request.executor, runner):
            documents[point.key] = document
        if runner.cancel.is_set():
            return None
        n_told += len(batch)
        runner.progress(n_told, request.n_points, "searching")
        return [_evaluation(documents[keys[values]], goals, constraints) for values in batch]

    runner.progress(0, request.n_points, "searching")
    proposed = search(request.factors, len(goals), request.n_points, loaded.scenario.seed, evaluate)
    tried = list(dict.fromkeys(proposed))
    record = _record(loaded, request, goals, tried, keys)
    write_record(request.out, record)
    by_index = {index: documents[keys[values]] for index, values in enumerate(tried)}
    outputs = write_outputs(request.out, record, by_index)
    table = outputs.table
    rows = [response_estimates(by_index[index]) for index in range(len(tried))]
    table[FEASIBLE] = [
        all(c.holds((row.get(c.response) or {}).get("value")) for c in constraints) for row in rows
    ]
    feasible = table[FEASIBLE].to_numpy(dtype=np.bool_)
    masked = {goal.response: table[goal.response].where(feasible) for goal in goals if goal.response in table}
    table[IS_PARETO] = front(goals, masked, len(table))
    write_frame(request.out / RESPONSES, table)
    used = {keys[values] for values in tried}
    document = sweep_document(
        record,
        outputs,
        n_reused=len(reused & used),
        n_simulated=len(used - reused),
        interrupted=len(proposed) < request.n_points,
        wall_s=time.perf_counter() - begin,
    )
    return {
        **document,
        "constraints": [constraint.text for constraint in constraints],
        "n_feasible": int(feasible.sum()),
        "points": points_document(table),
    }


def _resolved(text: str, known: Sequence[str]) -> Constraint:
    found = parse_constraint(text)
    return Constraint(find_response(found.response, known), found.op, found.limit, found.text)


def _evaluation(
    document: JsonObject, goals: Sequence[Goal], constraints: Sequence[Constraint]
) -> Evaluation | None:
    """Costs and excesses of a point; None if a goal or a constraint was not observed at it."""
    found = response_estimates(document)
    values: dict[str, Any] = {name: (estimate or {}).get("value") for name, estimate in found.items()}
    asked = [goal.response for goal in goals] + [constraint.response for constraint in constraints]
    if any(values.get(name) is None for name in asked):
        return None
    return (
        [goal.sign * values[goal.response] for goal in goals],
        [constraint.excess(values[constraint.response]) for constraint in constraints],
    )


def _record(
    loaded: LoadedScenario,
    request: SearchRequest,
    goals: Sequence[Goal],
    tried: Sequence[Values],
    keys: dict[Values, str],
) -> SweepRecord:
    seed = loaded.scenario.seed
    return SweepRecord(
        scenario=loaded.scenario.metadata.name,
        scenario_hash=scenario_hash(loaded.scenario),
        stage=request.stage,
        seeds=list(range(seed, seed + request.replications)),
        design=DESIGN,
        factors=[parameter_document(factor) for factor in request.factors],
        points=[list(values) for values in tried],
        keys=[keys[values] for values in tried],
        engine_version=__version__,
        kernel_hash=kernel_source_hash(),
        goals=[[goal.response, goal.direction] for goal in goals],
    )
