"""Makes the summary of replications of one window: every count and metric, by every part.

Sums are made per part; ratios, quantiles and intervals of all parts at once, because a sweep makes thousands of summaries.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from simulator.metrics.actions import ActionMetrics
from simulator.metrics.columns import CountColumn, UsageColumn
from simulator.metrics.counts import Counts
from simulator.metrics.definition import STATISTICS, Spread
from simulator.metrics.dimensions import ALL, OF_ACTIONS, By, Selection
from simulator.metrics.registry import TARGETS
from simulator.metrics.targets import TargetMetrics
from simulator.results.energy import energy_per_action
from simulator.results.measures import MeasureSamples, measure_table, wait_table
from simulator.results.metric_samples import (
    COUNT_RATIOS,
    MEASURES,
    USAGE_RATIOS,
    area_columns,
    area_table,
    count_columns,
    offered_load_sample,
    ratio_table,
    usage_columns,
)
from simulator.results.run_result import RunResult, check_replications
from simulator.results.samples import Sample, to_estimates
from simulator.results.summary import Part, Summary, TargetPart
from simulator.theory.estimate import Estimate

_LEVELS = [level for level in STATISTICS.values() if level is not None]
_COUNTED = [column.name.lower() for column in CountColumn]
_TOTALS = {name: UsageColumn[name.upper()] for name in TARGETS if name.upper() in UsageColumn.__members__}


def summarize(results: Sequence[RunResult]) -> Summary:
    """Summarize replications of one window, in scenario order of workloads, regions and targets."""
    check_replications(results)
    first = results[0]
    named = [
        (one.name, name)
        for one in OF_ACTIONS
        for name in dict.fromkeys(getattr(stream, one.name) for stream in first.streams)
        if name
    ]
    everything, *parts = parts_of(results, [ALL, *(Selection(**{one: name}) for one, name in named)])
    by: dict[str, dict[str, Part]] = {one.name: {} for one in OF_ACTIONS}
    for (one, name), part in zip(named, parts, strict=True):
        by[one][name] = part
    return Summary(
        counts=everything.counts,
        metrics=everything.metrics,
        by=By(**by, stage={} if first.stage is None else {first.stage: everything}),
        by_target=target_parts_of(results),
    )


def parts_of(results: Sequence[RunResult], selections: Sequence[Selection]) -> list[Part]:
    """Counts and metrics of several selections of actions."""
    ratios = ratio_table(COUNT_RATIOS, [count_columns(results, selection) for selection in selections])
    measures = measure_table(results, list(MEASURES.values()), _LEVELS, selections)
    estimated = _Estimates()
    for index in range(len(selections)):
        for samples in measures[index]:
            estimated.ask_spread(samples)
        for name in COUNT_RATIOS:
            estimated.ask(ratios[name][index])
    answers = estimated.answers()
    parts = []
    for selection in selections:
        found: dict[str, Any] = {name: _next_spread(answers) for name in MEASURES}
        found |= {name: next(answers) for name in COUNT_RATIOS}
        energy_wh = energy_per_action(results) if selection == ALL else None
        metrics = ActionMetrics(**found, energy_per_action_wh=energy_wh)
        parts.append(Part(counts_of(results, selection), metrics))
    return parts


def counts_of(results: Sequence[RunResult], selection: Selection = ALL) -> Counts:
    """Counts of a selection of actions, added up over the replications."""
    stream_ids = results[0].stream_ids(selection)
    total = np.sum([result.measured_counts[stream_ids].sum(axis=0) for result in results], axis=0)
    by_name = dict(zip(_COUNTED, total.tolist(), strict=True))
    carried_in = sum(int(result.carried_in[stream_ids].sum()) for result in results)
    in_flight = sum(int(result.in_flight[stream_ids].sum()) for result in results)
    arrived = by_name.pop("arrived") + carried_in
    return Counts(arrived=arrived, carried_in=carried_in, in_flight=in_flight, **by_name)


def target_parts_of(results: Sequence[RunResult]) -> dict[str, TargetPart]:
    """Metrics of every target in all its regions, and in each."""
    regions: dict[str, list[str]] = {}
    for station in results[0].stations:
        regions.setdefault(station.target, []).append(station.region)
    selections = [
        Selection(target=target, region=region)
        for target, names in regions.items()
        for region in (None, *names)
    ]
    metrics = iter(_target_metrics(results, selections)) if selections else iter(())
    return {
        target: TargetPart(**vars(next(metrics)), region={region: next(metrics) for region in names})
        for target, names in regions.items()
    }


def _target_metrics(results: Sequence[RunResult], selections: Sequence[Selection]) -> list[TargetMetrics]:
    """Metrics of targets, or of their parts in one region."""
    usage = ratio_table(USAGE_RATIOS, [usage_columns(results, selection) for selection in selections])
    areas = area_table([area_columns(results, selection) for selection in selections])
    waits = wait_table(results, _LEVELS, selections)
    ratios: Mapping[str, Sequence[Sample | None]] = {
        **usage,
        **areas,
        "offered_load_erlangs": [offered_load_sample(results, selection) for selection in selections],
    }
    estimated = _Estimates()
    for index in range(len(selections)):
        estimated.ask_spread(waits[index])
        for samples in ratios.values():
            estimated.ask(samples[index])
    answers = estimated.answers()
    metrics = []
    for selection in selections:
        found = _target_totals(results, selection) | {"queue_wait": _next_spread(answers)}
        found |= {name: next(answers) for name in ratios}
        metrics.append(TargetMetrics(**found, energy_per_action_wh=energy_per_action(results, selection)))
    return metrics


def _target_totals(results: Sequence[RunResult], selection: Selection) -> dict[str, Any]:
    """What is counted of a target, not estimated."""
    station_ids = results[0].station_ids(selection)
    usage = np.sum([result.measured_usage[:, station_ids].sum(axis=(0, 1)) for result in results], axis=0)
    return {
        "kind": results[0].stations[station_ids[0]].kind,
        "max_in_system": max(int(result.max_in_system[station_ids].max()) for result in results),
        **{name: int(usage[column]) for name, column in _TOTALS.items()},
    }


class _Estimates:
    """Collects samples, and makes all estimates at once; answers come in the order of the questions."""

    def __init__(self) -> None:
        self._asked: list[Sample | None] = []

    def ask(self, sample: Sample | None) -> None:
        """Ask for the estimate of a sample; of None it is None."""
        self._asked.append(sample)

    def ask_spread(self, samples: MeasureSamples | None) -> None:
        """Ask for a measure's mean and its quantiles."""
        self._asked += [None] * (1 + len(_LEVELS)) if samples is None else [samples[0], *samples[1]]

    def answers(self) -> Iterator[Estimate | None]:
        """Every estimate."""
        estimates = iter(to_estimates([sample for sample in self._asked if sample is not None]))
        return (None if sample is None else next(estimates) for sample in self._asked)


def _next_spread(answers: Iterator[Estimate | None]) -> Spread:
    return Spread(*(next(answers) for _ in range(1 + len(_LEVELS))))
