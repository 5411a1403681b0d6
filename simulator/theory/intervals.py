"""How sure is a number? An estimate with its interval: over replications, batches, pairs or trials."""

import math
from collections.abc import Sequence

import numpy as np
from scipy.special import betaincinv, gammaincinv, ndtri, stdtrit

from simulator.theory.estimate import Estimate

CONFIDENCE = 0.95
N_BATCHES = 10  # of one run


def mean_interval(values: Sequence[float], confidence: float = CONFIDENCE) -> Estimate:
    """Mean of independent replications with Student's t interval.

    Parameters
    ----------
    values : one per replication; a single one gives an unbounded interval
    confidence : of the interval, between 0 and 1
    """
    sample = np.asarray(values, dtype=np.float64)
    mean = float(sample.mean())
    if sample.size < 2:
        return Estimate(mean, -math.inf, math.inf)
    factor = float(stdtrit(sample.size - 1, 0.5 + confidence / 2.0))
    half_width = factor * float(sample.std(ddof=1)) / math.sqrt(sample.size)
    return Estimate(mean, mean - half_width, mean + half_width)


def ratio_interval(
    numerators: Sequence[float], denominators: Sequence[float], confidence: float = CONFIDENCE
) -> Estimate:
    """Ratio of two sums over independent replications, with the jackknife's t interval.

    The value is θ = Σ numerators / Σ denominators; its spread is that of the pseudo-values n·θ - (n - 1)·θ₋ᵢ,
    where θ₋ᵢ leaves replication i out (Efron and Tibshirani, An Introduction to the Bootstrap, 1993, chapter
    11). A mean of the replications' own ratios would weigh a quiet replication as much as a busy one.

    Parameters
    ----------
    numerators, denominators : one per replication, the denominators not negative
    confidence : of the interval, between 0 and 1

    Returns
    -------
    Estimate. Its value is nan if the denominators sum to zero; its interval is unbounded if there is one
    replication, or one replication holds the whole denominator.
    """
    over = np.asarray(numerators, dtype=np.float64)
    under = np.asarray(denominators, dtype=np.float64)
    if over.shape != under.shape:
        raise ValueError(f"{over.size} numerators and {under.size} denominators")
    total_over, total_under = float(over.sum()), float(under.sum())
    if total_under <= 0.0:
        return Estimate(math.nan, -math.inf, math.inf)
    value = total_over / total_under
    rest_under = total_under - under
    if over.size < 2 or not bool(np.all(rest_under > 0.0)):
        return Estimate(value, -math.inf, math.inf)
    pseudo_values = over.size * value - (over.size - 1) * (total_over - over) / rest_under
    half_width = mean_interval(pseudo_values.tolist(), confidence).half_width
    return Estimate(value, value - half_width, value + half_width)


def batch_means_interval(
    sums: Sequence[float],
    counts: Sequence[float],
    n_batches: int = N_BATCHES,
    confidence: float = CONFIDENCE,
) -> Estimate:
    """Mean of one long run, from batches of its time buckets (Law, Simulation Modeling and Analysis, 9.5.3).

    Consecutive buckets are joined to few long batches, so that neighbors are nearly independent (10 to 30
    suffice: Schmeiser, Operations Research 30, 1982); the batches are then taken for replications.

    Parameters
    ----------
    sums, counts : by time bucket in order, e.g. seconds of latency and turns; warm-up left out
    n_batches : at least two; with fewer buckets than this the interval is unbounded
    confidence : of the interval, between 0 and 1
    """
    n_buckets = len(sums)
    if len(counts) != n_buckets:
        raise ValueError(f"{n_buckets} sums and {len(counts)} counts")
    if n_batches < 2:
        raise ValueError(f"an interval needs at least two batches, not {n_batches}")
    if n_buckets < n_batches:
        return ratio_interval([math.fsum(sums)], [math.fsum(counts)], confidence)
    starts = np.arange(n_batches) * n_buckets // n_batches
    by_batch = np.add.reduceat(np.array([sums, counts], dtype=np.float64), starts, axis=1)
    return ratio_interval(by_batch[0].tolist(), by_batch[1].tolist(), confidence)


def paired_interval(
    before: Sequence[float], after: Sequence[float], confidence: float = CONFIDENCE
) -> Estimate:
    """Mean difference `after` - `before` over pairs of replications with the same seed, Student t.

    Parameters
    ----------
    before, after : one per seed, in the same order of seeds
    confidence : of the interval, between 0 and 1
    """
    differences = [second - first for first, second in zip(before, after, strict=True)]
    return mean_interval(differences, confidence)


def wilson_interval(successes: float, n: float, confidence: float = CONFIDENCE) -> Estimate:
    """Share of independent trials with Wilson's score interval (J. Am. Stat. Assoc. 22, 1927).

    (p + z²/2n ± z·√(p·(1 - p)/n + z²/4n²)) / (1 + z²/n). It stays within [0, 1] and is right for rare events,
    where p ± z·√(p·(1 - p)/n) is far too narrow. Requests of one run share its queues and are not independent
    trials; over those use `ratio_interval`.

    Parameters
    ----------
    successes : number of trials that count, between 0 and n
    n : number of trials; without any the value is nan and the interval [0, 1]
    confidence : of the interval, between 0 and 1
    """
    if not 0.0 <= successes <= n:
        raise ValueError(f"{successes} of {n} trials")
    if n == 0.0:
        return Estimate(math.nan, 0.0, 1.0)
    share = successes / n
    z = float(ndtri(0.5 + confidence / 2.0))
    scale = 1.0 + z * z / n
    middle = (share + z * z / (2.0 * n)) / scale
    half_width = z * math.sqrt(share * (1.0 - share) / n + z * z / (4.0 * n * n)) / scale
    # At 0 and n the bound is the share itself; rounding must not put it beyond.
    return Estimate(
        share, max(0.0, min(share, middle - half_width)), min(1.0, max(share, middle + half_width))
    )


def exact_share_interval(successes: int, n: int, confidence: float = CONFIDENCE) -> Estimate:
    """Share of independent trials, with the interval of Clopper and Pearson (Biometrika 26, 1934).

    It holds the true share at least as often as it says, however few the trials are and however rare a success is.

    Parameters
    ----------
    successes, n : of how many trials; none say nothing
    """
    if n == 0:
        return Estimate(math.nan, 0.0, 1.0)
    tail = (1.0 - confidence) / 2.0
    low = 0.0 if successes == 0 else float(betaincinv(successes, n - successes + 1, tail))
    high = 1.0 if successes == n else float(betaincinv(successes + 1, n - successes, 1.0 - tail))
    return Estimate(successes / n, low, high)


def exact_rate_interval(n_events: int, exposure: float, confidence: float = CONFIDENCE) -> Estimate:
    """Rate of a Poisson process from the events counted, with the interval of Garwood (Biometrika 28, 1936).

    Parameters
    ----------
    n_events : counted
    exposure : time in which they were, above 0; the rate is per unit of it
    """
    tail = (1.0 - confidence) / 2.0
    low = 0.0 if n_events == 0 else float(gammaincinv(n_events, tail))
    high = float(gammaincinv(n_events + 1, 1.0 - tail))
    return Estimate(n_events / exposure, low / exposure, high / exposure)
