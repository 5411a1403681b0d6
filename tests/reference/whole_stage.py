"""A whole stage, minute by minute, with everybody counted: queues, limits and people as plain loops over arrivals.

Nothing of the engine is used: arrivals are drawn minute by minute, service is in the order of arrival, and everybody
belongs to the half-hour in which they asked.
"""

from dataclasses import dataclass
from math import inf, log, sqrt

import numba
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
EXPONENTIAL, LOGNORMAL, CONSTANT = 0, 1, 2
_MINUTE_S = 60.0
_SLOT = 30  # minutes


@dataclass(frozen=True)
class Desk:
    """Where the users of one region are served.

    Attributes
    ----------
    servers : at work at a time; 0: as many as come
    shape : of the time at work: `EXPONENTIAL`, `LOGNORMAL` or `CONSTANT`
    mean_s, cv : of it
    patience_s : mean of an exponential time after which who waits leaves
    limit_rps, burst : of a bucket that starts full; 0: none
    """

    servers: int
    shape: int = EXPONENTIAL
    mean_s: float = 1.0
    cv: float = 1.0
    patience_s: float = inf
    limit_rps: float = 0.0
    burst: float = 1.0


@dataclass(frozen=True)
class Asked:
    """Who asked in each half-hour of a stage, float64[half-hour] each.

    Attributes
    ----------
    good : answered within the limit
    """

    asked: Floats
    good: Floats

    def __add__(self, other: "Asked") -> "Asked":
        return Asked(self.asked + other.asked, self.good + other.good)

    def scaled(self, asked: Floats) -> "Asked":
        """The same shares of so many who ask."""
        shares = np.divide(self.good, self.asked, out=np.ones_like(self.good), where=self.asked > 0.0)
        return Asked(asked, shares * asked)

    def share(self, slots: Flags) -> float:
        """Share that was answered within the limit of those who asked in some half-hours."""
        asked = float(self.asked[slots].sum())
        return float(self.good[slots].sum()) / asked if asked > 0.0 else 1.0


def play(desk: Desk, rates_rps: Floats, is_open: Flags, limit_s: float, of_waits: bool, seed: int) -> Asked:
    """One stage.

    Parameters
    ----------
    rates_rps : float64[minute]
    is_open : bool[minute], whether anybody serves; who is served when it closes is served to the end
    limit_s : to be answered within; infinite: to be answered at all
    of_waits : the limit is on the wait, not on the time until it is done
    """
    sigma = sqrt(log(1.0 + desk.cv**2))
    asked, good = _played(
        desk.servers,
        desk.shape,
        desk.mean_s,
        sigma,
        desk.patience_s,
        desk.limit_rps,
        desk.burst,
        rates_rps,
        _opening_s(is_open),
        limit_s,
        of_waits,
        np.random.default_rng(seed),
    )
    return Asked(asked, good)


def _opening_s(is_open: Flags) -> Floats:
    """Per minute, when somebody serves next: its own start, or a later one; infinite: never."""
    found = np.full(is_open.size, inf)
    opening_s = inf
    for minute in range(is_open.size - 1, -1, -1):
        if is_open[minute]:
            opening_s = minute * _MINUTE_S
        found[minute] = opening_s
    return found


@numba.njit(cache=True)  # type: ignore[untyped-decorator]
def _played(  # type: ignore[no-untyped-def]
    servers,
    shape,
    mean_s,
    sigma,
    patience_s,
    limit_rps,
    burst,
    rates_rps,
    opening_s,
    limit_s,
    of_waits,
    random,
):
    n_minutes = rates_rps.size
    asked = np.zeros((n_minutes + _SLOT - 1) // _SLOT)
    good = np.zeros(asked.size)
    free_s = np.zeros(max(1, servers))  # when each server is free
    tokens, filled_s = burst, 0.0
    for minute in range(n_minutes):
        n_arrivals = random.poisson(rates_rps[minute] * _MINUTE_S)
        for now_s in np.sort(_MINUTE_S * (minute + random.random(n_arrivals))):
            slot = minute // _SLOT
            asked[slot] += 1
            if limit_rps > 0.0:
                tokens = min(burst, tokens + (now_s - filled_s) * limit_rps)
                filled_s = now_s
                if tokens < 1.0:
                    continue
                tokens -= 1.0
            server = int(np.argmin(free_s))
            begin_s = max(now_s, free_s[server]) if servers > 0 else now_s
            if begin_s < n_minutes * _MINUTE_S:
                begin_s = max(begin_s, opening_s[int(begin_s // _MINUTE_S)])
            if begin_s - now_s > random.exponential(1.0) * patience_s:
                continue
            if shape == EXPONENTIAL:
                work_s = random.exponential(mean_s)
            elif shape == LOGNORMAL:
                work_s = mean_s * np.exp(sigma * random.normal() - 0.5 * sigma * sigma)
            else:
                work_s = mean_s
            free_s[server] = begin_s + work_s
            value_s = begin_s - now_s if of_waits else begin_s - now_s + work_s
            if value_s <= limit_s * (1.0 + 1e-9):
                good[slot] += 1
    return asked, good
