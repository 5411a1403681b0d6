"""Health checks: what is down is noticed after some failed checks, and what is up again after some that succeed."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from simulator.control.environment import Environment, Process
from simulator.mechanisms.regions.config import HealthCheck


class HealthWatch:
    """Counts the results of checks; knows nothing of time.

    Parameters
    ----------
    n : how many are checked; all are taken to be up at first
    """

    def __init__(self, check: HealthCheck, n: int) -> None:
        self._check = check
        self._is_up = np.ones(n, dtype=np.bool_)
        self._failed = np.zeros(n, dtype=np.int64)  # checks in a row
        self._succeeded = np.zeros(n, dtype=np.int64)

    def observe(self, is_down: NDArray[np.bool_]) -> Iterator[tuple[int, bool]]:
        """Those that are seen as up (True) or down (False) from this check on, by number; `is_down`: bool[n]."""
        self._failed = np.where(is_down, self._failed + 1, 0)
        self._succeeded = np.where(is_down, 0, self._succeeded + 1)
        goes_down = self._is_up & (self._failed >= self._check.failures)
        comes_up = ~self._is_up & (self._succeeded >= self._check.successes)
        self._is_up = (self._is_up & ~goes_down) | comes_up
        for number in np.flatnonzero(goes_down | comes_up):
            yield int(number), bool(self._is_up[number])


def check_health(env: Environment, check: HealthCheck) -> Process:
    """Check every station, and every instance of a cache, each `interval`."""
    watch = HealthWatch(check, env.plane.is_down().size)
    while True:
        yield env.look(check.interval)
        for row, is_up in watch.observe(env.plane.is_down()):
            env.plane.set_seen_up(row, is_up)
