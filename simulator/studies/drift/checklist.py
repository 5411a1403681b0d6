"""Do reviewers notice in time that quality falls? The checklist's item, measured by what they see."""

from simulator.engine import Runner
from simulator.scenario.model import Scenario
from simulator.scenario.readiness import FeedbackLoop
from simulator.studies.common.checklist import Measurement, in_points, measured
from simulator.studies.drift.cusum_detection import sighting
from simulator.studies.drift.review_sampling import reviewables
from simulator.theory.estimate import Estimate

_WEEK_S = 7 * 86_400.0


def measurements(item: FeedbackLoop, scenario: Scenario, stage: str, runner: Runner) -> list[Measurement]:
    """For every workload whose answers people may see: the time until they notice that quality falls."""
    found = []
    for of in reviewables(scenario, stage, runner):
        short = (
            f", reviewing {100.0 * of.in_time:.2g} % for want of people," if of.in_time < of.sample else ""
        )
        what = f"notices that {of.workload} loses {in_points(item.per_week)} a week{short} after"
        if of.in_time == 0.0:
            found.append(measured(what, "time", None, "<=", item.within))
            continue
        seen = sighting(of, of.in_time, item.per_week, item.false_alarm_every / _WEEK_S).weeks
        after_s = Estimate(seen.value * _WEEK_S, seen.low * _WEEK_S, seen.high * _WEEK_S)
        found.append(measured(what, "time", after_s, "<=", item.within))
    return found
