"""Rehearse a canary many times: how often does it stop a bad release, or a good one, and who is hurt before it does?

Every case meets the same users with the same luck, and so does the same span without the new version: what a release
does to its users is a difference of pairs.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import NamedTuple

from simulator.compiler.demand import DemandWindow, Stream, recorded_streams, stage_window, streams
from simulator.control.canary import CanaryLog, Rehearsal
from simulator.control.canary_verdict import CanaryPhase
from simulator.economics.categories import BY_USE
from simulator.economics.costs import costs
from simulator.economics.price_book import PriceBook, price_book
from simulator.engine import Cancelled, Runner, simulate
from simulator.errors import RolloutError
from simulator.mechanisms.releases.canary import Canary
from simulator.mechanisms.releases.config import Release
from simulator.metrics.columns import CountColumn
from simulator.results.run_result import RunResult
from simulator.scenario.model import Scenario
from simulator.studies.canary.cases import Case
from simulator.studies.canary.power import Arrivals, Sight, sights
from simulator.studies.canary.test_set import TestSetSize, needed, stops
from simulator.studies.drift.review_sampling import review_rule
from simulator.theory.estimate import Estimate
from simulator.theory.intervals import exact_share_interval, mean_interval

_WARMUP_S = 600.0  # where the scenario leaves it open: little beside the hours of a canary
_ENDED = slice(CountColumn.SUCCEEDED, CountColumn.ABANDONED + 1)


class CanaryError(RolloutError, ValueError):
    """A scenario that has no canary to rehearse."""

    prefix = "cannot rehearse: "


@dataclass(frozen=True)
class CanaryOptions:
    """How to rehearse.

    Attributes
    ----------
    stage : whose demand it meets; None: full exposure
    release : name; None: the first of the scenario
    n_runs : rehearsals of each case
    """

    stage: str | None = None
    release: str | None = None
    n_runs: int = 40


@dataclass(frozen=True)
class Copies:
    """Actions copied to the new version per rehearsal, and what their tokens, calls and egress cost in US dollars."""

    actions: Estimate
    usd: Estimate


@dataclass(frozen=True)
class CaseOutcome:
    """How the rehearsals of one case ended.

    Attributes
    ----------
    passed, stopped, inconclusive : share of the rehearsals, with exact binomial intervals
    ended_s : from the first weight to the end of the canary
    evaluation_stops : chance that the test set stops it before; None: there is none
    exposed : actions with the new version, until it was rolled back or the span was over
    copies : actions that were copied to it; None: the canary copies none
    hurt : actions that got no right answer, more than without the new version (pairs of the same seed)
    """

    case: Case
    n_runs: int
    passed: Estimate
    stopped: Estimate
    inconclusive: Estimate
    ended_s: Estimate
    exposed: Estimate
    hurt: Estimate
    evaluation_stops: float | None = None
    copies: Copies | None = None


class Rehearsed(NamedTuple):
    """How one rehearsal ended, and how long after the first weight; None: the span was over before."""

    phase: CanaryPhase | None
    ended_s: float | None


@dataclass(frozen=True)
class CanaryReport:
    """What rehearsing a canary showed."""

    release: Release
    stage: str | None
    span_s: float  # of the canary when nothing stops it
    arrivals_rps: float  # of the workloads that the release is of
    outcomes: tuple[CaseOutcome, ...]
    sights: tuple[Sight, ...]
    needed: tuple[TestSetSize, ...]  # of the test set; empty: there is none
    interrupted: bool


def rehearse_canary(
    scenario: Scenario, cases: Sequence[Case], options: CanaryOptions, runner: Runner
) -> CanaryReport:
    """Play the scenario's canary with every case.

    Raises
    ------
    CanaryError
        If there is no `canary`, or no release of that name.
    Cancelled
        If not even the first case was finished.
    """
    rehearsals = _rehearsals(scenario, options, runner)
    release, canary = rehearsals.release, rehearsals.canary
    before = rehearsals.play(None, lambda done: _tell(runner, done, options, len(cases), 0, "without it"))
    arrivals = Arrivals.of([result for result, _ in before], rehearsals.recorded, rehearsals.seen_share)
    evaluation = canary.evaluation
    book = price_book(scenario) if canary.mirrors else None
    outcomes: list[CaseOutcome] = []
    interrupted = False
    for place, case in enumerate(cases, start=1):

        def told(done: int, place: int = place, case: Case = case) -> None:
            _tell(runner, done, options, len(cases), place, case.name)

        try:
            played = rehearsals.play(case, told)
        except Cancelled:
            if not outcomes:
                raise
            interrupted = True
            break
        outcome = _outcome(case, played, [result for result, _ in before], rehearsals.recorded, book)
        if evaluation is not None:
            stopped = stops(evaluation, arrivals.success_rate, case.changes.success_rate)
            outcome = replace(outcome, evaluation_stops=stopped)
        outcomes.append(outcome)
    return CanaryReport(
        release,
        options.stage,
        canary.duration_s,
        arrivals.rate_rps,
        tuple(outcomes),
        tuple(sights(canary, arrivals)),
        () if evaluation is None else tuple(needed(evaluation, arrivals.success_rate)),
        interrupted,
    )


def rehearse(
    scenario: Scenario, case: Case, options: CanaryOptions, runner: Runner, first: int = 0
) -> list[Rehearsed]:
    """Play the scenario's canary with one case, rehearsals `first` to `n_runs` - 1, and tell only how they ended.

    Raises
    ------
    CanaryError
        If there is no `canary`, or no release of that name.
    Cancelled
        If it was cancelled.
    """
    rehearsals = _rehearsals(scenario, options, runner)
    return [
        Rehearsed(log.phase, None if log.ended_s is None else log.ended_s - result.warmup_s)
        for result, log in rehearsals.play(case, lambda _: None, first)
    ]


def described(
    scenario: Scenario, options: CanaryOptions, runner: Runner, demand_factor: float = 1.0
) -> list[RunResult]:
    """Play the canary with a release as the scenario describes it; what was counted, seed by seed.

    Parameters
    ----------
    demand_factor : on everything that arrives
    """
    rehearsals = _rehearsals(scenario, options, runner)
    window = replace(rehearsals.window, rate_rps=demand_factor * rehearsals.window.rate_rps)
    case = Case(rehearsals.release.name, rehearsals.release.changes, None)
    return [result for result, _ in replace(rehearsals, window=window).play(case, lambda _: None)]


def release_of(scenario: Scenario, name: str | None) -> Release:
    """The release of that name, or the first one."""
    for release in scenario.releases:
        if name in (None, release.name):
            return release
    known = ", ".join(release.name for release in scenario.releases) or "none"
    raise CanaryError(f"no release{'' if name is None else f' `{name}`'}; releases of the scenario: {known}")


def _rehearsals(scenario: Scenario, options: CanaryOptions, runner: Runner) -> "_Rehearsals":
    release, canary = release_of(scenario, options.release), scenario.canary
    if canary is None:
        raise CanaryError("the scenario has no `canary`; say in which `steps` a release reaches its users")
    window = _window(scenario, canary, options.stage, runner)
    return _Rehearsals(scenario.without_incidents(), window, canary, release, options.n_runs, runner)


def _window(scenario: Scenario, canary: Canary, stage: str | None, runner: Runner) -> DemandWindow:
    """A span from the first weight on in which the canary ends and is rolled back, whatever happens."""
    start = scenario.window.start
    warmup_s = _WARMUP_S if scenario.window.warmup == "auto" else scenario.window.warmup
    span_s = canary.duration_s + canary.rollback_time + 1.0
    return stage_window(scenario, stage, start, span_s, warmup_s, runner.base_dir)


@dataclass(frozen=True)
class _Rehearsals:
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


def _outcome(
    case: Case,
    played: Sequence[tuple[RunResult, CanaryLog]],
    before: Sequence[RunResult],
    recorded: Sequence[int],
    book: PriceBook | None,
) -> CaseOutcome:
    """How a case ended; `book`: prices, if actions are copied to the new version."""
    n_runs = len(played)
    phases = [log.phase for _, log in played]
    n_recorded = len(played[0][0].streams) // 3  # as they are, with the new version, copied to it
    new = [[stream + n_recorded for stream in recorded]] * n_runs
    exposed = [
        float(result.measured_counts[own, CountColumn.ARRIVED].sum())
        for (result, _), own in zip(played, new, strict=True)
    ]
    hurt = [
        _without_answer(result, [*recorded, *own]) - _without_answer(reference, recorded)
        for (result, _), own, reference in zip(played, new, before, strict=True)
    ]
    ended_s = [log.ended_s - result.warmup_s for result, log in played if log.ended_s is not None]
    return CaseOutcome(
        case,
        n_runs,
        exact_share_interval(phases.count(CanaryPhase.SUCCESSFUL), n_runs),
        exact_share_interval(phases.count(CanaryPhase.FAILED), n_runs),
        exact_share_interval(phases.count(CanaryPhase.INCONCLUSIVE), n_runs),
        mean_interval(ended_s),
        mean_interval(exposed),
        mean_interval(hurt),
        copies=None if book is None else _copies(played, book, n_recorded, recorded),
    )


def _copies(
    played: Sequence[tuple[RunResult, CanaryLog]], book: PriceBook, n_recorded: int, recorded: Sequence[int]
) -> Copies:
    """Actions that were copied to the new version, and what that added to the bill."""
    copied = [stream + 2 * n_recorded for stream in recorded]
    n_copied, usd = [], []
    for result, _ in played:
        paid = costs(result, book)
        lines = [number for number, line in enumerate(paid.lines) if line.category in BY_USE]
        n_copied.append(float(result.measured_counts[copied, CountColumn.ARRIVED].sum()))
        usd.append(float(paid.cost_usd[:, copied][:, :, lines].sum()))
    return Copies(mean_interval(n_copied), mean_interval(usd))


def _without_answer(result: RunResult, streams: Sequence[int]) -> float:
    """Actions that ended without a right answer, those that broke the contract aside."""
    counts = result.measured_counts[list(streams)].sum(axis=0)
    return float(counts[_ENDED].sum() - counts[CountColumn.CORRECT] - counts[CountColumn.INVALID])


def _tell(runner: Runner, done: int, options: CanaryOptions, n_cases: int, place: int, label: str) -> None:
    runner.progress(place * options.n_runs + done, (n_cases + 1) * options.n_runs, f"canary: {label}")
