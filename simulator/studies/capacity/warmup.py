"""How long must the windows of a stage warm up? As the scenario says, else as long as its targets need at the peak."""

from collections.abc import Sequence
from math import ceil, inf

import numpy as np

from simulator.compiler.demand import DemandWindow
from simulator.engine import Runner
from simulator.metrics.columns import UsageColumn
from simulator.results.run_result import RunResult
from simulator.scenario.model import Scenario, Stage
from simulator.studies.capacity.bounds import guessed_amount, level_for
from simulator.studies.capacity.knobs import axes_of, with_setting
from simulator.studies.common.replicator import Replicator
from simulator.studies.common.run_length import WHOLE_S, affordable_s, wander_s, window_warmup_s
from simulator.studies.common.windows import peaks

_NEARLY = 0.9  # of a rate limit: below, its bucket is hardly ever empty; assumption
_BURST_S = 60.0  # of a limit, in its bucket if the scenario does not say
_DRAINED = 1.5  # times the mean: chance makes it longer
_WARMUPS = 5.0  # that a window lasts, so that most of what is simulated is measured
_ACTIONS = 2_000.0  # that arrive in a window, so that few runs show a p99


def stage_warmup_s(replicator: Replicator, scenario: Scenario, stage: Stage) -> float:
    """Warm-up of every window of a stage, in seconds.

    Pilots simulate the busiest hour with every knob where queueing theory guesses: at its top nobody waits, and with too
    little a run never settles.
    """
    axes = axes_of(scenario)
    setting = tuple(len(axis.levels) - 1 for axis in axes)

    drained_s = 0.0

    def pilots(warmup_s: float, n_runs: int) -> Sequence[RunResult]:
        nonlocal drained_s
        runs = guessed(warmup_s, n_runs)
        drained_s = min(drain_s(scenario, runs), affordable_s(runs))
        return runs

    def guessed(warmup_s: float, n_runs: int) -> Sequence[RunResult]:
        nonlocal setting
        busiest = peaks(scenario, stage, replicator.runner, warmup_s)[0].window
        runs = replicator.runs(with_setting(scenario, axes, setting), busiest, 0, n_runs)
        guess = tuple(
            level_for(axis, guessed_amount(scenario, axis, runs, replicator.runner)) for axis in axes
        )
        if guess == setting:
            return runs
        setting = guess
        return replicator.runs(with_setting(scenario, axes, setting), busiest, 0, n_runs)

    found_s = window_warmup_s(scenario.window, pilots, wander_s(scenario))
    if isinstance(scenario.window.warmup, float):
        return found_s
    return max(found_s, WHOLE_S * ceil(drained_s / WHOLE_S))


def drain_s(scenario: Scenario, runs: Sequence[RunResult]) -> float:
    """How long buckets of rate limits that bind, or nearly do, take to run dry: until then they turn too few away."""
    longest_s = 0.0
    span_s = sum(run.duration_s for run in runs)
    for station_id, station in enumerate(runs[0].stations):
        service = scenario.services.get(station.target) if station.kind == "service" else None
        if service is None or service.rate_limit is None:
            continue
        limit_rps = service.rate_limit
        asked = sum(run.measured_usage[:, station_id, UsageColumn.ATTEMPTS].sum() for run in runs) / span_s
        if asked < _NEARLY * limit_rps:
            continue
        burst = service.burst or _BURST_S * limit_rps
        # by what comes beyond the limit, or where that is little by chance alone
        by_excess_s = burst / (asked - limit_rps) if asked > limit_rps else inf
        longest_s = max(longest_s, _DRAINED * min(by_excess_s, burst * burst / (2.0 * asked)))
    return float(longest_s)


def lasting_longer(scenario: Scenario, stage: Stage, runner: Runner, warmup_s: float) -> Scenario:
    """The scenario with longer windows, where it leaves that open and every hour is the same.

    They are long against their warm-up, and long enough for some to be as slow as a p99.
    """
    has_shifts = any(team.shifts != "always" for team in scenario.teams.values())
    if has_shifts or "duration" in scenario.window.model_fields_set:
        return scenario
    rate_rps = float(peaks(scenario, stage, runner, warmup_s)[0].window.mean_rps.sum())
    wanted_s = max(_WARMUPS * warmup_s, _ACTIONS / rate_rps if rate_rps > 0.0 else 0.0)
    duration_s = max(scenario.window.duration, min(wanted_s, stage.duration - warmup_s))
    window = scenario.window.model_copy(update={"duration": duration_s})
    longer = scenario.model_copy(update={"window": window})
    spans = [peak.window for peak in peaks(longer, stage, runner, warmup_s)]
    return longer if all(_is_steady(window) for window in spans) else scenario


def _is_steady(window: DemandWindow) -> bool:
    shares = np.array([shares for _, shares in window.share])
    return bool((window.rate_rps == window.rate_rps[:, :1]).all() and (shares == shares[0]).all())
