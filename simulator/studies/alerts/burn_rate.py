"""When does a burn-rate alert fire? Pure functions of what was counted, bucket by bucket.

The burn rate over a window is the share of its actions that miss the objective, over the share that the objective allows. A
rule fires at the end of a bucket if it is above the rule's in the long and in the short window that end there.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulator.results.samples import Floats
from simulator.scenario.alerts import BurnRateRule


@dataclass(frozen=True)
class Signal:
    """What monitoring counts of one objective.

    Attributes
    ----------
    missed, total : actions that miss it, and all, float64[bucket]
    allowed : share that may miss it
    """

    missed: Floats
    total: Floats
    allowed: float


def can_fire(rule: BurnRateRule, allowed: float) -> bool:
    """Whether the rule fires when everything fails: an objective that allows 10 % never burns faster than tenfold."""
    return rule.burn_rate * allowed < 1.0


def fires(rule: BurnRateRule, signal: Signal, bucket_s: float) -> NDArray[np.bool_]:
    """Whether the rule fires at the end of each bucket, bool[bucket]; windows are rounded to whole buckets."""
    return any_fires([rule], signal, bucket_s)


def any_fires(rules: Sequence[BurnRateRule], signal: Signal, bucket_s: float) -> NDArray[np.bool_]:
    """Whether any of the rules fires at the end of each bucket, bool[bucket]."""
    found = np.zeros(signal.total.size, dtype=np.bool_)
    if not signal.missed.any():
        return found
    missed, total = np.cumsum(signal.missed), np.cumsum(signal.total)
    for rule in rules:
        limit = rule.burn_rate * signal.allowed
        over_both = np.ones(found.size, dtype=np.bool_)
        for window_s in (rule.long_window, rule.short_window):
            n_buckets = max(1, round(window_s / bucket_s))
            over_both &= _over(missed, n_buckets) > limit * _over(total, n_buckets)
        found |= over_both
    return found


def _over(cumulative: Floats, n_buckets: int) -> Floats:
    """Sums over the buckets up to and with each; at the start over those that there are."""
    sums = cumulative.copy()
    sums[n_buckets:] -= cumulative[:-n_buckets]
    return sums
