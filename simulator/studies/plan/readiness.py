"""Is everything there before a stage? The checklist, measured at the stage with the capacity that is planned for it.

What is measured has an interval and a limit, and is PASS, FAIL or UNDECIDED like an objective. What is attested is there if
it names its evidence; whether that is good is not for a simulation to say.
"""

from collections.abc import Callable, Sequence
from functools import partial

from simulator.control.canary_verdict import CanaryPhase
from simulator.engine import Runner
from simulator.mechanisms.releases.config import ReleaseChanges
from simulator.scenario.model import Scenario
from simulator.scenario.readiness import (
    Attestation,
    FeedbackLoop,
    Monitoring,
    ReleaseAndRollback,
    UnitEconomics,
)
from simulator.studies.alerts.report import Detection
from simulator.studies.canary.cases import NO_CHANGE, Case
from simulator.studies.canary.rehearsals import RehearsalPlan, Rehearsed, rehearse
from simulator.studies.common.objectives import Decision
from simulator.studies.drift.cusum_detection import sighting
from simulator.studies.drift.review_sampling import reviewables
from simulator.studies.drill.drill import drill
from simulator.studies.drill.report import DrillReport, DrillResult
from simulator.studies.drill.study import DrillStudy
from simulator.studies.plan.findings import Measurement, ReadinessItem, Unit
from simulator.theory.estimate import Estimate
from simulator.theory.intervals import exact_share_interval, mean_interval
from simulator.theory.verdict import Verdict, verdict, worst

_LOOKS = (5, 20, 40)  # rehearsals after which a share is judged, until it is decided
_DRILL_PAIRS = 3
_WEEK_S = 7 * 86_400.0


def readiness_of(
    scenario: Scenario, stage: str, per_success_usd: Estimate | None, runner: Runner
) -> tuple[ReadinessItem, ...]:
    """The checklist before a stage, in the scenario's order.

    Parameters
    ----------
    scenario : with its incidents, and with the capacity that is planned
    per_success_usd : cost of a successful action in the stage's month; None: there was none

    Raises
    ------
    Cancelled
        If it was cancelled.
    """
    found = []
    for name, item in scenario.readiness.items().items():
        if item.stages is not None and stage not in item.stages:
            continue
        if isinstance(item, Attestation):
            there: Verdict = "PASS" if item.evidence else "FAIL"
            found.append(
                ReadinessItem(
                    name=name,
                    kind="attested",
                    owner=item.owner,
                    evidence=item.evidence,
                    missing=item.missing,
                    measurements=(),
                    verdict=there,
                )
            )
            continue
        runner.progress(0, 0, name.replace("_", " "))
        if isinstance(item, ReleaseAndRollback):
            measured = _release_and_rollback(scenario, stage, item, runner)
        elif isinstance(item, Monitoring):
            measured = _monitoring(scenario, stage, item, runner)
        elif isinstance(item, FeedbackLoop):
            measured = _feedback_loop(scenario, stage, item, runner)
        else:
            assert isinstance(item, UnitEconomics)
            measured = unit_economics(item, per_success_usd, scenario.economics.value_per_success)
        found.append(
            ReadinessItem(
                name=name,
                kind="measured",
                owner=None,
                evidence=None,
                missing=item.missing,
                measurements=measured,
                verdict=worst(one.verdict for one in measured),
            )
        )
    return tuple(found)


def decided_with(decision: Decision, items: Sequence[ReadinessItem]) -> Decision:
    """The decision on a stage once its checklist counts: a missing item that blocks is a NO-GO."""
    blocking = [item.verdict for item in items if item.missing == "block"]
    if decision == "NO-GO" or "FAIL" in blocking:
        return "NO-GO"
    return "UNDECIDED" if "UNDECIDED" in blocking else decision


def _release_and_rollback(
    scenario: Scenario, stage: str, item: ReleaseAndRollback, runner: Runner
) -> tuple[Measurement, ...]:
    """Rehearse a release that is worse, and one that changes nothing."""

    def rehearsed(case: Case, n_before: int, n_runs: int) -> list[Rehearsed]:
        return rehearse(scenario, case, RehearsalPlan(stage, None, n_runs), runner, n_before)

    bad = Case("worse", ReleaseChanges(success_rate=-item.worse_by), False)
    stopped, ended_s = _share(partial(rehearsed, bad), CanaryPhase.FAILED, item.stops)
    passed, _ = _share(partial(rehearsed, NO_CHANGE), CanaryPhase.SUCCESSFUL, item.passes)
    points = _points(item.worse_by)
    found = [
        _measured(f"stops a release that is {points} worse", "share", stopped, ">=", item.stops),
        _measured("passes one that changes nothing", "share", passed, ">=", item.passes),
    ]
    if item.within is not None and ended_s:
        assert scenario.canary is not None
        gone = mean_interval([time_s + scenario.canary.rollback_time for time_s in ended_s])
        found.append(_measured("has rolled it back after", "time", gone, "<=", item.within))
    return tuple(found)


def _points(share: float) -> str:
    """A difference of shares, in words."""
    points = f"{100.0 * share:g}"
    return f"{points} point{'' if points == '1' else 's'}"


def _share(
    rehearsed: Callable[[int, int], list[Rehearsed]], wanted: CanaryPhase, limit: float
) -> tuple[Estimate, list[float]]:
    """Share of the rehearsals that end so, and when those did, in seconds from the first weight on."""
    ends: list[float] = []
    n_before = 0
    for n_runs in _LOOKS:
        ends += [
            one.ended_s
            for one in rehearsed(n_before, n_runs)
            if one.phase is wanted and one.ended_s is not None
        ]
        n_before = n_runs
        share = exact_share_interval(len(ends), n_runs)
        if verdict(share, ">=", limit) != "UNDECIDED":
            break
    return share, ends


def _monitoring(scenario: Scenario, stage: str, item: Monitoring, runner: Runner) -> tuple[Measurement, ...]:
    """Drill every incident, and look which of those that matter raises an alert."""
    options = DrillStudy(stage=stage, runs=_DRILL_PAIRS, cures=False)

    def told(done: int, total: int, label: str) -> None:
        runner.progress(done, total, f"monitoring, {label}")

    drilled = drill(scenario, options, runner.telling(told))
    return tuple(seen_in_time(item, drilled))


def seen_in_time(item: Monitoring, drilled: DrillReport) -> list[Measurement]:
    """For each incident that matters the time until the first alert, and for each alert its false alarms."""
    found = []
    for result in drilled.drills:
        if not _matters(result, item.budget):
            continue
        first = _first(result.alerts)
        what = f"tells of {result.name} after"
        if first is None or first.after_s is None:
            found.append(_measured(what, "time", None, "<=", item.within))
        else:
            measured = _measured(what, "time", first.after_s, "<=", item.within)
            is_sure = measured.verdict != "PASS" or first.seen.value >= 1.0
            found.append(measured if is_sure else measured.model_copy(update={"verdict": "UNDECIDED"}))
    for baseline in drilled.alerts:
        what = f"false alarms of {baseline.alert} a month"
        found.append(_measured(what, "number", baseline.false_per_month, "<=", item.false_per_month))
    return found


def _matters(result: DrillResult, budget: float) -> bool:
    return any(burn.burnt.value >= budget and burn.burnt.low > 0.0 for burn in result.error_budget)


def _first(detections: Sequence[Detection]) -> Detection | None:
    """The alert that sees it in most runs, and of these the first."""
    seen = [found for found in detections if found.after_s is not None]
    return min(
        seen,
        key=lambda found: (-found.seen.value, found.after_s.value if found.after_s else 0.0),
        default=None,
    )


def _feedback_loop(
    scenario: Scenario, stage: str, item: FeedbackLoop, runner: Runner
) -> tuple[Measurement, ...]:
    """For every workload whose answers people may see: the time until they notice that quality falls."""
    found = []
    for of in reviewables(scenario, stage, runner):
        short = (
            f", reviewing {100.0 * of.in_time:.2g} % for want of people," if of.in_time < of.sample else ""
        )
        what = f"notices that {of.workload} loses {_points(item.per_week)} a week{short} after"
        if of.in_time == 0.0:
            found.append(_measured(what, "time", None, "<=", item.within))
            continue
        seen = sighting(of, of.in_time, item.per_week, item.false_alarm_every / _WEEK_S).weeks
        after_s = Estimate(seen.value * _WEEK_S, seen.low * _WEEK_S, seen.high * _WEEK_S)
        found.append(_measured(what, "time", after_s, "<=", item.within))
    return tuple(found)


def unit_economics(
    item: UnitEconomics, per_success_usd: Estimate | None, value_usd: float | None
) -> tuple[Measurement, ...]:
    """Whether the cost of a successful action is known well enough, and less than what it is worth, if that is said."""
    if per_success_usd is None:
        return (_measured("half-width of the cost per success", "share", None, "<=", item.within),)
    half_width_usd = per_success_usd.half_width
    half_width = Estimate.exact(half_width_usd / per_success_usd.value if half_width_usd > 0.0 else 0.0)
    found = [_measured("half-width of the cost per success", "share", half_width, "<=", item.within)]
    if value_usd is not None:
        found.append(_measured("cost per success", "money", per_success_usd, "<=", value_usd))
    return tuple(found)


def _measured(what: str, unit: Unit, found: Estimate | None, op: str, limit: float) -> Measurement:
    """A number against its limit; what never happened fails."""
    judged: Verdict = "FAIL" if found is None else verdict(found, op, limit)
    return Measurement(what=what, unit=unit, estimate=found, op=op, limit=limit, verdict=judged)
