"""The cheapest capacity under which a stage's peaks meet every objective.

The black box of `simulator.studies.capacity.search` is here a simulation: a setting of the knobs goes into the
scenario, the peaks are replicated until their objectives are decided, and the strain of the targets says what
presses. Considered are settings that carry the offered load; what a knob with a stand-in does not carry, the stand-in may.
Objectives on cost take no part: they are held against the month afterwards.

Cost is what is held. Only where a knob spares something that is paid by use
(`simulator.studies.capacity.substitution`), the month is simulated with the settings that matter, and the cheapest
mix of both is looked for (`simulator.studies.capacity.mix`).

What not even the top of every knob meets is out of reach. It is missed whatever is bought, so the search goes on
for the other objectives, and for coming as near to this one as the top does.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from simulator.engine import Runner
from simulator.results.run_result import RunResult
from simulator.scenario.contingency_places import ContingencyCase
from simulator.scenario.model import Scenario
from simulator.studies.capacity.bounds import guessed_amount, least_amount, level_for
from simulator.studies.capacity.contingencies import held_for
from simulator.studies.capacity.knobs import Amounts, Axis, amounts, axes_of, with_setting
from simulator.studies.capacity.mix import Alternative, MixFound, MixSearch, SearchPart, parts_of
from simulator.studies.capacity.month_cost import Billing, MonthCosts
from simulator.studies.capacity.peak_trial import PeakTrial
from simulator.studies.capacity.refusal import Refusal
from simulator.studies.capacity.search import (
    SearchMemory,
    Setting,
    SettingEvaluation,
    cheapest,
    cost_of,
    is_below,
    with_level,
)
from simulator.studies.capacity.substitution import substituting_axes
from simulator.studies.capacity.week.slow_week import may_wait
from simulator.studies.common.replicator import Evidence, Replicator
from simulator.studies.common.verdicts.objectives import SloVerdict
from simulator.studies.common.windows import Peak

MAX_SETTINGS = 60  # simulated at the peaks of one stage; the search says when it was cut short
_MOST_STORMS = 4  # settings that held in a few runs and collapsed in more


@dataclass(frozen=True)
class Searched:
    """A search for capacity that is over, and can still be asked.

    Attributes
    ----------
    setting : that was found
    asked : settings that were simulated at the peaks
    at_busiest : simulates the healthy busiest hour
    holds : whether a setting meets everything, as far as was asked or follows; None: not known
    extra_month_usd : cost of a month with a setting more than with the one found; may raise `BudgetError`
    """

    axes: Sequence[Axis]
    setting: Setting
    asked: Sequence[Setting]
    at_busiest: Callable[[Setting], Evidence]
    holds: Callable[[Setting], bool | None]
    extra_month_usd: Callable[[Setting], float]


@dataclass(frozen=True)
class StageCapacity:
    """What to have in place for a stage's peaks, and the evidence."""

    scenario: Scenario  # with the capacity in it
    amounts: Amounts
    out_of_reach: tuple[str, ...]  # objectives that not even the top of every knob meets
    is_cheapest: bool
    evidence: tuple[Evidence, ...]  # of every peak at that capacity, without objectives on cost
    alternatives: tuple[Alternative, ...]  # where use costs, too: what else could be bought
    with_stand_in: frozenset[
        str
    ]  # targets for whom others stand in: to be offered more than they take is no harm
    n_settings: int
    searched: Searched  # to be asked what more or less would do
    set_by: Mapping[
        str, Mapping[str, Refusal]
    ]  # why an amount is not a level lower; only where there are cases
    missed_at_top: tuple[SloVerdict, ...] = ()  # what is out of reach, as the top of every knob has it
    ties: tuple[str, ...] = ()  # knobs of which a level less lies on a limit

    @property
    def is_feasible(self) -> bool:
        return not self.out_of_reach

    @property
    def healthy(self) -> tuple[Evidence, ...]:
        """Evidence of the peaks at which nothing goes wrong."""
        return tuple(at for at in self.evidence if at.contingency is None)


def plan_capacity(
    replicator: Replicator,
    scenario: Scenario,
    peaks: Sequence[Peak],
    told: Callable[[str, int], None] | None = None,
    billing: Billing | None = None,
    cases: Sequence[ContingencyCase] = (),
    staff: Mapping[tuple[str, str], float] | None = None,
    trial: PeakTrial | None = None,
) -> StageCapacity:
    """Find the cheapest setting of a scenario's knobs that meets every objective at every peak.

    Without knobs the scenario is simulated as it is.

    Parameters
    ----------
    replicator : where to simulate
    peaks : of the stage, headroom included
    told : called with what is simulated (`peak` or `month`) and the number of settings so far
    billing : how to simulate the stage's month; None: what is paid by use does not count
    cases : contingencies under which the peaks must hold, too, one at a time
    staff : people to have at least, by team and region, for what the peaks do not show
    trial : of the same peaks and cases, where one was held before: what it knows is not simulated again
    """
    axes = axes_of(scenario)
    trial = trial or PeakTrial(replicator, scenario, axes, peaks, cases)
    sparing = (False,) * len(axes) if billing is None else substituting_axes(scenario, axes, billing.book)

    def evaluate(setting: Setting) -> SettingEvaluation:
        found = trial.evaluate(setting)
        if told is not None:
            told("peak", trial.n_settings)
        return found

    parts = parts_of(axes, sparing)
    top = parts[0].high
    holds = any(evaluate(part.high).holds for part in parts)
    out_of_reach = () if holds else trial.give_up_beyond(top)
    missed_at_top = trial.beyond(top)
    generous = trial.evidence(top)
    carrying, guess = (
        _levels(ask, scenario, axes, generous, cases, replicator.runner)
        for ask in (least_amount, guessed_amount)
    )
    hired = tuple(level_for(axis, (staff or {}).get((axis.target, axis.region), 0.0)) for axis in axes)
    # who may wait for hours need not be carried at the peak: the week says how much of it there must be
    is_carried = [
        not spares and not may_wait(scenario, axis.target) for axis, spares in zip(axes, sparing, strict=True)
    ]
    least = tuple(
        max(level if carried else 0, of_week)
        for carried, level, of_week in zip(is_carried, carrying, hired, strict=True)
    )
    bills = None
    if billing is not None and any(sparing):
        bills = MonthCosts(replicator, scenario, axes, billing, told)

    def search() -> MixFound:
        if bills is not None:
            return MixSearch(axes, sparing, evaluate, bills, guess, MAX_SETTINGS).over(parts, least)
        found = _least_held(axes, evaluate, SearchPart(least, top), guess)
        return found if out_of_reach else replace(found, setting=_beyond_tie(trial, axes, found.setting))

    mix = search()
    for _ in range(_MOST_STORMS):
        if trial.outlasts(mix.setting):
            break
        mix = search()
    fewer = [with_level(mix.setting, place, level - 1) for place, level in enumerate(mix.setting)]
    mix = replace(mix, is_cheapest=mix.is_cheapest and not any(trial.is_open(less) for less in fewer))
    return StageCapacity(
        scenario=with_setting(scenario, axes, mix.setting),
        amounts=amounts(axes, mix.setting),
        out_of_reach=out_of_reach,
        is_cheapest=mix.is_cheapest,
        evidence=trial.evidence(mix.setting),
        alternatives=mix.alternatives,
        with_stand_in=frozenset(axis.target for axis, spares in zip(axes, sparing, strict=True) if spares),
        n_settings=trial.n_settings,
        searched=_searched(axes, trial, mix, bills),
        set_by=_set_by(trial, axes, mix.setting, scenario, generous, cases, replicator.runner)
        if cases
        else {},
        missed_at_top=missed_at_top,
        ties=tuple(
            f"{axis.path} in {axis.region}"
            for axis, less, level in zip(axes, fewer, mix.setting, strict=True)
            if level > 0 and less in trial.asked and trial.is_tie(less)
        ),
    )


def _beyond_tie(trial: PeakTrial, axes: Sequence[Axis], setting: Setting) -> Setting:
    """The cheapest level more that takes an objective off its limit, where it lies on it; the setting where none does."""
    if not trial.is_tie(setting):
        return setting
    steps = [
        (axis.cost_usd[level + 1] - axis.cost_usd[level], place)
        for place, (axis, level) in enumerate(zip(axes, setting, strict=True))
        if level + 1 < len(axis.levels)
    ]
    for _, place in sorted(steps):
        more = with_level(setting, place, setting[place] + 1)
        if trial.evaluate(more).holds and not trial.is_tie(more):
            return more
    return setting


def _searched(axes: Sequence[Axis], trial: PeakTrial, found: MixFound, bills: MonthCosts | None) -> Searched:
    """What is known after a search: more than what holds holds, too, and nothing cheaper does if that is proven."""
    costs = [axis.cost_usd for axis in axes]
    asked, setting = trial.asked, found.setting

    def holds(other: Setting) -> bool | None:
        if other in asked:
            return trial.evaluate(other).holds
        if trial.evaluate(setting).holds and is_below(setting, other):
            return True
        is_cheaper = bills is None and cost_of(other, costs) < cost_of(setting, costs)
        return False if found.is_cheapest and is_cheaper else None

    def extra_month_usd(other: Setting) -> float:
        if bills is not None:
            return bills.total_usd(other) - bills.total_usd(setting)
        return cost_of(other, costs) - cost_of(setting, costs)

    return Searched(axes, setting, asked, trial.at_busiest, holds, extra_month_usd)


def _least_held(
    axes: Sequence[Axis], evaluate: Callable[[Setting], SettingEvaluation], part: SearchPart, guess: Setting
) -> MixFound:
    """The cheapest setting where only what is held costs."""
    memory = SearchMemory(lambda setting: evaluate(part.raised(setting)), MAX_SETTINGS)
    found = cheapest(part.costs(axes), memory, part.lowered(guess))
    return MixFound(part.raised(found.setting), found.is_cheapest, ())


def _levels(
    ask: Callable[[Scenario, Axis, Sequence[RunResult], Runner], float],
    scenario: Scenario,
    axes: Sequence[Axis],
    generous: Sequence[Evidence],
    cases: Sequence[ContingencyCase],
    runner: Runner,
) -> Setting:
    """Lowest levels that offer the amounts asked for at every peak, whatever goes wrong at it."""
    needed = _needed(ask, scenario, cases, runner)
    return tuple(max(level_for(axis, needed(axis, at)) for at in generous) for axis in axes)


def _needed(
    ask: Callable[[Scenario, Axis, Sequence[RunResult], Runner], float],
    scenario: Scenario,
    cases: Sequence[ContingencyCase],
    runner: Runner,
) -> Callable[[Axis, Evidence], float]:
    """How much of an axis to hold for what a peak asks for, counting what its contingency takes away."""
    incidents = {case.name: case.incident for case in cases}

    def amount(axis: Axis, at: Evidence) -> float:
        left = ask(scenario, axis, at.results, runner)
        return left if at.contingency is None else held_for(axis, incidents[at.contingency], left)

    return amount


def _set_by(
    trial: PeakTrial,
    axes: Sequence[Axis],
    setting: Setting,
    scenario: Scenario,
    generous: Sequence[Evidence],
    cases: Sequence[ContingencyCase],
    runner: Runner,
) -> dict[str, dict[str, Refusal]]:
    """Per knob path and region what refuses a level less: an objective, or the load that is offered."""
    needed = _needed(least_amount, scenario, cases, runner)
    found: dict[str, dict[str, Refusal]] = {}
    for place, axis in enumerate(axes):
        if setting[place] == 0:
            continue
        most = max(generous, key=lambda at: needed(axis, at))
        refusal: Refusal | None = Refusal(slo=None, contingency=most.contingency)
        if level_for(axis, needed(axis, most)) < setting[place]:
            refusal = trial.refusal(with_level(setting, place, setting[place] - 1))
        if refusal is not None:
            found.setdefault(axis.path, {})[axis.region] = refusal
    return found
