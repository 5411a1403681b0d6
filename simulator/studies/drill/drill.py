"""Drills: play each incident against the peak of a stage, and its twin without it, on the same seeds.

What an incident did is worked out in `simulator.studies.drill.harm`, what is played and for how long in
`simulator.studies.drill.drill_plan`, what might have helped in `simulator.studies.drill.mitigations`.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from simulator.compiler.demand import DemandWindow, find_stage, last_monday, streams, weekly_rates_rps
from simulator.compiler.profiles import FloatArray
from simulator.economics.price_book import price_book
from simulator.engine import Cancelled, Runner
from simulator.metrics.columns import CountColumn
from simulator.results.paired import PairedDifference
from simulator.results.run_result import RunResult
from simulator.results.samples import Floats
from simulator.results.slo_timeline import is_out
from simulator.scenario.model import Scenario
from simulator.studies.alerts.alert_detection import Detection, Monitor, Watch
from simulator.studies.common.replications import Replications
from simulator.studies.common.windows import stage_week_rps
from simulator.studies.drill.drill_plan import Drill, DrillError, drill_window, drills_of, with_incidents
from simulator.studies.drill.harm import Harm, goodput_gain, harm_of, pulse_slos, unwell
from simulator.studies.drill.mitigations import mitigations_of
from simulator.theory.verdict import Verdict

_WEEKS = 4  # of the error budget
_WORTH = 0.05  # of the actions hurt: a change that spares fewer is not named


@dataclass(frozen=True)
class DrillOptions:
    """How to drill.

    Attributes
    ----------
    names : of incidents, `a+b` for two at once; none: each by itself
    stage : whose peak; None: the last one, or full exposure of a scenario without stages
    n_runs : pairs of replications
    with_cures : also try every single change of policy that is possible
    """

    names: Sequence[str] = ()
    stage: str | None = None
    n_runs: int = 6
    with_cures: bool = True


@dataclass(frozen=True)
class MitigationResult:
    """What one change of policy would have brought: good answers per second, from the begin of the incident on."""

    name: str
    gain_rps: PairedDifference


@dataclass(frozen=True)
class Minutes:
    """Both sides bucket by bucket of the measured span, mean over the replications, float64[bucket]."""

    bucket_s: float
    arrivals_rps: Floats
    goodput_rps: Floats
    calm_goodput_rps: Floats
    out_share: Floats  # of the runs in which an objective is missed
    calm_out_share: Floats


@dataclass(frozen=True)
class DrillResult:
    """One drill."""

    drill: Drill
    harm: Harm
    minutes: Minutes
    detections: tuple[Detection, ...]  # by alert
    cures: tuple[MitigationResult, ...]  # the most helpful first
    unwell: tuple[str, ...]  # objectives that are missed without it, too
    verdict: Verdict

    @property
    def best_cure(self) -> MitigationResult | None:
        """The change that is shown to help, and most; one that spares hardly anybody is no help."""
        hurt_rps = self.harm.actions_hurt.difference.value / (self.drill.length_s - self.drill.lead_s)
        helpful = [
            one
            for one in self.cures
            if one.gain_rps.difference.low > 0.0 and one.gain_rps.difference.value >= _WORTH * hurt_rps
        ]
        return helpful[0] if helpful else None


@dataclass(frozen=True)
class Drilled:
    """All drills that were finished."""

    stage: str | None
    results: tuple[DrillResult, ...]
    watches: tuple[Watch, ...]  # the alerts without any incident
    interrupted: bool
    wall_s: float


def drill(scenario: Scenario, options: DrillOptions, runner: Runner) -> Drilled:
    """Play the incidents of a scenario against the peak of a stage; when cancelled, those that were finished come back.

    Raises
    ------
    DrillError
        If there is nothing to drill, or nothing to hold it to.
    Cancelled
        If not even one drill was finished.
    """
    begin = time.perf_counter()
    drills = drills_of(scenario, options.names)
    if not pulse_slos(scenario):
        raise DrillError(
            "nothing tells what users feel: give an SLO on availability, success_rate, or a percentile of latency or ttft"
        )
    stage = _stage(scenario, options.stage)
    drilling = _Drilling(scenario, stage, options, runner, len(drills))
    finished: list[DrillResult] = []
    for number, planned in enumerate(drills):
        try:
            finished.append(drilling.play(planned, number))
        except Cancelled:
            if not finished:
                raise
            return Drilled(stage, tuple(finished), drilling.watches(), True, time.perf_counter() - begin)
    return Drilled(stage, tuple(finished), drilling.watches(), False, time.perf_counter() - begin)


def _stage(scenario: Scenario, asked: str | None) -> str | None:
    names = [stage.name for stage in scenario.stages]
    if asked is not None and asked not in names:
        raise DrillError(f"no stage {asked!r}; stages of the scenario: {', '.join(names) or 'none'}")
    return asked or (names[-1] if names else None)


class _Drilling:
    """Runs the two sides of drills; runs without incidents are kept for drills of the same length."""

    def __init__(
        self,
        scenario: Scenario,
        stage: str | None,
        options: DrillOptions,
        runner: Runner,
        n_drills: int,
    ) -> None:
        self._scenario = scenario
        self._stage = stage
        self._options = options
        self._runner = replace(runner, record_buckets=True)
        self._n_drills = n_drills
        self._calm: dict[float, list[RunResult]] = {}
        self._monitor: Monitor | None = None
        self._book = price_book(scenario)
        alone = Replications(scenario.without_incidents(), runner, stage, scenario.seed)
        self._warmup_s = alone.window.warmup_s
        self._seeds = range(scenario.seed, scenario.seed + options.n_runs)

    def play(self, planned: Drill, number: int) -> DrillResult:
        """Both sides of a drill, and the changes that might have helped."""
        window = drill_window(self._scenario, self._stage, planned.length_s, self._warmup_s, self._runner)
        hit_scenario = with_incidents(self._scenario, planned.incidents)
        mitigations = list(mitigations_of(hit_scenario, self._runner)) if self._options.with_cures else []
        n_steps = 2 + len(mitigations)
        self._tell(number, 0, n_steps, planned.name)
        if planned.length_s not in self._calm:
            self._calm[planned.length_s] = self._replicate(with_incidents(self._scenario, ()), window)
        calm = self._calm[planned.length_s]
        if self._monitor is None:
            hour = window.start.weekday() * 24 + window.start.hour
            self._monitor = Monitor(self._scenario, self._week_rps(), hour, calm)
        self._tell(number, 1, n_steps, planned.name)
        hit = self._replicate(hit_scenario, window)
        harm = harm_of(planned, calm, hit, self._scenario, self._book, self._actions())
        tried = []
        is_harmful = harm.actions_hurt.difference.low > 0.0
        for step, one in enumerate(mitigations if is_harmful else (), 2):
            self._tell(number, step, n_steps, f"{planned.name}: {one.name}")
            tried.append(
                MitigationResult(one.name, goodput_gain(planned, hit, self._replicate(one.scenario, window)))
            )
        tried.sort(key=lambda one: -one.gain_rps.difference.value)
        self._tell(number, n_steps, n_steps, planned.name)
        slos = pulse_slos(self._scenario)
        minutes = Minutes(
            hit[0].bucket_s,
            *_rates(hit),
            _rates(calm)[1],
            np.mean([is_out(run, slos) for run in hit], axis=0),
            np.mean([is_out(run, slos) for run in calm], axis=0),
        )
        missed = unwell(calm, self._scenario)
        seen = self._monitor.detections(calm, hit, planned.lead_s)
        return DrillResult(planned, harm, minutes, seen, tuple(tried), missed, verdict_of(harm))

    def watches(self) -> tuple[Watch, ...]:
        """The alerts without any incident, once a drill was played."""
        return () if self._monitor is None else self._monitor.watches()

    def _replicate(self, scenario: Scenario, window: DemandWindow) -> list[RunResult]:
        return self._runner.replicate(scenario, window, self._seeds)

    def _tell(self, number: int, step: int, n_steps: int, label: str) -> None:
        done = round(100.0 * (number + step / n_steps))
        self._runner.progress(done, 100 * self._n_drills, label)

    def _week_rps(self) -> FloatArray:
        """What arrives by hour of the week at the stage's end, float64[stream, 168]."""
        if self._stage is None:
            return weekly_rates_rps(self._scenario, last_monday(self._scenario, None), self._runner.base_dir)
        return stage_week_rps(self._scenario, find_stage(self._scenario, self._stage), self._runner)

    def _actions(self) -> dict[str, float]:
        """Actions in 28 days at the pace of the stage's end, by workload."""
        found: dict[str, float] = {}
        for stream, by_hour in zip(streams(self._scenario), self._week_rps(), strict=True):
            found[stream.workload] = found.get(stream.workload, 0.0) + _WEEKS * 3600.0 * float(by_hour.sum())
        return found


def _rates(runs: Sequence[RunResult]) -> tuple[Floats, Floats]:
    """Arrivals and good answers per second by measured bucket, mean over runs."""
    counts = np.mean([run.counts[run.n_warmup_buckets :].sum(axis=1) for run in runs], axis=0)
    per_s = 1.0 / runs[0].measured_bucket_s
    return counts[:, CountColumn.ARRIVED] * per_s, counts[:, CountColumn.GOOD] * per_s


def verdict_of(harm: Harm) -> Verdict:
    """FAIL: metastable, or surely more than a whole error budget of 28 days; UNDECIDED: it may be."""
    if harm.metastable == "yes" or any(budget.burnt.low > 1.0 for budget in harm.budgets):
        return "FAIL"
    if harm.metastable == "unclear" or any(budget.burnt.high > 1.0 for budget in harm.budgets):
        return "UNDECIDED"
    return "PASS"
