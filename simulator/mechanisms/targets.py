"""Lists that the builders of services, models and teams add to: targets, and their stations in each region."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from simulator.mechanisms.codes import TargetKind
from simulator.mechanisms.counted_limits import LIMIT
from simulator.mechanisms.station import STATION, TARGET, UNLIMITED
from simulator.numerics.events import NONE


@dataclass
class TargetList:
    """Targets and stations in the order they are added; a station is (target, region)."""

    targets: list[dict[str, float]] = field(default_factory=list)
    stations: list[dict[str, float]] = field(default_factory=list)
    limits: list[dict[str, float]] = field(default_factory=list)
    _error_rates: list[float] = field(default_factory=list)  # [target]

    def add_target(self, kind: TargetKind, *, error_rate: float = 0.0, **values: float) -> int:
        """Number of a new target; what is not given is off. Its stations begin with the error rate."""
        row = {
            "kind": int(kind),
            "service_distribution": NONE,
            "service_lane": NONE,
            "ttft_distribution": NONE,
            "tpot_distribution": NONE,
            "patience_distribution": NONE,
            "approve_distribution": NONE,
            "change_distribution": NONE,
            "reject_distribution": NONE,
            "success_rate": 1.0,
            "overrides_wrong": 1.0,
            "grounded_right": 1.0,
            "grounded_wrong": 1.0,
            "overflow_above": NONE,
            "queue_wait_limit_s": np.inf,
            "long_prompt_tokens": UNLIMITED,
        }
        self.targets.append(row | values)
        self._error_rates.append(error_rate)
        return len(self.targets) - 1

    def add_station(self, target: int, region: int, **values: float) -> int:
        """Number of a new station; what is not given is unlimited."""
        row = {
            "target": target,
            "region": region,
            "servers": UNLIMITED,
            "pool": NONE,
            "error_rate": self._error_rates[target],
            "slowness": 1.0,
            "ttft_slowness": 1.0,
            "queue_limit": UNLIMITED,
            "batch_queue_limit": UNLIMITED,
            "parallel_limit": UNLIMITED,
            "request_rate_per_s": np.inf,
            "token_rate_per_s": np.inf,
            "head_0": NONE,
            "tail_0": NONE,
            "head_1": NONE,
            "tail_1": NONE,
            "latency_ewma_s": -1.0,
        }
        self.stations.append(row | values)
        return len(self.stations) - 1

    def add_limits(self, limits: Sequence[dict[str, float]]) -> None:
        """Let the last station count as its provider does; fields of LIMIT, each."""
        self.stations[-1] |= {"first_limit": self.add_shared(limits), "n_limits": len(limits)}

    def add_shared(self, limits: Sequence[dict[str, float]]) -> int:
        """Number of the first of new limits, which are of no station; fields of LIMIT, each."""
        first = len(self.limits)
        for place, limit in enumerate(limits, first):
            self.limits.append({"state": place, "first_part": NONE, "left": 1.0} | limit)
        return first

    def arrays(self) -> tuple[NDArray[np.void], NDArray[np.void]]:
        """Record arrays (stations, targets)."""
        return _records(self.stations, STATION), _records(self.targets, TARGET)

    def limit_array(self) -> NDArray[np.void]:
        """Record array of what stations count as a provider does; one row of nothing where none does."""
        return _records(self.limits or [{}], LIMIT)


def bucket(rate_per_s: float, depth: float, prefix: str) -> dict[str, float]:
    """Fields of a full token bucket; `prefix` is `request` or `token`."""
    return {f"{prefix}_rate_per_s": rate_per_s, f"{prefix}_depth": depth, f"{prefix}_level": depth}


def _records(rows: list[dict[str, float]], dtype: np.dtype[np.void]) -> NDArray[np.void]:
    records = np.zeros(len(rows), dtype=dtype).view(np.recarray)
    for place, row in enumerate(rows):
        for name, value in row.items():
            records[name][place] = value
    return records
