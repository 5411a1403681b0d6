"""How long must a window warm up, and how many replications does what it reports take? Pilots tell; short ones are named."""

from collections.abc import Callable, Sequence
from math import ceil

from simulator.metrics.columns import CountColumn
from simulator.render.numbers import quantity
from simulator.results.run_result import RunResult
from simulator.results.time_scale import SPAN_RELAXATIONS, WARMUP_RELAXATIONS, slowest
from simulator.results.warmup import warmup_s
from simulator.scenario.model import Scenario, Window

DEFAULT_WARMUP_S = 600.0
_N_PILOTS = 5  # whose mean series shows where the transient ends
_WARMUP_ACTIONS = 100_000  # that a warm-up may cost if it is longer than the window; assumption
WHOLE_S = 60.0  # a time bucket
_ENOUGH = 1.2  # times a warm-up: what is needed is hardly known better
_N_ROUNDS = 6  # a longer warm-up shows a fuller target, which may need a longer one
MIN_REPLICATIONS = 5
_MAX_REPLICATIONS = 500
_ACTIONS = 2_000_000  # that no more replications are made beyond; assumption
_SHORT_WARMUP = 0.8  # of what it should be at least
_SHORT_SPAN = 0.1

Pilots = Callable[[float, int], Sequence[RunResult]]


def window_warmup_s(asked: Window, pilots: Pilots, least_s: float = 0.0) -> float:
    """Warm-up of a window.

    A span is taken as it is. Without one it is ten minutes, or five relaxation times of the slowest target where that is
    longer. `auto` is where MSER-5 cuts the mean series of runs that start empty, or those five, whichever is longer. What
    would cost more than the window itself, and 100,000 actions, is cut short; a run says so.

    Parameters
    ----------
    pilots : simulates the window with a warm-up, s, this often
    least_s : what it must outlast besides, as `wander_s`
    """
    if isinstance(asked.warmup, float):
        return asked.warmup
    found_s = DEFAULT_WARMUP_S
    if asked.warmup == "auto":
        runs = pilots(0.0, _N_PILOTS)
        found_s = warmup_s(runs) if any(run.counts.any() for run in runs) else 0.0
    tried_s = max(found_s, DEFAULT_WARMUP_S)
    for _ in range(_N_ROUNDS):
        runs = pilots(tried_s, 1)
        needed_s = min(max(needed_warmup_s(runs), least_s), affordable_s(runs))
        if needed_s <= _ENOUGH * tried_s:
            break
        tried_s = WHOLE_S * ceil(needed_s / WHOLE_S)
        found_s = tried_s
    return found_s


def wander_s(scenario: Scenario) -> float:
    """How long demand stays away from its course: what came before a window has left its queues. 0: it does not wander."""
    return max((of.wander.time_constant for of in scenario.workloads if of.wander is not None), default=0.0)


def needed_warmup_s(runs: Sequence[RunResult]) -> float:
    """Five relaxation times of the slowest target; 0 where none was asked."""
    found = slowest(runs)
    return 0.0 if found is None else WARMUP_RELAXATIONS * found.relaxation_s


def longer_warmup_s(asked: Window, windows: Sequence[Sequence[RunResult]]) -> float | None:
    """A warm-up that runs of several windows, each replicated, turn out to need; None: theirs is long enough, or stated."""
    if isinstance(asked.warmup, float):
        return None
    wanted_s = [min(needed_warmup_s(runs), affordable_s(runs)) for runs in windows]
    found_s = WHOLE_S * ceil(max(wanted_s, default=0.0) / WHOLE_S)
    return found_s if wanted_s and found_s > _ENOUGH * windows[0][0].warmup_s else None


def affordable_s(runs: Sequence[RunResult]) -> float:
    """The longest warm-up that does not cost more than its window, and 100,000 actions."""
    n_arrived = sum(float(run.measured_counts[:, CountColumn.ARRIVED].sum()) for run in runs)
    rate_rps = n_arrived / sum(run.duration_s for run in runs)
    return max(DEFAULT_WARMUP_S + runs[0].duration_s, _WARMUP_ACTIONS / rate_rps if rate_rps > 0.0 else 0.0)


def enough_replications(pilots: Sequence[RunResult]) -> int:
    """Replications that outlast the slowest busy target 6,000 times, within two million actions."""
    duration_s = pilots[0].duration_s
    found = slowest(pilots, is_busy=True)
    wanted = 0 if found is None else ceil(SPAN_RELAXATIONS * found.relaxation_s / duration_s)
    n_arrived = sum(float(run.counts[:, :, CountColumn.ARRIVED].sum()) for run in pilots) / len(pilots)
    affordable = int(_ACTIONS / n_arrived) if n_arrived > 0.0 else MIN_REPLICATIONS
    return max(MIN_REPLICATIONS, min(wanted, affordable, _MAX_REPLICATIONS))


def short_warmup_message(results: Sequence[RunResult]) -> str | None:
    """A line for people where a warm-up ends before the slowest target has filled; None: it does not."""
    found, warmup_s = slowest(results), results[0].warmup_s
    if found is None:
        return None
    needed_s = WARMUP_RELAXATIONS * found.relaxation_s
    if warmup_s >= _SHORT_WARMUP * needed_s:
        return None
    return (
        f"a warm-up of {quantity(warmup_s, 'time')} is short: {found.station.target} in {found.station.region} takes "
        f"{quantity(needed_s, 'time')} to fill, so that waits are understated; give a longer `window.warmup`"
    )


def short_span_message(results: Sequence[RunResult]) -> str | None:
    """A line for people where all replications together are short against the slowest target; None: they are not."""
    found, span_s = slowest(results, is_busy=True), sum(run.duration_s for run in results)
    if found is None or span_s >= _SHORT_SPAN * SPAN_RELAXATIONS * found.relaxation_s:
        return None
    needed_s = SPAN_RELAXATIONS * found.relaxation_s
    return (
        f"{quantity(span_s, 'time')} in all are short: waits at {found.station.target} in {found.station.region} hang "
        f"together for about {quantity(found.relaxation_s, 'time')}, so that intervals of percentiles hold less often than "
        f"they say; give more replications or a longer window, {quantity(needed_s, 'time')} in all"
    )
