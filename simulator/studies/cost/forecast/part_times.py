"""How long did users wait in a part of a month? Histograms of its windows, each weighed with the hours it stands for."""

from collections.abc import Mapping, Sequence

import numpy as np

from simulator.economics.categories import Floats
from simulator.economics.month import WeightedWindow
from simulator.metrics.columns import Metric
from simulator.numerics.sketch import NEVER

PartTimes = Mapping[str, Mapping[Metric, Floats]]  # workload → measure → answers by bin of the sketch
_KEPT = (Metric.LATENCY, Metric.TTFT)


def times_of(windows: Sequence[WeightedWindow]) -> PartTimes:
    """Answers by how long they took, per replication; who got none is not among them."""
    found: dict[str, dict[Metric, Floats]] = {}
    for window in windows:
        for run in window.results:
            weight = window.weight_h * 3600.0 / run.duration_s / len(window.results)
            for number, stream in enumerate(run.streams):
                of = found.setdefault(stream.workload, {metric: np.zeros(NEVER) for metric in _KEPT})
                for metric in _KEPT:
                    of[metric] += weight * run.histogram[number, metric, :NEVER]
    return found
