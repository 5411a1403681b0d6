"""What a canary analysis can see: counts and times of a release, between two looks."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.control.data_plane import DataPlane
from simulator.mechanisms.releases.condition import Clause
from simulator.metrics.columns import CountColumn, Metric, UsageColumn
from simulator.metrics.definition import MOST_NEVER_IN_A_MEAN
from simulator.metrics.formula import Ratio
from simulator.metrics.registry import ACTIONS
from simulator.numerics.sketch import NEVER, quantile

_FAILED = [UsageColumn.ERRORS, UsageColumn.RATE_LIMITED, UsageColumn.TIMED_OUT, UsageColumn.SHED]
_METRIC = {"latency": Metric.LATENCY, "ttft": Metric.TTFT}


@dataclass(frozen=True, eq=False)
class Seen:
    """What was seen of one release: counters, tries, and histograms of times."""

    counts: NDArray[np.int64]  # [CountColumn]
    attempts: float
    failed_attempts: float
    moments: NDArray[np.float64]  # [Metric, 3] n, sum, sum of squares
    histogram: NDArray[np.int64]  # [Metric, bin]

    def since(self, earlier: "Seen") -> "Seen":
        """What was seen after an earlier look."""
        return Seen(
            self.counts - earlier.counts,
            self.attempts - earlier.attempts,
            self.failed_attempts - earlier.failed_attempts,
            self.moments - earlier.moments,
            self.histogram - earlier.histogram,
        )

    def share(self, metric: str) -> tuple[float, float]:
        """(hits, trials) of a metric that is a share."""
        if metric == "reviewed_success_rate":
            return float(self.counts[CountColumn.REVIEWED_RIGHT]), float(self.counts[CountColumn.REVIEWED])
        if metric == "error_rate":
            return self.failed_attempts, self.attempts
        source = ACTIONS[metric].source
        assert isinstance(source, Ratio)
        hits, trials = source.weights[:, :-1] @ self.counts
        return float(hits), float(trials)

    def value(self, clause: Clause) -> float:
        """What a clause looks at; nan if nothing was observed; infinite: the mean of too many without an answer."""
        if clause.metric in _METRIC:
            metric = _METRIC[clause.metric]
            n, total, _ = self.moments[metric]
            n_never = float(self.histogram[metric, NEVER])
            if n + n_never == 0:
                return np.nan
            if clause.level is None:
                is_known = n_never <= MOST_NEVER_IN_A_MEAN * (n + n_never)
                return float(total / n) if is_known else np.inf
            return float(quantile(self.histogram[metric], clause.level))
        hits, trials = self.share(clause.metric)
        return hits / trials if trials > 0 else np.nan


def look(plane: DataPlane, streams: NDArray[np.int64]) -> Seen:
    """What the recorded streams show since the start of the run."""
    recording = plane.world.recording
    usage = recording.usage[:, streams].sum(axis=(0, 1, 2))
    return Seen(
        recording.counts[:, streams].sum(axis=(0, 1)),
        float(usage[UsageColumn.ATTEMPTS]),
        float(usage[_FAILED].sum()),
        recording.moments[streams].sum(axis=0),
        recording.histogram[streams].sum(axis=0),
    )
