"""How long must a window warm up? As the scenario says, else as its slowest target needs; pilot runs tell."""

from collections.abc import Callable, Sequence
from math import ceil

from simulator.metrics.columns import CountColumn
from simulator.results.run_result import RunResult
from simulator.results.time_scale import WARMUP_RELAXATIONS, slowest
from simulator.results.warmup import warmup_s
from simulator.scenario.model import Window

DEFAULT_WARMUP_S = 600.0
_N_PILOTS = 5  # whose mean series shows where the transient ends
_ACTIONS = 100_000  # that a warm-up may cost if it is longer than the window; assumption
WHOLE_S = 60.0  # a time bucket
_ENOUGH = 1.2  # times a warm-up: what is needed is hardly known better
_N_ROUNDS = 6  # a longer warm-up shows a fuller target, which may need a longer one

Pilots = Callable[[float, int], Sequence[RunResult]]


def window_warmup_s(asked: Window, pilots: Pilots) -> float:
    """Warm-up of a window.

    A span is taken as it is. Without one it is ten minutes, or five relaxation times of the slowest target where that is
    longer. `auto` is where MSER-5 cuts the mean series of runs that start empty, or those five, whichever is longer. What
    would cost more than the window itself, and 100,000 actions, is cut short; a run says so.

    Parameters
    ----------
    pilots : simulates the window with a warm-up, s, this often
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
        needed_s = min(needed_warmup_s(runs), affordable_s(runs))
        if needed_s <= _ENOUGH * tried_s:
            break
        tried_s = WHOLE_S * ceil(needed_s / WHOLE_S)
        found_s = tried_s
    return found_s


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
    return max(DEFAULT_WARMUP_S + runs[0].duration_s, _ACTIONS / rate_rps if rate_rps > 0.0 else 0.0)
