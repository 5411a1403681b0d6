"""What a plan finds out about a stage besides capacity and cost: gates, contingencies, remedies, trade-off."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal

from simulator.studies.capacity.knobs import Amounts
from simulator.studies.capacity.refusal import Refusal
from simulator.studies.common.verdicts.criterion_record import JudgedCriterion
from simulator.studies.common.verdicts.objectives import SloVerdict
from simulator.studies.record import Interval, MonthlyCost, OptionalInterval, Record, json_key

Gate = Literal["exit", "entry"]


class GateCondition(JudgedCriterion):
    """One condition in front of a stage.

    Attributes
    ----------
    gate : `exit` of the stage that was measured, or `entry` of the one after it
    measured_at : that stage
    """

    gate: Gate
    measured_at: str


class WaitsFor(Record):
    """What is handed in later than a stage would begin.

    Attributes
    ----------
    days : by which it begins later
    path : items of the checklist, one after the other, the last of which it waits for
    """

    days: int
    path: tuple[str, ...]


class ApprovalNeeded(Record):
    """Somebody who must say yes before a stage begins; asked by then, the answer is there in time."""

    by: str
    ask_by: date


class ContingencyFinding(Record):
    """One thing that a stage must survive.

    Attributes
    ----------
    tightest : the objective with the least room under it, over all peaks; None: there are no objectives
    """

    name: str
    tightest: SloVerdict | None


class MonthDifference(Record):
    """What a month costs more, USD, over pairs of replications."""

    month: Interval


class Survival(Record):
    """The contingencies of a stage, and what surviving them takes.

    Attributes
    ----------
    decisive : the contingency that most of the extra capacity is held for; None: nothing is held for any
    tightest : the contingency with the least room; None: nothing was observed
    set_by : why an amount is not a level lower, knob path → region
    without : amounts that would be enough if nothing went wrong
    without_is_feasible : they meet every objective while nothing goes wrong
    """

    contingencies: tuple[ContingencyFinding, ...]
    decisive: Annotated[str | None, json_key("binding")]
    tightest: Annotated[str | None, json_key("least_room")]
    set_by: Mapping[str, Mapping[str, Refusal]]
    without: Amounts
    without_is_feasible: bool
    extra_cost: MonthDifference


class MoreCapacity(Record):
    """Amounts beyond the bounds of the knobs under which everything holds; the held cost of a month is higher by so much."""

    amounts: Amounts
    extra_month_usd: Annotated[float, json_key("extra_month")]


class OtherLimit(Record):
    """A limit at which a missed objective would pass: the end of its interval."""

    slo: str
    metric: str
    op: str
    limit: float


class Remedies(Record):
    """Changes of which each would make a stage pass by itself; of limits, all together.

    Attributes
    ----------
    capacity : None: not even four times the bounds are enough, or there are no knobs
    demand_share : of the stage's demand that maximum capacity serves; None: not even a sixty-fourth
    """

    capacity: MoreCapacity | None
    demand_share: float | None
    limits: tuple[OtherLimit, ...]


class TradePoint(Record):
    """One setting of the knobs.

    Attributes
    ----------
    latency_p95, availability : of all users in the busiest hour, headroom included; None: nothing was observed
    holds : every objective is met in every situation; None: it was not asked
    is_planned : it is what the plan asks for
    on_latency_front, on_availability_front : no other point is as cheap and better
    """

    capacity: Amounts
    cost: MonthlyCost
    latency_p95: Annotated[OptionalInterval, json_key("latency_p95_s")]
    availability: OptionalInterval
    holds: bool | None
    is_planned: bool
    on_latency_front: bool = False
    on_availability_front: bool = False
