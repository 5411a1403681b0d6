"""How often does a canary abort a bad release, or a good one, and how many users are affected before it does?

Every case meets the same users with the same luck, and so does the same span without the new version: what a release
does to its users is a difference of pairs. How it is played stands in `simulator.studies.canary.rehearsals`.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from math import isfinite

from simulator.control.canary import CanaryLog
from simulator.control.canary_verdict import CanaryPhase
from simulator.economics.categories import BY_USE
from simulator.economics.costs import costs
from simulator.economics.price_book import PriceBook, price_book
from simulator.engine import Cancelled, Runner
from simulator.mechanisms.releases.canary import Canary
from simulator.metrics.columns import CountColumn
from simulator.results.run_result import RunResult
from simulator.scenario.model import Scenario
from simulator.studies.canary.cases import Case
from simulator.studies.canary.power import ALPHA, POWER, Arrivals, detectable_changes
from simulator.studies.canary.rehearsals import RehearsalPlan, rehearsals_of
from simulator.studies.canary.report import (
    CanaryReport,
    CaseOutcome,
    Copies,
    Detectability,
    EvaluationPower,
    Looks,
)
from simulator.studies.canary.test_set import detectable_falls, stops
from simulator.studies.report import about
from simulator.theory.estimate import Estimate
from simulator.theory.intervals import exact_share_interval, mean_interval
from simulator.theory.sequential import bounds_of, false_alarm_rate
from simulator.theory.verdict import Verdict

_ENDED = slice(CountColumn.SUCCEEDED, CountColumn.ABANDONED + 1)
Played = Sequence[tuple[RunResult, CanaryLog]]


def rehearse_canary(
    scenario: Scenario, cases: Sequence[Case], plan: RehearsalPlan, runner: Runner
) -> CanaryReport:
    """Play the scenario's canary with every case; when cancelled, report the cases that were finished.

    Raises
    ------
    CanaryError
        If there is no `canary`, or no release of that name.
    Cancelled
        If not even the first case was finished.
    """
    begin = time.perf_counter()
    rehearsals = rehearsals_of(scenario, plan, runner)
    canary = rehearsals.canary

    def told(place: int, label: str, done: float) -> None:
        runner.progress(place * plan.n_runs + done, (len(cases) + 1) * plan.n_runs, f"canary: {label}")

    before = [result for result, _ in rehearsals.play(None, partial(told, 0, "without it"))]
    arrivals = Arrivals.of(before, rehearsals.recorded, rehearsals.seen_share)
    judge = _Judge(before, rehearsals.recorded, arrivals, price_book(scenario), canary)
    outcomes: list[CaseOutcome] = []
    interrupted = False
    for place, case in enumerate(cases, start=1):
        try:
            played = rehearsals.play(case, partial(told, place, case.name))
        except Cancelled:
            if not outcomes:
                raise
            interrupted = True
            break
        outcomes.append(judge.outcome(case, played))
    return CanaryReport(
        **about(scenario),
        seed=scenario.seed,
        stage=plan.stage,
        release=rehearsals.release.name,
        span_s=canary.duration_s,
        arrivals_rps=arrivals.rate_rps,
        verdict=_verdict(outcomes),
        cases=tuple(outcomes),
        detectability=Detectability(
            alpha=ALPHA, power=POWER, changes=tuple(detectable_changes(canary, arrivals))
        ),
        evaluation=_evaluation(canary, arrivals),
        looks=tuple(_looks(canary)),
        interrupted=interrupted,
        wall_s=time.perf_counter() - begin,
    )


@dataclass(frozen=True)
class _Judge:
    """What rehearsals are judged against: the same span without a canary.

    Attributes
    ----------
    recorded : streams of the actions that may get the new version
    """

    before: Sequence[RunResult]
    recorded: Sequence[int]
    arrivals: Arrivals
    book: PriceBook
    canary: Canary

    def outcome(self, case: Case, played: Played) -> CaseOutcome:
        """How a case ended."""
        phases = [log.phase for _, log in played]
        ended_s = [log.ended_s - result.warmup_s for result, log in played if log.ended_s is not None]
        duration_s = mean_interval(ended_s)
        promoted = self._share(phases, CanaryPhase.SUCCESSFUL)
        stopped = self._test_set_stops(case)
        passes = 1.0 - (stopped or 0.0)
        return CaseOutcome(
            name=case.name,
            is_good=case.is_good,
            n_runs=len(played),
            promoted=promoted,
            aborted=self._share(phases, CanaryPhase.FAILED),
            inconclusive=self._share(phases, CanaryPhase.INCONCLUSIVE),
            duration_s=duration_s if isfinite(duration_s.value) else None,
            exposed=self._exposed(played),
            harmed=self._harmed(played),
            copies=self._copies(played) if self.canary.mirrors else None,
            test_set_stops=stopped,
            reaches_all=Estimate(passes * promoted.value, passes * promoted.low, passes * promoted.high),
        )

    def _share(self, phases: Sequence[CanaryPhase | None], wanted: CanaryPhase) -> Estimate:
        return exact_share_interval(phases.count(wanted), len(phases))

    def _test_set_stops(self, case: Case) -> float | None:
        """Chance that the test set stops it before any user gets it; None: there is none."""
        evaluation = self.canary.evaluation
        if evaluation is None:
            return None
        return stops(evaluation, self.arrivals.success_rate, case.changes.success_rate)

    def _exposed(self, played: Played) -> Estimate:
        """Actions with the new version."""
        return mean_interval(
            [
                float(result.measured_counts[_versions(result, self.recorded, 1), CountColumn.ARRIVED].sum())
                for result, _ in played
            ]
        )

    def _harmed(self, played: Played) -> Estimate:
        """Actions that ended without a right answer, more than without the canary."""
        return mean_interval(
            [
                _without_answer(result, [*self.recorded, *_versions(result, self.recorded, 1)])
                - _without_answer(twin, self.recorded)
                for (result, _), twin in zip(played, self.before, strict=True)
            ]
        )

    def _copies(self, played: Played) -> Copies:
        """Actions that were copied to the new version, and what that added to the bill."""
        n_copied, usd = [], []
        for result, _ in played:
            copied = _versions(result, self.recorded, 2)
            paid = costs(result, self.book)
            lines = [number for number, line in enumerate(paid.lines) if line.category in BY_USE]
            n_copied.append(float(result.measured_counts[copied, CountColumn.ARRIVED].sum()))
            usd.append(float(paid.cost_usd[:, copied][:, :, lines].sum()))
        return Copies(actions=mean_interval(n_copied), cost=mean_interval(usd))


def _versions(result: RunResult, recorded: Sequence[int], place: int) -> list[int]:
    """The streams with the new version (1), or copied to it (2): behind those as they are, a third each."""
    return [stream + place * (len(result.streams) // 3) for stream in recorded]


def _without_answer(result: RunResult, streams: Sequence[int]) -> float:
    """Actions that ended without a right answer, those that broke the contract aside."""
    counts = result.measured_counts[list(streams)].sum(axis=0)
    return float(counts[_ENDED].sum() - counts[CountColumn.CORRECT] - counts[CountColumn.INVALID])


def _evaluation(canary: Canary, arrivals: Arrivals) -> EvaluationPower | None:
    """The test set: what it sees, and how many questions it would take."""
    evaluation = canary.evaluation
    if evaluation is None:
        return None
    return EvaluationPower(
        questions=evaluation.questions,
        alpha=evaluation.alpha,
        flips=evaluation.flips,
        power=POWER,
        falls=tuple(detectable_falls(evaluation, arrivals.success_rate)),
    )


def _looks(canary: Canary) -> Iterator[Looks]:
    """For every comparison: the chance of a false alarm that is stated, and the one that its looks have."""
    for name, analysis in canary.analyses.items():
        compare = analysis.compare
        if compare is not None:
            bounds = bounds_of(compare.correction, analysis.count, compare.alpha)
            yield Looks(
                analysis=name,
                metric=compare.metric,
                n_looks=analysis.count,
                correction=compare.correction,
                alpha=compare.alpha,
                false_alarm_rate=false_alarm_rate(bounds),
                bounds=tuple(bounds),
            )


def _verdict(outcomes: Sequence[CaseOutcome]) -> Verdict | None:
    """Whether the release as it is described gets through: PASS or FAIL when most rehearsals surely did or did not."""
    described = next((outcome for outcome in outcomes if outcome.is_good is None), None)
    if described is None:
        return None
    promoted = described.promoted
    return "PASS" if promoted.low > 0.5 else "FAIL" if promoted.high < 0.5 else "UNDECIDED"
