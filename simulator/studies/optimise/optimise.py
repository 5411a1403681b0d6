"""From a scenario, goals and constraints to the Pareto-optimal points, on the store that sweeps use.

A point that was simulated before, by whatever sweep or search, is read and not run again.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import isnan

from simulator.engine import Runner
from simulator.results.store.store import Store
from simulator.scenario.read.load import LoadedScenario
from simulator.studies.optimise.pareto_search import Evaluation, search
from simulator.studies.optimise.report import OptimiseReport
from simulator.studies.optimise.study import OptimiseStudy
from simulator.studies.sweep.designs import Design, Values
from simulator.studies.sweep.folder import write_record
from simulator.studies.sweep.outputs import Effort, about_sweep, write_outputs
from simulator.studies.sweep.parameters import SweepError
from simulator.studies.sweep.points import Point, PointMaker
from simulator.studies.sweep.report import FailedPoint, Goal
from simulator.studies.sweep.response_table import points_of, resolved_goals, without_damaged
from simulator.studies.sweep.responses import (
    Constraint,
    PointOutcome,
    find_response,
    known_responses,
    parse_constraint,
)
from simulator.studies.sweep.sweep import factors_of, record_of, run_points

DESIGN = "search"


def optimise(loaded: LoadedScenario, asked: OptimiseStudy, runner: Runner) -> OptimiseReport:
    """Search for the points that meet every constraint and that no other such point beats.

    Raises
    ------
    SweepError, ScenarioError, StoreError, WorkersLostError
        As for `simulator.studies.sweep.sweep.sweep`.
    """
    begin = time.perf_counter()
    if not asked.goals:
        raise SweepError("a search takes a goal: give --minimise or --maximise")
    factors = factors_of(asked)
    known = known_responses(loaded.scenario)
    goals = resolved_goals(asked.goals, known)
    constraints = [_resolved(text, known) for text in asked.subject_to]
    folder = asked.folder
    folder.mkdir(parents=True, exist_ok=True)
    store = Store(folder)
    store.clean()
    maker = PointMaker(loaded, factors, asked.stage, asked.replications)
    trials = _Trials(maker, store, asked, goals, constraints, runner)
    runner.progress(0, asked.points, "searching")
    proposed = search(factors, len(goals), asked.points, loaded.scenario.seed, trials.evaluate)
    tried = list(dict.fromkeys(proposed))
    keys = [trials.keys[values] for values in tried]
    record = record_of(loaded, asked, Design(DESIGN, factors, tried), keys, goals)
    write_record(folder, record)
    outcomes = {index: trials.outcomes[key] for index, key in enumerate(keys) if key in trials.outcomes}
    failed = [
        FailedPoint(point=index, reason=trials.failed[key])
        for index, key in enumerate(keys)
        if key in trials.failed
    ]
    points = points_of(record, outcomes, lambda outcome: _meets(outcome, constraints))
    effort = Effort(
        n_simulated=len(set(keys) - trials.reused - set(trials.failed)),
        n_reused=len(set(keys) & trials.reused),
        interrupted=len(proposed) < asked.points,
        wall_s=time.perf_counter() - begin,
        failed=tuple(failed),
        damaged=tuple(trials.damaged),
    )
    report = OptimiseReport(
        **about_sweep(record, folder, points, effort),
        constraints=tuple(constraint.text for constraint in constraints),
        n_feasible=sum(bool(point.is_feasible) for point in points),
    )
    write_outputs(report)
    return report


@dataclass
class _Trials:
    """Points that were tried so far.

    Attributes
    ----------
    keys : of their runs
    outcomes : by key
    reused : keys of runs that were in the store
    failed : why, by key, of those that failed every time they were tried
    damaged : what is wrong with stored runs that were set aside
    n_told : proposals that were answered
    """

    maker: PointMaker
    store: Store
    asked: OptimiseStudy
    goals: Sequence[Goal]
    constraints: Sequence[Constraint]
    runner: Runner
    keys: dict[Values, str] = field(default_factory=dict)
    outcomes: dict[str, PointOutcome] = field(default_factory=dict)
    reused: set[str] = field(default_factory=set)
    failed: dict[str, str] = field(default_factory=dict)
    damaged: dict[str, None] = field(default_factory=dict)
    n_told: int = 0

    def evaluate(self, batch: Sequence[Values]) -> list[Evaluation | None] | None:
        """Simulate the points of a batch that are not known; None: it was cancelled."""
        for values in batch:
            self.keys.setdefault(values, self.maker.key(values))
        new = {self.keys[values]: values for values in batch if self.keys[values] not in self.outcomes}
        points = [Point(index, values, key) for index, (key, values) in enumerate(new.items())]
        outcomes, damaged = without_damaged(self.store, dict(enumerate(new)))
        self.damaged |= dict.fromkeys(damaged)
        for index, outcome in outcomes.items():
            self.outcomes[points[index].key] = outcome
            self.reused.add(points[index].key)
        missing = [point for point in points if point.key not in self.outcomes]
        executor, runner = self.asked.executor, self.runner
        for point, found in run_points(missing, self.maker, self.store, executor, runner):
            if isinstance(found, str):
                self.failed[point.key] = found
            else:
                self.outcomes[point.key] = found
        if runner.cancel.is_set():
            return None
        self.n_told += len(batch)
        runner.progress(self.n_told, self.asked.points, "searching")
        asked = [self.outcomes.get(self.keys[values]) for values in batch]
        return [None if one is None else _evaluation(one, self.goals, self.constraints) for one in asked]


def _resolved(text: str, known: Sequence[str]) -> Constraint:
    found = parse_constraint(text)
    return Constraint(find_response(found.response, known), found.op, found.limit, found.text)


def _meets(outcome: PointOutcome, constraints: Sequence[Constraint]) -> bool:
    return all(constraint.holds(outcome.value(constraint.response)) for constraint in constraints)


def _evaluation(
    outcome: PointOutcome, goals: Sequence[Goal], constraints: Sequence[Constraint]
) -> Evaluation | None:
    """Costs and excesses of a point; None if a goal or a constraint was not observed at it."""
    costs = [(goal.sign, outcome.value(goal.response)) for goal in goals]
    limited = [(constraint, outcome.value(constraint.response)) for constraint in constraints]
    values = [value for _, value in costs] + [value for _, value in limited]
    if any(value is None or isnan(value) for value in values):
        return None
    return (
        [sign * value for sign, value in costs if value is not None],
        [constraint.excess(value) for constraint, value in limited],
    )
