"""What a change does, measured on the same users with the same luck (common random numbers).

Two scenarios run with the same seeds see the same arrivals and the same draws, so the difference within a
pair of replications varies far less than the difference of two independent runs, and its interval is that
much narrower.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import inf, nan, sqrt

import numpy as np

from simulator.metrics.dimensions import ALL, Selection
from simulator.results.estimates import Statistic, sample_of
from simulator.results.run_result import RunResult
from simulator.results.samples import Floats, Sample, t_factor
from simulator.theory.estimate import Estimate


@dataclass(frozen=True)
class PairedDifference:
    """A metric after minus before, and what the pairing was worth."""

    difference: Estimate
    before: float
    after: float
    independent: Estimate  # the same difference, had the two lists been independent (Welch's interval)
    variance_ratio: float | None  # variance of the paired difference / independent; below 1: pairing helped
    n_pairs: int


def paired_difference(
    before: Sequence[RunResult],
    after: Sequence[RunResult],
    indicator: str,
    statistic: Statistic = None,
    selection: Selection = ALL,
) -> PairedDifference | None:
    """Difference `after` - `before` of a metric over pairs of replications with equal seeds, 95 % interval.

    Parameters
    ----------
    before, after : replications with the same seeds, in any order
    indicator, statistic, selection : as in `simulator.results.estimates.estimate`

    Returns
    -------
    PairedDifference, or None if either side observed nothing.
    """
    pairs = _by_seed(before, after)
    first = sample_of([one for one, _ in pairs], indicator, statistic, selection)
    second = sample_of([other for _, other in pairs], indicator, statistic, selection)
    if first is None or second is None:
        return None
    if len(pairs) == 1:  # batches of one run are no pairs
        first, second = replace(first, units=first.units[:1]), replace(second, units=second.units[:1])
    return sample_difference(first, second)


def sample_difference(before: Sample, after: Sample) -> PairedDifference:
    """Difference of two samples whose units are pairs, as those of replications with equal seeds are."""
    value = after.value - before.value
    if len(before.units) != len(after.units):
        unknown = Estimate(value, -inf, inf)
        n_pairs = min(len(before.units), len(after.units))
        return PairedDifference(unknown, before.value, after.value, unknown, None, n_pairs)
    first, second = paired_units(before, after)
    return _difference(value, before.value, after.value, first, second)


def paired_units(before: Sample, after: Sample) -> tuple[Floats, Floats]:
    """Units of two samples, of those pairs in which both observed something; infinite: most are not answered."""
    is_known = ~np.isnan(before.units) & ~np.isnan(after.units)
    return before.units[is_known], after.units[is_known]


def _difference(value: float, before: float, after: float, first: Floats, second: Floats) -> PairedDifference:
    """Student t over differences of units, and Welch's t on the two lists apart (Biometrika 34, 1947)."""
    n_pairs = len(first)
    if np.isinf(first).any() or np.isinf(second).any():
        unbounded = _unbounded(first, second)
        return PairedDifference(unbounded, before, after, unbounded, None, n_pairs)
    if n_pairs < 2:
        unknown = Estimate(value, -inf, inf)
        return PairedDifference(unknown, before, after, unknown, None, n_pairs)
    paired_variance = float((second - first).var(ddof=1)) / n_pairs
    variances = np.array([first.var(ddof=1), second.var(ddof=1)]) / n_pairs
    independent_variance = float(variances.sum())
    half_width = t_factor(n_pairs - 1) * sqrt(paired_variance)
    independent, ratio = Estimate(value, value, value), None
    if independent_variance > 0.0:
        n_degrees = (n_pairs - 1) * independent_variance**2 / float((variances**2).sum())
        wide = t_factor(n_degrees) * sqrt(independent_variance)
        independent, ratio = (
            Estimate(value, value - wide, value + wide),
            paired_variance / independent_variance,
        )
    difference = Estimate(value, value - half_width, value + half_width)
    return PairedDifference(difference, before, after, independent, ratio, n_pairs)


def _unbounded(first: Floats, second: Floats) -> Estimate:
    """The difference where a side is infinite in some pairs; of two infinite ones it is not known."""
    with np.errstate(invalid="ignore"):  # infinity - infinity
        differences = second - first
    if np.isnan(differences).any() or not len(differences):
        return Estimate(nan, -inf, inf)
    return Estimate(float(np.median(differences)), float(differences.min()), float(differences.max()))


def _by_seed(before: Sequence[RunResult], after: Sequence[RunResult]) -> list[tuple[RunResult, RunResult]]:
    by_seed = {result.seed: result for result in after}
    seeds = [result.seed for result in before]
    if not seeds or sorted(seeds) != sorted(result.seed for result in after) or len(set(seeds)) != len(seeds):
        raise ValueError(
            f"a paired comparison needs the same seeds, each once: {sorted(seeds)} and "
            f"{sorted(result.seed for result in after)}"
        )
    return [(result, by_seed[result.seed]) for result in before]
