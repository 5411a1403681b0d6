"""How often does an alert fire although nothing is wrong? Weeks in which only chance and the hour's demand are at work.

In every minute Poisson many actions are counted, of which a share is missed that is beta-distributed around that of healthy
runs, as widely as it varied there from bucket to bucket. It lasts for some minutes, as long as there; then
the next one is drawn.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.results.samples import Floats
from simulator.scenario.alerts import BurnRateRule
from simulator.studies.alerts.burn_rate import Signal, any_fires

MINUTE_S = 60.0
MOST = 0.99  # correlation that can be told from 1
_MINUTES_PER_WEEK = 7 * 24 * 60


@dataclass(frozen=True)
class Healthy:
    """What is counted of an objective while nothing is wrong.

    Attributes
    ----------
    missed_share : of what is counted
    correlation : of two actions of one minute being missed, 0: no more than by chance
    persistence : chance that the share missed in a minute is that of the minute before
    per_minute : counted on average, by hour of the UTC week, float64[168]
    allowed : share that may be missed
    """

    missed_share: float
    correlation: float
    persistence: float
    per_minute: Floats
    allowed: float


def healthy_weeks(healthy: Healthy, n_weeks: int, longest_s: float, seed: int | Sequence[int]) -> Signal:
    """What monitoring counts of an objective in so many weeks, minute by minute.

    They are preceded by as many as a window of `longest_s` looks back for.
    """
    n_before = int(np.ceil(longest_s / MINUTE_S / _MINUTES_PER_WEEK))
    means = np.tile(np.repeat(healthy.per_minute, 60), n_before + n_weeks)
    return _counted(np.random.default_rng(seed), means, healthy)


def alert_minutes(
    rules: Sequence[BurnRateRule], watched: Sequence[Signal], n_weeks: int
) -> NDArray[np.bool_]:
    """Minutes of the last weeks of signals at whose end one of the rules fires for one of them, bool[minute]."""
    firing = np.zeros(n_weeks * _MINUTES_PER_WEEK, dtype=np.bool_)
    for signal in watched:
        firing |= any_fires(rules, signal, MINUTE_S)[-firing.size :]
    return firing


def n_begins(firing: NDArray[np.bool_]) -> int:
    """Times that something begins which is on in these minutes."""
    return int(np.count_nonzero(firing[1:] & ~firing[:-1]) + firing[0])


def correlation_within(missed: Floats, total: Floats) -> float:
    """Correlation of two actions of one bucket being missed, by the method of moments; 0 where chance explains all.

    With intraclass correlation rho a bucket of n has variance n p (1 − p) (1 + (n − 1) rho).

    Parameters
    ----------
    missed, total : float64[bucket]
    """
    n = float(total.sum())
    pairs = float((total * (total - 1.0)).sum())
    p = float(missed.sum()) / n if n > 0.0 else 0.0
    if not 0.0 < p < 1.0 or pairs <= 0.0:
        return 0.0
    excess = float(((missed - p * total) ** 2).sum()) - p * (1.0 - p) * n
    return min(max(excess / (p * (1.0 - p) * pairs), 0.0), MOST)


def correlation_of_neighbours(runs: Sequence[tuple[Floats, Floats]]) -> float:
    """Correlation of two actions being missed that come in buckets next to one another, by the method of moments.

    Parameters
    ----------
    runs : missed and total of each run, float64[bucket]
    """
    n = sum(float(total.sum()) for _, total in runs)
    p = sum(float(missed.sum()) for missed, _ in runs) / n if n > 0.0 else 0.0
    pairs = sum(float((total[1:] * total[:-1]).sum()) for _, total in runs)
    if not 0.0 < p < 1.0 or pairs <= 0.0:
        return 0.0
    excess = [missed - p * total for missed, total in runs]
    together = sum(float((more[1:] * more[:-1]).sum()) for more in excess)
    return min(max(together / (p * (1.0 - p) * pairs), 0.0), MOST)


def _counted(generator: np.random.Generator, means: Floats, healthy: Healthy) -> Signal:
    total = generator.poisson(means)
    p, correlation = healthy.missed_share, healthy.correlation
    share: float | Floats = p
    if 0.0 < p < 1.0 and correlation > 0.0:
        strength = 1.0 / correlation - 1.0
        drawn = generator.beta(p * strength, (1.0 - p) * strength, total.size)
        is_new = generator.random(total.size) >= healthy.persistence
        share = drawn[np.maximum.accumulate(np.where(is_new, np.arange(total.size), 0))]
    missed = generator.binomial(total, share)
    return Signal(missed.astype(np.float64), total.astype(np.float64), healthy.allowed)
