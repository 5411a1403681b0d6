"""Do all peers simulate the same thing? Asked before any ratio is printed.

The replications of all peers are independent samples of one distribution if they run the same model. So each
peer's mean over replications is compared with the mean over all the others'; the standard error comes from
the standard deviation pooled over the peers, which the fast ones make precise even where a slow one has few
replications.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.peer import Replication

Z_LIMIT = 4.0


@dataclass(frozen=True)
class Comparison:
    """One statistic of one peer against the other peers."""

    peer: str
    statistic: str
    mean: float
    others_mean: float
    standard_error: float  # of the difference

    @property
    def z(self) -> float:
        """Difference in standard errors; 0 where nothing varies and nothing differs."""
        difference = self.mean - self.others_mean
        if difference == 0.0:
            return 0.0
        return difference / self.standard_error if self.standard_error > 0.0 else float("inf")

    @property
    def agrees(self) -> bool:
        """Whether the difference is within ``Z_LIMIT`` standard errors."""
        return abs(self.z) <= Z_LIMIT


def _statistics(replications: Sequence[Replication]) -> dict[str, np.ndarray]:
    """Each statistic as an array over replications."""
    ended = np.array([r.completed + r.failed for r in replications], dtype=float)
    failed = np.array([r.failed for r in replications], dtype=float)
    return {
        "requests ended": ended,
        "mean latency, s": np.array([r.mean_latency_s for r in replications]),
        "failed share": failed / np.maximum(ended, 1.0),
    }


def compare(replications: Mapping[str, Sequence[Replication]]) -> list[Comparison]:
    """Compare every peer with all the others together; nothing to compare if there is only one.

    With ``n`` replications of a peer, ``m`` of the others and the pooled standard deviation ``s``, the
    standard error of the difference of means is ``s sqrt(1/n + 1/m)``.
    """
    if len(replications) < 2:
        return []
    values = {peer: _statistics(rows) for peer, rows in replications.items()}
    comparisons = []
    for peer, own in values.items():
        for statistic, sample in own.items():
            others = [v[statistic] for name, v in values.items() if name != peer]
            rest = np.concatenate(others)
            groups = [sample, *others]
            squares = sum(float(((g - g.mean()) ** 2).sum()) for g in groups)
            freedom = sum(len(g) - 1 for g in groups)
            deviation = float(np.sqrt(squares / freedom)) if freedom > 0 else 0.0
            error = deviation * float(np.sqrt(1.0 / len(sample) + 1.0 / len(rest)))
            comparisons.append(Comparison(peer, statistic, float(sample.mean()), float(rest.mean()), error))
    return comparisons
