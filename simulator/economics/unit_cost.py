"""What does one action cost? All that a report shows: totals and unit costs, by category and by part."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from simulator.economics.accounts import Accounts, Basis, accounts, total_cost, unit_cost
from simulator.economics.categories import Category
from simulator.economics.price_book import PriceBook
from simulator.metrics.dimensions import ALL, Selection
from simulator.results.run_result import RunResult
from simulator.theory.estimate import Estimate


@dataclass(frozen=True)
class UnitCost:
    """Cost per one of something in US dollars."""

    total: Estimate
    by_category: Mapping[Category, Estimate]  # adds up to `total`


@dataclass(frozen=True)
class CostPart:
    """Cost of everything, or of one workload or region, in US dollars; None: nothing to divide by."""

    total: Estimate  # of the window or month
    by_category: Mapping[Category, Estimate]
    wasted: Estimate  # part of `total`: answers that were not used
    per_action: UnitCost | None  # every action that ended
    per_successful_action: UnitCost | None
    per_turn: UnitCost | None


@dataclass(frozen=True)
class UnitCosts:
    """Costs of one window, or of a month."""

    everything: CostPart
    by_workload: Mapping[str, CostPart]
    by_region: Mapping[str, CostPart]  # of the users
    by_stage: Mapping[str, CostPart]  # the one stage, if there is one
    by_target: Mapping[str, Estimate]  # total; the platform is no target

    @property
    def cost_per_action(self) -> Estimate | None:
        """Cost per action that ended."""
        return None if self.everything.per_action is None else self.everything.per_action.total

    @property
    def cost_per_successful_action(self) -> Estimate | None:
        """Cost per action that was answered, or resolved by people, and right."""
        part = self.everything.per_successful_action
        return None if part is None else part.total


def unit_costs(results: Sequence[RunResult], book: PriceBook) -> UnitCosts:
    """Every cost of replications of one window."""
    return unit_costs_of(accounts(results, book), results[0].stage)


def unit_costs_of(of: Accounts, stage: str | None) -> UnitCosts:
    """Every cost in the accounts of a window or a month."""
    everything = cost_part(of)
    targets = dict.fromkeys(line.station.target for line in of.lines if line.station is not None)
    return UnitCosts(
        everything,
        by_workload={
            name: cost_part(of, Selection(workload=name))
            for name in dict.fromkeys(stream.workload for stream in of.streams)
        },
        by_region={
            name: cost_part(of, Selection(region=name))
            for name in dict.fromkeys(stream.region for stream in of.streams)
        },
        by_stage={} if stage is None else {stage: everything},
        by_target={name: total_cost(of, Selection(target=name)) for name in targets},
    )


def cost_part(of: Accounts, selection: Selection = ALL) -> CostPart:
    """Totals and unit costs of a selection of actions."""
    return CostPart(
        total=total_cost(of, selection),
        by_category={category: total_cost(of, selection, category) for category in categories(of)},
        wasted=total_cost(of, selection, wasted=True),
        per_action=_unit_cost(of, Basis.ACTION, selection),
        per_successful_action=_unit_cost(of, Basis.SUCCESSFUL_ACTION, selection),
        per_turn=_unit_cost(of, Basis.TURN, selection),
    )


def categories(of: Accounts) -> list[Category]:
    """Categories that cost something, in their order."""
    present = {line.category for line in of.lines}
    return [category for category in Category if category in present]


def _unit_cost(of: Accounts, basis: Basis, selection: Selection) -> UnitCost | None:
    total = unit_cost(of, basis, selection)
    if total is None:
        return None
    parts = {category: unit_cost(of, basis, selection, category) for category in categories(of)}
    return UnitCost(total, {category: part for category, part in parts.items() if part is not None})
