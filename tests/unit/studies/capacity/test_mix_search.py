"""The search for a mix against asking every setting: same cost where use costs, too, with few questions."""

import itertools
from collections.abc import Callable

import numpy as np
import pytest

from simulator.studies.capacity.mix_search import Mix, cheapest_mix
from simulator.studies.capacity.search import BudgetError, SearchMemory, Setting, SettingEvaluation, cheapest

N_PROBLEMS = 300


class Problem:
    """Objectives that more never hurts, held costs that rise, and a cost by use that some knobs spare."""

    def __init__(self, seed: int) -> None:
        rng = np.random.default_rng([7, seed])
        n_knobs = int(rng.integers(1, 4))
        self.sizes = [int(rng.integers(1, 9)) for _ in range(n_knobs)]
        self.costs = [np.cumsum(rng.choice([0.0, 1.0, 2.5], size)).tolist() for size in self.sizes]
        self.sparing = (rng.random(n_knobs) < 0.7).tolist()
        self.effects = [np.cumsum(rng.exponential(1.0, size)) for size in self.sizes]
        weights = (rng.random((2, n_knobs)) < 0.6) * rng.exponential(1.0, (2, n_knobs))
        most = weights @ np.array([effect[-1] for effect in self.effects])
        self.weights, self.needs = weights, most * rng.uniform(0.0, 1.03, 2)
        self.demand = float(rng.uniform(0.0, 1.5)) * sum(effect[-1] for effect in self.effects)
        self.price = float(rng.choice([0.2, 1.0, 3.0]))
        self.asked: list[Setting] = []
        self.priced: list[Setting] = []

    def evaluate(self, setting: Setting) -> SettingEvaluation:
        self.asked.append(setting)
        levels = np.array([effect[level] for effect, level in zip(self.effects, setting, strict=True)])
        short = np.maximum(self.needs - self.weights @ levels, 0.0)
        return SettingEvaluation(holds=bool(short.max() <= 1e-12), pressure=tuple(short @ self.weights))

    def use_usd(self, setting: Setting) -> float:
        """What own capacity does not take goes to the provider; the other knobs add a little."""
        self.priced.append(setting)
        taken = added = 0.0
        for level, effect, spares in zip(setting, self.effects, self.sparing, strict=True):
            taken += effect[level] * spares
            added += 0.3 * level * (not spares)
        return self.price * max(self.demand - taken, 0.0) + added

    def cost(self, setting: Setting) -> float:
        held = sum(costs[level] for costs, level in zip(self.costs, setting, strict=True))
        return held + self.use_usd(setting)

    def cheapest_by_asking_all(self) -> float | None:
        settings = itertools.product(*(range(size) for size in self.sizes))
        return min((self.cost(at) for at in settings if self.evaluate(at).holds), default=None)


def _solve(problem: Problem, *, with_start: bool = True, tolerance: float = 0.0) -> Mix:
    memory = SearchMemory(problem.evaluate, 10**6)
    start = None
    if with_start:
        found = cheapest(problem.costs, memory, (0,) * len(problem.sizes))
        start = found.setting if found.holds else None
    return cheapest_mix(problem.costs, problem.sparing, memory, problem.use_usd, start, tolerance=tolerance)


@pytest.mark.parametrize("seed", range(N_PROBLEMS))
def test_mix_equals_exhaustive_search(seed: int) -> None:
    for with_start in (True, False):
        problem = Problem(seed)
        found = _solve(problem, with_start=with_start)
        best = problem.cheapest_by_asking_all()
        assert found.is_cheapest
        assert (found.setting is None) == (best is None)
        if found.setting is not None:
            assert problem.evaluate(found.setting).holds
            assert found.cost_usd == pytest.approx(problem.cost(found.setting))
            assert found.cost_usd == pytest.approx(best)


def test_problems_are_worth_the_search() -> None:
    """Often the fewest that hold are not the cheapest, and often neither end of the knobs is."""
    n_dearer = n_between = 0
    for seed in range(N_PROBLEMS):
        problem = Problem(seed)
        memory = SearchMemory(problem.evaluate, 10**6)
        fewest = cheapest(problem.costs, memory, (0,) * len(problem.sizes))
        mix = _solve(problem)
        if mix.setting is not None:
            n_dearer += problem.cost(fewest.setting) > mix.cost_usd + 1e-9
            n_between += 0 < sum(mix.setting) < sum(problem.sizes) - len(problem.sizes)
    assert n_dearer > 0.3 * N_PROBLEMS
    assert n_between > 0.3 * N_PROBLEMS


def test_tolerance_is_kept_and_saves_questions() -> None:
    n_exact = n_near = 0
    for seed in range(N_PROBLEMS):
        exact, near = Problem(seed), Problem(seed)
        best, found = _solve(exact), _solve(near, tolerance=0.05)
        n_exact += len(set(exact.priced))
        n_near += len(set(near.priced))
        if best.setting is not None:
            assert best.cost_usd <= found.cost_usd <= best.cost_usd / 0.95 + 1e-9
    assert n_near < 0.95 * n_exact


def _line(n_levels: int, price: float, demand: float) -> tuple[list[list[float]], Callable[[Setting], float]]:
    return [[float(level) for level in range(n_levels)]], lambda at: price * max(demand - at[0], 0.0)


def test_a_long_knob_takes_few_questions() -> None:
    """Use costs twice what a level does, up to level 137: that many are held."""
    costs, use_usd = _line(400, 2.0, 137.0)
    priced: set[Setting] = set()

    def counted(setting: Setting) -> float:
        priced.add(setting)
        return use_usd(setting)

    memory = SearchMemory(lambda _: SettingEvaluation(holds=True, pressure=(0.0,)), 10)
    found = cheapest_mix(costs, [True], memory, counted, (0,))
    assert found == Mix((137,), 137.0, is_cheapest=True)
    assert len(priced) < 25


def test_nothing_cheaper_than_what_is_known_is_none() -> None:
    costs, use_usd = _line(9, 2.0, 5.0)
    memory = SearchMemory(lambda _: SettingEvaluation(holds=True, pressure=(0.0,)), 10)
    assert cheapest_mix(costs, [True], memory, use_usd, (0,), below_usd=5.0) == Mix(None, 5.0, True)
    assert cheapest_mix(costs, [True], memory, use_usd, (0,), below_usd=5.1) == Mix((5,), 5.0, True)


def test_when_the_budget_ends_the_best_so_far_is_not_called_proven() -> None:
    costs, use_usd = _line(400, 2.0, 137.0)
    left = [3]

    def rationed(setting: Setting) -> float:
        left[0] -= 1
        if left[0] < 0:
            raise BudgetError
        return use_usd(setting)

    memory = SearchMemory(lambda _: SettingEvaluation(holds=True, pressure=(0.0,)), 10)
    found = cheapest_mix(costs, [True], memory, rationed, (100,))
    assert found.setting is not None
    assert not found.is_cheapest
    assert found.cost_usd <= 174.0
