"""The files of `rollout cost --focus`: inputs as stated, and the draws whose totals are P10, P50 and P90.

Percentiles of rows do not add up, so a file has the rows of one draw, scaled to the percentile that the report states.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from simulator.formats.focus.export import Percentile, write_focus
from simulator.formats.focus.period import Period
from simulator.studies.common.uncertain_inputs import LEVELS, quantile_rank
from simulator.studies.cost.amounts import ratios, total_sample
from simulator.studies.cost.costs import RolloutCosts


def percentiles(costs: RolloutCosts) -> Iterator[Percentile]:
    """Inputs as stated and, with ranges of inputs, P10, P50 and P90."""
    yield Percentile("stated", costs.forecast)
    drawn = costs.uncertainty
    if drawn is None:
        return
    by_total = ratios(costs, total_sample)
    order = np.argsort(by_total, kind="stable")
    for level in LEVELS:
        place = int(order[quantile_rank(len(order), level)])
        draw = drawn.draws[place]
        scale = costs.forecast.total_usd * float(by_total[place]) / draw.total_usd
        yield Percentile(f"P{level * 100:.0f}", draw, scale)


def write_focus_export(costs: RolloutCosts, folder: Path, period: Period) -> list[Path]:
    """Write a CSV and a Parquet file per percentile; returns their paths."""
    return write_focus(costs.scenario, percentiles(costs), folder, period)
