"""Makes the summary of replications of one window: every count and metric, by every part."""

from collections.abc import Sequence

import numpy as np

from simulator.kernel.columns import CountColumn, Metric, UsageColumn
from simulator.results.energy import energy_per_action
from simulator.results.indicators import measure_samples, wait_samples
from simulator.results.metrics import estimate
from simulator.results.run_result import ALL, RunResult, Selection, check_replications
from simulator.results.samples import Sample, to_estimate
from simulator.results.summary import ActionMetrics, Counts, Part, Spread, Summary, TargetMetrics, TargetPart
from simulator.theory.intervals import Estimate

_LEVELS = (0.5, 0.95, 0.99)


def summarize(results: Sequence[RunResult]) -> Summary:
    """Summarize replications of one window, in scenario order of workloads, regions and targets."""
    check_replications(results)
    first = results[0]
    everything = part_of(results)
    return Summary(
        counts=everything.counts,
        metrics=everything.metrics,
        by_workload={
            name: part_of(results, Selection(workload=name))
            for name in dict.fromkeys(stream.workload for stream in first.streams)
        },
        by_region={
            name: part_of(results, Selection(region=name))
            for name in dict.fromkeys(stream.region for stream in first.streams)
        },
        by_stage={} if first.stage is None else {first.stage: everything},
        by_target={
            name: target_part_of(results, name)
            for name in dict.fromkeys(station.target for station in first.stations)
        },
    )


def part_of(results: Sequence[RunResult], selection: Selection = ALL) -> Part:
    """Counts and metrics of a selection of actions."""
    return Part(counts_of(results, selection), metrics_of(results, selection))


def counts_of(results: Sequence[RunResult], selection: Selection = ALL) -> Counts:
    """Counts of a selection of actions, added up over the replications."""
    stream_ids = results[0].stream_ids(selection)
    total = np.sum([result.measured_counts[stream_ids].sum(axis=0) for result in results], axis=0)
    by_name = {column.name.lower(): int(total[column]) for column in CountColumn}
    carried_in = sum(int(result.carried_in[stream_ids].sum()) for result in results)
    in_flight = sum(int(result.in_flight[stream_ids].sum()) for result in results)
    arrived = by_name.pop("arrived") + carried_in
    return Counts(arrived=arrived, carried_in=carried_in, in_flight=in_flight, **by_name)


def metrics_of(results: Sequence[RunResult], selection: Selection = ALL) -> ActionMetrics:
    """Metrics of a selection of actions."""

    def spread(metric: Metric) -> Spread:
        return _spread(measure_samples(results, metric, _LEVELS, selection))

    def one(name: str) -> Estimate | None:
        return estimate(results, name, None, selection)

    return ActionMetrics(
        latency_s=spread(Metric.LATENCY),
        ttft_s=spread(Metric.TTFT),
        tpot_s=spread(Metric.TPOT),
        queue_wait_s=spread(Metric.QUEUE_WAIT),
        resolution_s=spread(Metric.RESOLUTION),
        availability=one("availability"),
        success_rate=one("success_rate"),
        failed_rate=one("failed_rate"),
        rejected_rate=one("rejected_rate"),
        abandoned_rate=one("abandoned_rate"),
        handed_off_rate=one("handed_off_rate"),
        cache_hit_rate=one("cache_hit_rate"),
        goodput_rps=one("goodput_rps"),
        throughput_rps=one("throughput_rps"),
        arrival_rps=one("arrival_rps"),
        energy_per_action_wh=energy_per_action(results) if selection == ALL else None,
    )


def target_part_of(results: Sequence[RunResult], target: str) -> TargetPart:
    """Metrics of a target in all its regions, and in each."""
    regions = [station.region for station in results[0].stations if station.target == target]
    return TargetPart(
        target_metrics_of(results, Selection(target=target)),
        {region: target_metrics_of(results, Selection(target=target, region=region)) for region in regions},
    )


def target_metrics_of(results: Sequence[RunResult], selection: Selection) -> TargetMetrics:
    """Metrics of the selected target, or of its part in one region."""
    station_ids = results[0].station_ids(selection)
    usage = np.sum([result.measured_usage[:, station_ids].sum(axis=(0, 1)) for result in results], axis=0)

    def one(name: str) -> Estimate | None:
        return estimate(results, name, None, selection)

    def total(column: UsageColumn) -> int:
        return int(usage[column])

    return TargetMetrics(
        kind=results[0].stations[station_ids[0]].kind,
        utilization=one("utilization"),
        offered_load_erlangs=one("offered_load_erlangs"),
        carried_load_erlangs=one("carried_load_erlangs"),
        in_system=one("in_system"),
        max_in_system=max(int(result.max_in_system[station_ids].max()) for result in results),
        queue_wait_s=_spread(wait_samples(results, _LEVELS, selection)),
        attempts=total(UsageColumn.ATTEMPTS),
        succeeded=total(UsageColumn.SUCCEEDED),
        errors=total(UsageColumn.ERRORS),
        rate_limited=total(UsageColumn.RATE_LIMITED),
        timed_out=total(UsageColumn.TIMED_OUT),
        shed=total(UsageColumn.SHED),
        abandoned=total(UsageColumn.ABANDONED),
        cancelled=total(UsageColumn.CANCELLED),
        error_rate=one("error_rate"),
        rate_limited_rate=one("rate_limited_rate"),
        shed_rate=one("shed_rate"),
        requests_per_minute=one("requests_per_minute"),
        input_tokens_per_minute=one("input_tokens_per_minute"),
        output_tokens_per_minute=one("output_tokens_per_minute"),
        batch_size=one("batch_size"),
        kv_usage=one("kv_usage"),
        preemptions_per_minute=one("preemptions_per_minute"),
        prefix_hit_rate=one("prefix_hit_rate"),
        energy_per_action_wh=energy_per_action(results, selection),
    )


def _spread(samples: tuple[Sample, list[Sample]] | None) -> Spread:
    if samples is None:
        return Spread()
    mean, at_levels = samples
    return Spread(to_estimate(mean), *(to_estimate(sample) for sample in at_levels))
