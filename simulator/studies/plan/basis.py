"""A plan as it is worked on: its stages, and what each was planned on, so that it can be asked again with other inputs."""

from dataclasses import dataclass

from simulator.scenario.contingency_places import ContingencyCase
from simulator.scenario.model import Scenario, Stage
from simulator.studies.common.verdicts.objectives import SloVerdict
from simulator.studies.common.windows import Peak
from simulator.studies.plan.report import StagePlan


@dataclass(frozen=True)
class Situation:
    """A peak, healthy or under a contingency, and every verdict at it with the capacity of the plan."""

    peak: Peak
    case: ContingencyCase | None  # None: nothing goes wrong
    verdicts: tuple[SloVerdict, ...]


@dataclass(frozen=True)
class StageBasis:
    """What a stage was planned on.

    Attributes
    ----------
    scenario : without incidents, and with the amounts that it states itself
    situations : every one that the capacity was judged in, the healthy peak of all users first
    month_verdicts : on objectives of cost
    warmup_s : of every window
    """

    stage: Stage
    scenario: Scenario
    situations: tuple[Situation, ...]
    month_verdicts: tuple[SloVerdict, ...]
    warmup_s: float


@dataclass(frozen=True)
class Plan:
    """The stages in order, and what each was planned on. If it was interrupted, those that were finished."""

    stages: tuple[StagePlan, ...]
    bases: tuple[StageBasis, ...]
    interrupted: bool
