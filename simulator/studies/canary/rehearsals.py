"""Rehearse the canary of a release: play it many times, each with its own seed, and keep how every rehearsal ended.

Every case meets the same users with the same luck, and so does the same span without the new version: what a release
does to its users is a difference of pairs.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import NamedTuple

from simulator.compiler.demand import DemandWindow, stage_window
from simulator.compiler.streams import Stream, recorded_streams, streams
from simulator.control.canary import CanaryLog, Rehearsal
from simulator.control.canary_verdict import CanaryPhase
from simulator.engine import Runner, simulate
from simulator.mechanisms.releases.canary import Canary
from simulator.mechanisms.releases.config import Release
from simulator.results.run_result import RunResult
from simulator.scenario.model import Scenario
from simulator.studies.canary.cases import CanaryError, Case, release_of
from simulator.studies.drift.review_sampling import review_rule

_WARMUP_S = 600.0  # where the scenario leaves it open: little beside the hours of a canary


@dataclass(frozen=True)
class RehearsalPlan:
    """Which canary is rehearsed, at which demand, and how often.

    Attributes
    ----------
    stage : whose demand it meets; None: full exposure
    release : name; None: the first of the scenario
    n_runs : rehearsals of each case
    """

    stage: str | None = None
    release: str | None = None
    n_runs: int = 40


class Rehearsed(NamedTuple):
    """How one rehearsal ended, and how long after the first weight; None: the span was over before."""

    phase: CanaryPhase | None
    ended_s: float | None


def rehearse(
    scenario: Scenario, case: Case, plan: RehearsalPlan, runner: Runner, first: int = 0
) -> list[Rehearsed]:
    """Play the scenario's canary with one case, rehearsals `first` to `n_runs` - 1, and tell only how they ended.

    Raises
    ------
    CanaryError
        If there is no `canary`, or no release of that name.
    Cancelled
        If it was cancelled.
    """
    rehearsals = rehearsals_of(scenario, plan, runner)
    return [
        Rehearsed(log.phase, None if log.ended_s is None else log.ended_s - result.warmup_s)
        for result, log in rehearsals.play(case, lambda _: None, first)
    ]


def described(
    scenario: Scenario, plan: RehearsalPlan, runner: Runner, demand_factor: float = 1.0
) -> list[RunResult]:
    """Play the canary with a release as the scenario describes it; what was counted, seed by seed.

    Parameters
    ----------
    demand_factor : on everything that arrives
    """
    rehearsals = rehearsals_of(scenario, plan, runner)
    window = replace(rehearsals.window, rate_rps=demand_factor * rehearsals.window.rate_rps)
    case = Case(rehearsals.release.name, rehearsals.release.changes, None)
    return [result for result, _ in replace(rehearsals, window=window).play(case, lambda _: None)]


def rehearsals_of(scenario: Scenario, plan: RehearsalPlan, runner: Runner) -> "Rehearsals":
    """Where the canary of a release is rehearsed.

    Raises
    ------
    CanaryError
        If there is no `canary`, or no release of that name.
    """
    release, canary = release_of(scenario, plan.release), scenario.canary
    if canary is None:
        raise CanaryError("the scenario has no `canary`; say in which `steps` a release reaches its users")
    window = _window(scenario, canary, plan.stage, runner)
    return Rehearsals(scenario.without_incidents(), window, canary, release, plan.n_runs, runner)


def _window(scenario: Scenario, canary: Canary, stage: str | None, runner: Runner) -> DemandWindow:
    """A span from the first weight on in which the canary ends and is rolled back, whatever happens."""
    start = scenario.window.start
    window = scenario.window
    warmup_s = _WARMUP_S if window.warmup == "auto" else window.known_warmup_s
    span_s = canary.duration_s + canary.rollback_time + 1.0
    return stage_window(scenario, stage, start, span_s, warmup_s, runner.base_dir)


@dataclass(frozen=True)
class Rehearsals:
    """Where a release is rehearsed: the span, the canary, and whom the release may reach."""

    scenario: Scenario
    window: DemandWindow
    canary: Canary
    release: Release
    n_runs: int
    runner: Runner

    @property
    def sources(self) -> list[int]:
        """Streams whose actions may get the new version."""
        return self._numbers(streams(self.scenario))

    @property
    def recorded(self) -> list[int]:
        """Where their actions with the version before are written down."""
        return self._numbers(recorded_streams(self.scenario, streams(self.scenario), None))

    @property
    def seen_share(self) -> float:
        """Of a fall of success, what shows in the answers that people change: that of the team that sees least."""
        rules = [
            review_rule(workload)
            for workload in self.scenario.workloads
            if self.release.workload in (None, workload.name)
        ]
        overrides = [self.scenario.teams[rule.team].overrides for rule in rules if rule is not None]
        return min((each.wrong - each.right for each in overrides), default=1.0)

    def _numbers(self, found: Sequence[Stream]) -> list[int]:
        return [n for n, stream in enumerate(found) if self.release.workload in (None, stream.workload)]

    def play(
        self, case: Case | None, told: Callable[[int], None], first: int = 0
    ) -> list[tuple[RunResult, CanaryLog]]:
        """Rehearse a case with every seed from the first on, or the same span without a canary."""
        changes = self.release.changes if case is None else case.changes
        release = self.release.model_copy(update={"changes": changes})
        blueprint = self.runner.compile(self.scenario, self.window, release)
        begins_s, sources, recorded = self.window.warmup_s, self.sources, self.recorded
        n_done = 0

        def one(seed: int) -> tuple[RunResult, CanaryLog]:
            nonlocal n_done
            rehearsal = Rehearsal(self.canary, begins_s, sources, recorded, len(blueprint.recorded) // 3)
            result = simulate(blueprint, seed, self.runner, None if case is None else rehearsal)
            n_done += 1
            told(n_done)
            return result, rehearsal.log

        seeds = range(self.scenario.seed + first, self.scenario.seed + self.n_runs)
        with ThreadPoolExecutor(max_workers=max(1, self.runner.n_threads)) as pool:
            return list(pool.map(one, seeds))
