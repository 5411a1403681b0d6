"""What capacity was in place, integrated over time: replicas of services, people on shift."""

import numpy as np
from numpy.typing import NDArray


class CapacityMeter:
    """Integrates the replicas (or people) of every station.

    Parameters
    ----------
    n_stations : number of stations; all start with no replicas at time 0
    """

    def __init__(self, n_stations: int) -> None:
        self._replicas = np.zeros(n_stations)
        self._since_s = np.zeros(n_stations)
        self._area_s = np.zeros(n_stations)

    def set(self, station: int, replicas: float, now_s: float) -> None:
        """From `now_s` on the station has so many replicas."""
        self._area_s[station] += self._replicas[station] * (now_s - self._since_s[station])
        self._replicas[station] = replicas
        self._since_s[station] = now_s

    def replica_s(self, now_s: float) -> NDArray[np.float64]:
        """Replica-seconds of each station from time 0 to `now_s`, float64[station]."""
        area_s: NDArray[np.float64] = self._area_s + self._replicas * (now_s - self._since_s)
        return area_s
