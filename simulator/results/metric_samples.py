"""Which columns a metric is made of: from runs to the sample of a metric.

Every rate and share is a ratio of weighted columns, as declared in `simulator.metrics`; measures come from histograms. A
summary asks for everything of every part at once; who asks for one metric of one part goes the same way.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum

import numpy as np

from simulator.metrics.columns import AreaColumn, CountColumn, Metric, UsageColumn
from simulator.metrics.definition import Definition
from simulator.metrics.dimensions import ALL, Selection
from simulator.metrics.formula import Ratio
from simulator.metrics.registry import ACTIONS, TARGETS
from simulator.results.run_result import RunResult
from simulator.results.samples import Floats, Sample, batched, ratio_samples


@dataclass(frozen=True)
class Columns:
    """Sums of the columns of one part of a run, by replication, or by batch of a single run."""

    values: Floats  # [unit, column]
    time_s: Floats  # [unit]


MeasureSamples = tuple[Sample, list[Sample]]  # mean, and quantiles


def _ratios(metrics: Mapping[str, Definition], columns: type[IntEnum]) -> dict[str, Ratio]:
    return {
        name: found.source
        for name, found in metrics.items()
        if isinstance(found.source, Ratio) and found.source.columns is columns
    }


MEASURES = {name: found.source for name, found in ACTIONS.items() if isinstance(found.source, Metric)}
COUNT_RATIOS = _ratios(ACTIONS, CountColumn)
USAGE_RATIOS = _ratios(TARGETS, UsageColumn)
AREA_RATIOS = _ratios(TARGETS, AreaColumn)
_OF_POOLS = [name for name, found in TARGETS.items() if found.is_of_pools]


def count_columns(results: Sequence[RunResult], selection: Selection = ALL) -> Columns:
    """Counts of actions (`CountColumn`) of a workload and users' region."""
    stream_ids = results[0].stream_ids(selection)
    if len(results) > 1:
        counts = np.array(
            [result.measured_counts[stream_ids].sum(axis=0) for result in results], dtype=np.float64
        )
        return Columns(counts, _durations_s(results))
    run = results[0]
    by_bucket = run.counts[run.n_warmup_buckets :, stream_ids].sum(axis=1)
    return Columns(batched(by_bucket), batched(run.measured_bucket_s))


def usage_columns(results: Sequence[RunResult], selection: Selection) -> Columns:
    """What was used (`UsageColumn`) of a target and its region, by all or by a workload, a tenant, …"""
    asked = np.ix_(
        results[0].stream_ids(replace(selection, target=None, region=None)), results[0].station_ids(selection)
    )
    if len(results) > 1:
        usage = np.array([result.measured_usage[asked].sum(axis=(0, 1)) for result in results])
        return Columns(usage, _durations_s(results))
    run = results[0]
    by_bucket = run.usage[run.n_warmup_buckets :, asked[0], asked[1]].sum(axis=(1, 2))
    return Columns(batched(by_bucket), batched(run.measured_bucket_s))


def area_columns(results: Sequence[RunResult], selection: Selection) -> Columns:
    """Time integrals (`AreaColumn`) of a target and its region."""
    station_ids = results[0].station_ids(selection)
    areas = np.array([result.areas[station_ids].sum(axis=0) for result in results])
    return Columns(areas, _durations_s(results))


def ratio_table(ratios: Mapping[str, Ratio], parts: Sequence[Columns]) -> dict[str, list[Sample | None]]:
    """Every ratio of every part, by name of the ratio; None where there is nothing to divide by."""
    columns = np.array(
        [np.column_stack([part.values, part.time_s]) for part in parts]
    )  # [part, unit, column]
    weights = np.array([ratio.weights for ratio in ratios.values()])
    n_units = columns.shape[1]
    over, under = (np.moveaxis(columns @ weights[:, side].T, -1, 0).reshape(-1, n_units) for side in (0, 1))
    is_share = [ratio.is_of_trials for ratio in ratios.values() for _ in parts]
    samples = ratio_samples(over, under, is_share)
    return {
        name: samples[number * len(parts) : (number + 1) * len(parts)] for number, name in enumerate(ratios)
    }


def area_table(parts: Sequence[Columns]) -> dict[str, list[Sample | None]]:
    """Every ratio of time integrals; those of pools only where there is a KV cache."""
    table = ratio_table(AREA_RATIOS, parts)
    for name in _OF_POOLS:
        has_cache = [part.values[:, AreaColumn.KV_CAPACITY_TOKEN_S].sum() > 0.0 for part in parts]
        table[name] = [
            sample if cached else None for sample, cached in zip(table[name], has_cache, strict=True)
        ]
    return table


def count_sample(results: Sequence[RunResult], name: str, selection: Selection = ALL) -> Sample | None:
    """Ratio of action counts (a key of `COUNT_RATIOS`); None if nothing was observed."""
    return ratio_table({name: COUNT_RATIOS[name]}, [count_columns(results, selection)])[name][0]


def usage_sample(results: Sequence[RunResult], name: str, selection: Selection) -> Sample | None:
    """Ratio of what was used of targets (a key of `USAGE_RATIOS`); None if nothing was observed."""
    return ratio_table({name: USAGE_RATIOS[name]}, [usage_columns(results, selection)])[name][0]


def area_sample(results: Sequence[RunResult], name: str, selection: Selection) -> Sample | None:
    """Ratio of time integrals of targets (a key of `AREA_RATIOS`); None where there are none, or unlimited."""
    return area_table([area_columns(results, selection)])[name][0]


def offered_load_sample(results: Sequence[RunResult], selection: Selection) -> Sample | None:
    """Offered load in erlangs: attempts per second, turned away included, times the mean service time.

    The mean service time is server-seconds per service that began. Attempts that were turned away, left the
    queue or still wait in it have none, and ask for as much as the others.
    """
    station_ids = results[0].station_ids(selection)
    usage = np.array([result.measured_usage[:, station_ids].sum(axis=(0, 1)) for result in results])
    attempts = usage[:, UsageColumn.ATTEMPTS]
    served = np.array([result.wait_histogram[station_ids].sum() for result in results], dtype=np.float64)
    if served.sum() <= 0.0:
        return None
    service_s = np.divide(usage[:, UsageColumn.BUSY_S], served, out=np.zeros(len(results)), where=served > 0)
    loads = attempts / _durations_s(results) * service_s
    return Sample(float(loads.mean()), loads)


def _durations_s(results: Sequence[RunResult]) -> Floats:
    return np.array([result.duration_s for result in results])
