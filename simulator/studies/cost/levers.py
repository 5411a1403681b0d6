"""What would a change save, and what would users feel? Levers, each simulated in pairs with and without it.

A lever changes one thing of a scenario by a stated step. Where the scenario has knobs, the capacity for the stage's
peak is found again on either side: what people and replicas save shows only when fewer of them are held. Both sides meet
the same users with the same luck, seed by seed; savings and effects have paired intervals.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp

from simulator.engine import Runner, quiet
from simulator.mechanisms.traffic.config import Workload
from simulator.metrics.dimensions import Selection
from simulator.metrics.registry import MONTHLY_COST
from simulator.results.paired import PairedDifference, sample_difference
from simulator.scenario.change import ScenarioChange, possible, setting
from simulator.scenario.model import Scenario
from simulator.studies.capacity.knobs import with_amounts
from simulator.studies.common.replications import Replications
from simulator.studies.common.verdicts.criteria import Measure
from simulator.studies.cost.lever_kinds import POINTS, CostLever, asking, levers, questions
from simulator.studies.plan.plan import PlanOptions, plan

_MOST_FEWER = 7.0  # logarithm; a thousandth of the questions
_N_BISECTIONS = 7
_COST = Measure(MONTHLY_COST)
_FELT = {"latency_p95": Measure("latency", 0.95), "success_rate": Measure("success_rate")}


@dataclass(frozen=True)
class LeverEffect:
    """What a lever does at a stage's end: differences are after less before, over pairs of replications.

    Attributes
    ----------
    cost_usd : of a month of 730 h
    latency_p95, success_rate : in the busiest hour; None: nothing was observed
    """

    lever: CostLever
    cost_usd: PairedDifference
    latency_p95: PairedDifference | None
    success_rate: PairedDifference | None

    @property
    def saving_usd_per_point(self) -> float:
        """Saving of a month per point of the lever's step, or in all if it has none."""
        return -self.cost_usd.difference.value / (self.lever.points or 1.0)


@dataclass(frozen=True)
class LeverOptions:
    """How to simulate levers.

    Attributes
    ----------
    stage : at whose end
    plan_capacity : find the capacity on either side, where the scenario has knobs
    n_runs : pairs of replications
    """

    stage: str
    plan_capacity: bool = True
    n_runs: int = 4


def lever_effects(scenario: Scenario, options: LeverOptions, runner: Runner) -> list[LeverEffect]:
    """Simulate every lever that a scenario has, at a stage; the one that saves most per point comes first."""
    sides = _Sides(scenario, options, runner)
    n_levers = len(list(levers(scenario, lambda _: ())))
    found = []
    for number, lever in enumerate(levers(scenario, sides.more_hits), start=1):
        for _, after in possible([lever.change], scenario, runner.base_dir):
            found.append(_effect(lever, sides.of(scenario), sides.of(after)))
        runner.progress(number, n_levers, f"levers, {lever.name}")
    return sorted(found, key=lambda effect: -effect.saving_usd_per_point)


class _Sides:
    """Replications of the variants of a scenario at one stage, each simulated once."""

    def __init__(self, scenario: Scenario, options: LeverOptions, runner: Runner) -> None:
        self._scenario = scenario
        self._stage = options.stage
        self._plans = options.plan_capacity and bool(scenario.capacity.knobs)
        self._n_runs = options.n_runs
        self._runner = runner
        self._known: list[tuple[Scenario, Replications]] = []

    def of(self, scenario: Scenario) -> Replications:
        for known, side in self._known:
            if known == scenario:
                return side
        capable = scenario
        if self._plans:
            planned = plan(scenario, PlanOptions([self._stage]), self._runner.telling(quiet))
            if planned.stages:
                capable = with_amounts(scenario, planned.stages[0].capacity)
        side = Replications(capable, self._runner, self._stage, scenario.seed)
        side.extend(self._n_runs)
        self._known.append((scenario, side))
        return side

    def more_hits(self, name: str) -> tuple[str, ...] | None:
        """Overrides by which a cache hits ten points more often: fewer different questions are asked.

        A semantic cache that sees through more wordings, or answers that serve more questions, do just that. How
        many fewer is found by bisection on the simulated hit rate.
        """
        cache = self._scenario.caches[name]
        if cache.hit_rate is not None:
            rate = min(1.0, cache.hit_rate + POINTS / 100.0)
            return (setting(f"caches.{name}.hit_rate", rate),)
        those = asking(self._scenario, name)
        before = self._hit_rate(those, 1.0)
        if before is None:
            return None
        low, high = -_MOST_FEWER, 0.0  # logarithm of the factor on the number of questions
        for _ in range(_N_BISECTIONS):
            middle = (low + high) / 2.0
            rate_there = self._hit_rate(those, exp(middle)) or 0.0
            low, high = (middle, high) if rate_there > before + POINTS / 100.0 else (low, middle)
        return questions(those, exp((low + high) / 2.0))

    def _hit_rate(self, those: Sequence[Workload], factor: float) -> float | None:
        """Simulated hit rate of workloads with another number of different questions, with the capacity as written."""
        change = ScenarioChange(overrides=questions(those, factor))
        scenario = change.apply(self._scenario, self._runner.base_dir)
        once = Replications(scenario, self._runner, self._stage, scenario.seed)
        once.extend(1)
        samples = (
            once.sample(Measure("cache_hit_rate", selection=Selection(workload=workload.name)))
            for workload in those
        )
        rates = [sample.value for sample in samples if sample is not None]
        return sum(rates) / len(rates) if rates else None


def _effect(lever: CostLever, before: Replications, after: Replications) -> LeverEffect:
    differences = {name: _difference(before, after, measure) for name, measure in _FELT.items()}
    cost = _difference(before, after, _COST)
    assert cost is not None  # a stage has a month
    return LeverEffect(lever, cost, differences["latency_p95"], differences["success_rate"])


def _difference(before: Replications, after: Replications, measure: Measure) -> PairedDifference | None:
    first, second = before.sample(measure), after.sample(measure)
    return None if first is None or second is None else sample_difference(first, second)
