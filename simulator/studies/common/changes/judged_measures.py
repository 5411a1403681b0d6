"""What is judged when two sides are compared: whatever the scenario sets a limit on, and what everyone cares for."""

from dataclasses import dataclass

from simulator.metrics.registry import metric
from simulator.scenario.model import Scenario
from simulator.studies.common.verdicts.criteria import Measure, at_stage, criteria_of


@dataclass(frozen=True)
class Judged:
    """A measure, and which way is better."""

    measure: Measure
    is_lower_better: bool

    @classmethod
    def as_declared(cls, measure: Measure) -> "Judged":
        """A measure with the direction of its metric; of what has none, less is better."""
        return cls(measure, is_lower_better=metric(measure.metric).better != "high")


_ALWAYS = tuple(
    map(
        Judged.as_declared,
        (
            Measure("latency", 0.95),
            Measure("availability"),
            Measure("success_rate"),
            Measure("cost_per_successful_action"),
        ),
    )
)


def judged_measures(scenario: Scenario, stage: str | None) -> tuple[Judged, ...]:
    """Measures that are judged at a stage; those of the scenario's own criteria come first."""
    own = [
        Judged(criterion.measure, is_lower_better=criterion.objective.op in ("<", "<="))
        for criterion in at_stage(criteria_of(scenario), stage)
    ]
    measures = {judged.measure for judged in own}
    return tuple(dict.fromkeys([*own, *(judged for judged in _ALWAYS if judged.measure not in measures)]))
