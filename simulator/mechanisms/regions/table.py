"""Tables of regions: the network between them, the policy of each route, and what is seen as up or down."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

JITTERED = -2  # in place of a lane: a delay to which jitter is added

NETWORK = np.dtype(
    [
        ("jitter", np.int64),  # distribution; NONE: off
        ("checks_health", np.int64),
        ("ttl_s", np.float64),  # of answers of the name service
    ],
    align=True,
)

REGION_RULE = np.dtype([("policy", np.int64), ("spill_over_at", np.float64)], align=True)


class Regions(NamedTuple):
    """Which region serves whom. Rows of health: every station, then every instance of a cache."""

    network: NDArray[np.void]  # [1] NETWORK
    region_rules: NDArray[np.void]  # [route] REGION_RULE
    region_weights: NDArray[np.float64]  # [route, region]
    near_regions: NDArray[np.int64]  # [region, rank] where its users' data may go, nearest first; NONE beyond
    rtt_s: NDArray[np.float64]  # [region, region]
    seen_up: NDArray[np.int64]  # [station + instance] 1: seen as up by who has just asked
    change_s: NDArray[np.float64]  # [station + instance, N_CHANGES] of `seen_up`, newest first; −∞: none
    candidates: NDArray[np.int64]  # [choice of a route] room for the stations among which a route chooses

    def fresh(self) -> "Regions":
        """The same at time 0 of a run, which changes the last three."""
        return self._replace(
            seen_up=self.seen_up.copy(), change_s=self.change_s.copy(), candidates=self.candidates.copy()
        )
