"""One estimate, with its interval, from a list of replications: what SLOs, gates and planning ask.

Vectorised over replications and without a data frame, because planning asks often. All of them together are
made by `simulator.results.summarize`. Costs come from the ledger and are added by the layers above.
"""

from collections.abc import Sequence

from simulator.metrics.columns import Metric
from simulator.metrics.definition import Definition
from simulator.metrics.dimensions import ALL, Selection
from simulator.metrics.registry import ACTIONS, TARGETS
from simulator.results.measures import measure_samples, share_within_sample, wait_samples
from simulator.results.metric_samples import (
    AREA_RATIOS,
    COUNT_RATIOS,
    USAGE_RATIOS,
    area_sample,
    count_sample,
    offered_load_sample,
    usage_sample,
)
from simulator.results.run_result import RunResult
from simulator.results.samples import Sample, to_estimate
from simulator.theory.estimate import Estimate
from simulator.theory.intervals import wilson_interval
from simulator.units import parse_percentile

Statistic = str | float | None  # `mean`, `p95`, 0.95; None: the mean

SAMPLED = {name: found for name, found in ACTIONS.items() if found.source is not None}
SAMPLED_OF_TARGETS = {name: found for name, found in TARGETS.items() if found.source is not None}
_ONE_NUMBER = (None, "mean", "value")


def estimate(
    results: Sequence[RunResult], indicator: str, statistic: Statistic = None, selection: Selection = ALL
) -> Estimate | None:
    """Estimate one statistic of one indicator, with its 95 % interval.

    Parameters
    ----------
    results : replications of one window
    indicator : of actions, a measure (`latency`, `ttft`, `tpot`, `queue_wait`, `resolution`, or a column,
        `latency_s`), or a rate or share (`availability`, `goodput_rps`); of a target, e.g. `utilization`
    statistic : of a measure: `mean`, `p95`, `p(99.9)`, or the quantile's level (0.95); None: the mean. Rates
        and shares are one number
    selection : of workload and region, or of target and its region

    Returns
    -------
    Estimate, or None if nothing was observed.
    """
    sample = sample_of(results, indicator, statistic, selection)
    return None if sample is None else to_estimate(sample)


def sample_of(
    results: Sequence[RunResult], indicator: str, statistic: Statistic = None, selection: Selection = ALL
) -> Sample | None:
    """Return what `estimate` is made from: the common value, and one value per replication."""
    name = indicator.removesuffix("_s")
    at_target = selection.target is not None
    known = SAMPLED_OF_TARGETS if at_target else SAMPLED
    if name not in known:
        what = f"target {selection.target!r}" if at_target else "actions"
        raise ValueError(f"no metric {indicator!r} of {what}; there are {', '.join(known)}")
    if known[name].kind == "spread":
        return _sample_of_spread(results, known[name], quantile_level(statistic), selection)
    if statistic not in _ONE_NUMBER:
        raise ValueError(f"{indicator!r} has no {statistic!r}: it is one number")
    if name in COUNT_RATIOS:
        return count_sample(results, name, selection)
    if name in USAGE_RATIOS:
        return usage_sample(results, name, selection)
    if name in AREA_RATIOS:
        return area_sample(results, name, selection)
    return offered_load_sample(results, selection)


def share_within(
    results: Sequence[RunResult], indicator: str, limit: float, selection: Selection = ALL
) -> Estimate | None:
    """Share of everyone who asked whose value is at most a limit; None if nothing was observed.

    Its interval is no narrower than that of as many independent answers: waits of a run hang together, so that a few runs
    that agree more closely do so by chance.
    """
    source = SAMPLED[indicator.removesuffix("_s")].source
    assert isinstance(source, Metric)
    sample = share_within_sample(results, source, limit, selection)
    if sample is None or sample.n_trials is None:
        return None
    found = to_estimate(sample)
    apart = wilson_interval(min(sample.value, 1.0) * sample.n_trials, sample.n_trials)
    return Estimate(found.value, min(found.low, apart.low), max(found.high, apart.high))


def quantile_level(statistic: Statistic) -> float | None:
    """Level in [0, 1] of `p95`, `p(99.9)` or 0.95; None for the mean."""
    if statistic is None or statistic == "mean":
        return None
    if isinstance(statistic, float):
        return statistic
    try:
        return parse_percentile(statistic.strip(), with_ends=True)
    except ValueError as error:
        raise ValueError(f"unknown statistic {statistic!r}; use `mean`, or a percentile: {error}") from None


def _sample_of_spread(
    results: Sequence[RunResult], of: Definition, level: float | None, selection: Selection
) -> Sample | None:
    levels = [] if level is None else [level]
    if isinstance(of.source, Metric):
        samples = measure_samples(results, of.source, levels, selection)
    else:
        samples = wait_samples(results, levels, selection)
    if samples is None:
        return None
    mean, at_levels = samples
    return at_levels[0] if at_levels else mean
