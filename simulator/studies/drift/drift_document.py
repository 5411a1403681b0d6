"""From a scenario to the document of `rollout drift`, which its tables are made from."""

from math import isfinite

from simulator.engine import Runner
from simulator.render.step_times import step_time_sources
from simulator.scenario.read.hashing import scenario_hash
from simulator.scenario.read.load import LoadedScenario
from simulator.studies.drift.cusum_detection import Sighting
from simulator.studies.drift.study import DriftOptions, WorkloadDrift, drift_study
from simulator.studies.run.document import JsonObject, estimate_document, signature

_WEEK_S = 7 * 86_400.0


def drift_job(loaded: LoadedScenario, options: DriftOptions, runner: Runner) -> JsonObject:
    """Study how soon a drift is noticed.

    Raises
    ------
    Cancelled
        If it was cancelled.
    """
    scenario = loaded.scenario
    found = drift_study(scenario, options, runner.at(loaded.base_dir))
    return {
        **signature(scenario, scenario_hash(scenario)),
        "profiles": step_time_sources(scenario, loaded.base_dir),
        "stage": found.stage,
        "seed": scenario.seed,
        "false_alarm_every_s": options.false_alarm_weeks * _WEEK_S,
        "workloads": [_workload(workload) for workload in found.workloads],
        "interrupted": False,
        "wall_s": found.wall_s,
    }


def _workload(found: WorkloadDrift) -> JsonObject:
    of = found.reviewable
    return {
        "workload": of.workload,
        "team": of.team,
        "answers_per_week": of.per_week,
        "wrong": estimate_document(of.wrong),
        "success_per_week": -found.per_week,
        "sample": of.sample,
        "in_time": of.in_time,
        "handle_s": of.handle_s,
        "cost_per_review": of.review_usd,
        "sampling": [_sighting(one) for one in found.sightings],
    }


def _sighting(one: Sighting) -> JsonObject:
    weeks = one.weeks
    return {
        "sample": one.sample,
        "reviews_per_week": one.per_week,
        "people": one.people,
        "cost": {"month": one.month_usd},
        "seen_after_s": {
            "value": _finite(weeks.value * _WEEK_S),
            "low": _finite(weeks.low * _WEEK_S),
            "high": _finite(weeks.high * _WEEK_S),
            "p90": _finite(one.p90_weeks * _WEEK_S),
        },
        "fall": _finite(one.fall),
        "wrong_answers": _finite(one.wrong_answers),
        "false_alarm_every_s": one.false_alarm_weeks * _WEEK_S,
        "tuned_to": one.tuned_to,
    }


def _finite(number: float) -> float | None:
    return number if isfinite(number) else None
