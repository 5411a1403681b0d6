"""The study of `rollout drift`: what is looked at, how fast it gets worse, and what every sampling rate sees of it."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from simulator.engine import Runner
from simulator.errors import RolloutError
from simulator.mechanisms.incidents.config import Drift
from simulator.scenario.model import Scenario
from simulator.studies.drift.cusum_detection import Sighting, proposed_samples, sighting
from simulator.studies.drift.review_sampling import Reviewable, review_rule, reviewables

USUAL_DRIFT = 0.01  # of success a week, where the scenario names none


class DriftError(RolloutError, ValueError):
    """A scenario whose answers nobody could look at."""


@dataclass(frozen=True)
class DriftOptions:
    """How to study drifts.

    Attributes
    ----------
    stage : whose traffic; None: the last one, or the mean week at full exposure of a scenario without stages
    per_week : fall of the success rate every week, above 0; None: the scenario's drift of the workload, or one point
    false_alarm_weeks : one false alarm is put up with in so many weeks
    """

    stage: str | None = None
    per_week: float | None = None
    false_alarm_weeks: float = 26.0


@dataclass(frozen=True)
class WorkloadDrift:
    """What could be looked at in one workload, and what each sampling rate sees."""

    reviewable: Reviewable
    per_week: float
    sightings: tuple[Sighting, ...]


@dataclass(frozen=True)
class DriftStudy:
    """All workloads with a review step."""

    stage: str | None
    workloads: tuple[WorkloadDrift, ...]
    wall_s: float


def drift_study(scenario: Scenario, options: DriftOptions, runner: Runner) -> DriftStudy:
    """How soon reviewers notice that quality falls.

    Raises
    ------
    DriftError
        If there is nothing to look at, or no stage of that name.
    Cancelled
        If it was cancelled.
    """
    begin = time.perf_counter()
    stage = _stage(scenario, options.stage)
    if all(review_rule(workload) is None for workload in scenario.workloads):
        raise DriftError("no workload has a `review` step, so nobody can look at its answers")
    runner.progress(0, 100, "what could be reviewed")
    found = reviewables(scenario, stage, runner)
    if not found:
        raise DriftError(f"no answer reaches a `review` step{'' if stage is None else f' in stage {stage}'}")
    for of in found:
        if of.wrong.value >= of.overrides.wrong:
            raise DriftError(
                f"every answer of {of.workload} is wrong; its `success_rate` cannot fall: raise it above 0"
            )
    plans = [(of, sample) for of in found for sample in proposed_samples(of)]
    seen: dict[str, list[Sighting]] = {of.workload: [] for of in found}
    for number, (of, sample) in enumerate(plans):
        runner.progress(20 + 80 * number // len(plans), 100, f"{of.workload}: {100.0 * sample:g} % reviewed")
        per_week = options.per_week or drift_of(scenario, of.workload)
        seen[of.workload].append(sighting(of, sample, per_week, options.false_alarm_weeks))
    workloads = tuple(
        WorkloadDrift(of, options.per_week or drift_of(scenario, of.workload), tuple(seen[of.workload]))
        for of in found
    )
    return DriftStudy(stage, workloads, time.perf_counter() - begin)


def drift_of(scenario: Scenario, workload: str) -> float:
    """How much success a workload loses a week by the scenario's drifts of it; `USUAL_DRIFT` if there is none."""
    falls: Sequence[float] = [
        -incident.success_per_week
        for incident in scenario.incidents
        if isinstance(incident, Drift) and incident.workload == workload
    ]
    fall = sum(falls)
    return fall if fall > 0.0 else USUAL_DRIFT


def _stage(scenario: Scenario, asked: str | None) -> str | None:
    names = [stage.name for stage in scenario.stages]
    if asked is not None and asked not in names:
        raise DriftError(f"no stage {asked!r}; stages of the scenario: {', '.join(names) or 'none'}")
    return asked or (names[-1] if names else None)
