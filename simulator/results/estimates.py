"""One estimate, with its interval, from a list of replications: what SLOs, gates and planning ask.

Vectorised over replications and without a data frame, because planning asks often. All of them together are
made by `simulator.results.summarize`. Costs come from the ledger and are added by the layers above.
"""

import re
from collections.abc import Sequence

from simulator.results.registry.metric_definitions import (
    AREA_RATIOS,
    COUNT_RATIOS,
    MEASURES,
    USAGE_RATIOS,
    area_sample,
    count_sample,
    measure_samples,
    offered_load_sample,
    usage_sample,
    wait_samples,
)
from simulator.results.run_result import ALL, RunResult, Selection
from simulator.results.samples import Sample, to_estimate
from simulator.theory.estimate import Estimate

Statistic = str | float | None  # `mean`, `p95`, 0.95; None: the mean

_STATISTIC = re.compile(r"p\(?\s*(\d{1,2}(?:\.\d+)?|100)\s*\)?")
_OFFERED_LOAD = "offered_load_erlangs"
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
    if name not in indicators(at_target=at_target):
        what = f"target {selection.target!r}" if at_target else "actions"
        known = ", ".join(indicators(at_target=at_target))
        raise ValueError(f"no metric {indicator!r} of {what}; there are {known}")
    if name in MEASURES:
        return _sample_of_measure(results, name, quantile_level(statistic), selection)
    if statistic not in _ONE_NUMBER:
        raise ValueError(f"{indicator!r} has no {statistic!r}: it is one number")
    if name in COUNT_RATIOS:
        return count_sample(results, name, selection)
    if name in USAGE_RATIOS:
        return usage_sample(results, name, selection)
    if name in AREA_RATIOS:
        return area_sample(results, name, selection)
    return offered_load_sample(results, selection)


def indicators(*, at_target: bool = False) -> list[str]:
    """Names that `estimate` knows, of actions or of a target."""
    if at_target:
        return ["queue_wait", *USAGE_RATIOS, *AREA_RATIOS, _OFFERED_LOAD]
    return [*MEASURES, *COUNT_RATIOS]


def quantile_level(statistic: Statistic) -> float | None:
    """Level in [0, 1] of `p95`, `p(99.9)` or 0.95; None for the mean."""
    if statistic is None or statistic == "mean":
        return None
    if isinstance(statistic, float):
        return statistic
    match = _STATISTIC.fullmatch(statistic.strip())
    if match is None:
        raise ValueError(
            f"unknown statistic {statistic!r}; use `mean`, or a percentile such as `p95` or `p(99.9)`"
        )
    return float(match.group(1)) / 100.0


def _sample_of_measure(
    results: Sequence[RunResult], name: str, level: float | None, selection: Selection
) -> Sample | None:
    levels = [] if level is None else [level]
    if selection.target is None:
        samples = measure_samples(results, MEASURES[name], levels, selection)
    else:
        samples = wait_samples(results, levels, selection)
    if samples is None:
        return None
    mean, at_levels = samples
    return at_levels[0] if at_levels else mean
