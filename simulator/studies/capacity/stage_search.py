"""The capacity of one stage: its peaks, the contingencies felt at them, and the cheapest setting that holds under all."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from simulator.economics.price_book import PriceBook
from simulator.scenario.contingency_places import ContingencyCase
from simulator.scenario.model import Scenario, Stage
from simulator.studies.capacity.capacity import StageCapacity, plan_capacity
from simulator.studies.capacity.contingencies import in_use
from simulator.studies.capacity.knobs import axes_of
from simulator.studies.capacity.month_cost import Billing
from simulator.studies.capacity.peak_trial import PeakTrial
from simulator.studies.capacity.warmup import lasting_longer, stage_warmup_s
from simulator.studies.capacity.week.people_week import people_weeks, staff_needed
from simulator.studies.capacity.week.slow_week import SlowWeek
from simulator.studies.common.replicator import Replicator
from simulator.studies.common.run_length import longer_warmup_s
from simulator.studies.common.windows import Peak, peaks

_MOST_WARMUPS = 2  # the capacity that is found may be busier than the one that the warm-up was found for
_MOST_HIRINGS = 3  # times that people are added for the week: the first shows that somebody is needed


@dataclass(frozen=True)
class StageSearch:
    """What was searched, and what was found.

    Attributes
    ----------
    felt : contingencies that take away something that is asked for
    bare : capacity that holds while nothing goes wrong
    capacity : capacity that also holds under what is felt; `bare` itself if nothing is
    """

    peaks: tuple[Peak, ...]
    billing: Billing
    felt: tuple[ContingencyCase, ...]
    bare: StageCapacity
    capacity: StageCapacity


def search_stage(
    replicator: Replicator,
    scenario: Scenario,
    stage: Stage,
    book: PriceBook,
    told: Callable[[str, int], None] | None = None,
    cases: Sequence[ContingencyCase] = (),
    demand_factor: float = 1.0,
) -> StageSearch:
    """Find the cheapest capacity for the peaks of a stage.

    Parameters
    ----------
    scenario : without incidents
    told : called with what is simulated, and how many settings so far
    cases : contingencies that the peaks must hold under
    demand_factor : on everything that arrives
    """
    warmup_s = stage_warmup_s(replicator, scenario, stage)
    for _ in range(_MOST_WARMUPS):
        billing = Billing(stage, book, warmup_s, demand_factor)
        found = _searched(replicator, scenario, billing, told, cases)
        needed_s = longer_warmup_s(scenario.window, [at.results for at in found.bare.healthy])
        if needed_s is None:
            break
        warmup_s = needed_s
    return found


def _searched(
    replicator: Replicator,
    scenario: Scenario,
    billing: Billing,
    told: Callable[[str, int], None] | None,
    cases: Sequence[ContingencyCase],
) -> StageSearch:
    """The cheapest capacity with windows of the warm-up with which the month is billed."""
    stage, warmup_s = billing.stage, billing.warmup_s
    lasting = lasting_longer(scenario, stage, replicator.runner, warmup_s)
    found_peaks = tuple(
        peak.scaled(billing.demand_factor) for peak in peaks(lasting, stage, replicator.runner, warmup_s)
    )
    trial = PeakTrial(replicator, scenario, axes_of(scenario), found_peaks)
    bare = plan_capacity(replicator, scenario, found_peaks, told, billing, trial=trial)
    staff: dict[tuple[str, str], float] = {}
    for _ in range(_MOST_HIRINGS):
        more = _staff_of_the_week(replicator, bare, billing)
        if not any(number > staff.get(place, 0.0) for place, number in more.items()):
            break
        staff |= more
        bare = plan_capacity(replicator, scenario, found_peaks, told, billing, staff=staff, trial=trial)
    felt = in_use(cases, [at.results for at in bare.evidence])
    capacity = bare
    if felt:
        capacity = plan_capacity(replicator, scenario, found_peaks, told, billing, felt, staff)
    return StageSearch(found_peaks, billing, felt, bare, capacity)


def _staff_of_the_week(
    replicator: Replicator, found: StageCapacity, billing: Billing
) -> dict[tuple[str, str], float]:
    """What is needed beyond the peak, to get through the work of all hours, by target and region; empty: nothing is."""
    scenario, amounts = found.scenario, found.amounts
    if not any(path.startswith(("teams.", "services.")) for path in amounts):
        return {}
    month = billing.month(replicator, scenario)
    needed = staff_needed(scenario, people_weeks(scenario, month.windows), amounts)
    week = SlowWeek.of(replicator, scenario, billing.stage, month, billing.demand_factor)
    for place, amount in week.needed(scenario, amounts).items():
        needed[place] = max(needed.get(place, 0.0), amount)
    return needed
