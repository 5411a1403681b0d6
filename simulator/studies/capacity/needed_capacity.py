"""What capacity would a variant need? Searched as a plan does, at one stage, on the same users with the same luck."""

from simulator.economics.price_book import price_book
from simulator.engine import Runner
from simulator.scenario.change import ScenarioChange
from simulator.scenario.contingency_places import cases_of
from simulator.scenario.read.load import LoadedScenario
from simulator.studies.capacity.knobs import Amounts, held_usd
from simulator.studies.capacity.stage_search import search_stage
from simulator.studies.common.replicator import Replicator
from simulator.studies.record import MonthlyCost, Record


class NeededCapacity(Record):
    """The cheapest capacity under which a stage's peaks meet every objective.

    Attributes
    ----------
    out_of_reach : objectives that not even the upper bounds of the knobs meet
    held : what holding the amounts costs, whatever is used
    n_settings : that were simulated
    """

    amounts: Amounts
    out_of_reach: tuple[str, ...]
    is_cheapest: bool
    held: MonthlyCost
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
    changed = variant.apply(loaded.at_stage(stage).scenario, loaded.base_dir)
    cases = cases_of(changed, stage)
    scenario = changed.without_incidents()
    at = next(one for one in scenario.stages if one.name == stage)
    replicator = Replicator(runner.at(loaded.base_dir))

    def told(_: str, n_settings: int) -> None:
        runner.progress(0, 0, f"{n_settings} settings")

    found = search_stage(replicator, scenario, at, price_book(scenario), told, cases, variant.demand_factor)
    capacity = found.capacity
    return NeededCapacity(
        amounts=capacity.amounts,
        out_of_reach=capacity.out_of_reach,
        is_cheapest=capacity.is_cheapest,
        held=MonthlyCost(month=held_usd(capacity.searched.axes, capacity.amounts)),
        n_settings=capacity.n_settings,
    )
