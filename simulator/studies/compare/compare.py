"""Base against head: paired replications, many measures at once, and a verdict on each.

Both sides meet the same users with the same luck, seed by seed. A measure is a *regression* (FAIL) if it is shown
to be worse by more than the tolerance, and holds (PASS) if it is shown not to be; replications are doubled until
every measure is decided or the budget ends. `docs/decisions/0014-comparisons.md` says how the
chance of a false alarm is kept.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from simulator.engine import Cancelled, Runner
from simulator.metrics.dimensions import Selection
from simulator.scenario import stage_changes
from simulator.scenario.read.hashing import scenario_hash
from simulator.studies.common.changes.judged_measures import Judged, judged_measures
from simulator.studies.common.changes.paired_change import PairedChange
from simulator.studies.common.changes.statements import Statement, statement_of
from simulator.studies.common.replications import Replications
from simulator.studies.common.step_times import step_times
from simulator.studies.common.verdicts.criteria import Measure, at_stage, criteria_of
from simulator.studies.common.verdicts.criterion_record import JudgedCriterion
from simulator.studies.common.verdicts.sequential_verdicts import judge
from simulator.studies.compare.comparison_sides import CompareError, ComparisonSide, common_stages
from simulator.studies.compare.regression import MeasureChange, judge_family
from simulator.studies.compare.report import ComparedScenario, CompareReport, JudgedChange
from simulator.studies.compare.study import CompareStudy
from simulator.studies.report import about_engine
from simulator.theory.verdict import worst

_LEVEL = 0.05  # chance that any measure is called a regression by luck
_UNJUDGED = (
    Measure("latency", 0.5),
    Measure("cost_per_action"),
    Measure("goodput_rps"),
    Measure("arrival_rps"),
)


@dataclass(frozen=True)
class _Pair:
    """Both sides of one stage."""

    stage: str | None
    base: Replications
    head: Replications
    judged: tuple[Judged, ...]

    def extend(self, n_runs: int) -> None:
        self.base.extend(n_runs)
        self.head.extend(n_runs)

    def statements(self) -> list[Statement]:
        found = (statement_of(self.stage, judged, self.base, self.head) for judged in self.judged)
        return [statement for statement in found if statement is not None]


def compare(base: ComparisonSide, head: ComparisonSide, study: CompareStudy, runner: Runner) -> CompareReport:
    """Compare two sides over pairs of replications with the seeds of the base; progress is in looks at the stages.

    When cancelled, what the last look found comes back.

    Parameters
    ----------
    study : how to compare; its own base is not looked at

    Raises
    ------
    CompareError
        If the sides have no stage in common that is asked for.
    Cancelled
        If not even the first look was finished.
    """
    start = time.perf_counter()
    pairs = [_pair(base, head, stage, runner) for stage in _stages(base, head, study.stages)]
    found, interrupted = _until_decided(pairs, study, runner, head.scenario.metadata.name)
    criteria = criteria_of(head.scenario)
    judged = () if interrupted else (judge(one.head, at_stage(criteria, one.stage)) for one in pairs)
    return CompareReport(
        **about_engine(),
        base=_compared(base, [pair.base for pair in pairs]),
        head=_compared(head, [pair.head for pair in pairs]),
        stages=tuple(pair.stage for pair in pairs),
        seed=base.first_seed,
        tolerance=study.tolerance,
        level=_LEVEL,
        verdict=worst(change.verdict for change in found),
        changes=tuple(_change(change) for change in found),
        unjudged=tuple(PairedChange.of(statement) for pair in pairs for statement in _unjudged(pair)),
        thresholds=tuple(JudgedCriterion.of(verdict) for of_stage in judged for verdict in of_stage),
        interrupted=interrupted,
        wall_s=time.perf_counter() - start,
    )


def _until_decided(
    pairs: Sequence[_Pair], study: CompareStudy, runner: Runner, name: str
) -> tuple[Sequence[MeasureChange], bool]:
    """Verdicts at the last finished look, and whether it was cut short."""
    looks = looks_of(study.replications, study.max_runs)
    open_pairs, total, done = list(pairs), len(looks) * len(pairs), 0
    found: Sequence[MeasureChange] = ()
    for n_look, n_runs in enumerate(looks):
        try:
            for pair in open_pairs:
                runner.progress(done, total, pair.stage or name)
                pair.extend(n_runs)
                done += 1
        except Cancelled:
            if n_look == 0:
                raise
            return found, True
        statements = [statement for pair in pairs for statement in pair.statements()]
        found = [
            _of_two_futures(change, pairs)
            for change in judge_family(statements, study.tolerance, _LEVEL / len(looks))
        ]
        undecided = {change.statement.stage for change in found if change.verdict == "UNDECIDED"}
        open_pairs = [pair for pair in pairs if pair.stage in undecided]
        done = (n_look + 1) * len(pairs)
        if not open_pairs:
            break
    return found, False


def _of_two_futures(found: MeasureChange, pairs: Sequence[_Pair]) -> MeasureChange:
    """Where runs of the head collapsed, a difference of means does not show that it is no worse."""
    stage = found.statement.stage
    if found.verdict == "PASS" and any(pair.head.collapses() for pair in pairs if pair.stage == stage):
        return replace(found, verdict="UNDECIDED")
    return found


def looks_of(min_runs: int, max_runs: int) -> list[int]:
    """Replications at each look: doubled from `min_runs`, and `max_runs` last."""
    looks = [min_runs]
    while looks[-1] < max_runs:
        looks.append(min(2 * looks[-1], max_runs))
    return looks


def _stages(base: ComparisonSide, head: ComparisonSide, asked: Sequence[str] | None) -> list[str | None]:
    both = common_stages(base, head)
    found = [stage for stage in both if asked is None or stage in asked]
    if not found:
        raise CompareError(f"the base has no stage {', '.join(asked or ())}")
    return found


def _pair(base: ComparisonSide, head: ComparisonSide, stage: str | None, runner: Runner) -> _Pair:
    before, after = (
        Replications(
            stage_changes.at_stage(side.scenario, stage, side.base_dir),
            runner.at(side.base_dir),
            stage,
            base.first_seed,
        )
        for side in (base, head)
    )
    return _Pair(stage, before, after, judged_measures(head.scenario, stage))


def _compared(side: ComparisonSide, stages: Sequence[Replications]) -> ComparedScenario:
    return ComparedScenario(
        name=side.name,
        scenario=side.scenario.metadata.name,
        scenario_hash=scenario_hash(side.scenario),
        profiles=step_times(side.scenario, side.base_dir),
        collapses=tuple(collapse for stage in stages for collapse in stage.collapses()),
        backlogs=tuple(backlog for stage in stages for backlog in stage.backlogs()),
    )


def _change(found: MeasureChange) -> JudgedChange:
    return JudgedChange.of(
        found.statement,
        p_regression=found.p_regression,
        p_no_worse=found.p_no_worse,
        p_same=found.p_same,
        verdict=found.verdict,
    )


def _unjudged(pair: _Pair) -> Iterator[Statement]:
    """Measures that are shown and not judged: load, and how busy the targets are."""
    names = dict.fromkeys(station.target for station in pair.head.results[0].stations)
    loads = [Measure("utilization", selection=Selection(target=name)) for name in names]
    judged = {one.measure for one in pair.judged}
    for measure in (*_UNJUDGED, *loads):
        if measure not in judged:
            found = statement_of(pair.stage, Judged.as_declared(measure), pair.base, pair.head)
            if found is not None:
                yield found
