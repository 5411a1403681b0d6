"""Search for the cliff: simulate a load, remember it, and bracket the largest one that is carried.

Used by `simulator.studies.cliff.cliff`; all loads are simulated with the same seeds.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from simulator.compiler.demand import DemandWindow
from simulator.engine import Runner
from simulator.mechanisms.incidents.demand import Surge
from simulator.metrics.columns import CountColumn
from simulator.results.collapse import collapse_of
from simulator.results.run_result import RunResult
from simulator.results.samples import Sample, to_estimate
from simulator.scenario.model import Scenario
from simulator.studies.cliff.report import Load
from simulator.studies.common.replications import Replications
from simulator.studies.drill.drill_plan import DrillError, drill_window, with_incidents
from simulator.theory.estimate import Estimate

Carries = Callable[[float], Estimate]  # good share at a load, relative to that at a light load

CARRIED = 0.95  # of the good share at a light load
MOST = 64.0  # times the peak
_LIGHT = 0.25  # of the peak
_PRECISION = 0.02
_SPAN_S = 1200.0  # looked at, at every load
_SURGE_S, _WATCH_S = 180.0, 2400.0
_NO_LOAD = 0.02  # of where the search began: less is none at all
_LEAST = 1e-9  # below what counts as carried
_N_LOOKS = 34  # that a cliff usually takes; only the progress bar believes it


class LoadSearch:
    """Looks at loads, and remembers what it saw."""

    def __init__(self, scenario: Scenario, stage: str | None, n_runs: int, runner: Runner) -> None:
        closed = [workload.name for workload in scenario.workloads if workload.is_closed]
        if closed:
            raise DrillError(
                f"`{closed[0]}` is a closed loop: its `clients` ask less when answers are late, so that no load of theirs "
                "collapses; raise `clients` with `rollout sweep`, or give `users` or an `arrival_rate`"
            )
        self._scenario = with_incidents(scenario, ())
        self._runner = runner
        calm = Replications(scenario.without_incidents(), runner, stage, scenario.seed)
        self._warmup_s = calm.window.warmup_s
        self._stage = stage
        window = drill_window(scenario, stage, _SPAN_S, self._warmup_s, runner)
        self.peak_rps = float(window.rate_rps.sum(axis=0).mean())
        self._window = window
        self._seeds = range(scenario.seed, scenario.seed + n_runs)
        self._runs: dict[float, list[RunResult]] = {}
        self._n_looks = 0
        if self.peak_rps <= 0.0:
            raise DrillError("nobody asks for anything at the peak of this stage")
        self._light = self.look(_LIGHT).good_share.value
        if self._light <= 0.0:
            raise DrillError("not even a quarter of the peak is answered within the limits")

    def bracket(self, carries: Carries, start: float, most: float | None = None) -> Estimate | None:
        """Largest load that is carried, between the surest bounds; none larger than `most` is looked for.

        Without a `most`: None if all are carried, up to `MOST` times the peak. The value is 0 if none is.
        """
        shares: dict[float, Estimate] = {}

        def is_carried(factor: float) -> bool:
            shares[factor] = carries(factor)
            return shares[factor].value >= CARRIED

        low, high = 0.0, start
        while is_carried(high):
            if high == most:
                return Estimate(high, high, high)
            low, high = high, 2.0 * high
            if high > MOST:
                return None
        while high - low > _PRECISION * high and high > _NO_LOAD * start:
            middle = (low + high) / 2.0
            low, high = (middle, high) if is_carried(middle) else (low, middle)
        surely = [factor for factor, share in shares.items() if share.low >= CARRIED and factor <= low]
        surely_not = [factor for factor, share in shares.items() if share.high < CARRIED and factor >= high]
        return Estimate(low, max(surely, default=0.0), min(surely_not, default=float("inf")))

    def carries_from_rest(self, factor: float) -> Estimate:
        """Good share at a load, relative to that at a light load."""
        load = self.look(factor)
        return self._relative(load.good_share, has_collapsed=load.n_collapsed > 0)

    def carries_after_overload(self, collapse: Estimate) -> Carries:
        """The same at the end of a while after a surge to twice the cliff."""

        def carries(factor: float) -> Estimate:
            surge = Surge(
                name="overload",
                kind="surge",
                factor=2.0 * collapse.value / factor,
                start=0.0,
                duration=_SURGE_S,
            )
            scenario = with_incidents(self._scenario, (surge,))
            window = drill_window(scenario, self._stage, _SURGE_S + _WATCH_S, self._warmup_s, self._runner)
            runs = self._replicate(scenario, _scaled(window, factor))
            late = int((_SURGE_S + 2.0 * _WATCH_S / 3.0) / runs[0].bucket_s)
            return self._relative(_good_share(runs, late), has_collapsed=collapse_of(runs) is not None)

        return carries

    def _relative(self, share: Estimate, *, has_collapsed: bool) -> Estimate:
        """A good share against that at a light load; what some runs do not carry is not carried, whatever their mean is."""
        found = Estimate(share.value / self._light, share.low / self._light, share.high / self._light)
        most = (1.0 - _LEAST) * CARRIED if has_collapsed else float("inf")
        return Estimate(min(found.value, most), min(found.low, most), min(found.high, most))

    def look(self, factor: float) -> Load:
        """What happens at a load."""
        runs = self.runs_at(factor)
        good = np.array([run.measured_counts[:, CountColumn.GOOD].sum() / run.duration_s for run in runs])
        collapse = collapse_of(runs)
        return Load(
            factor=factor,
            arrivals_rps=self.peak_rps * factor,
            goodput_rps=to_estimate(Sample(float(good.mean()), good)),
            good_share=_good_share(runs, 0),
            n_collapsed=0 if collapse is None else len(collapse.collapsed),
            good_share_of_collapsed=None if collapse is None else collapse.good_share,
            good_share_of_others=None if collapse is None else collapse.good_share_of_others,
        )

    def runs_at(self, factor: float) -> Sequence[RunResult]:
        """Replications at a load."""
        if factor not in self._runs:
            self._runs[factor] = self._replicate(self._scenario, _scaled(self._window, factor))
        return self._runs[factor]

    def curve(self) -> tuple[Load, ...]:
        """Every load that was looked at from rest, rising."""
        return tuple(self.look(factor) for factor in sorted(self._runs))

    def _replicate(self, scenario: Scenario, window: DemandWindow) -> list[RunResult]:
        self._runner.raise_if_cancelled()
        runs = self._runner.replicate(scenario, window, self._seeds)
        self._n_looks += 1
        done = round(100.0 * (1.0 - 0.5 ** (3.0 * self._n_looks / _N_LOOKS)))
        self._runner.progress(done, 100, f"load {window.rate_rps.sum(axis=0).mean():.4g}/s")
        return runs


def _good_share(runs: Sequence[RunResult], first_bucket: int) -> Estimate:
    """Share of what arrives that is good, from a measured bucket on."""
    shares = []
    for run in runs:
        counts = run.counts[run.n_warmup_buckets :][first_bucket:].sum(axis=(0, 1))
        shares.append(counts[CountColumn.GOOD] / max(1, counts[CountColumn.ARRIVED]))
    return to_estimate(Sample(float(np.mean(shares)), np.array(shares)))


def _scaled(window: DemandWindow, factor: float) -> DemandWindow:
    return replace(window, rate_rps=window.rate_rps * factor)
