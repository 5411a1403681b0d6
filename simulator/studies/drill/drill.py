"""Drills: play each incident against the peak of a stage, and its twin without it, on the same seeds.

What an incident did is worked out in `simulator.studies.drill.harm`, what is played and for how long in
`simulator.studies.drill.drill_plan`, what might have helped in `simulator.studies.drill.mitigations`.
"""

import time
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from simulator.compiler.demand import DemandWindow
from simulator.compiler.profiles import FloatArray
from simulator.compiler.stage_demand import pace_rps
from simulator.compiler.streams import streams
from simulator.economics.price_book import price_book
from simulator.engine import Cancelled, Runner
from simulator.metrics.columns import CountColumn
from simulator.results.closed_pace import closed_pace
from simulator.results.collapse import COLLAPSED
from simulator.results.run_result import RunResult
from simulator.results.samples import Floats
from simulator.results.slo_timeline import is_out
from simulator.scenario.model import Scenario
from simulator.scenario.stage_changes import at_stage
from simulator.studies.alerts.alert_detection import Monitor
from simulator.studies.alerts.report import AlertBaseline
from simulator.studies.base import stage_or_last
from simulator.studies.common.replications import Replications
from simulator.studies.common.step_times import step_times
from simulator.studies.drill.blind_spots import blind_spots
from simulator.studies.drill.drill_plan import Drill, DrillError, drill_window, drills_of, with_incidents
from simulator.studies.drill.harm import felt_buckets, goodput_gain, harm_of, pulse_slos, unwell
from simulator.studies.drill.mitigations import Mitigation, mitigations_of
from simulator.studies.drill.report import (
    DrillReport,
    DrillResult,
    Harm,
    MitigationResult,
    Series,
    Unwatched,
)
from simulator.studies.drill.study import DrillStudy
from simulator.studies.drill.unwatched import unwatched
from simulator.studies.report import about
from simulator.theory.verdict import Verdict, worst

_WEEKS = 4  # of the error budget
_WORTH = 0.05  # of the actions hurt: a change that spares fewer is not named


def drill(scenario: Scenario, options: DrillStudy, runner: Runner) -> DrillReport:
    """Play the incidents of a scenario against the peak of a stage; when cancelled, those that were finished come back.

    Raises
    ------
    DrillError
        If there is nothing to drill, or nothing to judge it by.
    Cancelled
        If not even one drill was finished.
    """
    begin = time.perf_counter()
    stage = stage_or_last(scenario, options.stage)
    scenario = at_stage(scenario, stage, runner.base_dir)
    drills = drills_of(scenario, options.incidents)
    if not pulse_slos(scenario):
        raise DrillError(
            "no SLO says what users feel: add one on availability, success_rate, rejected_rate, or a percentile of "
            "latency or ttft"
        )
    drilling = _Drilling(scenario, stage, options, runner, len(drills))
    finished: list[DrillResult] = []
    interrupted = False
    for number, planned in enumerate(drills):
        try:
            finished.append(drilling.play(planned, number))
        except Cancelled:
            if not finished:
                raise
            interrupted = True
            break
    return DrillReport(
        **about(scenario),
        profiles=step_times(scenario, runner.base_dir),
        stage=stage,
        seed=scenario.seed,
        n_pairs=options.runs,
        verdict=worst(result.verdict for result in finished),
        collapsed_below=COLLAPSED,
        drills=tuple(finished),
        alerts=drilling.baselines(),
        interrupted=interrupted,
        wall_s=time.perf_counter() - begin,
    )


class _Drilling:
    """Runs the two sides of drills; runs without incidents are kept for drills of the same length."""

    def __init__(
        self,
        scenario: Scenario,
        stage: str | None,
        options: DrillStudy,
        runner: Runner,
        n_drills: int,
    ) -> None:
        self._scenario = scenario
        self._stage = stage
        self._options = options
        self._runner = replace(runner, record_buckets=True)
        self._n_drills = n_drills
        self._calm: dict[float, list[RunResult]] = {}
        self._pace = np.ones(len(streams(scenario)))
        self._monitor: Monitor | None = None
        self._book = price_book(scenario)
        alone = Replications(scenario.without_incidents(), runner, stage, scenario.seed)
        self._warmup_s = alone.window.warmup_s
        self._seeds = range(scenario.seed, scenario.seed + options.runs)

    def play(self, planned: Drill, number: int) -> DrillResult:
        """Both sides of a drill, and the changes that might have helped."""
        window = drill_window(self._scenario, self._stage, planned.length_s, self._warmup_s, self._runner)
        hit_scenario = with_incidents(self._scenario, planned.incidents)
        mitigations = list(mitigations_of(hit_scenario, self._runner)) if self._options.cures else []
        n_steps = 2 + len(mitigations)
        self._tell(number, 0, n_steps, planned.name)
        if planned.length_s not in self._calm:
            self._calm[planned.length_s] = self._replicate(with_incidents(self._scenario, ()), window)
        calm = self._calm[planned.length_s]
        self._tell(number, 1, n_steps, planned.name)
        hit = self._replicate(hit_scenario, window)
        self._pace = closed_pace(window, calm)
        harm = harm_of(planned, calm, hit, self._scenario, self._book, self._actions())
        is_harmful = harm.actions_hurt.difference.low > 0.0
        tried: list[MitigationResult] = []
        for step, one in enumerate(mitigations if is_harmful else (), 2):
            self._tell(number, step, n_steps, f"{planned.name}: {one.name}")
            tried.append(self._tried(one, planned, hit, window))
        tried.sort(key=lambda one: -one.gain_rps.difference.value)
        felt = felt_buckets(planned, hit[0])
        unseen = unwatched(calm, hit, felt, pulse_slos(self._scenario))
        detections = self._monitoring(window, calm).detections(calm, hit, planned.lead_s)
        self._tell(number, n_steps, n_steps, planned.name)
        return DrillResult(
            **dict(harm),
            verdict=verdict_of(harm, unseen),
            missed_without=unwell(calm, self._scenario),
            unwatched=unseen,
            alerts=detections,
            blind_spots=blind_spots(calm, hit, felt, detections),
            mitigations=tuple(tried),
            best_mitigation=_best(tried, harm),
            series=_series(calm, hit, self._scenario),
        )

    def baselines(self) -> tuple[AlertBaseline, ...]:
        """The alerts without any incident, once a drill was played."""
        return () if self._monitor is None else self._monitor.baselines()

    def _monitoring(self, window: DemandWindow, calm: Sequence[RunResult]) -> Monitor:
        """The alerts, which know the runs without incidents of the first drill."""
        if self._monitor is None:
            hour = window.start.weekday() * 24 + window.start.hour
            self._monitor = Monitor(self._scenario, self._week_rps(), hour, calm)
        return self._monitor

    def _tried(
        self, one: Mitigation, planned: Drill, hit: Sequence[RunResult], window: DemandWindow
    ) -> MitigationResult:
        changed = self._replicate(one.scenario, window)
        return MitigationResult(name=one.name, gain_rps=goodput_gain(planned, hit, changed))

    def _replicate(self, scenario: Scenario, window: DemandWindow) -> list[RunResult]:
        return self._runner.replicate(scenario, window, self._seeds)

    def _tell(self, number: int, step: int, n_steps: int, label: str) -> None:
        done = round(100.0 * (number + step / n_steps))
        self._runner.progress(done, 100 * self._n_drills, label)

    def _week_rps(self) -> FloatArray:
        """What arrives by hour of the week at the stage's end, float64[stream, 168]."""
        return self._pace[:, None] * pace_rps(self._scenario, self._stage, self._runner.base_dir)

    def _actions(self) -> dict[str, float]:
        """Actions in 28 days at the pace of the stage's end, by workload."""
        found: dict[str, float] = {}
        for stream, by_hour in zip(streams(self._scenario), self._week_rps(), strict=True):
            found[stream.workload] = found.get(stream.workload, 0.0) + _WEEKS * 3600.0 * float(by_hour.sum())
        return found


def _best(tried: Sequence[MitigationResult], harm: Harm) -> str | None:
    """The change that is shown to help, and most; one that spares hardly anybody is no help."""
    hurt_rps = harm.actions_hurt.difference.value / harm.span_s
    for one in tried:
        gain_rps = one.gain_rps.difference
        if gain_rps.low > 0.0 and gain_rps.value >= _WORTH * hurt_rps:
            return one.name
    return None


def _series(calm: Sequence[RunResult], hit: Sequence[RunResult], scenario: Scenario) -> Series:
    """Both sides bucket by bucket."""
    slos = pulse_slos(scenario)
    arrivals_rps, goodput_rps = _rates(hit)
    return Series(
        bucket_s=hit[0].bucket_s,
        arrivals_rps=tuple(arrivals_rps.tolist()),
        goodput_rps=tuple(goodput_rps.tolist()),
        goodput_without_rps=tuple(_rates(calm)[1].tolist()),
        out_of_slo_share=tuple(np.mean([is_out(run, slos) for run in hit], axis=0).tolist()),
        out_of_slo_share_without=tuple(np.mean([is_out(run, slos) for run in calm], axis=0).tolist()),
    )


def _rates(runs: Sequence[RunResult]) -> tuple[Floats, Floats]:
    """Arrivals and good answers per second by measured bucket, mean over runs."""
    counts = np.mean([run.counts[run.n_warmup_buckets :].sum(axis=1) for run in runs], axis=0)
    per_s = 1.0 / runs[0].measured_bucket_s
    return counts[:, CountColumn.ARRIVED] * per_s, counts[:, CountColumn.GOOD] * per_s


def verdict_of(harm: Harm, unseen: Sequence[Unwatched] = ()) -> Verdict:
    """FAIL: metastable, not over in the time watched, or surely more than an error budget of 28 days; UNDECIDED: maybe.

    Where something gets worse that no objective watches, nothing says that it may: UNDECIDED at best.
    """
    burnt = [budget.burnt for budget in harm.error_budget]
    if harm.metastable == "yes" or harm.recovered_share == 0.0 or any(share.low > 1.0 for share in burnt):
        return "FAIL"
    if harm.metastable == "unclear" or harm.recovered_share < 1.0 or any(share.high > 1.0 for share in burnt):
        return "UNDECIDED"
    return "UNDECIDED" if unseen else "PASS"
