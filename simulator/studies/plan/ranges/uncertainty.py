"""What ranges of inputs do to a plan: will its capacity do, what will it cost, and how much might have to be bought?

Draws are those of `simulator.studies.common.uncertain_inputs` (quasi-random, with a fixed seed); each meets the
same users with the same luck. With the planned capacity every draw is simulated; for the first of them capacity is also
planned again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile

import numpy as np
from numpy.typing import NDArray

from simulator.economics.categories import Floats
from simulator.economics.price_book import price_book
from simulator.engine import Runner
from simulator.scenario.economics import Range
from simulator.scenario.model import Scenario
from simulator.studies.common.input_factors import InputFactors
from simulator.studies.common.uncertain_inputs import LEVELS, draw_factors, factor_at, ranges_of
from simulator.studies.common.verdicts.objectives import BUDGET, SloVerdict
from simulator.studies.plan.basis import Plan
from simulator.studies.plan.ranges.simulations import DrawSimulations
from simulator.studies.plan.ranges.stage_draws import FIGURES, Drawn, DrawnCapacity, StageDraws
from simulator.theory.sensitivity import VarianceShare, first_order_shares
from simulator.theory.verdict import meets

N_DRAWS = 64
N_SEARCHED = 16  # draws for which capacity is planned again; assumption: enough for P10 and P90

_Flags = NDArray[np.bool_]
_Swing = tuple[str, InputFactors, InputFactors]  # an input, alone at the P10 and at the P90 of its range


@dataclass(frozen=True)
class InputSwing:
    """What one input does alone: figures at the P10 and the P90 of its range, all others as the scenario says."""

    name: str
    low_factor: float  # on the input
    high_factor: float
    low: Mapping[str, float]
    high: Mapping[str, float]


@dataclass(frozen=True, eq=False)
class ObjectiveDraws:
    """An objective over the draws: of the users and the peak (or the month) where it is worst."""

    verdict: SloVerdict  # of the plan
    values: Floats  # [draw]; nan: nothing was observed
    holds: _Flags  # [draw]


@dataclass(frozen=True, eq=False)
class StageUncertainty:
    """One stage over the draws.

    Attributes
    ----------
    figures : of `FIGURES`, float64[draw]
    objectives : by name
    within_budget : bool[draw]; None: there is no budget
    capacity : what each searched draw would ask for, knob path → region → float64[searched]
    is_feasible : bool[searched], some setting of the knobs would do
    swings : empty if they were interrupted
    """

    name: str
    figures: Mapping[str, Floats]
    objectives: Mapping[str, ObjectiveDraws]
    within_budget: _Flags | None
    capacity: Mapping[str, Mapping[str, Floats]]
    is_feasible: _Flags
    swings: tuple[InputSwing, ...]

    @property
    def holds(self) -> _Flags:
        """Every objective but the budget holds with the planned capacity, bool[draw]."""
        every = np.ones(len(self.figures["month_usd"]), dtype=np.bool_)
        for name, objective in self.objectives.items():
            if name != BUDGET:
                every &= objective.holds
        return every


@dataclass(frozen=True, eq=False)
class PlanUncertainty:
    """Draws of a plan's uncertain inputs; of interrupted ones those that were finished."""

    factors: tuple[InputFactors, ...]
    stages: tuple[StageUncertainty, ...]
    interrupted: bool

    def variance_shares(self, stage: StageUncertainty, figure: str) -> dict[str, VarianceShare]:
        """Share of the variance of a figure that each input explains; none where there are too few draws."""
        inputs = {
            swing.name: np.array([getattr(factors, swing.name) for factors in self.factors])
            for swing in stage.swings
        }
        return first_order_shares(inputs, stage.figures[figure])


def plan_uncertainty(scenario: Scenario, plan: Plan, n_draws: int, runner: Runner) -> PlanUncertainty | None:
    """Draw the uncertain inputs of a plan; None: it has none, no draws are wanted, or none was finished.

    When cancelled, the draws that were finished come back.

    Parameters
    ----------
    plan : of this scenario, whose capacity is held
    n_draws : the first so many points of a Sobol sequence
    """
    ranges = ranges_of(scenario.economics.uncertain)
    if not ranges or n_draws < 1 or not plan.stages:
        return None
    stages = [
        StageDraws(stage, basis, price_book(basis.scenario), runner)
        for stage, basis in zip(plan.stages, plan.bases, strict=True)
    ]
    simulations = DrawSimulations(stages, runner)
    factors = draw_factors(ranges, n_draws)
    swings = [_swing(name, given) for name, given in ranges.items()]
    alone = [one for _, low, high in swings for one in (low, high)]
    is_whole = simulations.run([InputFactors(), *alone, *factors], factors[:N_SEARCHED])
    done = tuple(takewhile(simulations.has_whole, factors)) if simulations.has_whole(InputFactors()) else ()
    if not done:
        return None
    searched = tuple(takewhile(simulations.has_planned, factors[:N_SEARCHED]))
    seen = [
        (name, low, high)
        for name, low, high in swings
        if simulations.has_whole(low) and simulations.has_whole(high)
    ]
    budget = scenario.economics.budget
    budget_usd = None if budget is None else budget.monthly
    return PlanUncertainty(
        done,
        tuple(_stage(simulations, stage, done, searched, seen, budget_usd) for stage in stages),
        interrupted=not is_whole,
    )


def _swing(name: str, given: Range) -> _Swing:
    low, high = (InputFactors(**{name: factor_at(given, level)}) for level in (LEVELS[0], LEVELS[-1]))
    return name, low, high


def _stage(
    simulations: DrawSimulations,
    stage: StageDraws,
    factors: Sequence[InputFactors],
    searched: Sequence[InputFactors],
    swings: Sequence[_Swing],
    budget_usd: float | None,
) -> StageUncertainty:
    drawn = [simulations.drawn(stage, one) for one in factors]
    needed = [simulations.needed(stage, one) for one in searched]
    figures = {name: np.array([one.figures[name] for one in drawn]) for name in FIGURES}
    return StageUncertainty(
        name=stage.planned.name,
        figures=figures,
        objectives=_objectives(stage, drawn),
        within_budget=None if budget_usd is None else figures["month_usd"] <= budget_usd,
        capacity=_amounts(stage, needed),
        is_feasible=np.array([one.is_feasible for one in needed], dtype=np.bool_),
        swings=tuple(
            InputSwing(
                name,
                getattr(low, name),
                getattr(high, name),
                simulations.drawn(stage, low).figures,
                simulations.drawn(stage, high).figures,
            )
            for name, low, high in swings
        ),
    )


def _objectives(stage: StageDraws, drawn: Sequence[Drawn]) -> dict[str, ObjectiveDraws]:
    """Per objective and draw the worst value of all users and peaks, and whether that holds."""
    found = {}
    for slo in dict.fromkeys(name for _, name, _ in stage.verdicts):
        verdicts = {subject: of for subject, of in stage.verdicts.items() if subject[1] == slo}
        of = next(iter(verdicts.values()))
        best, worst_of = (np.inf, np.min) if of.op.startswith(">") else (-np.inf, np.max)
        values = np.array([[one.objectives.get(subject, np.nan) for subject in verdicts] for one in drawn])
        worst = worst_of(np.where(np.isnan(values), best, values), axis=1)
        holds = np.array([meets(float(value), of.op, of.limit) for value in worst], dtype=np.bool_)
        found[slo] = ObjectiveDraws(of, np.where(np.isinf(worst), np.nan, worst), holds)
    return found


def _amounts(stage: StageDraws, needed: Sequence[DrawnCapacity]) -> dict[str, dict[str, Floats]]:
    return {
        path: {region: np.array([one.amounts[path][region] for one in needed]) for region in by_region}
        for path, by_region in stage.planned.capacity.items()
    }
