"""What would make a NO-GO a GO? The least that must change, one thing at a time.

- Capacity: the cheapest setting if every knob could be set up to four times as high.
- Exposure: the largest share of the stage's demand that the upper bounds of the knobs carry.
- Limits: what each missed objective would have to be, with all others as they are.
"""

from collections.abc import Sequence
from math import isfinite

from simulator.scenario.contingency_places import ContingencyCase
from simulator.scenario.model import Knob, Scenario
from simulator.studies.capacity.capacity import plan_capacity
from simulator.studies.capacity.knobs import axes_of, held_usd
from simulator.studies.capacity.peak_trial import PeakTrial
from simulator.studies.capacity.stage_search import StageSearch
from simulator.studies.common.replicator import Replicator
from simulator.studies.common.verdicts.objectives import SloVerdict
from simulator.studies.common.windows import Peak
from simulator.studies.plan.findings import MoreCapacity, OtherLimit, Remedies

_WIDER = 4  # times the upper bound of a knob
_N_HALVINGS = 6  # so that the share is known to 1.6 %


def remedies_of(
    replicator: Replicator, scenario: Scenario, searched: StageSearch, missed: Sequence[SloVerdict]
) -> Remedies:
    """Look for what would make a stage pass whose capacity is not enough, or whose costs are too high.

    Parameters
    ----------
    missed : verdicts that are FAIL or cannot be shown to hold, the worst of each objective
    """
    limits = tuple(limit for of in missed if (limit := _other_limit(of)) is not None)
    if searched.capacity.is_feasible:  # only costs are missed
        return Remedies(capacity=None, demand_share=None, limits=limits)
    return Remedies(
        capacity=_more_capacity(replicator, scenario, searched),
        demand_share=_demand_share(replicator, scenario, searched.peaks, searched.felt),
        limits=limits,
    )


def _more_capacity(replicator: Replicator, scenario: Scenario, searched: StageSearch) -> MoreCapacity | None:
    if not scenario.capacity.knobs:
        return None
    knobs = [_wider(knob) for knob in scenario.capacity.knobs]
    wide = scenario.model_copy(update={"capacity": scenario.capacity.model_copy(update={"knobs": knobs})})
    found = plan_capacity(replicator, wide, searched.peaks, None, searched.billing, searched.felt)
    if not found.is_feasible:
        return None
    extra_usd = held_usd(axes_of(wide), found.amounts) - held_usd(
        searched.capacity.searched.axes, searched.capacity.amounts
    )
    return MoreCapacity(amounts=found.amounts, extra_month_usd=extra_usd)


def _wider(knob: Knob) -> Knob:
    if knob.steps is not None:
        steps = [*knob.steps, *(factor * knob.steps[-1] for factor in (2.0, _WIDER) if knob.steps[-1] > 0.0)]
        return knob.model_copy(update={"steps": steps})
    assert knob.max is not None  # the model asks for `steps`, or both bounds
    return knob.model_copy(update={"max": _WIDER * max(knob.max, 1)})


def _demand_share(
    replicator: Replicator, scenario: Scenario, peaks: Sequence[Peak], cases: Sequence[ContingencyCase]
) -> float | None:
    """By bisection, with every knob at its top; more demand never helps."""
    axes = axes_of(scenario)
    top = tuple(len(axis.levels) - 1 for axis in axes)

    def holds(share: float) -> bool:
        scaled = [peak.scaled(share) for peak in peaks]
        return PeakTrial(replicator, scenario, axes, scaled, cases).evaluate(top).holds

    low, high = 0.0, 1.0
    for _ in range(_N_HALVINGS):
        middle = (low + high) / 2.0
        low, high = (middle, high) if holds(middle) else (low, middle)
    return low or None


def _other_limit(missed: SloVerdict) -> OtherLimit | None:
    if missed.estimate is None:
        return None
    limit = missed.estimate.low if missed.op.startswith(">") else missed.estimate.high
    return (
        OtherLimit(slo=missed.slo, metric=missed.metric, op=missed.op, limit=limit)
        if isfinite(limit)
        else None
    )
