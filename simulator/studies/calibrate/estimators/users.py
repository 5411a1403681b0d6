"""How many users does a log tell of, counting those who were not seen in its span?

Chao's estimator (Biometrics 43, 1987): who was seen once, and who twice, tell of who was seen never. It is right where users
are alike and a lower bound where they are not.
"""

from dataclasses import dataclass
from math import exp, log, sqrt

import numpy as np
from numpy.typing import NDArray

from simulator.theory.estimate import Estimate

_Z = 1.959963984540054


@dataclass(frozen=True)
class Users:
    """Users of a log.

    Attributes
    ----------
    seen : different ones in it
    active : with those who would be seen in a longer one
    actions : of those who were seen
    """

    seen: int
    active: Estimate
    actions: int


def users(hashes: NDArray[np.uint64]) -> Users | None:
    """Users by the hash of each action's user; None: no action has one."""
    known = hashes[hashes != 0]
    if not known.size:
        return None
    _, counts = np.unique(known, return_counts=True)
    once, twice = int((counts == 1).sum()), int((counts == 2).sum())
    unseen = once * (once - 1) / (2.0 * (twice + 1))
    if unseen <= 0.0:
        return Users(counts.size, Estimate.exact(float(counts.size)), int(known.size))
    ratio = once / (twice + 1.0)
    variance = unseen + ratio**2 * (twice + 1.0) * (0.25 * ratio**2 + ratio) if once else 0.0
    spread = exp(_Z * sqrt(log(1.0 + variance / unseen**2)))
    seen = float(counts.size)
    return Users(
        counts.size, Estimate(seen + unseen, seen + unseen / spread, seen + unseen * spread), int(known.size)
    )
