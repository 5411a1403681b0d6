"""Replications of one stage, as many as are asked for, and any measure of them: a value per seed.

Checks and comparisons are made of these. Replication k has the same seed on every side, so the same users with the same
luck, which is what makes differences of two sides paired.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from math import sqrt

from scipy.special import ndtri

from simulator.compiler.demand import DemandWindow, stage_window
from simulator.compiler.stage_shares import stage_end_share
from simulator.compiler.streams import Stream, streams
from simulator.economics.accounts import COST_BASES, Accounts, accounts, unit_cost_sample
from simulator.economics.month import WeightedWindow, month_accounts
from simulator.economics.price_book import PriceBook, price_book
from simulator.engine import Runner
from simulator.metrics.registry import MONTHLY_COST
from simulator.results.estimates import sample_of
from simulator.results.run_result import RunResult
from simulator.results.samples import Sample, ratio_sample, to_estimate
from simulator.scenario.model import Scenario
from simulator.studies.common.backlogs import StageBacklog, backlogs_of
from simulator.studies.common.run_length import short_warmup_message, wander_s, window_warmup_s
from simulator.studies.common.two_futures import CollapsedRuns, Futures, StageCollapse, futures_of
from simulator.studies.common.verdicts.criteria import Measure
from simulator.studies.common.windows import month_window_s, month_windows
from simulator.theory.estimate import Estimate


@dataclass
class Replications:
    """One stage of one scenario, simulated with seeds `first_seed`, `first_seed` + 1, ….

    Attributes
    ----------
    scenario : what is simulated
    runner : where to simulate
    stage : name of the stage; None: full exposure
    first_seed : of replication 0
    demand_factor : on what arrives in the window
    bills_month : at a stage, costs of an action are those of the month at its end, as a plan has them; False: of the window
    """

    scenario: Scenario
    runner: Runner
    stage: str | None
    first_seed: int
    demand_factor: float = 1.0
    bills_month: bool = False
    results: list[RunResult] = field(default_factory=list)
    _month: list[list[RunResult]] = field(default_factory=list)

    @cached_property
    def book(self) -> PriceBook:
        """Prices of the scenario."""
        return price_book(self.scenario)

    @cached_property
    def window(self) -> DemandWindow:
        """The span that the scenario asks for, with its warm-up."""
        asked = self.scenario.window

        def window(warmup_s: float) -> DemandWindow:
            found = stage_window(
                self.scenario, self.stage, asked.start, asked.duration, warmup_s, self.runner.base_dir
            )
            return replace(found, rate_rps=self.demand_factor * found.rate_rps)

        def pilots(warmup_s: float, n_runs: int) -> list[RunResult]:
            return self._replicate(window(warmup_s), 0, n_runs, calm=True)

        return window(window_warmup_s(asked, pilots, wander_s(self.scenario)))

    def extend(self, n_runs: int) -> None:
        """Simulate until there are `n_runs` replications of the window."""
        if len(self.results) < n_runs:
            self.results += self._replicate(self.window, len(self.results), n_runs)

    def sample(self, measure: Measure) -> Sample | None:
        """Value of a measure over all replications, and one per replication; None: nothing was observed.

        The region of a measure that nobody asks from in this stage, or a target that does not run there, is
        nothing observed, too.
        """
        if measure.metric == MONTHLY_COST:
            return self._monthly_cost(measure.level)
        if not self.concerns(measure):
            return None
        selection = measure.selection
        if measure.metric in COST_BASES:
            month = self._month_accounts() if self.bills_month else None
            return unit_cost_sample(month or self._accounts(), COST_BASES[measure.metric], selection)
        return sample_of(self.results, measure.metric, measure.statistic, selection)

    def estimate(self, measure: Measure) -> Estimate | None:
        """Estimate a measure, with its 95 % interval."""
        sample = self.sample(measure)
        return None if sample is None else to_estimate(sample)

    def futures(self, measure: Measure) -> Futures | None:
        """A measure in the runs that collapsed and in the others; None: none collapsed, or it is money of the month."""
        if measure.metric == MONTHLY_COST:
            return None
        return futures_of(self.results, lambda runs: replace(self, results=[*runs]).estimate(measure))

    def collapses(self) -> tuple[StageCollapse, ...]:
        """How many runs collapsed; empty: none, or all that there are look alike."""
        found = CollapsedRuns.of(self.results)
        return () if found is None else (StageCollapse(stage=self.stage, **dict(found)),)

    def concerns(self, measure: Measure) -> bool:
        """Whether the part of the run that a measure looks at exists: somebody asks for it, or it runs there."""
        of = measure.selection
        if of.target is not None:
            return any(
                station.target == of.target and of.region in (None, station.region)
                for station in self.results[0].stations
            )
        return any(of.asks(stream) for stream in _asked(self.results))

    def includes(self, measure: Measure) -> bool:
        """Whether the stage includes the part of a run that a measure looks at, asked for in the window or not."""
        if measure.selection.target is not None:
            return self.concerns(measure)
        shares = self._end_shares()
        return any(
            measure.selection.asks(stream) and shares.get((stream.workload, stream.region), 1.0) > 0.0
            for stream in self.results[0].streams
        )

    def _end_shares(self) -> dict[tuple[str, str], float]:
        """Share of full exposure at the stage's end by workload and region; empty: full exposure."""
        stage = next((stage for stage in self.scenario.stages if stage.name == self.stage), None)
        if stage is None:
            return {}
        shares = stage_end_share(self.scenario, stage, self.runner.base_dir)
        found: dict[tuple[str, str], float] = {}
        for stream, share in zip(streams(self.scenario), shares.tolist(), strict=True):
            place = stream.workload, stream.region
            found[place] = max(found.get(place, 0.0), share)
        return found

    def short_spans(self) -> tuple[str, ...]:
        """Where the warm-up is too short for the slowest target: a line for people."""
        found = short_warmup_message(self.results)
        return () if found is None else (found,)

    def backlogs(self) -> tuple[StageBacklog, ...]:
        """Targets to which more work comes in the window than they do."""
        found = backlogs_of(self.scenario, self.book, self.results)
        return tuple(StageBacklog(stage=self.stage, **dict(one)) for one in found)

    def _accounts(self) -> Accounts:
        return accounts(self.results, self.book)

    def _monthly_cost(self, level: float | None) -> Sample | None:
        """Cost of the month at the stage's end, a unit per seed; percentiles as `rollout plan` gives them."""
        month = self._month_accounts()
        per_hour = None if month is None else ratio_sample(month.money(), month.hours)
        if month is None or per_hour is None:
            return None
        return _shifted(Sample(per_hour.value * month.span_h, per_hour.units * month.span_h), level)

    def _month_accounts(self) -> Accounts | None:
        """Accounts of the month at the stage's end, with as many replications as the window has; None: no stage."""
        if self.stage is None:
            return None
        stage = next(stage for stage in self.scenario.stages if stage.name == self.stage)
        warmup_s = self.window.warmup_s
        windows = month_windows(self.scenario, stage, self.runner, month_window_s(warmup_s), warmup_s)
        n_runs = len(self.results)
        if not self._month:
            self._month = [[] for _ in windows]
        for window, runs in zip(windows, self._month, strict=True):
            if len(runs) < n_runs:
                runs += self._replicate(window, len(runs), n_runs, calm=True)
        weighted = [
            WeightedWindow.of(window, runs) for window, runs in zip(windows, self._month, strict=True)
        ]
        return month_accounts(weighted, self.book)

    def _replicate(
        self, window: DemandWindow, first: int, last: int, *, calm: bool = False
    ) -> list[RunResult]:
        """Replications of a window; `calm`: with nothing going wrong."""
        seeds = range(self.first_seed + first, self.first_seed + last)
        scenario = self.scenario.without_incidents() if calm else self.scenario
        return self.runner.replicate(scenario, window, seeds)


def _asked(results: Sequence[RunResult]) -> set[Stream]:
    """Every stream in which something was asked for."""
    return {
        stream
        for run in results
        for stream, counts in zip(run.streams, run.counts.sum(axis=0), strict=True)
        if counts.any()
    }


def _shifted(sample: Sample, level: float | None) -> Sample:
    """The percentile of what the simulation leaves open of a mean: z standard errors beside it."""
    n_units = len(sample.units)
    if level is None or n_units < 2:
        return sample
    shift = float(ndtri(level)) * float(sample.units.std(ddof=1)) / sqrt(n_units)
    return Sample(sample.value + shift, sample.units + shift)
