"""Base against head: paired replications, many measures at once, and a verdict on each.

Both sides meet the same users with the same luck, seed by seed. A measure is a *regression* (FAIL) if it is shown
to be worse by more than the tolerance, and holds (PASS) if it is shown not to be; replications are doubled until
every measure is decided or the budget ends. How the chance of a false alarm is kept is told in
`docs/decisions/0014-comparisons.md`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from simulator.engine import Cancelled, Runner
from simulator.metrics.dimensions import Selection
from simulator.studies.common.criteria import Measure, at_stage, criteria_of
from simulator.studies.common.replications import Replications
from simulator.studies.common.sequential_verdicts import CriterionVerdict, judge
from simulator.studies.compare.comparison_sides import ComparisonSide, common_stages
from simulator.studies.compare.regression import Judged, MeasureChange, Statement, judge_family, statement_of

DEFAULT_TOLERANCE = 0.05
_ALWAYS = (
    Judged(Measure("latency", 0.95), is_lower_better=True),
    Judged(Measure("availability"), is_lower_better=False),
    Judged(Measure("success_rate"), is_lower_better=False),
    Judged(Measure("cost_per_successful_action"), is_lower_better=True),
)
_TOLD = (Measure("latency", 0.5), Measure("cost_per_action"), Measure("goodput_rps"), Measure("arrival_rps"))


@dataclass(frozen=True)
class CompareOptions:
    """How to compare.

    Attributes
    ----------
    stages : names of those to compare; None: all that both sides have
    min_runs, max_runs : pairs of replications of every stage at least, and at most
    tolerance : a measure may be worse by this share
    level : chance that any measure is called a regression by luck
    """

    stages: Sequence[str] | None = None
    min_runs: int = 8
    max_runs: int = 32
    tolerance: float = DEFAULT_TOLERANCE
    level: float = 0.05


@dataclass(frozen=True)
class Compared:
    """What changed between two sides.

    Attributes
    ----------
    changes : every judged measure at every stage
    told : measures that are shown and not judged: load, and how busy the targets are
    thresholds : the head's own criteria
    stages : that were compared
    """

    changes: tuple[MeasureChange, ...]
    told: tuple[Statement, ...]
    thresholds: tuple[CriterionVerdict, ...]
    stages: tuple[str | None, ...]
    interrupted: bool


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


def compare(base: ComparisonSide, head: ComparisonSide, options: CompareOptions, runner: Runner) -> Compared:
    """Compare two sides over pairs of replications with the seeds of the base; progress is in looks at the stages.

    When cancelled, what the last look found comes back.

    Raises
    ------
    CompareError
        If the sides have no stage in common.
    Cancelled
        If not even the first look was finished.
    """
    stages = [
        stage for stage in common_stages(base, head) if options.stages is None or stage in options.stages
    ]
    pairs = [_pair(base, head, stage, runner) for stage in stages]
    looks = looks_of(options.min_runs, options.max_runs)
    open_pairs, changes, interrupted = list(pairs), (), False
    total, done = len(looks) * len(pairs), 0
    found: tuple[MeasureChange, ...] = changes
    for n_look, n_runs in enumerate(looks):
        try:
            for pair in open_pairs:
                runner.progress(done, total, pair.stage or head.scenario.metadata.name)
                pair.extend(n_runs)
                done += 1
        except Cancelled:
            if n_look == 0:
                raise
            interrupted = True
            break
        statements = [statement for pair in pairs for statement in pair.statements()]
        found = judge_family(statements, options.tolerance, options.level / len(looks))
        undecided = {change.statement.stage for change in found if change.verdict == "UNDECIDED"}
        open_pairs = [pair for pair in pairs if pair.stage in undecided]
        done = (n_look + 1) * len(pairs)
        if not open_pairs:
            break
    criteria = criteria_of(head.scenario)
    held = (judge(pair.head, at_stage(criteria, pair.stage)) for pair in pairs)
    thresholds = () if interrupted else tuple(verdict for of_stage in held for verdict in of_stage)
    told = tuple(statement for pair in pairs for statement in _told(pair))
    return Compared(found, told, thresholds, tuple(pair.stage for pair in pairs), interrupted)


def looks_of(min_runs: int, max_runs: int) -> list[int]:
    """Replications at each look: doubled from `min_runs`, and `max_runs` last."""
    looks = [min_runs]
    while looks[-1] < max_runs:
        looks.append(min(2 * looks[-1], max_runs))
    return looks


def judged_measures(arm: ComparisonSide, stage: str | None) -> tuple[Judged, ...]:
    """What is judged at a stage: whatever the scenario sets a limit on, and what everyone cares for."""
    own = [
        Judged(criterion.measure, is_lower_better=criterion.objective.op in ("<", "<="))
        for criterion in at_stage(criteria_of(arm.scenario), stage)
    ]
    measures = {judged.measure for judged in own}
    return tuple(dict.fromkeys([*own, *(judged for judged in _ALWAYS if judged.measure not in measures)]))


def _pair(base: ComparisonSide, head: ComparisonSide, stage: str | None, runner: Runner) -> _Pair:
    before, after = (
        Replications(arm.scenario, runner.at(arm.base_dir), stage, base.first_seed) for arm in (base, head)
    )
    return _Pair(stage, before, after, judged_measures(head, stage))


def _told(pair: _Pair) -> Iterator[Statement]:
    names = dict.fromkeys(station.target for station in pair.head.results[0].stations)
    loads = [Measure("utilization", selection=Selection(target=name)) for name in names]
    judged = {one.measure for one in pair.judged}
    for measure in (*_TOLD, *loads):
        if measure not in judged:
            found = statement_of(pair.stage, Judged(measure, is_lower_better=True), pair.base, pair.head)
            if found is not None:
                yield found
