"""What does a kept forecast say of a span of time, to the hour?"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import numpy as np
from scipy.stats import poisson

from simulator.numerics.sketch import N_BINS, quantile
from simulator.studies.track.records import Cell, ForecastPart, KeptForecast, ModelUse, WorkloadHour

_HOUR = timedelta(hours=1)
_SHARES = 1000  # of an answer, so that weighted answers are whole numbers


@dataclass
class Expected:
    """What is forecast for a span.

    Attributes
    ----------
    groups_usd : of what is not billed by token
    busiest_rph : requests of the busiest hour, chance included: as many as the busiest of all hours has in the middle
    busiest_tpm : tokens per minute of each model in such an hour
    tpm : limit of each model that has one
    hours : of the span that the forecast has
    """

    actions: float = 0.0
    turns: float = 0.0
    models: dict[str, ModelUse] = field(default_factory=dict)
    groups_usd: dict[str, float] = field(default_factory=dict)
    times: dict[str, float] = field(default_factory=dict)
    busiest_rph: float = 0.0
    busiest_tpm: dict[str, float] = field(default_factory=dict)
    tpm: dict[str, float] = field(default_factory=dict)
    stages: tuple[str, ...] = ()
    hours: float = 0.0

    @property
    def calls(self) -> float:
        """Requests of all models."""
        return sum(one.calls for one in self.models.values())

    @property
    def tokens_usd(self) -> float:
        """Cost of all tokens."""
        return sum(one.usd for one in self.models.values())


def expected_in(
    forecast: KeptForecast, begin: datetime, end: datetime, workload: str | None = None
) -> Expected:
    """Add up the hours of a span.

    Parameters
    ----------
    workload : of which; None: of all
    """
    found = Expected()
    histograms: dict[str, np.ndarray] = {}
    rates: dict[float, float] = {}
    stages: dict[str, None] = {}
    for part in forecast.parts:
        hours_of = dict(_overlaps(part, begin, end))
        if not hours_of:
            continue
        stages[part.stage] = None
        found.tpm.update(part.tpm)
        for window, hours in hours_of.items():
            found.hours += hours
            rph = _add(
                found, [one for one in part.windows[window] if workload in (None, one.workload)], hours
            )
            rates[rph] = rates.get(rph, 0.0) + hours
        share = sum(hours_of.values()) / sum(cell.hours for cell in part.cells)
        for one in part.times:
            if workload in (None, one.workload):
                of = histograms.setdefault(one.measure, np.zeros(N_BINS))
                of[list(one.bins)] += share * np.array(one.answers)
    found.stages = tuple(stages)
    _with_chance(found, rates)
    found.times = dict(_quantiles(histograms))
    return found


def ends_of(forecast: KeptForecast) -> tuple[datetime, datetime]:
    """When the first stage begins and the last one ends."""
    first, last = forecast.parts[0].cells[0], forecast.parts[-1].cells[-1]
    return first.start, last.start + timedelta(hours=last.hours)


def usd_by_day(
    forecast: KeptForecast, begin: datetime, end: datetime
) -> Iterator[tuple[datetime, float, float]]:
    """Start of each day of a span (UTC), and what it costs in tokens and in all else."""
    day = begin
    while day < end:
        after = min(end, datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1))
        found = expected_in(forecast, day, after)
        yield day, found.tokens_usd, sum(found.groups_usd.values())
        day = after


def _overlaps(part: ForecastPart, begin: datetime, end: datetime) -> Iterator[tuple[int, float]]:
    """Hours of each window of a part that lie in a span."""
    found: dict[int, float] = {}
    for cell in part.cells:
        hours = _overlap_h(cell, begin, end)
        if hours > 0.0:
            found[cell.window] = found.get(cell.window, 0.0) + hours
    yield from found.items()


def _overlap_h(cell: Cell, begin: datetime, end: datetime) -> float:
    until = cell.start + timedelta(hours=cell.hours)
    return max(0.0, (min(end, until) - max(begin, cell.start)) / _HOUR)


def _add(found: Expected, workloads: list[WorkloadHour], hours: float) -> float:
    """Add hours that are alike; returns the requests of one."""
    rph, tpm = 0.0, dict.fromkeys(found.busiest_tpm, 0.0)
    for one in workloads:
        found.actions += hours * one.actions
        found.turns += hours * one.turns
        for use in one.models:
            before = found.models.get(use.model, ModelUse(model=use.model))
            found.models[use.model] = before.plus(use, hours)
            rph += use.calls
            tpm[use.model] = tpm.get(use.model, 0.0) + use.tokens / 60.0
        for group, usd in one.groups_usd.items():
            found.groups_usd[group] = found.groups_usd.get(group, 0.0) + hours * usd
    found.busiest_rph = max(found.busiest_rph, rph)
    for model, of in tpm.items():
        found.busiest_tpm[model] = max(found.busiest_tpm.get(model, 0.0), of)
    return rph


def _with_chance(found: Expected, rates: Mapping[float, float]) -> None:
    """Make the mean of the busiest hour the median of the largest count of all hours, by Poisson's law.

    Parameters
    ----------
    rates : hours with so many requests on average
    """
    mean = found.busiest_rph
    if mean <= 0.0:
        return
    rph, hours = np.array(list(rates)), np.array(list(rates.values()))
    counts = np.arange(int(mean), int(mean + 8.0 * mean**0.5 + 20.0))
    chance = (hours[:, None] * poisson.logcdf(counts, rph[:, None])).sum(axis=0)  # that no hour has more
    found.busiest_rph = float(counts[np.searchsorted(chance, np.log(0.5))])
    found.busiest_tpm = {model: of * found.busiest_rph / mean for model, of in found.busiest_tpm.items()}


def _quantiles(histograms: Mapping[str, np.ndarray]) -> Iterator[tuple[str, float]]:
    for measure, levels in (("latency", (50, 95, 99)), ("ttft", (50, 95))):
        histogram = np.rint(_SHARES * histograms.get(measure, np.zeros(N_BINS))).astype(np.int64)
        if histogram.sum() > 0:
            for level in levels:
                yield f"{measure} p{level}", quantile(histogram, level / 100.0)
