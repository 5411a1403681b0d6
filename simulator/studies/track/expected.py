"""What does a forecast say of every hour? Its spans as records that are kept until the month has come.

A span knows what its windows cost per hour, and what was counted over all of them: counts follow successful actions.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

import numpy as np

from simulator.economics.accounts import Basis
from simulator.economics.categories import TOKEN_CATEGORIES, Category, Floats
from simulator.economics.span import Span
from simulator.metrics.columns import CountColumn, UsageColumn
from simulator.scenario.model import Scenario
from simulator.scenario.read.hashing import scenario_hash
from simulator.studies.cost.costs import RolloutCosts
from simulator.studies.cost.forecast.part_times import PartTimes
from simulator.studies.report import about_engine
from simulator.studies.track.records import Cell, ForecastPart, KeptForecast, ModelUse, Times, WorkloadHour

PEOPLE, HELD, CAPACITY, OTHER = GROUPS = ("people", "held", "capacity", "other")
_GROUP = {
    Category.HUMAN_HOURS: PEOPLE,
    Category.HUMAN_IDLE_HOURS: PEOPLE,
    Category.PROVISIONED_HOURS: HELD,
    Category.PROVISIONED_IDLE_HOURS: HELD,
    Category.UNUSED_COMMITMENT: HELD,
    Category.GPU_HOURS: CAPACITY,
    Category.GPU_IDLE_HOURS: CAPACITY,
    Category.SPOT_GPU_HOURS: CAPACITY,
    Category.SPOT_GPU_IDLE_HOURS: CAPACITY,
    Category.SERVICE_HOURS: CAPACITY,
    Category.SERVICE_IDLE_HOURS: CAPACITY,
}
_METERS = {
    Category.INPUT_TOKENS: "fresh",
    Category.CACHED_INPUT_TOKENS: "cached",
    Category.OUTPUT_TOKENS: "output",
}


def kept_forecast(costs: RolloutCosts, made: datetime, capacity_from: str) -> KeptForecast:
    """A forecast as it is kept.

    Parameters
    ----------
    capacity_from : where the amounts of knobs come from, in words
    """
    forecaster = costs.forecaster
    times = forecaster.times()
    return KeptForecast(
        made=made,
        scenario=costs.scenario.metadata.name,
        scenario_hash=scenario_hash(costs.scenario),
        engine_version=about_engine()["engine_version"],
        capacity_from=capacity_from,
        parts=tuple(
            _part(span, of, forecaster.staged(span.time.stage))
            for span, of in zip(costs.forecast.spans, times, strict=True)
        ),
    )


def _part(span: Span, times: PartTimes, staged: Scenario) -> ForecastPart:
    shape = _shape(span)
    numbers = range(len(span.hourly_usd))
    return ForecastPart(
        stage=span.time.stage,
        windows=tuple(tuple(_hours(span, number, shape)) for number in numbers),
        cells=tuple(
            Cell(start=start, hours=hours, window=window)
            for (start, hours), window in zip(span.time.cells, span.time.window_of_cell, strict=True)
        ),
        times=tuple(
            Times(
                workload=workload,
                measure=metric.name.lower(),
                bins=tuple(np.flatnonzero(answers).tolist()),
                answers=tuple(np.round(answers[answers > 0.0], 3).tolist()),
            )
            for workload, of in times.items()
            for metric, answers in of.items()
        ),
        tpm=_limits(staged),
    )


def _limits(scenario: Scenario) -> Mapping[str, float]:
    """Tokens per minute that each hosted model lets through, in all regions where it is."""
    found = {}
    for model in scenario.model_list:
        limit = model.tpm
        if isinstance(limit, Mapping):
            found[model.model_name] = float(sum(limit.values()))
        elif limit is not None:
            found[model.model_name] = float(limit) * max(1, len(model.regions or scenario.regions))
    return found


def _shape(span: Span) -> Floats:
    """Share of what a stream does in the span that falls into an hour of each window, float64[window, stream]."""
    hours = np.zeros(len(span.hourly_successes))
    for (_, length_h), window in zip(span.time.cells, span.time.window_of_cell, strict=True):
        hours[window] += length_h
    total = hours @ span.hourly_successes
    even = np.full_like(span.hourly_successes, 1.0 / hours.sum())
    return np.divide(span.hourly_successes, total, out=even, where=total > 0.0)


def _hours(span: Span, window: int, shape: Floats) -> Iterator[WorkloadHour]:
    """An hour of a window, workload by workload."""
    streams: dict[str, list[int]] = {}
    for number, stream in enumerate(span.streams):
        streams.setdefault(stream.workload, []).append(number)
    for workload, of in streams.items():
        share = shape[window, of]
        groups: dict[str, float] = {}
        for place, line in enumerate(span.lines):
            if line.category not in TOKEN_CATEGORIES:
                group = _GROUP.get(line.category, OTHER)
                usd = float(span.hourly_usd[window, of, place].sum())
                groups[group] = groups.get(group, 0.0) + usd
        yield WorkloadHour(
            workload=workload,
            actions=float(span.accounts.n[:, of, Basis.ACTION].mean(axis=0) @ share),
            turns=float(span.counts[:, of, CountColumn.TURNS].mean(axis=0) @ share),
            models=tuple(_uses(span, window, of, share)),
            groups_usd={group: usd for group, usd in groups.items() if usd},
        )


def _uses(span: Span, window: int, streams: Sequence[int], share: Floats) -> Iterator[ModelUse]:
    targets = dict.fromkeys(station.target for station in span.stations if station.kind == "model")
    for target in targets:
        at = [number for number, station in enumerate(span.stations) if station.target == target]
        usage = span.usage[:, streams][:, :, at].sum(axis=2).mean(axis=0).T @ share  # [UsageColumn]
        found: dict[str, float] = {}
        for place, line in enumerate(span.lines):
            if line.station is None or line.station.target != target or line.category not in _METERS:
                continue
            usd = float(span.hourly_usd[window, streams, place].sum())
            if line.unit_price_usd > 0.0:
                meter = _METERS[line.category]
                found[f"{meter}_usd"] = found.get(f"{meter}_usd", 0.0) + usd
                found[f"{meter}_tokens"] = found.get(f"{meter}_tokens", 0.0) + usd / line.unit_price_usd
        if not found:  # nothing is billed by token
            found["fresh_tokens"] = float(usage[UsageColumn.INPUT_TOKENS])
            found["output_tokens"] = float(usage[UsageColumn.OUTPUT_TOKENS])
        yield ModelUse(
            model=target,
            calls=float(usage[UsageColumn.ATTEMPTS]),
            limited=float(usage[UsageColumn.RATE_LIMITED]),
            **found,
        )
