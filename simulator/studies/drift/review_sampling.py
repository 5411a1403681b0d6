"""Which answers could reviewers look at, and how many of them are wrong? Simulated with reviewers who look at every one.

The sampling rate changes nothing of the answers themselves, so one simulation tells what any rate would see.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from simulator.compiler.demand import DemandWindow, steady_window
from simulator.compiler.profiles import HOURS_PER_WEEK
from simulator.compiler.stage_demand import pace_rps, span_of
from simulator.compiler.stage_shares import HOURS_PER_MONTH, find_stage
from simulator.engine import Runner
from simulator.mechanisms.distribution_means import mean_of
from simulator.mechanisms.review.config import Overrides
from simulator.mechanisms.traffic.config import ReviewRule, ReviewStep, Workload
from simulator.metrics.columns import CountColumn
from simulator.results.run_result import RunResult
from simulator.scenario.model import Scenario
from simulator.studies.common.replicator import Replicator, first_runs, measured_actions
from simulator.studies.common.windows import month_windows
from simulator.studies.drift.reviewer_capacity import reviewed_shares
from simulator.theory.estimate import Estimate
from simulator.theory.intervals import ratio_interval

_SPAN_S = 900.0  # measured, of each window that stands for the month
_WARMUP_S = 3600.0  # reviews under way are counted when they are done
_MORE = 10.0  # times the actions that a verdict on a peak begins with: wrong answers are few
_MOST_RUNS = 16
_ENOUGH = 100_000  # people, so that no review waits


@dataclass(frozen=True)
class Reviewable:
    """The answers of one workload that pass its review step.

    Attributes
    ----------
    per_week : answers that a reviewer could be given
    wrong : share of them that people find wrong, and change
    sample : share that the scenario has reviewed
    handle_s : time of a person per answer, on average
    in_time : share that people find the time to review, as many as they are, at most `sample`
    overrides : how well they tell wrong answers from right ones
    review_usd : its cost at what people are paid, on average over the regions of the answers
    """

    workload: str
    team: str
    per_week: float
    wrong: Estimate
    sample: float
    handle_s: float
    review_usd: float
    overrides: Overrides = field(default_factory=Overrides)
    in_time: float = 1.0


def reviewables(scenario: Scenario, stage: str | None, runner: Runner) -> tuple[Reviewable, ...]:
    """Of every workload with a review step that something passes, at a stage's end.

    Raises
    ------
    Cancelled
        If it was cancelled.
    """
    watched = _all_reviewed(scenario.model_copy(update={"incidents": []}))  # drifts are what is looked for
    replicator = Replicator(runner)
    windows = _windows(watched, stage, runner)
    n_runs = min(first_runs(sum(measured_actions(window) for window in windows) / _MORE), _MOST_RUNS)
    results = [replicator.runs(watched, window, 0, n_runs) for window in windows]
    rules = {
        workload.name: rule for workload in scenario.workloads if (rule := review_rule(workload)) is not None
    }
    in_time = reviewed_shares(scenario, rules, windows, results)
    found = []
    for workload in scenario.workloads:
        rule = rules.get(workload.name)
        if rule is None:
            continue
        seen, right, usd = _seen(scenario, workload.name, rule, windows, results)
        if seen.sum() > 0.0:
            wrong = ratio_interval((seen - right).sum(axis=1).tolist(), seen.sum(axis=1).tolist())
            per_week = float(seen.sum(axis=1).mean()) * HOURS_PER_WEEK / HOURS_PER_MONTH
            handle_s = mean_of(scenario.teams[rule.team].handle_time)
            cost_usd = usd * handle_s / 3600.0
            found.append(
                Reviewable(
                    workload.name,
                    rule.team,
                    per_week,
                    wrong,
                    rule.sample,
                    handle_s,
                    cost_usd,
                    scenario.teams[rule.team].overrides,
                    in_time[workload.name],
                )
            )
    return tuple(found)


def review_rule(workload: Workload) -> ReviewRule | None:
    """The review of a workload's answers; None: there is none."""
    return next((step.review for step in workload.steps if isinstance(step, ReviewStep)), None)


def _all_reviewed(scenario: Scenario) -> Scenario:
    """The scenario with every answer reviewed by people who are always there and never busy."""
    workloads = [
        workload.model_copy(update={"steps": [_always(step) for step in workload.steps]})
        for workload in scenario.workloads
    ]
    teams = {
        name: team.model_copy(update={"staff": _never_short(team.staff), "shifts": "always"})
        for name, team in scenario.teams.items()
    }
    return scenario.model_copy(update={"workloads": workloads, "teams": teams})


def _never_short(staff: int | dict[str, int]) -> int | dict[str, int]:
    """Enough people wherever there are any: answers of other regions go there."""
    return dict.fromkeys(staff, _ENOUGH) if isinstance(staff, dict) else _ENOUGH


def _always(step: object) -> object:
    if not isinstance(step, ReviewStep):
        return step
    return step.model_copy(update={"review": step.review.model_copy(update={"sample": 1.0})})


def _windows(scenario: Scenario, stage: str | None, runner: Runner) -> Sequence[DemandWindow]:
    """Windows that stand for a month, or the mean week of a scenario without stages."""
    if stage is not None:
        return month_windows(scenario, find_stage(scenario, stage), runner, _SPAN_S, _WARMUP_S)
    start, _ = span_of(scenario, None)
    mean_rps = pace_rps(scenario, None, runner.base_dir).mean(axis=1)
    return [steady_window("week", None, start, mean_rps, _SPAN_S, _WARMUP_S, HOURS_PER_MONTH)]


def _seen(
    scenario: Scenario,
    workload: str,
    rule: ReviewRule,
    windows: Sequence[DemandWindow],
    results: Sequence[Sequence[RunResult]],
) -> tuple[np.ndarray, np.ndarray, float]:
    """Answers of a month that were looked at, and right, float64[run, window]; and the pay per hour over them."""
    n_runs = len(results[0])
    seen, right = np.zeros((n_runs, len(windows))), np.zeros((n_runs, len(windows)))
    paid = 0.0
    for place, (window, runs) in enumerate(zip(windows, results, strict=True)):
        scale = window.weight_h * 3600.0 / window.duration_s
        for number, run in enumerate(runs):
            for stream, counts in zip(run.streams, run.measured_counts, strict=True):
                if stream.workload == workload:
                    reviewed = scale * float(counts[CountColumn.REVIEWED])
                    seen[number, place] += reviewed
                    right[number, place] += scale * float(counts[CountColumn.REVIEWED_RIGHT])
                    paid += reviewed * scenario.teams[rule.team].cost_in(stream.region)
    return seen, right, paid / float(seen.sum()) if seen.any() else 0.0
