"""Stage exposure: the share of full demand that the rollout lets in, stepped over time."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from simulator.control.environment import Environment, Process


def follow_exposure(env: Environment, steps: Sequence[tuple[float, NDArray[np.float64]]]) -> Process:
    """Set every stream's share at each (time in seconds, share[stream]) of `steps`; the first is at 0."""
    current: NDArray[np.float64] | None = None
    for time_s, shares in steps:
        if time_s > env.now:
            yield env.timeout(time_s - env.now)
        for stream, share in enumerate(shares):
            if current is None or share != current[stream]:
                env.effects.set_share(stream, float(share))
        current = shares
