"""Is a run long enough for what it reports? How many replications that takes, and what is said where it is too short."""

from collections.abc import Sequence
from math import ceil

from simulator.metrics.columns import CountColumn
from simulator.render.numbers import quantity
from simulator.results.run_result import RunResult
from simulator.results.time_scale import SPAN_RELAXATIONS, WARMUP_RELAXATIONS, slowest

MIN_REPLICATIONS = 5
_MAX_REPLICATIONS = 500
_ACTIONS = 2_000_000  # that no more replications are made beyond; assumption
_SHORT_WARMUP = 0.8  # of what it should be at least
_SHORT_SPAN = 0.1


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
