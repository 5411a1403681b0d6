"""From a scenario to the forecast of its months: simulate the windows of every part, and account for them.

Every variant of a scenario meets the same seeds, so that differences between variants are paired. What was
simulated is kept as sums; a variant that differs in prices only is not simulated again.
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field, replace
from datetime import timedelta

from simulator.compiler.demand import DemandWindow
from simulator.compiler.stage_demand import pace_rps
from simulator.compiler.stage_shares import HOURS_PER_MONTH, stage_end
from simulator.economics.forecast import Forecast, forecast_of
from simulator.economics.log_storage import as_stored
from simulator.economics.month import WeightedWindow
from simulator.economics.price_book import PriceBook, price_book
from simulator.economics.span import Span, SpanTime, span_of
from simulator.engine import Runner
from simulator.scenario.model import Scenario, Stage
from simulator.scenario.stage_changes import at_stage
from simulator.studies.canary.rehearsals import RehearsalPlan, described
from simulator.studies.capacity.followed import followed, with_staff
from simulator.studies.capacity.knobs import with_amounts
from simulator.studies.capacity.warmup import stage_warmup_s
from simulator.studies.common.input_factors import InputFactors, with_factors
from simulator.studies.common.replicator import Replicator
from simulator.studies.common.windows import month_windows
from simulator.studies.cost.forecast.mirroring import with_copies
from simulator.studies.cost.forecast.month_parts import (
    MonthPart,
    PartWindows,
    month_parts,
    part_windows,
    window_s,
)
from simulator.studies.cost.forecast.part_times import PartTimes, times_of
from simulator.studies.cost.forecast.undone import OfferedWork, offered_work
from simulator.studies.cost.report import Amounts

Told = Callable[[str], None]
AS_IT_IS = InputFactors()
_HOUR = timedelta(hours=1)


@dataclass
class Forecaster:
    """Forecasts of one scenario and its variants.

    Attributes
    ----------
    runner : where to simulate; as many parts of months at the same time as it has threads
    capacity : amounts of the knobs by stage, which follow demand; a stage without has those of the scenario
    n_runs : replications of every window, with the scenario's seed and the ones after it
    told : called after each part of a month that was simulated
    """

    scenario: Scenario
    runner: Runner
    capacity: Mapping[str, Amounts] = field(default_factory=dict)
    n_runs: int = 4
    told: Told | None = None
    _known: dict[tuple[float, ...], tuple[Span, ...]] = field(default_factory=dict)
    _offered: dict[MonthPart, tuple[OfferedWork, ...]] = field(default_factory=dict, init=False)
    _times: dict[MonthPart, PartTimes] = field(default_factory=dict, init=False)
    _paces: dict[tuple[float, ...], Span] = field(default_factory=dict)
    _warmup_s: dict[str, float] = field(default_factory=dict)
    _part_windows: dict[tuple[MonthPart, float], PartWindows] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.parts = month_parts(self.scenario)
        self.book: PriceBook = price_book(self.scenario)

    def forecast(self, factors: InputFactors = AS_IT_IS) -> Forecast:
        """The forecast with factors on its inputs."""
        if factors.use not in self._known:
            self._known[factors.use] = self._spans(factors)
        spans = [span.repriced(factors.prices) for span in self._known[factors.use]]
        if self.book.telemetry is not None:
            spans = as_stored(spans, self.book.telemetry.retention / 3600.0)
        return forecast_of(spans, self.book)

    def offered(self) -> list[tuple[OfferedWork, ...]]:
        """Work and capacity in every part of a month that was forecast with the inputs as stated, in their order."""
        return [self._offered[part] for part in self.parts if part in self._offered]

    def times(self) -> list[PartTimes]:
        """How long answers take in every part of a month that was forecast with the inputs as stated, in their order."""
        return [self._times[part] for part in self.parts if part in self._times]

    def pace(self, factors: InputFactors = AS_IT_IS) -> Forecast:
        """One month of 730 h of ordinary weeks, at the pace at which the last stage ends."""
        if factors.use not in self._paces:
            self._paces[factors.use] = self._pace(factors)
        return forecast_of([self._paces[factors.use].repriced(factors.prices)], self.book)

    def _pace(self, factors: InputFactors) -> Span:
        stage, folder = self.scenario.stages[-1], self.runner.base_dir
        staged = self.staged(stage.name)
        span_s = window_s(float(pace_rps(staged, stage.name, folder).sum(axis=0).mean()))
        windows = month_windows(staged, stage, self.runner, span_s, self.warmup_s(stage.name))
        end = stage_end(self.scenario, stage)
        time = SpanTime(end.date().replace(day=1), stage.name, 1.0, ((end, HOURS_PER_MONTH),), (0,))
        varied = with_factors(self.staged(stage.name, factors), factors).without_incidents()
        varied_windows = [self._varied(window, stage.name, factors) for window in windows]
        return span_of(self._simulated(varied, varied_windows, self.runner), self._book(stage.name), time)

    def with_runs(self, n_runs: int) -> "Forecaster":
        """The same with other replications of every window."""
        return replace(self, n_runs=n_runs, _known={}, _paces={})

    def staged(self, stage: str, factors: InputFactors = AS_IT_IS) -> Scenario:
        """The scenario as it is in a stage, with the capacity of it, as it follows factors on its demand."""
        here = at_stage(self.scenario, stage, self.runner.base_dir)
        amounts = self.capacity.get(stage)
        if not amounts:
            return here
        return with_amounts(here, followed(here, amounts, factors))

    def _book(self, stage: str) -> PriceBook:
        """Prices as they are in a stage."""
        here = at_stage(self.scenario, stage, self.runner.base_dir)
        return self.book if here is self.scenario else price_book(here)

    def warmup_s(self, stage: str) -> float:
        """Warm-up of the windows of a stage, found once."""
        if stage not in self._warmup_s:
            found = self._stage(stage)
            replicator = Replicator(self.runner)
            self._warmup_s[stage] = stage_warmup_s(replicator, self.staged(stage), found)
        return self._warmup_s[stage]

    def _spans(self, factors: InputFactors) -> tuple[Span, ...]:
        """Simulate every part, several at the same time."""
        for stage in dict.fromkeys(part.stage for part in self.parts):
            self.warmup_s(stage)
        with ThreadPoolExecutor(max_workers=max(1, self.runner.n_threads)) as pool:
            futures = [pool.submit(self._span, part, factors) for part in self.parts]
            for future in as_completed(futures):
                span = future.result()
                if self.told is not None:
                    self.told(f"{span.time.stage}, {span.time.month:%Y-%m}")
        return tuple(future.result() for future in futures)

    def _span(self, part: MonthPart, factors: InputFactors) -> Span:
        staged, runner = self.staged(part.stage, factors), self.runner.alone()
        found = self._windows(part, factors)
        varied = with_factors(staged, factors).without_incidents()  # a window stands for many hours
        windows = [self._varied(window, part.stage, factors) for window in found.windows]
        if varied.drifts:
            windows = _at_mean_times(windows, found)
        simulated = self._simulated(varied, windows, runner)
        if factors == AS_IT_IS:
            self._offered[part] = offered_work(varied, self._book(part.stage), simulated)
            self._times[part] = times_of(simulated)
        span = span_of(simulated, self._book(part.stage), _time_of(found))
        is_first = next(one for one in self.parts if one.stage == part.stage) == part
        for release in self._stage(part.stage).releases if is_first else ():
            options = RehearsalPlan(part.stage, release, self.n_runs)
            copies = described(varied, options, runner, factors.users)
            span = with_copies(span, copies, self._book(part.stage))
        return span

    def _varied(self, window: DemandWindow, stage: str, factors: InputFactors) -> DemandWindow:
        """A window with a factor on its demand, and the people on shift who follow it."""
        planned = self.capacity.get(stage, {})
        asked = replace(window, rate_rps=factors.users * window.rate_rps)
        return with_staff(asked, planned, followed(self.staged(stage), planned, factors))

    def _simulated(
        self, scenario: Scenario, windows: Sequence[DemandWindow], runner: Runner
    ) -> list[WeightedWindow]:
        """Windows with every seed."""
        seeds = range(self.scenario.seed, self.scenario.seed + self.n_runs)
        return [WeightedWindow.of(window, runner.replicate(scenario, window, seeds)) for window in windows]

    def _windows(self, part: MonthPart, factors: InputFactors) -> PartWindows:
        """The windows of a part, found once: a factor on demand does not change which hours are alike, a delay does."""
        key = part, factors.adoption_delay
        if key not in self._part_windows:
            delayed = self._delayed(self.staged(part.stage), factors)
            self._part_windows[key] = part_windows(delayed, part, self.runner, self.warmup_s(part.stage))
        return self._part_windows[key]

    def _delayed(self, scenario: Scenario, factors: InputFactors) -> Scenario:
        return with_factors(scenario, InputFactors(adoption_delay=factors.adoption_delay))

    def _stage(self, name: str) -> Stage:
        return next(stage for stage in self.scenario.stages if stage.name == name)


def _time_of(found: PartWindows) -> SpanTime:
    part = found.part
    return SpanTime(part.month, part.stage, part.month_share, found.cells, found.window_of_cell)


def _at_mean_times(windows: Sequence[DemandWindow], found: PartWindows) -> list[DemandWindow]:
    """The windows in the middle of the time that each stands for, so that a drift counts for it on average."""
    begin = found.part.begin
    moved = []
    for number, window in enumerate(windows):
        cells = [cell for cell, of in zip(found.cells, found.window_of_cell, strict=True) if of == number]
        hours = sum(length_h * ((start - begin) / _HOUR + length_h / 2.0) for start, length_h in cells)
        middle = begin + timedelta(hours=hours / sum(length_h for _, length_h in cells))
        moved.append(replace(window, start=middle))
    return moved
