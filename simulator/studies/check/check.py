"""Scenarios as tests: judge every SLO and threshold at every stage, and replicate until each is decided.

The capacity is that of the scenario as it is written, or that of a plan. Every look at the replications judges
with 95 % intervals; their number doubles from look to look, up to what the budget allows.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from simulator.engine import Cancelled, Progress, Runner, quiet
from simulator.scenario import stage_changes
from simulator.scenario.model import Scenario
from simulator.studies.capacity.knobs import with_amounts
from simulator.studies.check.study import CheckStudy
from simulator.studies.common.backlogs import StageBacklog
from simulator.studies.common.replications import Replications
from simulator.studies.common.two_futures import StageCollapse
from simulator.studies.common.verdicts.criteria import Criterion, at_stage, criteria_of
from simulator.studies.common.verdicts.criterion_text import stage_text
from simulator.studies.common.verdicts.sequential_verdicts import CriterionVerdict, looks
from simulator.studies.plan.plan import PlanOptions, plan


@dataclass(frozen=True)
class Checked:
    """Verdicts by stage, in the scenario's order.

    Attributes
    ----------
    verdicts : of every criterion at every stage that was simulated
    stages : that were simulated
    aborted_by : the criterion with `abort_on_fail` that ended the check, if one did
    interrupted : some stage was not simulated, or not to its end
    collapses : stages at which some replications collapsed and others did not
    backlogs : targets to which more work comes at a stage than they do
    warnings : spans that are too short, by stage
    """

    verdicts: tuple[CriterionVerdict, ...]
    stages: tuple[str | None, ...]
    aborted_by: CriterionVerdict | None
    interrupted: bool
    collapses: tuple[StageCollapse, ...] = ()
    backlogs: tuple[StageBacklog, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Seen:
    """What was seen at the stages besides the verdicts."""

    collapses: list[StageCollapse]
    backlogs: list[StageBacklog]
    warnings: list[str]

    def add(self, at: Replications) -> None:
        if at.results:
            self.collapses.extend(at.collapses())
            self.backlogs.extend(at.backlogs())
            self.warnings.extend(f"{stage_text(at.stage)}: {line}" for line in at.short_spans())

    def checked(
        self,
        found: Sequence[CriterionVerdict],
        finished: Sequence[str | None],
        aborted_by: CriterionVerdict | None = None,
        *,
        interrupted: bool = False,
    ) -> Checked:
        """The verdicts with it."""
        seen = tuple(self.collapses), tuple(self.backlogs), tuple(self.warnings)
        return Checked(tuple(found), tuple(finished), aborted_by, interrupted, *seen)


def check(scenario: Scenario, study: CheckStudy, runner: Runner) -> Checked:
    """Judge every criterion of a scenario at every stage; when cancelled, what was finished comes back.

    Parameters
    ----------
    scenario : checked scenario; one without stages is judged at full exposure

    Raises
    ------
    Cancelled
        If not even one look was finished.
    """
    criteria = criteria_of(scenario, by_region=study.regions)
    names = _stages(scenario, study.stages)
    found: list[CriterionVerdict] = []
    finished: list[str | None] = []
    seen = _Seen([], [], [])
    for index, stage in enumerate(names):
        at_work = _Told(runner.progress, index, len(names), study.max_runs, stage or scenario.metadata.name)
        try:
            capable = _with_capacity(scenario, stage, study, runner)
        except Cancelled:
            return _cut_short(found, finished, seen)
        replications = Replications(capable, runner, stage, scenario.seed, bills_month=True)
        verdicts, is_whole = _until_decided(replications, at_stage(criteria, stage), study, at_work)
        found += verdicts
        seen.add(replications)
        if verdicts or is_whole:
            finished.append(stage)
        if not is_whole:
            return _cut_short(found, finished, seen)
        aborted_by = _aborting(verdicts)
        if aborted_by is not None:
            return seen.checked(found, finished, aborted_by)
    return seen.checked(found, finished)


@dataclass(frozen=True)
class _Told:
    """Progress of one stage among all, in replications."""

    progress: Progress
    index: int
    n_stages: int
    max_runs: int
    label: str

    def __call__(self, n_runs: int) -> None:
        done = self.index * self.max_runs + min(n_runs, self.max_runs)
        self.progress(done, self.n_stages * self.max_runs, self.label)


def _until_decided(
    replications: Replications, criteria: Sequence[Criterion], study: CheckStudy, told: _Told
) -> tuple[tuple[CriterionVerdict, ...], bool]:
    """Verdicts at the last look, and whether the work was done to its end."""
    verdicts: tuple[CriterionVerdict, ...] = ()
    told(0)
    try:
        for n_runs, verdicts in looks(replications, criteria, study.replications, study.max_runs):
            told(n_runs)
            if _aborting(verdicts) is not None:
                break
        told(study.max_runs)
        return verdicts, True
    except Cancelled:
        return verdicts, False


def _cut_short(
    found: Sequence[CriterionVerdict],
    finished: Sequence[str | None],
    seen: _Seen,
) -> Checked:
    if not finished:
        raise Cancelled
    return seen.checked(found, finished, interrupted=True)


def _aborting(verdicts: Sequence[CriterionVerdict]) -> CriterionVerdict | None:
    failed = (found for found in verdicts if found.verdict == "FAIL" and found.criterion.abort_on_fail)
    return next(failed, None)


def _stages(scenario: Scenario, asked: Sequence[str] | None) -> list[str | None]:
    names: list[str | None] = [stage.name for stage in scenario.stages]
    return [name for name in names if asked is None or name in asked] or [None]


def _with_capacity(scenario: Scenario, stage: str | None, study: CheckStudy, runner: Runner) -> Scenario:
    """The scenario with the capacity that the stage is checked with."""
    if not study.planned or stage is None:
        return stage_changes.at_stage(scenario, stage, runner.base_dir)
    planned = plan(scenario, PlanOptions([stage]), runner.telling(quiet))
    if planned.interrupted:
        raise Cancelled
    return with_amounts(stage_changes.at_stage(scenario, stage, runner.base_dir), planned.stages[0].capacity)
