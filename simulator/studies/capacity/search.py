"""The cheapest setting that holds, over a grid of knobs where more of anything never hurts.

A setting is a tuple of levels, one per knob. The settings that hold form an up-set: raise a knob and they
still hold. The search asks a black box (a simulation) as rarely as it can:

1. If the bottom of all knobs holds, it is the answer. If not even the top of all knobs holds, there is none.
   Otherwise raise, from a guess (mostly from queueing theory), the knob that presses most until it holds.
2. Per knob, the lowest level that holds with every other knob at its top: no setting below it can hold. Where
   the guess is right, this is one question a knob.
3. If all these lowest levels together hold, they are the cheapest setting: proven.
4. Otherwise the knobs can replace each other: the setting is lowered knob by knob, then the settings between
   it and the lowest levels are asked in order of cost, skipping whatever is below one that failed. The first
   that holds is the cheapest: proven, unless the budget ends first.
"""

import heapq
from collections.abc import Callable, Sequence
from dataclasses import dataclass

Setting = tuple[int, ...]


@dataclass(frozen=True)
class SettingEvaluation:
    """What is known of one setting."""

    holds: bool  # every objective is met, and the data suffice to say so
    pressure: tuple[float, ...]  # per knob, how much it holds things up; only the order matters


@dataclass(frozen=True)
class Found:
    """The outcome of a search."""

    setting: Setting
    holds: bool  # False: not even the top of all knobs holds; `setting` is that top
    is_cheapest: bool  # proven; False: the budget ended, no single knob can be lowered alone
    n_evaluations: int


class BudgetError(RuntimeError):
    """The search has asked as often as it may."""


class SearchMemory:
    """Asks each setting once, and not at all where an earlier answer implies this one.

    Parameters
    ----------
    evaluate : the black box; must be monotone: what holds still holds with any knob raised
    max_evaluations : after so many questions, the next raises `BudgetError`
    """

    def __init__(self, evaluate: Callable[[Setting], SettingEvaluation], max_evaluations: int) -> None:
        self._evaluate = evaluate
        self._max_evaluations = max_evaluations
        self._known: dict[Setting, SettingEvaluation] = {}
        self.maximal_failures: list[Setting] = []
        self.minimal_successes: list[Setting] = []

    @property
    def n_evaluations(self) -> int:
        """Questions asked so far."""
        return len(self._known)

    def fails_by_order(self, setting: Setting) -> bool:
        """Whether a setting with at least as much of everything is known to fail."""
        return any(is_below(setting, failure) for failure in self.maximal_failures)

    def holds_by_order(self, setting: Setting) -> bool:
        """Whether a setting with no more of anything is known to hold."""
        return any(is_below(success, setting) for success in self.minimal_successes)

    def evaluate(self, setting: Setting) -> SettingEvaluation:
        """What the black box says, asked once."""
        if setting not in self._known:
            if len(self._known) >= self._max_evaluations:
                raise BudgetError
            self._learn(setting, self._evaluate(setting))
        return self._known[setting]

    def holds(self, setting: Setting) -> bool:
        """Whether a setting holds, inferred if possible."""
        if self.fails_by_order(setting):
            return False
        return self.holds_by_order(setting) or self.evaluate(setting).holds

    def _learn(self, setting: Setting, evaluation: SettingEvaluation) -> None:
        self._known[setting] = evaluation
        if evaluation.holds:
            kept = [other for other in self.minimal_successes if not is_below(setting, other)]
            self.minimal_successes = [*kept, setting]
        else:
            kept = [other for other in self.maximal_failures if not is_below(other, setting)]
            self.maximal_failures = [*kept, setting]


def cheapest(
    costs: Sequence[Sequence[float]],
    memory: SearchMemory,
    guess: Setting,
) -> Found:
    """Find the cheapest setting that holds.

    Parameters
    ----------
    costs : [knob][level] cost, not falling with the level; the cost of a setting is their sum
    memory : asks the black box, and keeps what was learnt; once it may ask no more, the best setting so far is
        returned, not proven
    guess : a setting thought to be near the answer; it changes how often is asked, never what is found

    Returns
    -------
    Found

    Raises
    ------
    BudgetError : the budget ended before any setting held (three questions are always enough).
    """
    top = tuple(len(levels) - 1 for levels in costs)
    bottom = (0,) * len(top)
    if memory.holds(bottom):
        return Found(bottom, holds=True, is_cheapest=True, n_evaluations=memory.n_evaluations)
    try:
        if not memory.holds(guess) and not memory.holds(top):
            return Found(top, holds=False, is_cheapest=False, n_evaluations=memory.n_evaluations)
        start = _raise_what_presses(memory, guess, top)
        floor = tuple(_lowest_alone(memory, top, knob, start[knob]) for knob in range(len(top)))
        if memory.holds(floor):
            return Found(floor, holds=True, is_cheapest=True, n_evaluations=memory.n_evaluations)
        start = _lower_one_by_one(memory, start, floor, costs)
        found = _best_first(memory, floor, start, costs)
    except BudgetError:
        if not memory.minimal_successes:
            raise
        found = min(memory.minimal_successes, key=lambda setting: cost_of(setting, costs))
        return Found(found, holds=True, is_cheapest=False, n_evaluations=memory.n_evaluations)
    return Found(found, holds=True, is_cheapest=True, n_evaluations=memory.n_evaluations)


def _raise_what_presses(memory: SearchMemory, setting: Setting, top: Setting) -> Setting:
    """Raise the knob with the most pressure, in growing strides, until the setting holds."""
    strides = [1] * len(top)
    while not memory.holds(setting):
        pressure = memory.evaluate(setting).pressure
        open_knobs = [knob for knob in range(len(top)) if setting[knob] < top[knob]]
        knob = max(open_knobs, key=lambda k: pressure[k])
        setting = with_level(setting, knob, min(setting[knob] + strides[knob], top[knob]))
        strides[knob] *= 2
    return setting


def _lowest_alone(memory: SearchMemory, top: Setting, knob: int, known: int) -> int:
    """Lowest level of a knob that holds with all others at the top: gallop down from `known`, bisect."""

    def holds(level: int) -> bool:
        return memory.holds(with_level(top, knob, level))

    low, high, stride = -1, known, 1  # high holds, low does not
    while high > 0 and low < 0:
        level = max(high - stride, 0)
        if holds(level):
            high = level
        else:
            low = level
        stride *= 2
    return _bisect(holds, low, high)


def _bisect(holds: Callable[[int], bool], low: int, high: int) -> int:
    """Lowest level that holds, given that `high` does and `low` does not."""
    while high - low > 1:
        middle = (low + high) // 2
        if holds(middle):
            high = middle
        else:
            low = middle
    return high


def _lower_one_by_one(
    memory: SearchMemory, setting: Setting, floor: Setting, costs: Sequence[Sequence[float]]
) -> Setting:
    """Lower each knob as far as it holds, the one that saves most first; what remains is a local minimum."""
    by_saving = sorted(range(len(floor)), key=lambda k: costs[k][floor[k]] - costs[k][setting[k]])
    for knob in by_saving:

        def holds(level: int, current: Setting = setting, knob: int = knob) -> bool:
            return memory.holds(with_level(current, knob, level))

        setting = with_level(setting, knob, _bisect(holds, floor[knob] - 1, setting[knob]))
    return setting


def _best_first(
    memory: SearchMemory, floor: Setting, incumbent: Setting, costs: Sequence[Sequence[float]]
) -> Setting:
    """Ask settings above the floor by rising cost; the first that holds, or the incumbent, is cheapest."""
    limit = cost_of(incumbent, costs)
    queue = [(cost_of(floor, costs), floor)]
    seen = {floor}
    while queue:
        cost, setting = heapq.heappop(queue)
        if cost >= limit:
            break
        if memory.holds(setting):
            return setting
        for knob in range(len(floor)):
            if setting[knob] + 1 < len(costs[knob]):
                dearer = with_level(setting, knob, setting[knob] + 1)
                if dearer not in seen:
                    seen.add(dearer)
                    heapq.heappush(queue, (cost_of(dearer, costs), dearer))
    return incumbent


def is_below(setting: Setting, other: Setting) -> bool:
    """Whether a setting has no more of anything than another."""
    return all(a <= b for a, b in zip(setting, other, strict=True))


def with_level(setting: Setting, knob: int, level: int) -> Setting:
    """A setting with one knob at another level."""
    return (*setting[:knob], level, *setting[knob + 1 :])


def cost_of(setting: Setting, costs: Sequence[Sequence[float]]) -> float:
    """Cost of holding a setting, given [knob][level]."""
    return sum(levels[level] for level, levels in zip(setting, costs, strict=True))
