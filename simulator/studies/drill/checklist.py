"""Do alerts tell of the incidents that matter, and of little else? The checklist's item, measured by drills."""

from collections.abc import Sequence

from simulator.engine import Runner
from simulator.scenario.model import Scenario
from simulator.scenario.readiness import Monitoring
from simulator.studies.alerts.report import Detection
from simulator.studies.common.checklist import Measurement, Unit, measured
from simulator.studies.drill.drill import drill
from simulator.studies.drill.report import DrillReport, DrillResult, Unwatched
from simulator.studies.drill.study import DrillStudy

_PAIRS = 3


def measurements(item: Monitoring, scenario: Scenario, stage: str, runner: Runner) -> list[Measurement]:
    """Drill every incident, and look which of those that matter raises an alert."""

    def told(done: float, total: int, label: str) -> None:
        runner.progress(done, total, f"monitoring, {label}")

    options = DrillStudy(stage=stage, runs=_PAIRS, cures=False)
    return seen_in_time(item, drill(scenario, options, runner.telling(told)))


def seen_in_time(item: Monitoring, drilled: DrillReport) -> list[Measurement]:
    """For each incident that matters the time until the first alert, and for each alert its false alarms."""
    found = []
    for result in drilled.drills:
        found += [_unseen(result, one) for one in result.unwatched]
        if not _matters(result, item.budget):
            continue
        first = _first(result.alerts)
        what = f"tells of {result.name} after"
        if first is None or first.after_s is None:
            found.append(measured(what, "time", None, "<=", item.within))
        else:
            told = measured(what, "time", first.after_s, "<=", item.within)
            is_sure = told.verdict != "PASS" or first.seen.value >= 1.0
            found.append(told if is_sure else told.model_copy(update={"verdict": "UNDECIDED"}))
    for baseline in drilled.alerts:
        what = f"false alarms of {baseline.alert} a month"
        found.append(measured(what, "number", baseline.false_per_month, "<=", item.false_per_month))
    return found


def _unseen(result: DrillResult, one: Unwatched) -> Measurement:
    """Something gets worse that no objective, and so no alert, sees: whether it matters, nothing says."""
    what = f"{result.name}: nobody watches {one.metric} of {one.workload}"
    unit: Unit = "time" if one.metric == "latency" else "share"
    moved = measured(what, unit, one.moved.difference, "<=", 0.0)
    return moved.model_copy(update={"verdict": "UNDECIDED"})


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
