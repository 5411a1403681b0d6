"""The search against asking every setting: same cost on every small monotone problem, with few questions."""

import itertools
from collections.abc import Callable

import numpy as np
import pytest

from simulator.studies.capacity.search import (
    BudgetError,
    Found,
    SearchMemory,
    Setting,
    SettingEvaluation,
    cheapest,
)

N_PROBLEMS = 400


class Problem:
    """Objectives that more of any knob never hurts; some knobs can replace each other, some cannot."""

    def __init__(self, seed: int) -> None:
        rng = np.random.default_rng(seed)
        n_knobs = int(rng.integers(1, 5))
        self.sizes = [int(rng.integers(1, 8)) for _ in range(n_knobs)]
        self.costs = [np.cumsum(rng.choice([0.0, 1.0, 2.5], size)).tolist() for size in self.sizes]
        self.effects = [np.cumsum(rng.exponential(1.0, size)) for size in self.sizes]
        n_objectives = int(rng.integers(1, 4))
        mixes = rng.random((n_objectives, n_knobs)) < 0.6
        self.weights = mixes * rng.exponential(1.0, (n_objectives, n_knobs))
        most = self.weights @ np.array([effect[-1] for effect in self.effects])
        self.needs = most * rng.uniform(0.2, 1.05, n_objectives)
        self.guess = tuple(int(rng.integers(0, size)) for size in self.sizes)
        self.asked: list[Setting] = []

    def evaluate(self, setting: Setting) -> SettingEvaluation:
        self.asked.append(setting)
        levels = np.array([effect[level] for effect, level in zip(self.effects, setting, strict=True)])
        short = np.maximum(self.needs - self.weights @ levels, 0.0)
        return SettingEvaluation(holds=bool(short.max() <= 1e-12), pressure=tuple(short @ self.weights))

    def cost(self, setting: Setting) -> float:
        return sum(costs[level] for costs, level in zip(self.costs, setting, strict=True))

    def cheapest_by_asking_all(self) -> float | None:
        settings = itertools.product(*(range(size) for size in self.sizes))
        holding = [self.cost(setting) for setting in settings if self.evaluate(setting).holds]
        return min(holding, default=None)


def _solve(seed: int, max_evaluations: int) -> tuple[Problem, Found]:
    problem = Problem(seed)
    return problem, cheapest(problem.costs, SearchMemory(problem.evaluate, max_evaluations), problem.guess)


@pytest.mark.parametrize("seed", range(N_PROBLEMS))
def test_cheapest_equals_exhaustive_search(seed: int) -> None:
    problem, found = _solve(seed, max_evaluations=10**6)
    best = problem.cheapest_by_asking_all()
    assert found.holds == (best is not None)
    if best is not None:
        assert found.is_cheapest
        assert problem.evaluate(found.setting).holds
        assert problem.cost(found.setting) == pytest.approx(best)


def test_no_setting_is_asked_twice_and_far_fewer_than_all() -> None:
    n_asked, n_settings = 0, 0
    for seed in range(N_PROBLEMS):
        problem, found = _solve(seed, max_evaluations=10**6)
        assert len(problem.asked) == len(set(problem.asked)) == found.n_evaluations
        n_asked += found.n_evaluations
        n_settings += int(np.prod(problem.sizes))
    assert n_asked < 0.15 * n_settings


def test_small_budget_still_holds_and_claims_nothing_false() -> None:
    n_best = 0
    n_holding = 0
    for seed in range(N_PROBLEMS):
        problem, found = _solve(seed, max_evaluations=12)
        best = problem.cheapest_by_asking_all()
        assert found.n_evaluations <= 12
        assert found.holds == (best is not None)
        if best is None:
            continue
        n_holding += 1
        is_best = problem.cost(found.setting) <= best + 1e-9
        assert problem.evaluate(found.setting).holds
        assert is_best or not found.is_cheapest
        n_best += is_best
    assert n_best >= 0.8 * n_holding


def _separate(needs: Setting) -> Callable[[Setting], SettingEvaluation]:
    def evaluate(setting: Setting) -> SettingEvaluation:
        short = tuple(float(max(need - level, 0)) for need, level in zip(needs, setting, strict=True))
        return SettingEvaluation(holds=max(short) == 0.0, pressure=short)

    return evaluate


def test_right_guess_needs_one_question_a_knob_and_one() -> None:
    costs = [[float(level) for level in range(200)]] * 8
    needs = (150, 3, 0, 17, 80, 1, 199, 42)
    found = cheapest(costs, SearchMemory(_separate(needs), 200), guess=needs)
    assert found == Found(needs, holds=True, is_cheapest=True, n_evaluations=2 + 7)  # none below level 0


def test_bottom_that_holds_is_one_question() -> None:
    found = cheapest([[0.0, 1.0]] * 3, SearchMemory(_separate((0, 0, 0)), 200), guess=(1, 1, 1))
    assert found == Found((0, 0, 0), holds=True, is_cheapest=True, n_evaluations=1)


def test_wrong_guess_is_found_by_gallop_and_bisection() -> None:
    costs = [[float(level) for level in range(200)]] * 3
    needs = (150, 3, 60)
    found = cheapest(costs, SearchMemory(_separate(needs), 200), guess=(20, 90, 61))
    assert found.setting == needs
    assert found.is_cheapest
    assert found.n_evaluations < 45


def test_nothing_holds() -> None:
    memory = SearchMemory(lambda _: SettingEvaluation(holds=False, pressure=(1.0, 0.0)), 200)
    found = cheapest([[0.0, 1.0], [0.0, 1.0]], memory, (0, 0))
    assert found == Found((1, 1), holds=False, is_cheapest=False, n_evaluations=2)


def test_no_knobs_is_one_question() -> None:
    holding = SearchMemory(lambda _: SettingEvaluation(holds=True, pressure=()), 200)
    assert cheapest([], holding, ()) == Found((), True, True, 1)
    assert not cheapest(
        [], SearchMemory(lambda _: SettingEvaluation(holds=False, pressure=()), 200), ()
    ).holds


def test_no_budget_at_all_is_an_error() -> None:
    with pytest.raises(BudgetError):
        cheapest([[0.0]], SearchMemory(lambda _: SettingEvaluation(holds=True, pressure=(0.0,)), 0), (0,))
    with pytest.raises(BudgetError):
        cheapest([[0.0, 1.0]], SearchMemory(_separate((1,)), 1), (0,))
