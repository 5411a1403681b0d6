"""The cheapest setting where what is held spares what is paid by use: own replicas against a provider's tokens.

    cost of a setting = Σ held cost of its levels + cost by use with it

Held cost rises with every level. Cost by use falls with the knobs that spare it and does not fall with the others, but how
far, only a simulation tells. So over all settings of a box between `low` and `high` no cost is below

    held(low) + use(sparing knobs as in `high`, the others as in `low`)

and the box with the lowest such bound is looked at next (branch and bound): it is left out where the bound is no
better than what was found or where not even `high` holds, cut where a level alone costs more than there is to gain,
and halved. A box of a single setting has its cost as its bound, so the first that is met is the cheapest: proven, if
the cost by use is as said.
"""

import heapq
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from math import inf

from simulator.studies.capacity.search import BudgetError, SearchMemory, Setting, cost_of, with_level

_Costs = Sequence[Sequence[float]]


@dataclass(frozen=True)
class Mix:
    """The outcome of a search."""

    setting: Setting | None  # None: nothing that holds is cheap enough, or nothing holds
    cost_usd: float  # held and by use
    is_cheapest: bool  # proven, within the tolerance; False: the budget ended


@dataclass(frozen=True)
class _Box:
    """Settings between two corners, and a cost that none of them is below."""

    low: Setting
    high: Setting
    bound_usd: float
    is_sharp: bool  # the bound was worked out for this box; False: it is that of a larger one


def cheapest_mix(
    costs: _Costs,
    sparing: Sequence[bool],
    memory: SearchMemory,
    use_usd: Callable[[Setting], float],
    start: Setting | None,
    *,
    below_usd: float = inf,
    tolerance: float = 0.0,
) -> Mix:
    """Find the cheapest setting that holds, counting what is paid by use.

    Parameters
    ----------
    costs : [knob][level] held cost, not falling with the level
    sparing : per knob, whether raising it spares cost by use; raising the others never does
    memory : tells which settings hold; what holds still holds with any knob raised
    use_usd : cost by use of a setting; raises `BudgetError` once it was asked as often as it may
    start : a setting that holds; None: none is known yet
    below_usd : only what is cheaper is looked for
    tolerance : share of the cost that is not worth another question

    Returns
    -------
    Mix
    """
    search = _Search(costs, sparing, memory, use_usd, tolerance, below_usd)
    try:
        if start is not None:
            search.offer(start)
        search.run()
    except BudgetError:
        return Mix(search.best, search.limit_usd, is_cheapest=False)
    return Mix(search.best, search.limit_usd, is_cheapest=True)


@dataclass
class _Search:
    costs: _Costs
    sparing: Sequence[bool]
    memory: SearchMemory
    use_usd: Callable[[Setting], float]
    tolerance: float
    limit_usd: float  # cost of the best so far
    best: Setting | None = None

    def offer(self, setting: Setting) -> None:
        """Take a setting that holds if it is cheaper than the best so far."""
        cost_usd = cost_of(setting, self.costs) + self.use_usd(setting)
        if cost_usd < self.limit_usd:
            self.best, self.limit_usd = setting, cost_usd

    def run(self) -> None:
        """Look at boxes by rising bound until none can be better than the best."""
        top = tuple(len(levels) - 1 for levels in self.costs)
        number = count()
        queue = [(-inf, next(number), _Box((0,) * len(top), top, -inf, is_sharp=False))]
        while queue:
            bound_usd, _, box = heapq.heappop(queue)
            if bound_usd >= self._worth_usd:
                return
            for part in self._parts(box):
                heapq.heappush(queue, (part.bound_usd, next(number), part))

    @property
    def _worth_usd(self) -> float:
        return self.limit_usd * (1.0 - self.tolerance)

    def _parts(self, box: _Box) -> Iterator[_Box]:
        """What is to be looked at instead of a box: itself with a sharp bound, or its halves."""
        if self.memory.fails_by_order(box.high):
            return
        if not box.is_sharp:
            yield self._sharpened(box)
        elif self.memory.holds(box.high):
            if box.high == self._corner(box.low, box.high):
                self.offer(box.high)
            high = self._cut(box)
            if _is_much_lower(box.low, high, box.high):
                yield _Box(box.low, high, box.bound_usd, is_sharp=False)
            elif box.low != high:
                yield from self._halves(box.low, high, box.bound_usd)

    def _corner(self, low: Setting, high: Setting) -> Setting:
        """Where the cost by use of a box is lowest."""
        return tuple(
            top if spares else bottom for bottom, top, spares in zip(low, high, self.sparing, strict=True)
        )

    def _sharpened(self, box: _Box) -> _Box:
        high = box.high
        if high != self._corner(box.low, high) and self.memory.holds(box.low):
            high = self._corner(box.low, high)  # what spares nothing need not be raised once all holds
        bound_usd = cost_of(box.low, self.costs) + self.use_usd(self._corner(box.low, high))
        return _Box(box.low, high, max(bound_usd, box.bound_usd), is_sharp=True)

    def _cut(self, box: _Box) -> Setting:
        """The upper corner without levels that alone cost more than there is to gain."""
        high = box.high
        gain_usd = self._worth_usd - box.bound_usd
        for knob, levels in enumerate(self.costs):
            level = high[knob]
            while level > box.low[knob] and levels[level] - levels[box.low[knob]] >= gain_usd:
                level -= 1
            high = with_level(high, knob, level)
        return high

    def _halves(self, low: Setting, high: Setting, bound_usd: float) -> Iterator[_Box]:
        """Cut a box in two at the knob whose levels differ most in cost."""
        knobs = [knob for knob in range(len(low)) if low[knob] < high[knob]]
        knob = max(knobs, key=lambda k: (self.costs[k][high[k]] - self.costs[k][low[k]], high[k] - low[k]))
        middle = (low[knob] + high[knob]) // 2
        yield _Box(low, with_level(high, knob, middle), bound_usd, is_sharp=False)
        upper = with_level(low, knob, middle + 1)
        dearer_usd = self.costs[knob][middle + 1] - self.costs[knob][low[knob]]
        yield _Box(upper, high, bound_usd + dearer_usd, is_sharp=False)


def _is_much_lower(low: Setting, high: Setting, before: Setting) -> bool:
    """Whether some knob has at most half the levels left: worth a sharper bound at once."""
    levels = zip(low, high, before, strict=True)
    return any(now < then and 2 * (now - bottom) <= then - bottom for bottom, now, then in levels)
