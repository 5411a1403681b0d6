"""What a plan says: the stages on the calendar, each with demand, capacity, evidence, cost and decision."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from simulator.results.summary import Summary
from simulator.scenario.contingency_places import ContingencyCase
from simulator.scenario.model import Scenario, Stage
from simulator.studies.capacity.mix import Alternative
from simulator.studies.common.objectives import Binding, Decision, SloVerdict
from simulator.studies.common.saturation import Overload
from simulator.studies.common.windows import Peak
from simulator.studies.plan.gates import ApprovalNeeded, GateVerdict
from simulator.studies.plan.readiness import ReadinessItem
from simulator.studies.plan.remedies import Remedies
from simulator.studies.plan.survival import Survival
from simulator.studies.plan.trade_off import TradePoint
from simulator.theory.estimate import Estimate


@dataclass(frozen=True)
class StageDemand:
    """What a stage asks for when it ends, which is when it asks for most."""

    peak_start: datetime  # UTC, the busiest hour of the week
    peak_rps: Mapping[str, float]  # by region, actions per second in that hour, without headroom
    actions_per_month: Mapping[str, float]  # by workload, in a month of 730 h
    headroom: float  # the plan holds under this share more


@dataclass(frozen=True)
class StageCost:
    """Money at the stage's end, over the windows that stand for its month."""

    month_usd: Estimate
    by_category_usd: Mapping[str, float]
    per_action_usd: Estimate | None  # None: nothing ended
    per_successful_action_usd: Estimate | None


@dataclass(frozen=True)
class Situation:
    """A peak, healthy or under a contingency, and every verdict at it with the capacity of the plan."""

    peak: Peak
    case: ContingencyCase | None  # None: nothing goes wrong
    verdicts: tuple[SloVerdict, ...]


@dataclass(frozen=True)
class StageBasis:
    """What a stage was planned on, so that it can be asked again with other inputs.

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
class StagePlan:
    """One stage: what is bought, what was measured with it at the peak, and whether to go."""

    name: str
    start: datetime
    end: datetime
    demand: StageDemand
    capacity: Mapping[str, Mapping[str, float]]  # knob path → region → amount
    is_cheapest: bool  # proven over all settings of the knobs; False: no single knob can be lowered alone
    out_of_reach: tuple[str, ...]  # objectives that not even the largest setting meets at the peak
    alternatives: tuple[Alternative, ...]  # where use costs, too: what else could be bought
    order_by: Mapping[str, date]  # knob path → latest day to order, where capacity rises; infeasible: none
    metrics: Summary  # at the peak, headroom included
    verdicts: tuple[SloVerdict, ...]
    binding: Binding | None  # None: no objectives
    decision: Decision
    cost: StageCost
    warnings: tuple[Overload, ...]  # limits that are offered more than they let through, at the peak
    n_settings: int  # settings of the knobs that were simulated
    n_runs: int  # replications of all of them and of the month's windows
    missed_at_top: tuple[SloVerdict, ...] = ()  # what is out of reach, as the largest setting has it
    survival: Survival | None = None  # None: there is nothing to survive
    readiness: tuple[ReadinessItem, ...] = ()  # the checklist; the decision counts it
    gates: tuple[GateVerdict, ...] = ()  # in front of the stage, measured at the one before
    approval: ApprovalNeeded | None = None
    turns: Remedies | None = None  # what would turn a NO-GO; None: it is none
    trade_off: tuple[TradePoint, ...] = ()  # what more or less capacity would do; empty: no knobs
    basis: StageBasis | None = field(default=None, compare=False, repr=False)

    @property
    def is_feasible(self) -> bool:
        """Some setting of the knobs meets every objective at the peak."""
        return not self.out_of_reach


@dataclass(frozen=True)
class Plan:
    """The stages in order. If it was interrupted, those that were finished."""

    stages: tuple[StagePlan, ...]
    interrupted: bool
    wall_s: float
