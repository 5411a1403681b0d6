"""What is judged when two sides are compared: whatever the scenario sets a limit on, and what everyone cares for."""

from dataclasses import dataclass

from simulator.scenario.model import Scenario
from simulator.studies.common.criteria import Measure, at_stage, criteria_of


@dataclass(frozen=True)
class Judged:
    """A measure, and which way is better."""

    measure: Measure
    is_lower_better: bool


_ALWAYS = (
    Judged(Measure("latency", 0.95), is_lower_better=True),
    Judged(Measure("availability"), is_lower_better=False),
    Judged(Measure("success_rate"), is_lower_better=False),
    Judged(Measure("cost_per_successful_action"), is_lower_better=True),
)


def judged_measures(scenario: Scenario, stage: str | None) -> tuple[Judged, ...]:
    """Measures that are judged at a stage; those of the scenario's own criteria come first."""
    own = [
        Judged(criterion.measure, is_lower_better=criterion.objective.op in ("<", "<="))
        for criterion in at_stage(criteria_of(scenario), stage)
    ]
    measures = {judged.measure for judged in own}
    return tuple(dict.fromkeys([*own, *(judged for judged in _ALWAYS if judged.measure not in measures)]))
