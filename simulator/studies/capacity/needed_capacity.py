"""What capacity would a variant need? Searched as a plan does, at one stage, on the same users with the same luck."""

from collections.abc import Mapping
from dataclasses import dataclass

from simulator.economics.price_book import price_book
from simulator.engine import Runner
from simulator.scenario.change import ScenarioChange
from simulator.scenario.contingency_places import cases_of
from simulator.scenario.read.load import LoadedScenario
from simulator.studies.capacity.knobs import held_usd
from simulator.studies.capacity.stage_search import search_stage
from simulator.studies.common.replicator import Replicator


@dataclass(frozen=True)
class NeededCapacity:
    """The cheapest capacity under which a stage's peaks meet every objective.

    Attributes
    ----------
    amounts : by knob path and region
    out_of_reach : objectives that not even the upper bounds of the knobs meet
    held_usd : what holding the amounts costs in a month of 730 h, whatever is used
    n_settings : that were simulated
    """

    amounts: Mapping[str, Mapping[str, float]]
    out_of_reach: tuple[str, ...]
    is_cheapest: bool
    held_usd: float
    n_settings: int


def needed_capacity(
    loaded: LoadedScenario,
    stage: str,
    variant: ScenarioChange,
    runner: Runner,
) -> NeededCapacity:
    """Search the knobs of a scenario with a variant in place; what the variant says of a knob itself is searched over.

    Raises
    ------
    ScenarioError
        If the variant makes no valid scenario.
    Cancelled
        If it was cancelled.
    """
    changed = variant.apply(loaded.scenario, loaded.base_dir)
    cases = cases_of(changed, stage)
    scenario = changed.without_incidents()
    at = next(one for one in scenario.stages if one.name == stage)
    replicator = Replicator(runner.at(loaded.base_dir))

    def told(_: str, n_settings: int) -> None:
        runner.progress(0, 0, f"{n_settings} settings")

    found = search_stage(replicator, scenario, at, price_book(scenario), told, cases, variant.demand_factor)
    capacity = found.capacity
    return NeededCapacity(
        capacity.amounts,
        capacity.out_of_reach,
        capacity.is_cheapest,
        held_usd(capacity.searched.axes, capacity.amounts),
        capacity.n_settings,
    )
