"""What `rollout plan` reports: the stages on the calendar, each with demand, capacity, evidence, cost and decision."""

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from simulator.metrics.counts import Counts
from simulator.results.summary import Part, TargetPart
from simulator.studies.capacity.knobs import Amounts
from simulator.studies.capacity.mix import Alternative
from simulator.studies.capacity.week.people_week import PeopleWeek
from simulator.studies.capacity.week.slow_week import SlowObjective
from simulator.studies.common.backlogs import Backlog
from simulator.studies.common.checklist import ReadinessItem
from simulator.studies.common.priced import PricedReport
from simulator.studies.common.quota_use import LimitUse
from simulator.studies.common.step_times import StepTimesSource
from simulator.studies.common.summaries import Parts, PricedMetrics
from simulator.studies.common.two_futures import CollapsedRuns
from simulator.studies.common.verdicts.objectives import Decision, SloVerdict
from simulator.studies.plan.findings import (
    ApprovalNeeded,
    GateCondition,
    Remedies,
    Survival,
    TradePoint,
    WaitsFor,
)
from simulator.studies.plan.ranges.report import StageRanges
from simulator.studies.record import (
    Estimated,
    Interval,
    Moment,
    OptionalInterval,
    Record,
    if_any,
    if_known,
    json_key,
    of_intervals,
)

if TYPE_CHECKING:
    import pandas as pd
    from plotly.graph_objects import Figure as PlotlyFigure


class StageDemand(Record):
    """What a stage asks for when it ends, which is when it asks for most.

    Attributes
    ----------
    peak_rps : actions per second in the busiest hour of the week, without headroom
    peak_start : of that hour, UTC
    by_region : the same by region
    actions_per_month : by workload, in a month of 730 h
    headroom : share by which the planned capacity carries more
    """

    peak_rps: float
    peak_start: Moment
    by_region: Mapping[str, float]
    actions_per_month: Mapping[str, float]
    headroom: float


class StageMonthCost(Estimated):
    """Cost of a month of 730 h at the stage's end, USD; percentiles of what the simulation leaves open."""

    p10: float | None
    p50: float | None
    p90: float | None


class StageCost(Record):
    """Money at the stage's end, USD, over the windows that stand for its month.

    Attributes
    ----------
    per_action, per_successful_action : None: nothing ended
    by_category : of the month
    """

    month: StageMonthCost
    per_action: OptionalInterval
    per_successful_action: OptionalInterval
    by_category: Mapping[str, Interval]


class StagePlan(Record):
    """One stage: what is bought, what was measured with it at the peak, and whether to go.

    Attributes
    ----------
    is_cheapest : proven over all settings of the knobs; False: no single knob can be lowered alone
    is_feasible : some setting of the knobs meets every objective at the peak
    out_of_reach : objectives that maximum capacity does not meet at the peak
    alternatives : where use costs, too: what else could be bought
    order_by : by path of a knob, the latest day to order where capacity rises
    limiting_slo : the objective that is nearest to its limit, or furthest beyond it; None: there are none
    limiting_place : target and region that hold things up there; empty: none stands out
    limiting_contingency : under which it is so; None: nothing went wrong
    counts, metrics, by : at the peak, headroom included
    collapse : some replications of a peak collapsed and others did not; None: they are alike
    limits : of hosted models and of the quotas that they share, at the healthy peak where each is fullest, the fullest first
    backlogs : targets to which more work comes at a healthy peak than they do; of people see `people`
    warnings : limits that are offered more than they let through at the peak, and people who fall behind in the week
    decision : what objectives, gates and checklist say together
    n_settings : settings of the knobs that were simulated
    n_runs : replications of all of them and of the month's windows
    missed_at_top : what is out of reach, with maximum capacity
    people : work of the month's hours and people on shift, by team and region
    slow : objectives on times longer than the windows of the peak, over the week
    survival : None: there is nothing to survive
    gates : in front of the stage, measured at the one before
    remedies : of a NO-GO by its objectives
    ties : knobs of which one less lies within 1 % of a limit, so that the larger was bought
    trade_off : what more or less capacity would do, by rising cost; empty: there are no knobs
    ranges : under uncertain inputs; None: no input has a range, or nothing was drawn
    changes : what is different from this stage on, by path
    waits : for what must be handed in before it; None: it does not
    """

    name: str
    start: Moment
    end: Moment
    demand: StageDemand
    capacity: Amounts
    is_cheapest: bool
    is_feasible: bool
    out_of_reach: tuple[str, ...]
    alternatives: tuple[Alternative, ...]
    order_by: Mapping[str, date]
    limiting_slo: Annotated[str | None, json_key("binding")]
    limiting_place: Annotated[str | None, json_key("binding_at")]
    counts: Counts
    metrics: Annotated[PricedMetrics, of_intervals]
    by: Annotated[Parts[Part, TargetPart], of_intervals]
    cost: StageCost
    verdicts: tuple[SloVerdict, ...]
    warnings: tuple[str, ...]
    decision: Decision
    n_settings: int
    n_runs: int
    collapse: Annotated[CollapsedRuns | None, if_known] = None
    backlogs: Annotated[tuple[Backlog, ...], if_any] = ()
    limits: Annotated[tuple[LimitUse, ...], if_any] = ()
    missed_at_top: Annotated[tuple[SloVerdict, ...], if_any] = ()
    people: Annotated[tuple[PeopleWeek, ...], if_any] = ()
    slow: Annotated[tuple[SlowObjective, ...], if_any] = ()
    limiting_contingency: Annotated[str | None, json_key("binding_under"), if_known] = None
    survival: Annotated[Survival | None, if_known] = None
    readiness: Annotated[tuple[ReadinessItem, ...], if_any] = ()
    gates: Annotated[tuple[GateCondition, ...], if_any] = ()
    approval: Annotated[ApprovalNeeded | None, if_known] = None
    remedies: Annotated[Remedies | None, json_key("turns"), if_known] = None
    ties: Annotated[tuple[str, ...], if_any] = ()
    trade_off: Annotated[tuple[TradePoint, ...], if_any] = ()
    ranges: Annotated[StageRanges | None, json_key("uncertainty"), if_known] = None
    changes: Annotated[Mapping[str, Any], if_any] = {}
    waits: Annotated[WaitsFor | None, if_known] = None


class PlanReport(PricedReport):
    """What every stage needs, what it costs, and whether to go.

    Attributes
    ----------
    seed : of the first replication
    replications : of every window at least
    n_runs : replications of all stages
    decision : of the whole rollout; None: interrupted
    n_draws : of the uncertain inputs
    profiles : step times of pools by model
    left_out : what other studies of the scenario count and a plan does not, in sentences
    kept : of an interrupted plan, the file with what was simulated
    file : that the report was written to
    """

    view: ClassVar[str] = "simulator.studies.plan.view"

    seed: int
    replications: int
    n_runs: int
    decision: Decision | None
    stages: tuple[StagePlan, ...]
    n_draws: Annotated[int, json_key("draws")]
    profiles: Mapping[str, StepTimesSource]
    left_out: Annotated[tuple[str, ...], if_any] = ()
    kept: Annotated[str | None, if_known] = None
    file: Annotated[str | None, if_known] = None

    @property
    def outcomes(self) -> tuple[str, ...]:
        """The decision."""
        return () if self.decision is None else (self.decision,)

    @property
    def decisions(self) -> Mapping[str, Decision]:
        """GO, NO-GO or UNDECIDED by stage."""
        return {stage.name: stage.decision for stage in self.stages}

    def to_frame(self) -> "pd.DataFrame":
        """A row per stage: demand, capacity by knob and region, cost, times at the peak, decision."""
        from simulator.render.dataframe import rows_frame
        from simulator.studies.plan.board import frame_row

        return rows_frame([frame_row(stage) for stage in self.stages])

    def figure(self) -> "PlotlyFigure":
        """Cost of the month and p95 latency by stage, with intervals."""
        from simulator.studies.plan.figures import cost_and_latency

        return cost_and_latency(self)

    def to_html(self) -> str:
        """A page for a board: decision, stages, figures, evidence."""
        from simulator.render.html import page
        from simulator.studies.plan.board import board

        return page(f"Plan of {self.scenario}", board(self))

    def to_markdown(self) -> str:
        """The same in short, for a pull request or a wiki."""
        from simulator.render.markdown import markdown
        from simulator.studies.plan.board import summary

        return markdown(summary(self))
