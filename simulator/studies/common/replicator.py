"""Where a plan's simulations are run: with the same seeds for everyone, counted, reported, and interruptible.

Every setting of the knobs meets the same users with the same luck (common random numbers), so that a setting
with more of something is not worse by chance. Replications are added until every objective is decided.
"""

from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass

from simulator.compiler.demand import DemandWindow
from simulator.engine import Runner
from simulator.results.run_result import RunResult
from simulator.scenario.model import Scenario
from simulator.studies.common.verdicts.objectives import SloVerdict, Subject
from simulator.theory.verdict import meets

MIN_RUNS = 4
MAX_RUNS = 64
_ACTIONS_ENOUGH = 2_000  # actions in all first replications together; assumption: below, p95 is hardly known
_ACTIONS_LIMIT = 400_000  # beyond it, no more than `_RUNS_AT_LIMIT` replications are spent on one setting
_RUNS_AT_LIMIT = 16

Judge = Callable[[Sequence[RunResult]], tuple[SloVerdict, ...]]


@dataclass(frozen=True)
class Evidence:
    """Replications of one window, and what they say about the objectives."""

    results: list[RunResult]
    verdicts: tuple[SloVerdict, ...]
    contingency: str | None = None  # that they were held under; None: nothing went wrong


@dataclass
class Replicator:
    """Simulates windows of one plan.

    Attributes
    ----------
    runner : where to simulate
    min_runs : replications of every window at least
    max_runs : replications after which what is undecided counts as its value says; None: it stays undecided
    n_runs : replications so far
    """

    runner: Runner
    min_runs: int = MIN_RUNS
    max_runs: int | None = None
    n_runs: int = 0

    def runs(self, scenario: Scenario, window: DemandWindow, first: int, last: int) -> list[RunResult]:
        """Replications `first` to `last` - 1 of a window; replication k has the scenario's seed + k."""
        seeds = range(scenario.seed + first, scenario.seed + last)
        results = self.runner.replicate(scenario, window, seeds)
        self.n_runs += len(results)
        return results

    def until_decided(
        self,
        scenario: Scenario,
        window: DemandWindow,
        judge: Judge,
        set_aside: Container[Subject] = (),
        known: Sequence[RunResult] = (),
    ) -> Evidence:
        """Replicate a window until every objective is decided or one is missed, or enough was spent.

        Parameters
        ----------
        set_aside : objectives that no more replications are spent on
        known : the first replications, where some were made before
        """
        n_first = first_runs(measured_actions(window), self.min_runs)
        n_most = most_runs(simulated_actions(window))
        if self.max_runs is not None:
            n_first, n_most = min(n_first, self.max_runs), min(n_most, self.max_runs)
        results = [*known] or self.runs(scenario, window, 0, n_first)
        while True:
            n_runs = len(results)
            verdicts = judge(results)
            n_more = n_runs if 2 * n_runs <= n_most else 0
            if n_more == 0 or not _is_open([found for found in verdicts if found.subject not in set_aside]):
                return Evidence(results, verdicts if self.max_runs is None else _settled(verdicts))
            results += self.runs(scenario, window, n_runs, n_runs + n_more)


def measured_actions(window: DemandWindow) -> float:
    """Actions that count in a window, on average: a warm-up costs time and is evidence of nothing."""
    return float(window.mean_rps.sum()) * window.duration_s


def simulated_actions(window: DemandWindow) -> float:
    """Actions that arrive in a window on average, warm-up included: what a replication costs."""
    return float(window.mean_rps.sum()) * (window.warmup_s + window.duration_s)


def first_runs(n_measured: float, min_runs: int = MIN_RUNS) -> int:
    """Replications to begin with, doubled until enough actions are measured for a first verdict."""
    n_runs = min_runs
    while n_runs * n_measured < _ACTIONS_ENOUGH and 2 * n_runs <= MAX_RUNS:
        n_runs *= 2
    return n_runs


def most_runs(n_simulated: float) -> int:
    """Replications to end with."""
    n_runs = MAX_RUNS
    while n_runs > _RUNS_AT_LIMIT and n_runs * n_simulated > _ACTIONS_LIMIT:
        n_runs //= 2
    return n_runs


def _settled(verdicts: Sequence[SloVerdict]) -> tuple[SloVerdict, ...]:
    """What is undecided, decided by its value; what was not observed stays undecided."""
    return tuple(
        found.model_copy(
            update={"verdict": "PASS" if meets(found.estimate.value, found.op, found.limit) else "FAIL"}
        )
        if found.verdict == "UNDECIDED" and found.estimate is not None
        else found
        for found in verdicts
    )


def _is_open(verdicts: Sequence[SloVerdict]) -> bool:
    """Some objective is undecided and none is missed: more replications can change the outcome."""
    found = {verdict.verdict for verdict in verdicts}
    return "UNDECIDED" in found and "FAIL" not in found
