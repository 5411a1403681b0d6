"""One stage of a plan under other inputs: what its capacity does with them, and which capacity they would ask for.

A draw is simulated with few replications and held against the stage without factors simulated the same way, on the
same users with the same luck: what counts is the difference of the two, which is put on what the plan measured. So a
draw whose factors are 1 is the plan itself, to the last digit.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import isfinite, nan

from simulator.compiler.demand import DemandWindow
from simulator.compiler.stage_shares import find_stage, stage_end_share
from simulator.economics.accounts import Accounts, Basis, total_cost, unit_cost
from simulator.economics.month import WeightedWindow, month_accounts
from simulator.economics.price_book import PriceBook
from simulator.engine import Runner
from simulator.metrics.registry import is_share_of_actions
from simulator.results.estimates import estimate
from simulator.results.run_result import RunResult
from simulator.studies.capacity.capacity import plan_capacity
from simulator.studies.capacity.contingencies import under
from simulator.studies.capacity.followed import followed, with_staff
from simulator.studies.capacity.knobs import Amounts, with_amounts
from simulator.studies.capacity.month_cost import Billing
from simulator.studies.common.input_factors import InputFactors, with_factors
from simulator.studies.common.replicator import Replicator, simulated_actions
from simulator.studies.common.verdicts.objectives import SloVerdict, evaluate_costs
from simulator.studies.common.windows import month_windows
from simulator.studies.plan.basis import Situation, StageBasis
from simulator.studies.plan.report import StagePlan
from simulator.theory.estimate import Estimate

_ACTIONS_ENOUGH = 300.0  # in the replications of a peak together; assumption: differences of pairs need few
_MOST_RUNS = 4
_SEARCH_RUNS = 2  # of every window, while capacity is planned again for a draw
_MONTH_ACTIONS = 2_000.0  # in each window of a month; assumption
_MONTH_WINDOW_S = (300.0, 3600.0)  # shortest and longest
_MONTH_WARMUP_S = 300.0  # at most: costs are means, which settle soon
_MONTH = -1  # in place of a situation: the objective is held against the month

Use = tuple[float, ...]  # factors that change what is simulated
Subject = tuple[int, str, str | None]  # number of the situation, objective, region of the users

_PEAK_FIGURES = {
    "latency_p95": ("latency", "p95"),
    "ttft_p95_s": ("ttft", "p95"),
    "availability": ("availability", None),
    "success_rate": ("success_rate", None),
}
FIGURES = ("peak_rps", *_PEAK_FIGURES, "month_usd", "per_action_usd", "per_successful_action_usd")


@dataclass(frozen=True)
class Drawn:
    """What one draw does to a stage with the capacity of the plan, and to money with one that follows; nan: not observed."""

    figures: Mapping[str, float]  # of FIGURES
    objectives: Mapping[Subject, float]


@dataclass(frozen=True, eq=False)
class Used:
    """What was simulated for factors on use."""

    figures: Mapping[str, float]
    objectives: Mapping[Subject, float]
    month: tuple[WeightedWindow, ...]


@dataclass(frozen=True)
class DrawnCapacity:
    """The capacity that a stage's plan would ask for."""

    amounts: Amounts
    is_feasible: bool


class StageDraws:
    """A planned stage that is asked again with other inputs.

    Parameters
    ----------
    planned, basis : the stage, and what it was planned on
    book : prices of the scenario
    runner : where to simulate, one replication at a time
    """

    def __init__(
        self,
        planned: StagePlan,
        basis: StageBasis,
        book: PriceBook,
        runner: Runner,
    ) -> None:
        self.planned = planned
        self.basis = basis
        self._book = book
        self._runner = runner.alone()
        self._scenario = with_amounts(self.basis.scenario, planned.capacity)
        self._month_windows = self._windows_of_month()
        n_expected = simulated_actions(self.basis.situations[0].peak.window)
        self._n_runs = 1
        while self._n_runs * n_expected < _ACTIONS_ENOUGH and self._n_runs < _MOST_RUNS:
            self._n_runs *= 2

    def simulated(self, factors: InputFactors) -> Used:
        """Simulate the peaks and the month with factors on use."""
        objectives: dict[Subject, float] = {}
        figures: dict[str, float] = {}
        for index, situation in enumerate(self.basis.situations):
            results = self._at(situation, factors)
            if index == 0:
                figures = {name: _value(estimate(results, *of)) for name, of in _PEAK_FIGURES.items()}
                figures |= {"peak_rps": self._demand(factors)}
            for verdict in self._verdicts(situation, results):
                objectives[index, verdict.slo, verdict.region] = _value(verdict.estimate)
        return Used(figures, objectives, tuple(self._month(factors)))

    def priced(self, used: Used, factors: InputFactors) -> Drawn:
        """The same with factors on prices: figures and objectives as they were simulated."""
        month = month_accounts(used.month, self._book, factors.prices)
        on_cost: dict[Subject, float] = {
            (_MONTH, verdict.slo, None): _value(verdict.estimate)
            for verdict in evaluate_costs(self._scenario, month)
        }
        return Drawn({**used.figures, **_money(month)}, {**used.objectives, **on_cost})

    def carried(self, plain: Drawn, drawn: Drawn) -> Drawn:
        """The figures of the plan, changed as `drawn` differs from `plain`."""
        verdicts = self.verdicts
        figures = {
            name: _carried(
                value, plain.figures[name], drawn.figures[name], is_share=is_share_of_actions(name)
            )
            for name, value in self.figures.items()
        }
        objectives = {
            subject: _carried(
                _value(verdicts[subject].estimate),
                plain.objectives[subject],
                value,
                is_share=is_share_of_actions(verdicts[subject].metric),
            )
            for subject, value in drawn.objectives.items()
            if subject in verdicts and subject in plain.objectives
        }
        return Drawn(figures, objectives)

    @property
    def figures(self) -> dict[str, float]:
        """Figures as the plan has them."""
        metrics, cost = self.planned.metrics, self.planned.cost
        return {
            "peak_rps": self.planned.demand.peak_rps,
            "latency_p95": _value(metrics.latency.p95),
            "ttft_p95_s": _value(metrics.ttft.p95),
            "availability": _value(metrics.availability),
            "success_rate": _value(metrics.success_rate),
            "month_usd": _value(cost.month.estimate),
            "per_action_usd": _value(cost.per_action),
            "per_successful_action_usd": _value(cost.per_successful_action),
        }

    @property
    def verdicts(self) -> dict[Subject, SloVerdict]:
        """Verdicts of the plan, in every situation and on the month."""
        at_peaks = {
            (index, verdict.slo, verdict.region): verdict
            for index, situation in enumerate(self.basis.situations)
            for verdict in situation.verdicts
        }
        return at_peaks | {(_MONTH, of.slo, None): of for of in self.basis.month_verdicts}

    def needed(self, factors: InputFactors) -> DrawnCapacity:
        """Plan the capacity again for other inputs, at the prices of the scenario."""
        if factors.use == InputFactors().use:
            return DrawnCapacity(self.planned.capacity, self.planned.is_feasible)
        varied = with_factors(self.basis.scenario, factors)
        replicator = replace(self._replicator(), max_runs=_SEARCH_RUNS)
        cases = dict.fromkeys(at.case for at in self.basis.situations if at.case is not None)
        demand = self._demand(factors)
        peaks = [at.peak.scaled(demand) for at in self.basis.situations if at.case is None]
        billing = Billing(self.basis.stage, self._book, self.basis.warmup_s, demand)
        found = plan_capacity(replicator, varied, peaks, None, billing, tuple(cases))
        return DrawnCapacity(found.amounts, found.is_feasible)

    def _demand(self, factors: InputFactors) -> float:
        """Factor on what arrives at the stage's end: more users, and fewer who have taken it up."""
        scenario, stage, folder = self.basis.scenario, self.basis.stage, self._runner.base_dir
        if factors.adoption_delay == 1.0 or stage.adoption is None:
            return factors.users
        delayed = with_factors(scenario, InputFactors(adoption_delay=factors.adoption_delay))
        late = stage_end_share(delayed, find_stage(delayed, stage.name), folder).max()
        on_time = stage_end_share(scenario, stage, folder).max()
        return factors.users * float(late / on_time) if on_time > 0.0 else factors.users

    def _replicator(self) -> Replicator:
        return Replicator(self._runner, min_runs=1)

    def _at(self, situation: Situation, factors: InputFactors) -> list[RunResult]:
        window = _scaled(situation.peak.window, self._demand(factors))
        varied = with_factors(self._scenario, factors)
        if situation.case is not None:
            varied = under(varied, situation.case, window)
        return self._replicator().runs(varied, window, 0, self._n_runs)

    def _verdicts(self, situation: Situation, results: Sequence[RunResult]) -> list[SloVerdict]:
        return [*situation.peak.judged(self._scenario, results)]

    def _windows_of_month(self) -> tuple[DemandWindow, ...]:
        stage, (shortest_s, longest_s) = self.basis.stage, _MONTH_WINDOW_S
        warmup_s = min(self.basis.warmup_s, _MONTH_WARMUP_S)
        whole = month_windows(self._scenario, stage, self._runner, longest_s, warmup_s)
        rps = sum(float(window.rate_rps.sum()) for window in whole) / len(whole)
        duration_s = min(max(_MONTH_ACTIONS / max(rps, 1e-9), shortest_s), longest_s)
        return month_windows(self._scenario, stage, self._runner, duration_s, warmup_s)

    def _month(self, factors: InputFactors) -> list[WeightedWindow]:
        """The month with a capacity that follows demand: what it would cost, not what the planned amounts would do."""
        amounts = followed(self.basis.scenario, self.planned.capacity, factors)
        varied = with_factors(with_amounts(self.basis.scenario, amounts), factors)
        return [
            WeightedWindow.of(window, self._replicator().runs(varied, window, 0, 1))
            for one in self._month_windows
            for window in [with_staff(_scaled(one, self._demand(factors)), self.planned.capacity, amounts)]
        ]


def _scaled(window: DemandWindow, factor: float) -> DemandWindow:
    return replace(window, rate_rps=factor * window.rate_rps)


def _money(month: Accounts) -> dict[str, float]:
    return {
        "month_usd": total_cost(month).value,
        "per_action_usd": _value(unit_cost(month, Basis.ACTION)),
        "per_successful_action_usd": _value(unit_cost(month, Basis.SUCCESSFUL_ACTION)),
    }


def _value(found: Estimate | None) -> float:
    return nan if found is None else found.value


def _carried(planned: float, plain: float, drawn: float, *, is_share: bool) -> float:
    """What the plan measured, times the ratio of the pair; of shares, and where there was nothing, plus its difference."""
    if is_share:
        return min(max(planned + (drawn - plain), 0.0), 1.0)
    if plain == 0.0 or not isfinite(plain):
        return planned + (drawn - plain)
    return planned * (drawn / plain)
