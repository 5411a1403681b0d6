"""From the draws of a plan's uncertain inputs to what is reported of them, by stage."""

import numpy as np
from numpy.typing import NDArray

from simulator.studies.common.uncertain_inputs import LEVELS, quantiles_of
from simulator.studies.plan.ranges.report import (
    Chances,
    FigureBands,
    InputAlone,
    ObjectiveBand,
    Percentiles,
    Sensitivities,
    StageRanges,
)
from simulator.studies.plan.ranges.uncertainty import InputSwing, PlanUncertainty, StageUncertainty
from simulator.studies.record import finite
from simulator.theory.estimate import Estimate
from simulator.theory.intervals import wilson_interval
from simulator.theory.sensitivity import VarianceShare


def stage_ranges(found: PlanUncertainty, stage: StageUncertainty) -> StageRanges:
    """The record of one stage's draws."""
    budget = stage.within_budget
    return StageRanges(
        n_draws=len(found.factors),
        n_searched=len(stage.is_feasible),
        figures=FigureBands(**{name: band(values) for name, values in stage.figures.items()}),
        slos=tuple(
            ObjectiveBand(
                **vars(band(of.values)),
                slo=name,
                metric=of.verdict.metric,
                op=of.verdict.op,
                limit=of.verdict.limit,
                chance=chance(of.holds),
            )
            for name, of in stage.objectives.items()
        ),
        chance=Chances(
            slos=chance(stage.holds),
            budget=None if budget is None else chance(budget),
            both=None if budget is None else chance(stage.holds & budget),
        ),
        capacity={
            path: {region: band(amounts) for region, amounts in by_region.items()}
            for path, by_region in stage.capacity.items()
        },
        chance_of_any_capacity=chance(stage.is_feasible),
        sensitivity=Sensitivities(
            month_usd=_sensitivity(found, stage, "month_usd"),
            latency_p95=_sensitivity(found, stage, "latency_p95"),
        ),
    )


def band(values: NDArray[np.float64]) -> Percentiles:
    """P10, P50 and P90 of the values that are known."""
    seen = values[np.isfinite(values)]
    if not seen.size:
        return Percentiles(p10=None, p50=None, p90=None)
    p10, p50, p90 = quantiles_of(seen, LEVELS)
    return Percentiles(p10=p10, p50=p50, p90=p90)


def chance(holds: NDArray[np.bool_]) -> Estimate | None:
    """Share of the draws in which something holds, with a 95 % interval as of independent draws."""
    return wilson_interval(float(holds.sum()), float(holds.size)) if holds.size else None


def _sensitivity(found: PlanUncertainty, stage: StageUncertainty, figure: str) -> tuple[InputAlone, ...]:
    explained = found.variance_shares(stage, figure)
    rows = [_alone(swing, figure, explained.get(swing.name)) for swing in stage.swings]
    return tuple(sorted(rows, key=lambda row: -row.width))


def _alone(swing: InputSwing, figure: str, explained: VarianceShare | None) -> InputAlone:
    return InputAlone(
        input=swing.name,
        low_factor=swing.low_factor,
        high_factor=swing.high_factor,
        low=finite(swing.low[figure]),
        high=finite(swing.high[figure]),
        first_order=None if explained is None else explained.share,
        first_order_half_width=None if explained is None else explained.half_width,
    )
