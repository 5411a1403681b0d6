"""One stage of a plan: demand, capacity for its peak, cost of its month, verdicts and decision."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from simulator.compiler.stage_shares import stage_start
from simulator.economics.accounts import Accounts, total_cost
from simulator.economics.price_book import PriceBook, price_book
from simulator.results.summarize import summarize
from simulator.scenario.calendar import stage_length_s
from simulator.scenario.contingency_places import cases_of
from simulator.scenario.model import Scenario, Stage
from simulator.scenario.stage_changes import at_stage
from simulator.studies.capacity.knobs import Amounts, with_amounts
from simulator.studies.capacity.stage_search import StageSearch, search_stage
from simulator.studies.capacity.week.people_week import PeopleWeek, people_weeks
from simulator.studies.capacity.week.slow_week import SlowObjective, SlowWeek, with_the_week
from simulator.studies.common.checklist import ReadinessItem
from simulator.studies.common.replicator import Replicator
from simulator.studies.common.summaries import parts_of
from simulator.studies.common.verdicts.objectives import (
    Decision,
    SloVerdict,
    decide,
    evaluate_costs,
    slos_at,
    with_unobserved,
    worst,
)
from simulator.studies.plan.basis import Situation, StageBasis
from simulator.studies.plan.findings import GateCondition, Remedies, Survival, TradePoint
from simulator.studies.plan.gates import approval_needed, let_in, waits_for
from simulator.studies.plan.readiness import decided_with, readiness_of
from simulator.studies.plan.remedies import remedies_of
from simulator.studies.plan.report import StagePlan
from simulator.studies.plan.stage_parts import (
    fullest_limits,
    largest_backlogs,
    limiting_verdict,
    most_collapsed,
    order_by,
    overload_warnings,
    stage_cost,
    stage_demand,
    strained_place,
    with_unit_costs,
)
from simulator.studies.plan.survival import decisive, extra_usd, survival_of
from simulator.studies.plan.trade_off import trade_off

MAX_MONTH_RUNS = 16  # replications of each

Told = Callable[[str, int], None]  # what is being done, and how many settings were simulated so far


@dataclass(frozen=True)
class _Measured:
    """What was measured for a stage.

    Attributes
    ----------
    month : accounts of the month at its end
    on_cost, verdicts : on objectives of cost; on all, in the scenario's order
    n_runs : replications that were made
    """

    searched: StageSearch
    month: Accounts
    people: tuple[PeopleWeek, ...]
    slow: tuple[SlowObjective, ...]
    on_cost: tuple[SloVerdict, ...]
    verdicts: tuple[SloVerdict, ...]
    remedies: Remedies | None
    points: tuple[TradePoint, ...]
    survival: Survival | None
    n_runs: int

    @property
    def n_settings(self) -> int:
        """Settings of the knobs that were simulated, with contingencies and without."""
        bare, capacity = self.searched.bare, self.searched.capacity
        return capacity.n_settings if bare is capacity else bare.n_settings + capacity.n_settings


@dataclass(frozen=True)
class Planner:
    """Plans a stage of one scenario.

    Attributes
    ----------
    scenario : as it is in the stage, with its incidents, which the checklist plays
    calm : without them
    book : prices of the scenario
    replicator : where to simulate
    """

    scenario: Scenario
    calm: Scenario
    book: PriceBook
    replicator: Replicator

    @classmethod
    def at(cls, scenario: Scenario, stage: Stage, replicator: Replicator) -> "Planner":
        """The planner of a stage, with all that it and the stages before it change."""
        here = at_stage(scenario, stage.name, replicator.runner.base_dir)
        calm = here.without_incidents()
        return cls(here, calm, price_book(calm), replicator)

    def plan(
        self, stage: Stage, before: Amounts, gates: Sequence[GateCondition], told: Told
    ) -> tuple[StagePlan, StageBasis]:
        """Plan one stage.

        Parameters
        ----------
        before : what is in place before the stage; more than that must be ordered
        gates : in front of it, measured at the stage before
        """
        measured = self._measured(stage, told)
        planned = self._planned(stage, before, measured)
        readiness = self._readiness(planned, told)
        decided = {
            "readiness": readiness,
            "gates": tuple(gates),
            "decision": let_in(decided_with(planned.decision, readiness), gates),
        }
        searched = measured.searched
        basis = StageBasis(
            stage, self.calm, _situations(searched), measured.on_cost, searched.billing.warmup_s
        )
        return planned.model_copy(update=decided), basis

    def _measured(self, stage: Stage, told: Told) -> _Measured:
        """Search the capacity, and simulate what is said about it."""
        n_runs_before = self.replicator.n_runs
        cases = cases_of(self.scenario, stage.name)
        searched = search_stage(self.replicator, self.calm, stage, self.book, told, cases)
        capacity = searched.capacity
        told("month", capacity.n_settings)
        month, people, on_cost = self._month(searched)
        slow = self._slow(searched)
        apart = {slo.name for slo in self.calm.slos if slo.per is not None}
        at_peaks = worst((of for at in capacity.evidence for of in at.verdicts), apart)
        judged = with_the_week(self.calm, [*at_peaks, *on_cost], slow)
        verdicts = with_unobserved(slos_at(self.calm, stage), judged)
        remedies = self._remedies(searched, on_cost, told) if decide(verdicts) == "NO-GO" else None
        told("trade-off", capacity.n_settings)
        points = trade_off(capacity.searched, total_cost(month).value)
        survival = self._survival(searched, month)
        n_runs = self.replicator.n_runs - n_runs_before
        return _Measured(searched, month, people, slow, on_cost, verdicts, remedies, points, survival, n_runs)

    def _planned(self, stage: Stage, before: Amounts, of: _Measured) -> StagePlan:
        """The stage, decided by its objectives alone."""
        capacity, evidence = of.searched.capacity, of.searched.capacity.evidence
        limiting = limiting_verdict(of.verdicts, evidence, decisive(of.searched.bare, capacity))
        begin, summary, cost = (
            stage_start(self.calm, stage),
            summarize(evidence[0].results),
            stage_cost(of.month),
        )
        peak = of.searched.peaks[0].window
        orders = order_by(self.calm, begin.date(), before, capacity.amounts) if capacity.is_feasible else {}
        return StagePlan(
            name=stage.name,
            start=begin,
            end=begin + timedelta(seconds=stage_length_s(self.calm, stage)),
            demand=stage_demand(self.calm, stage, peak, evidence[0].results, self.replicator.runner),
            capacity=capacity.amounts,
            is_cheapest=capacity.is_cheapest,
            is_feasible=capacity.is_feasible,
            out_of_reach=capacity.out_of_reach,
            alternatives=capacity.alternatives,
            order_by=orders,
            limiting_slo=None if limiting is None else limiting.slo,
            limiting_place=None if limiting is None else strained_place(limiting, evidence),
            limiting_contingency=None if limiting is None else limiting.contingency,
            counts=summary.counts,
            metrics=with_unit_costs(summary.metrics, cost),
            by=parts_of(summary),
            cost=cost,
            verdicts=of.verdicts,
            people=of.people,
            slow=of.slow,
            collapse=most_collapsed(evidence),
            backlogs=largest_backlogs(capacity, self.book),
            limits=fullest_limits(capacity),
            warnings=(
                *overload_warnings(capacity),
                *(week.message for week in of.people if week.falls_behind),
                *(found.message for found in of.slow if found.is_missed),
            ),
            decision=_decided(of),
            n_settings=of.n_settings,
            n_runs=of.n_runs,
            missed_at_top=capacity.missed_at_top,
            ties=capacity.ties,
            survival=of.survival,
            approval=approval_needed(self.calm, stage),
            changes=stage.changes,
            waits=waits_for(self.calm, stage),
            remedies=of.remedies,
            trade_off=of.points,
        )

    def _readiness(self, planned: StagePlan, told: Told) -> tuple[ReadinessItem, ...]:
        """The checklist of a stage, measured with the capacity that was found."""

        def measuring(_done: float, _total: int, what: str) -> None:
            told(what, planned.n_settings)

        capable = with_amounts(self.scenario, planned.capacity)
        runner = self.replicator.runner.telling(measuring)
        return readiness_of(capable, planned.name, planned.cost.per_successful_action, runner)

    def _month(
        self, searched: StageSearch
    ) -> tuple[Accounts, tuple[PeopleWeek, ...], tuple[SloVerdict, ...]]:
        """Accounts and people of the month at a stage's end, replicated until the verdicts on cost are clear; and these."""
        scenario, billing = searched.capacity.scenario, searched.billing
        month = billing.month(self.replicator, scenario)
        while True:
            found = month.accounts(billing.book)
            verdicts = evaluate_costs(scenario, found)
            is_open = any(verdict.verdict == "UNDECIDED" for verdict in verdicts)
            if not is_open or 2 * month.n_runs > MAX_MONTH_RUNS:
                return found, people_weeks(scenario, month.windows), verdicts
            month.extend(2 * month.n_runs)

    def _slow(self, searched: StageSearch) -> tuple[SlowObjective, ...]:
        """Objectives on times longer than the windows, over the week."""
        capacity, billing = searched.capacity, searched.billing
        month = billing.month(self.replicator, capacity.scenario)
        week = SlowWeek.of(self.replicator, capacity.scenario, billing.stage, month)
        return week.objectives(capacity.scenario, capacity.amounts)

    def _remedies(self, searched: StageSearch, on_cost: Sequence[SloVerdict], told: Told) -> Remedies:
        """What would make the stage meet its objectives."""
        capacity = searched.capacity
        told("remedies", capacity.n_settings)
        missed = [*capacity.missed_at_top, *(of for of in on_cost if of.verdict == "FAIL")]
        return remedies_of(self.replicator, self.calm, searched, missed)

    def _survival(self, searched: StageSearch, month: Accounts) -> Survival | None:
        """What the contingencies ask for beyond a capacity that holds while nothing goes wrong; None: there are none."""
        bare, capacity, billing = searched.bare, searched.capacity, searched.billing
        if bare is capacity:
            return None
        without = month
        if bare.amounts != capacity.amounts:
            without = billing.month(self.replicator, bare.scenario).accounts(billing.book)
        return survival_of(bare, capacity, extra_usd(without, month))


def _decided(of: _Measured) -> Decision:
    """The decision by objectives; people who fall behind leave somebody without an answer, whatever the peak shows."""
    return "NO-GO" if any(week.falls_behind for week in of.people) else decide(of.verdicts)


def _situations(searched: StageSearch) -> tuple[Situation, ...]:
    places = [(peak, case) for case in (None, *searched.felt) for peak in searched.peaks]
    return tuple(
        Situation(peak, case, at.verdicts)
        for (peak, case), at in zip(places, searched.capacity.evidence, strict=True)
    )
