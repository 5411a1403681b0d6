"""How often do clients ask in closed loops? As a factor on their nominal rates, from runs."""

from collections.abc import Sequence

import numpy as np

from simulator.compiler.demand import DemandWindow
from simulator.compiler.profiles import FloatArray
from simulator.metrics.columns import CountColumn
from simulator.results.run_result import RunResult


def closed_pace(window: DemandWindow, results: Sequence[RunResult]) -> FloatArray:
    """Actions that arrived over those at nominal rates, float64[asker]; 1 where users arrive at a rate.

    Askers are workload x region x tenant, in the order of the window's rates.
    """
    nominal = window.mean_rps * window.duration_s
    arrived = np.zeros(nominal.size)
    in_loop = np.zeros(nominal.size, dtype=np.bool_)
    numbers: dict[tuple[str, str, str], int] = {}
    for run in results:
        for stream, counts, is_open in zip(run.streams, run.measured_counts, run.is_open, strict=True):
            asker = numbers.setdefault((stream.workload, stream.region, stream.tenant), len(numbers))
            arrived[asker] += counts[CountColumn.ARRIVED] / len(results)
            in_loop[asker] = not is_open
    return np.divide(arrived, nominal, out=np.ones(nominal.size), where=in_loop & (nominal > 0.0))
