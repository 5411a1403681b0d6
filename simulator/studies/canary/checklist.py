"""Does the canary stop a bad release, and let a good one pass? The checklist's item, measured by rehearsals."""

from collections.abc import Callable
from functools import partial

from simulator.control.canary_verdict import CanaryPhase
from simulator.engine import Runner
from simulator.mechanisms.releases.config import ReleaseChanges
from simulator.scenario.model import Scenario
from simulator.scenario.readiness import ReleaseAndRollback
from simulator.studies.canary.cases import NO_CHANGE, Case
from simulator.studies.canary.rehearsals import RehearsalPlan, Rehearsed, rehearse
from simulator.studies.common.checklist import Measurement, in_points, measured
from simulator.theory.estimate import Estimate
from simulator.theory.intervals import exact_share_interval, mean_interval
from simulator.theory.verdict import verdict

_LOOKS = (5, 20, 40)  # rehearsals after which a share is judged, until it is decided


def measurements(
    item: ReleaseAndRollback, scenario: Scenario, stage: str, runner: Runner
) -> list[Measurement]:
    """Rehearse a release that is worse, and one that changes nothing."""

    def rehearsed(case: Case, n_before: int, n_runs: int) -> list[Rehearsed]:
        return rehearse(scenario, case, RehearsalPlan(stage, None, n_runs), runner, n_before)

    bad = Case("worse", ReleaseChanges(success_rate=-item.worse_by), False)
    stopped, ended_s = _share(partial(rehearsed, bad), CanaryPhase.FAILED, item.stops)
    passed, _ = _share(partial(rehearsed, NO_CHANGE), CanaryPhase.SUCCESSFUL, item.passes)
    stops = f"stops a release that is {in_points(item.worse_by)} worse"
    found = [
        measured(stops, "share", stopped, ">=", item.stops),
        measured("passes one that changes nothing", "share", passed, ">=", item.passes),
    ]
    if item.within is not None and ended_s:
        assert scenario.canary is not None
        gone = mean_interval([time_s + scenario.canary.rollback_time for time_s in ended_s])
        found.append(measured("has rolled it back after", "time", gone, "<=", item.within))
    return found


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
