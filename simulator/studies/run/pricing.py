"""What does each part of a run cost? Unit costs beside the metrics, and the cost of the window by category."""

from collections.abc import Sequence

from simulator.economics.accounts import (
    Accounts,
    Basis,
    cost_per_million_tokens,
    total_cost,
    unit_cost,
)
from simulator.metrics.actions import ActionMetrics
from simulator.metrics.dimensions import ALL, STAGE, Selection
from simulator.results.run_result import RunResult
from simulator.results.summary import Part, Summary, TargetPart
from simulator.studies.common.summaries import Parts, PricedMetrics, PricedPart, PricedTarget
from simulator.studies.run.report import WindowCost


def priced_metrics(metrics: ActionMetrics, of: Accounts, selection: Selection = ALL) -> PricedMetrics:
    """Metrics of what is selected, with its unit costs."""
    return PricedMetrics(
        **vars(metrics),
        cost_per_action=unit_cost(of, Basis.ACTION, selection),
        cost_per_successful_action=unit_cost(of, Basis.SUCCESSFUL_ACTION, selection),
    )


def priced_parts(
    summary: Summary, of: Accounts, results: Sequence[RunResult]
) -> Parts[PricedPart, PricedTarget]:
    """Every part of a summary with its costs."""

    def priced(dimension: str, name: str, part: Part) -> PricedPart:
        selection = ALL if dimension == STAGE.name else Selection(**{dimension: name})
        return PricedPart(part.counts, priced_metrics(part.metrics, of, selection))

    by = {
        dimension: {name: priced(dimension, name, part) for name, part in named.items()}
        for dimension, named in summary.by.items()
    }
    targets = {name: _priced_target(name, part, of, results) for name, part in summary.by_target.items()}
    return Parts(**by, target=targets, release={})


def window_cost(of: Accounts) -> WindowCost:
    """The cost of the window, its wasted part, and by category."""
    categories = dict.fromkeys(line.category for line in of.lines)
    return WindowCost(
        total=total_cost(of),
        wasted=total_cost(of, wasted=True),
        by_category={category.value: total_cost(of, ALL, category) for category in categories},
    )


def _priced_target(name: str, target: TargetPart, of: Accounts, results: Sequence[RunResult]) -> PricedTarget:
    per_token = cost_per_million_tokens(of, results, name) if target.kind == "model" else None
    cost = total_cost(of, Selection(target=name))
    return PricedTarget(**vars(target), cost=cost, cost_per_million_tokens=per_token)
