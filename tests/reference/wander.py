"""A rate that wanders, restated: the log rate as a sum over all steps so far, weighted by how long ago they were."""

import math
from typing import TYPE_CHECKING

import numpy as np

from simulator.mechanisms.traffic.config import Workload
from tests.reference import draws

if TYPE_CHECKING:
    from tests.reference.pipeline import Pipeline


def wandering(
    pipeline: "Pipeline", workload: Workload, stream_key: int, rates_rps: np.ndarray
) -> tuple[np.ndarray, float]:
    """Rates of the steps of a run, and how long a step is."""
    window = pipeline.window
    wandering_ones = [one.wander for one in pipeline.scenario.workloads if one.wander is not None]
    if not wandering_ones:
        return rates_rps, window.piece_s
    shortest_s = min(one.time_constant for one in wandering_ones)
    n_steps = math.ceil(window.piece_s / (shortest_s / 16.0) - 1e-12)
    rates, step_s = np.repeat(rates_rps, n_steps), window.piece_s / n_steps
    wander = workload.wander
    if wander is None:
        return rates, step_s
    common_key = draws.name_key(pipeline.seed, "wander")
    own_key = draws.derive(stream_key, 2**62)
    luck = np.array(
        [
            math.sqrt(wander.common) * draws.normal(draws.derive(common_key, step))
            + math.sqrt(1.0 - wander.common) * draws.normal(draws.derive(own_key, step))
            for step in range(rates.size)
        ]
    )
    a = math.exp(-step_s / wander.time_constant)
    luck[1:] *= math.sqrt(1.0 - a * a)
    ages = np.subtract.outer(np.arange(rates.size), np.arange(rates.size))
    log_rate = np.where(ages >= 0, a ** np.maximum(ages, 0), 0.0) @ luck
    spread = math.sqrt(math.log(1.0 + wander.cv**2))
    return rates * np.exp(spread * log_rate - spread**2 / 2.0), step_s
