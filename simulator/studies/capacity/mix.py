"""What to hold oneself, and what to buy by use? The cheapest mix of both, over the settings of one stage's knobs.

More of a target never hurts, with one exception: none of it at all may be better than too little, because everything then
goes to what stands in for it. So the settings are parted by what is absent, each part is searched by itself
(`simulator.studies.capacity.mix_search`), and parts that cannot be cheaper than what was found are left out.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, combinations
from math import inf
from operator import ne
from typing import Annotated, Literal

from simulator.studies.capacity.knobs import Amounts, Axis, amounts
from simulator.studies.capacity.mix_search import cheapest_mix
from simulator.studies.capacity.month_cost import MonthCosts
from simulator.studies.capacity.search import (
    BudgetError,
    SearchMemory,
    Setting,
    SettingEvaluation,
    cheapest,
    cost_of,
    is_below,
    with_level,
)
from simulator.studies.record import MonthlyCost, Record, json_key

_MAX_PARTED = 4  # knobs that may be absent, each by itself; of more, all are there or none is
_TOLERANCE = 1e-3  # of the month's cost; assumption: less is not worth another simulation


@dataclass(frozen=True)
class SearchPart:
    """Settings between two corners."""

    low: Setting
    high: Setting

    def raised(self, setting: Setting) -> Setting:
        """From levels counted from `low` to levels of the knobs."""
        return tuple(level + lowest for level, lowest in zip(setting, self.low, strict=True))

    def lowered(self, setting: Setting) -> Setting:
        """The nearest setting of this part, its levels counted from `low`."""
        corners = zip(setting, self.low, self.high, strict=True)
        return tuple(min(max(level, lowest), highest) - lowest for level, lowest, highest in corners)

    def costs(self, axes: Sequence[Axis]) -> list[Sequence[float]]:
        """Held cost by knob and level, counted from `low`."""
        corners = zip(axes, self.low, self.high, strict=True)
        return [axis.cost_usd[lowest : highest + 1] for axis, lowest, highest in corners]


class Alternative(Record):
    """What could be bought instead.

    Attributes
    ----------
    kind : own: enough to need nobody beside it; none: all by use
    holds : it meets every objective at the peaks
    """

    kind: Literal["own", "none"]
    amounts: Annotated[Amounts, json_key("capacity")]
    cost: MonthlyCost
    holds: Annotated[bool, json_key("is_feasible")]


def parts_of(axes: Sequence[Axis], sparing: Sequence[bool]) -> list[SearchPart]:
    """All settings, parted by which sparing knobs are at zero; the first part has everything.

    More than a few such knobs are all at zero or none is.
    """
    top = tuple(len(axis.levels) - 1 for axis in axes)
    optional = [
        knob
        for knob, (axis, spares) in enumerate(zip(axes, sparing, strict=True))
        if spares and axis.levels[0] == 0.0 and top[knob] > 0
    ]
    if len(optional) > _MAX_PARTED:
        choices: list[tuple[int, ...]] = [(), tuple(optional)]
    else:
        sizes = range(len(optional) + 1)
        choices = list(chain.from_iterable(combinations(optional, size) for size in sizes))
    parts = []
    for absent in choices:
        low, high = (0,) * len(top), top
        for knob in optional:
            low = with_level(low, knob, 0 if knob in absent else 1)
            high = with_level(high, knob, 0 if knob in absent else top[knob])
        parts.append(SearchPart(low, high))
    return parts


@dataclass(frozen=True)
class MixFound:
    """The outcome of a search over the parts."""

    setting: Setting
    is_cheapest: bool  # proven
    alternatives: tuple[Alternative, ...]


@dataclass
class MixSearch:
    """Goes through the parts and remembers the best setting.

    Attributes
    ----------
    axes, sparing : the knobs, and which spare cost by use
    evaluate : whether a setting holds at the peaks
    bills : what the month costs with a setting
    guess : levels that queueing theory suggests for the whole load
    max_settings : most questions to `evaluate`
    """

    axes: Sequence[Axis]
    sparing: Sequence[bool]
    evaluate: Callable[[Setting], SettingEvaluation]
    bills: MonthCosts
    guess: Setting
    max_settings: int
    _memories: dict[SearchPart, SearchMemory] = field(default_factory=dict)
    _least: Setting | None = None  # the least held that holds
    _best: Setting | None = None
    _limit_usd: float = inf
    _is_proven: bool = True

    def over(self, parts: Sequence[SearchPart], least: Setting) -> MixFound:
        """Find the cheapest mix.

        Parameters
        ----------
        parts : from `parts_of`; the upper corner of one of them holds
        least : levels that carry the load where nothing else can
        """
        raised = [SearchPart(tuple(map(max, part.low, least)), part.high) for part in parts]
        self._least = self._find_least(raised[0])
        for part in sorted(raised, key=self._bound_usd):
            self._look_into(part)
        if self._best is None:  # the budget ended before anything held
            return MixFound(parts[0].high, False, ())
        n_optional = sum(map(ne, parts[0].low, parts[-1].low))
        is_cheapest = self._is_proven and len(parts) == 2**n_optional
        try:
            alternatives = tuple(self._alternatives(self._best, parts[-1]))
        except BudgetError:  # they are beside the point
            alternatives = ()
        return MixFound(self._best, is_cheapest, alternatives)

    def _find_least(self, part: SearchPart) -> Setting | None:
        """The cheapest setting of a part, use not counted; None: nothing holds, or there was no time to see."""
        if not self.evaluate(part.high).holds:
            return None
        try:
            found = cheapest(part.costs(self.axes), self._memory(part), part.lowered(self.guess))
        except BudgetError:
            return None
        return part.raised(found.setting)

    def _look_into(self, part: SearchPart) -> None:
        """Take the cheapest setting of a part if it is cheaper than the best so far."""
        worth_usd = self._limit_usd * (1.0 - _TOLERANCE)
        if self._bound_usd(part) >= worth_usd or not self.evaluate(part.high).holds:
            return
        least = self._least
        is_inside = least is not None and is_below(part.low, least) and is_below(least, part.high)
        mix = cheapest_mix(
            part.costs(self.axes),
            self.sparing,
            self._memory(part),
            lambda setting: self.bills.by_use_usd(part.raised(setting)),
            part.lowered(least) if least is not None and is_inside else None,
            below_usd=worth_usd,
            tolerance=_TOLERANCE,
        )
        if mix.setting is not None:
            self._best, self._limit_usd = part.raised(mix.setting), mix.cost_usd
        self._is_proven = self._is_proven and mix.is_cheapest

    def _bound_usd(self, part: SearchPart) -> float:
        """A cost that no setting of a part is below: the least held, and the least by use."""
        corners = zip(part.low, part.high, self.sparing, strict=True)
        corner = tuple(high if spares else low for low, high, spares in corners)
        return cost_of(part.low, [axis.cost_usd for axis in self.axes]) + self.bills.by_use_usd(corner)

    def _memory(self, part: SearchPart) -> SearchMemory:
        """What is known of a part; all parts share one budget."""
        if part not in self._memories:
            spent = sum(memory.n_evaluations for memory in self._memories.values())
            self._memories[part] = SearchMemory(
                lambda setting: self.evaluate(part.raised(setting)), max(self.max_settings - spent, 0)
            )
        return self._memories[part]

    def _alternatives(self, best: Setting, last: SearchPart) -> Iterator[Alternative]:
        """What queueing theory asks for if all is done with what is held, and all by use; other knobs as found."""
        own = self._with_sparing(best, self.guess)
        if own != best:
            yield self._alternative("own", own)
        none = self._with_sparing(best, last.high)
        if none != best and any(map(ne, last.high, self._top)):
            yield self._alternative("none", none)

    def _with_sparing(self, best: Setting, other: Setting) -> Setting:
        """The best setting, but with another's levels of what spares."""
        pairs = zip(best, other, self.sparing, strict=True)
        return tuple(theirs if spares else ours for ours, theirs, spares in pairs)

    def _alternative(self, kind: Literal["own", "none"], setting: Setting) -> Alternative:
        return Alternative(
            kind=kind,
            amounts=amounts(self.axes, setting),
            cost=MonthlyCost(month=self.bills.total_usd(setting)),
            holds=self.evaluate(setting).holds,
        )

    @property
    def _top(self) -> Setting:
        return tuple(len(axis.levels) - 1 for axis in self.axes)
