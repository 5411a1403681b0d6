"""Is everything there before a stage? The checklist, measured at the stage with the capacity that is planned for it.

What is measured has an interval and a limit, and is PASS, FAIL or UNDECIDED like an objective. What is attested is there if
it names its evidence; whether that is good is not for a simulation to say.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from simulator.control.canary_verdict import Phase
from simulator.engine import RunOptions
from simulator.mechanisms.releases.config import ReleaseChanges
from simulator.scenario.model import Scenario
from simulator.scenario.readiness import (
    Attestation,
    FeedbackLoop,
    Monitoring,
    ReleaseAndRollback,
    UnitEconomics,
)
from simulator.studies.canary.canary_cases import NO_CHANGE, Case
from simulator.studies.canary.study import CanaryOptions, rehearse
from simulator.studies.common.objectives import Decision
from simulator.studies.drift.cusum_detection import sighting
from simulator.studies.drift.review_sampling import reviewables
from simulator.studies.failures.alert_detection import Detection
from simulator.studies.failures.drill import Drilled, DrillOptions, DrillResult, drill
from simulator.theory.estimate import Estimate
from simulator.theory.intervals import exact_share_interval, mean_interval
from simulator.theory.verdict import Verdict, verdict

Unit = Literal["share", "time", "money", "number"]

_LOOKS = (5, 20, 40)  # rehearsals after which a share is judged, until it is decided
_DRILL_PAIRS = 3
_WEEK_S = 7 * 86_400.0
_WORST: tuple[Verdict, ...] = ("FAIL", "UNDECIDED", "PASS")


@dataclass(frozen=True)
class Measurement:
    """One number that an item was judged by; `estimate` None: nothing was observed."""

    what: str
    unit: Unit
    estimate: Estimate | None
    op: str
    limit: float
    verdict: Verdict


@dataclass(frozen=True)
class ReadinessItem:
    """One item of the checklist before a stage.

    Attributes
    ----------
    missing : what it does when it is not there
    owner, evidence : of what is attested; None: it is measured
    measurements : of what is measured
    """

    name: str
    missing: Literal["block", "warn"]
    owner: str | None
    evidence: str | None
    measurements: tuple[Measurement, ...]
    verdict: Verdict


@dataclass(frozen=True)
class Place:
    """Where items are measured.

    Attributes
    ----------
    scenario : with its incidents, and with the capacity that is planned
    stage : name
    told : called with what is being measured
    """

    scenario: Scenario
    base_dir: Path
    stage: str
    options: RunOptions
    cancel: threading.Event | None
    told: Callable[[str], None]


def readiness_of(at: Place, per_success_usd: Estimate | None) -> tuple[ReadinessItem, ...]:
    """The checklist before a stage, in the scenario's order.

    Parameters
    ----------
    per_success_usd : cost of a successful action in the stage's month; None: there was none

    Raises
    ------
    Cancelled
        If it was cancelled.
    """
    found = []
    for name, item in at.scenario.readiness.items().items():
        if item.stages is not None and at.stage not in item.stages:
            continue
        if isinstance(item, Attestation):
            there: Verdict = "PASS" if item.evidence else "FAIL"
            found.append(ReadinessItem(name, item.missing, item.owner, item.evidence, (), there))
            continue
        at.told(name.replace("_", " "))
        if isinstance(item, ReleaseAndRollback):
            measured = _release_and_rollback(at, item)
        elif isinstance(item, Monitoring):
            measured = _monitoring(at, item)
        elif isinstance(item, FeedbackLoop):
            measured = _feedback_loop(at, item)
        else:
            assert isinstance(item, UnitEconomics)
            measured = unit_economics(item, per_success_usd, at.scenario.economics.value_per_success)
        found.append(ReadinessItem(name, item.missing, None, None, measured, _worst(measured)))
    return tuple(found)


def decided_with(decision: Decision, items: Sequence[ReadinessItem]) -> Decision:
    """The decision on a stage once its checklist counts: a missing item that blocks is a NO-GO."""
    blocking = [item.verdict for item in items if item.missing == "block"]
    if decision == "NO-GO" or "FAIL" in blocking:
        return "NO-GO"
    return "UNDECIDED" if "UNDECIDED" in blocking else decision


def _worst(measured: Sequence[Measurement]) -> Verdict:
    return next(word for word in _WORST if word in [*(one.verdict for one in measured), "PASS"])


def _release_and_rollback(at: Place, item: ReleaseAndRollback) -> tuple[Measurement, ...]:
    """Rehearse a release that is worse, and one that changes nothing."""
    bad = Case("worse", ReleaseChanges(success_rate=-item.worse_by), False)
    stopped, ended_s = _share(at, bad, Phase.FAILED, item.stops)
    passed, _ = _share(at, NO_CHANGE, Phase.SUCCESSFUL, item.passes)
    points = _points(item.worse_by)
    found = [
        _measured(f"stops a release that is {points} worse", "share", stopped, ">=", item.stops),
        _measured("passes one that changes nothing", "share", passed, ">=", item.passes),
    ]
    if item.within is not None and ended_s:
        assert at.scenario.canary is not None
        gone = mean_interval([time_s + at.scenario.canary.rollback_time for time_s in ended_s])
        found.append(_measured("has rolled it back after", "time", gone, "<=", item.within))
    return tuple(found)


def _points(share: float) -> str:
    """A difference of shares, in words."""
    points = f"{100.0 * share:g}"
    return f"{points} point{'' if points == '1' else 's'}"


def _share(at: Place, case: Case, wanted: Phase, limit: float) -> tuple[Estimate, list[float]]:
    """Share of the rehearsals that end so, and when those did, in seconds from the first weight on."""
    ends: list[float] = []
    n_before = 0
    for n_runs in _LOOKS:
        options = CanaryOptions(at.stage, None, n_runs, at.options)
        played = rehearse(at.scenario, at.base_dir, case, options, n_before, cancel=at.cancel)
        ends += [one.ended_s for one in played if one.phase is wanted and one.ended_s is not None]
        n_before = n_runs
        share = exact_share_interval(len(ends), n_runs)
        if verdict(share, ">=", limit) != "UNDECIDED":
            break
    return share, ends


def _monitoring(at: Place, item: Monitoring) -> tuple[Measurement, ...]:
    """Drill every incident, and look which of those that matter is told to somebody."""
    options = DrillOptions((), at.stage, _DRILL_PAIRS, with_cures=False, run=at.options)

    def told(_done: int, _total: int, label: str) -> None:
        at.told(f"monitoring, {label}")

    drilled = drill(at.scenario, at.base_dir, options, progress=told, cancel=at.cancel)
    return tuple(seen_in_time(item, drilled))


def seen_in_time(item: Monitoring, drilled: Drilled) -> list[Measurement]:
    """For each incident that matters the time until the first alert, and for each alert its false alarms."""
    found = []
    for result in drilled.results:
        if not _matters(result, item.budget):
            continue
        first = _first(result.detections)
        what = f"tells of {result.drill.name} after"
        if first is None or first.after_s is None:
            found.append(Measurement(what, "time", None, "<=", item.within, "FAIL"))
        else:
            judged = verdict(first.after_s, "<=", item.within)
            if judged == "PASS" and first.seen.value < 1.0:
                judged = "UNDECIDED"
            found.append(Measurement(what, "time", first.after_s, "<=", item.within, judged))
    for watch in drilled.watches:
        what = f"false alarms of {watch.alert} a month"
        found.append(_measured(what, "number", watch.false_per_month, "<=", item.false_per_month))
    return found


def _matters(result: DrillResult, budget: float) -> bool:
    return any(burn.burnt.value >= budget and burn.burnt.low > 0.0 for burn in result.harm.budgets)


def _first(detections: Sequence[Detection]) -> Detection | None:
    """The alert that sees it in most runs, and of these the first."""
    seen = [found for found in detections if found.after_s is not None]
    return min(
        seen,
        key=lambda found: (-found.seen.value, found.after_s.value if found.after_s else 0.0),
        default=None,
    )


def _feedback_loop(at: Place, item: FeedbackLoop) -> tuple[Measurement, ...]:
    """For every workload whose answers people may see: the time until they notice that quality falls."""
    found = []
    for of in reviewables(at.scenario, at.base_dir, at.stage, at.options, at.cancel):
        short = (
            f", reviewing {100.0 * of.in_time:.2g} % for want of people," if of.in_time < of.sample else ""
        )
        what = f"notices that {of.workload} loses {_points(item.per_week)} a week{short} after"
        if of.in_time == 0.0:
            found.append(Measurement(what, "time", None, "<=", item.within, "FAIL"))
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
        return (Measurement("half-width of the cost per success", "share", None, "<=", item.within, "FAIL"),)
    half_width_usd = per_success_usd.half_width
    half_width = Estimate.exact(half_width_usd / per_success_usd.value if half_width_usd > 0.0 else 0.0)
    found = [_measured("half-width of the cost per success", "share", half_width, "<=", item.within)]
    if value_usd is not None:
        found.append(_measured("cost per success", "money", per_success_usd, "<=", value_usd))
    return tuple(found)


def _measured(what: str, unit: Unit, found: Estimate, op: str, limit: float) -> Measurement:
    return Measurement(what, unit, found, op, limit, verdict(found, op, limit))
