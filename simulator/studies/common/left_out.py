"""What does a study of calm months leave out that another one of the same file counts? No two disagree in silence.

A drift is in all of them: it is no event but goes on all the time.
"""

from simulator.mechanisms.incidents.base import Lasting, Recurring
from simulator.scenario.model import Scenario


def played_by_check(scenario: Scenario) -> tuple[str, ...]:
    """Incidents that `rollout check` plays if they fall into its window, and no calm month has."""
    survived = {of.incident for of in scenario.capacity.survive if of.incident is not None}
    return tuple(
        incident.name
        for incident in scenario.incidents
        if isinstance(incident, Recurring)
        and incident.name not in survived
        and _may_fall_into(incident, scenario.window.duration)
    )


def _may_fall_into(incident: Recurring, span_s: float) -> bool:
    if incident.start is None:
        return incident.every is not None or (isinstance(incident, Lasting) and incident.mtbf is not None)
    return incident.start < span_s


def left_out_of_plan(scenario: Scenario) -> tuple[str, ...]:
    """Sentences about what a plan leaves out."""
    found = []
    names = ", ".join(played_by_check(scenario))
    if names:
        found.append(
            f"planned without {names}, which `rollout check` plays where they fall into its window: "
            "`capacity.survive` plans for them"
        )
    copied = [f"{name} at {stage.name}" for stage in scenario.stages for name in stage.releases]
    if copied:
        found.append(f"the months leave out the copies for {', '.join(copied)}: `rollout cost` has them")
    return tuple(found)


def left_out_of_costs(scenario: Scenario) -> tuple[str, ...]:
    """Sentences about what a forecast of costs leaves out."""
    names = ", ".join(played_by_check(scenario))
    return (
        (f"months are without {names}, which `rollout check` plays where they fall into its window",)
        if names
        else ()
    )
