"""What would a change save, and what would users feel? Levers, each simulated in pairs with and without it.

A lever changes one thing of a scenario by a stated step. Where the scenario has knobs, the capacity for the stage's
peak is found anew on either side: what people and replicas save shows only when fewer of them are held. Both sides meet
the same users with the same luck, seed by seed; savings and effects have paired intervals.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import exp
from pathlib import Path

from simulator.engine import RunOptions
from simulator.results.paired import PairedDifference, sample_difference
from simulator.scenario.check.checks import check_scenario
from simulator.scenario.model import Scenario
from simulator.scenario.thresholds import MONTHLY_COST
from simulator.studies.capacity.knobs import with_amounts
from simulator.studies.common.criteria import Measure
from simulator.studies.common.replications import Trial
from simulator.studies.cost.lever_kinds import POINTS, Lever, asking, levers, with_questions
from simulator.studies.plan.study import plan

N_RUNS = 4
_MOST_FEWER = 7.0  # logarithm; a thousandth of the questions
_N_BISECTIONS = 7
_COST = Measure(MONTHLY_COST)
_FELT = {"p95_latency_s": Measure("latency", 0.95), "success_rate": Measure("success_rate")}
Told = Callable[[str], None]


@dataclass(frozen=True)
class LeverEffect:
    """What a lever does at a stage's end: differences are after less before, over pairs of replications.

    Attributes
    ----------
    cost_usd : of a month of 730 h
    p95_latency_s, success_rate : in the busiest hour; None: nothing was observed
    """

    lever: Lever
    cost_usd: PairedDifference
    p95_latency_s: PairedDifference | None
    success_rate: PairedDifference | None

    @property
    def saving_usd_per_point(self) -> float:
        """Saving of a month per point of the lever's step, or in all if it has none."""
        return -self.cost_usd.difference.value / (self.lever.points or 1.0)


def lever_effects(
    scenario: Scenario,
    base_dir: Path,
    stage: str,
    *,
    plan_capacity: bool = True,
    n_runs: int = N_RUNS,
    options: RunOptions | None = None,
    told: Told | None = None,
    cancel: threading.Event | None = None,
) -> list[LeverEffect]:
    """Simulate every lever that a scenario has, at a stage; the one that saves most per point comes first.

    Parameters
    ----------
    plan_capacity : find the capacity anew on either side, where the scenario has knobs
    n_runs : pairs of replications
    told : called with the name of each lever when it is done
    """
    trials = _Trials(scenario, base_dir, stage, plan_capacity, n_runs, options or RunOptions(), cancel)
    found = []
    for lever in levers(scenario, trials.with_more_hits):
        if not check_scenario(lever.after, base_dir, is_variant=True):
            found.append(_effect(lever, trials.of(scenario), trials.of(lever.after)))
        if told is not None:
            told(lever.name)
    return sorted(found, key=lambda effect: -effect.saving_usd_per_point)


def n_levers(scenario: Scenario) -> int:
    """Levers that a scenario has, for a progress bar."""
    return len(list(levers(scenario, lambda _: scenario)))


class _Trials:
    """Trials of the variants of a scenario at one stage, each simulated once."""

    def __init__(
        self,
        scenario: Scenario,
        base_dir: Path,
        stage: str,
        plan_capacity: bool,
        n_runs: int,
        options: RunOptions,
        cancel: threading.Event | None,
    ) -> None:
        self._scenario = scenario
        self._base_dir = base_dir
        self._stage = stage
        self._plans = plan_capacity and bool(scenario.capacity.knobs)
        self._n_runs = n_runs
        self._options = options
        self._cancel = cancel
        self._known: list[tuple[Scenario, Trial]] = []

    def of(self, scenario: Scenario) -> Trial:
        for known, trial in self._known:
            if known == scenario:
                return trial
        capable = scenario
        if self._plans:
            planned = plan(
                scenario, self._base_dir, only=[self._stage], options=self._options, cancel=self._cancel
            )
            if planned.stages:
                capable = with_amounts(scenario, planned.stages[0].capacity)
        trial = Trial(capable, self._base_dir, self._stage, scenario.seed, self._options, self._cancel)
        trial.extend(self._n_runs)
        self._known.append((scenario, trial))
        return trial

    def with_more_hits(self, name: str) -> Scenario | None:
        """The scenario in which a cache hits ten points more often: fewer different questions are asked.

        A semantic cache that sees through more wordings, or answers that serve more questions, do just that. How
        many fewer is found by bisection on the simulated hit rate.
        """
        cache = self._scenario.caches[name]
        if cache.hit_rate is not None:
            rate = min(1.0, cache.hit_rate + POINTS / 100.0)
            more = cache.model_copy(update={"hit_rate": rate})
            return self._scenario.model_copy(update={"caches": {**self._scenario.caches, name: more}})
        those = asking(self._scenario, name)
        before = self._hit_rate(self._scenario, those)
        if before is None:
            return None
        low, high = -_MOST_FEWER, 0.0  # logarithm of the factor on the number of questions
        for _ in range(_N_BISECTIONS):
            middle = (low + high) / 2.0
            rate_there = self._hit_rate(with_questions(self._scenario, those, exp(middle)), those) or 0.0
            low, high = (middle, high) if rate_there > before + POINTS / 100.0 else (low, middle)
        return with_questions(self._scenario, those, exp((low + high) / 2.0))

    def _hit_rate(self, scenario: Scenario, those: Sequence[str]) -> float | None:
        """Simulated hit rate of the workloads that ask a cache, with the capacity as written."""
        trial = Trial(scenario, self._base_dir, self._stage, scenario.seed, self._options, self._cancel)
        trial.extend(1)
        samples = (trial.sample(Measure("cache_hit_rate", workload=workload)) for workload in those)
        rates = [sample.value for sample in samples if sample is not None]
        return sum(rates) / len(rates) if rates else None


def _effect(lever: Lever, before: Trial, after: Trial) -> LeverEffect:
    differences = {name: _difference(before, after, measure) for name, measure in _FELT.items()}
    cost = _difference(before, after, _COST)
    assert cost is not None  # a stage has a month
    return LeverEffect(lever, cost, differences["p95_latency_s"], differences["success_rate"])


def _difference(before: Trial, after: Trial, measure: Measure) -> PairedDifference | None:
    first, second = before.sample(measure), after.sample(measure)
    return None if first is None or second is None else sample_difference(first, second)
