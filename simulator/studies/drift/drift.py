"""When would reviewers notice that quality falls? What they see at every sampling rate, and when the alarm comes."""

import time
from collections.abc import Sequence

from simulator.engine import Runner
from simulator.errors import RolloutError
from simulator.mechanisms.incidents.quality import Drift
from simulator.scenario.model import Scenario
from simulator.scenario.read.load import LoadedScenario
from simulator.studies.base import stage_or_last
from simulator.studies.common.step_times import step_times
from simulator.studies.drift.cusum_detection import Sighting, proposed_samples, sighting
from simulator.studies.drift.report import DriftReport, Sampling, SeenAfter, WorkloadDrift
from simulator.studies.drift.review_sampling import Reviewable, review_rule, reviewables
from simulator.studies.drift.study import DriftStudy
from simulator.studies.record import MonthlyCost, finite
from simulator.studies.report import about
from simulator.units import WEEK_S

USUAL_DRIFT = 0.01  # of success a week, where the scenario names none


class DriftError(RolloutError, ValueError):
    """A scenario whose answers nobody could look at."""


def study_drift(loaded: LoadedScenario, options: DriftStudy, runner: Runner) -> DriftReport:
    """How soon reviewers notice that quality falls.

    Raises
    ------
    DriftError
        If there is nothing to look at.
    Cancelled
        If it was cancelled.
    """
    begin = time.perf_counter()
    stage = stage_or_last(loaded.scenario, options.stage)
    scenario = loaded.at_stage(stage).scenario
    found = _reviewables(scenario, stage, runner)
    falls = {of.workload: options.per_week or drift_of(scenario, of.workload) for of in found}
    plans = [(of, sample) for of in found for sample in proposed_samples(of)]
    seen: dict[str, list[Sighting]] = {of.workload: [] for of in found}
    for number, (of, sample) in enumerate(plans):
        runner.progress(20 + 80 * number // len(plans), 100, f"{of.workload}: {100.0 * sample:g} % reviewed")
        seen[of.workload].append(sighting(of, sample, falls[of.workload], options.false_alarm_weeks))
    return DriftReport(
        **about(scenario),
        profiles=step_times(scenario, loaded.base_dir),
        stage=stage,
        seed=scenario.seed,
        false_alarm_every_s=options.false_alarm_weeks * WEEK_S,
        workloads=tuple(_workload(of, falls[of.workload], seen[of.workload]) for of in found),
        wall_s=time.perf_counter() - begin,
    )


def _reviewables(scenario: Scenario, stage: str | None, runner: Runner) -> Sequence[Reviewable]:
    """Answers that people could review, of every workload."""
    if all(review_rule(workload) is None for workload in scenario.workloads):
        raise DriftError("no workload has a `review` step, so nobody can look at its answers")
    runner.progress(0, 100, "what could be reviewed")
    found = reviewables(scenario, stage, runner)
    if not found:
        where = "" if stage is None else f" in stage {stage}"
        raise DriftError(
            f"no answer is left to sample{where}: none reaches a `review` step, or people see all of them before they go out"
        )
    for of in found:
        if of.wrong.value >= of.overrides.wrong:
            raise DriftError(
                f"every answer of {of.workload} is wrong; its `success_rate` cannot fall: raise it above 0"
            )
    return found


def _workload(of: Reviewable, per_week: float, seen: Sequence[Sighting]) -> WorkloadDrift:
    return WorkloadDrift(
        workload=of.workload,
        team=of.team,
        answers_per_week=of.per_week,
        wrong=of.wrong,
        success_per_week=-per_week,
        sample=of.sample,
        in_time=of.in_time,
        handle_s=of.handle_s,
        cost_per_review=of.review_usd,
        sampling=tuple(_sampling(one) for one in seen),
    )


def _sampling(one: Sighting) -> Sampling:
    weeks = one.weeks
    return Sampling(
        sample=one.sample,
        reviews_per_week=one.per_week,
        people=one.people,
        cost=MonthlyCost(month=one.month_usd),
        seen_after_s=SeenAfter(
            value=finite(weeks.value * WEEK_S),
            low=finite(weeks.low * WEEK_S),
            high=finite(weeks.high * WEEK_S),
            p90=finite(one.p90_weeks * WEEK_S),
        ),
        fall=finite(one.fall),
        wrong_answers=finite(one.wrong_answers),
        false_alarm_every_s=one.false_alarm_weeks * WEEK_S,
        tuned_to=one.tuned_to,
    )


def drift_of(scenario: Scenario, workload: str) -> float:
    """How much success a workload loses a week by the scenario's drifts of it; `USUAL_DRIFT` if there is none."""
    falls: Sequence[float] = [
        -incident.success_per_week
        for incident in scenario.incidents
        if isinstance(incident, Drift) and incident.workload == workload
    ]
    fall = sum(falls)
    return fall if fall > 0.0 else USUAL_DRIFT
