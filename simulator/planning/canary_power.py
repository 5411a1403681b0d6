"""How long must a canary run to see a change, at its weight and this traffic? A closed form, before any rehearsal.

Of N actions w · N have the new version. A difference d of means of variance σ² is seen by a one-sided test of level
alpha with this power once N = (z_alpha + z_power)² σ² / (d² w (1 − w)).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import norm

from simulator.kernel.columns import CountColumn, Metric
from simulator.mechanisms.releases.canary import Analyse, Canary, SetWeight
from simulator.results.run_result import RunResult

ALPHA = 0.05
POWER = 0.80
_ENDED = slice(CountColumn.SUCCEEDED, CountColumn.ABANDONED + 1)


@dataclass(frozen=True)
class Arrivals:
    """What the actions of a canary are like before it."""

    rate_rps: float
    success_rate: float
    reviewed_share: float  # of answers that people look at afterwards
    latency_s: float
    latency_variance: float  # s²

    @classmethod
    def of(cls, results: Sequence[RunResult], sources: Sequence[int]) -> "Arrivals":
        """Of these streams, over all replications."""
        streams = list(sources)
        counts = sum(result.measured_counts[streams].sum(axis=0) for result in results)
        moments = sum(result.moments[streams].sum(axis=0) for result in results)
        span_s = sum(result.duration_s for result in results)
        ended = float(counts[_ENDED].sum() - counts[CountColumn.INVALID])
        n, total, squares = moments[Metric.LATENCY]
        mean_s = total / n if n else np.nan
        return cls(
            float(counts[CountColumn.ARRIVED]) / span_s,
            float(counts[CountColumn.CORRECT]) / ended if ended else np.nan,
            float(counts[CountColumn.REVIEWED]) / ended if ended else 0.0,
            float(mean_s),
            float(squares / n - mean_s**2) if n else np.nan,
        )


@dataclass(frozen=True)
class Sight:
    """How long it takes to see a change at a weight.

    Attributes
    ----------
    given_s : time that the canary spends at the weight until its next analysis has ended
    needed_s : until it is seen with power 80 % at 5 %, one-sided; infinity: never
    n_new : actions with the new version that this takes
    """

    what: str
    weight: float
    given_s: float
    needed_s: float
    n_new: float


def sights(canary: Canary, arrivals: Arrivals) -> Iterator[Sight]:
    """For every weight at which something is analysed, and every change that is asked about."""
    p = arrivals.success_rate
    latency_change_s = 0.1 * arrivals.latency_s
    for weight, given_s in _weights(canary):
        yield _sight(
            "success −1 point, every answer judged", weight, given_s, arrivals, 0.01, p * (1.0 - p), 1.0
        )
        if arrivals.reviewed_share > 0.0:
            label = f"success −1 point, {arrivals.reviewed_share:.1%} reviewed"
            yield _sight(label, weight, given_s, arrivals, 0.01, p * (1.0 - p), arrivals.reviewed_share)
        variance = arrivals.latency_variance
        yield _sight("latency +10 %", weight, given_s, arrivals, latency_change_s, variance, 1.0)


def actions_needed(difference: float, variance: float, weight: float) -> float:
    """Observed actions of both versions at which a difference is seen."""
    z = float(norm.isf(ALPHA) + norm.ppf(POWER))
    return z * z * variance / (difference**2 * weight * (1.0 - weight))


def _sight(
    what: str,
    weight: float,
    given_s: float,
    arrivals: Arrivals,
    difference: float,
    variance: float,
    observed_share: float,
) -> Sight:
    if weight >= 1.0 or not arrivals.rate_rps > 0.0:
        return Sight(what, weight, given_s, np.inf, np.inf)
    n_actions = actions_needed(difference, variance, weight) / observed_share
    return Sight(what, weight, given_s, n_actions / arrivals.rate_rps, n_actions * weight)


def _weights(canary: Canary) -> Iterator[tuple[float, float]]:
    """(weight, time at it up to the end of its last analysis) of every weight at which something is analysed."""
    weight, spent_s, analysed_s = 0.0, 0.0, 0.0
    for step in [*canary.steps, SetWeight(set_weight=1.0)]:
        if isinstance(step, SetWeight):
            if 0.0 < weight < 1.0 and analysed_s > 0.0:
                yield weight, analysed_s
            weight, spent_s, analysed_s = step.set_weight, 0.0, 0.0
        elif isinstance(step, Analyse):
            analysis = canary.analyses[step.analysis]
            spent_s += analysis.initial_delay + analysis.interval * analysis.count
            analysed_s = spent_s
        else:
            spent_s += step.pause
