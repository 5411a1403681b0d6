"""What does an incident move that no objective watches? Metrics of each workload, beyond noise, and the line to add.

An objective sees an incident if clearly more of its actions, or turns, miss it. Where none of a workload's does, what got
worse is looked for: what the data contract turns away, who is not answered, wrong answers, hand-offs to people, latency.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from math import ceil

import numpy as np

from simulator.metrics.columns import CountColumn
from simulator.metrics.formula import ANSWERED, DUE, ENDED, Weights
from simulator.render.numbers import quantity
from simulator.results.paired import sample_difference
from simulator.results.run_result import RunResult
from simulator.results.samples import Floats, Sample
from simulator.results.slo_timeline import allowed_share, coarse_quantile, latencies, missed_of, share_above
from simulator.scenario.model import Slo
from simulator.studies.common.paired import Paired
from simulator.studies.drill.report import Unwatched

_SHARE_POINTS = 0.01  # that must be shown at least: less is no incident
_LATENCY_GROWTH = 0.5  # of the p95 without the incident
_TOWARDS = 0.25  # of the way to what the incident made of it lies the limit that is proposed


@dataclass(frozen=True)
class _Share:
    """A share that is bad for users, and the indicator that counts it."""

    over: Weights
    under: Weights
    indicator: str
    is_complement: bool = False  # the indicator is one less this share


_SHARES = (
    _Share({CountColumn.INVALID: 1.0}, ENDED, "rejected_rate"),
    _Share({**DUE, **dict.fromkeys(ANSWERED, 0.0)}, DUE, "availability", is_complement=True),
    _Share({**ANSWERED, CountColumn.CORRECT: -1.0}, DUE, "success_rate", is_complement=True),
    _Share({CountColumn.HANDED_OFF: 1.0}, {CountColumn.TURNS: 1.0}, "handed_off_rate"),
)


def unwatched(
    calm: Sequence[RunResult], hit: Sequence[RunResult], felt: slice, slos: Sequence[Slo]
) -> tuple[Unwatched, ...]:
    """Metrics that an incident makes worse, beyond noise, and that no objective sees; by workload.

    Parameters
    ----------
    calm, hit : runs without and with it, of the same seeds, with latencies by time bucket
    felt : measured time buckets in which it lasts
    slos : that count actions
    """
    found: list[Unwatched] = []
    for workload in dict.fromkeys(stream.workload for stream in hit[0].streams):
        watching = [slo for slo in slos if slo.workload in (None, workload)]
        if not any(_sees(slo, calm, hit, felt) for slo in watching):
            found += [*_shares(calm, hit, felt, workload), *_latency(calm, hit, felt, workload)]
    return tuple(found)


def _sees(slo: Slo, calm: Sequence[RunResult], hit: Sequence[RunResult], felt: slice) -> bool:
    """Whether clearly more misses an objective, by a point or by all that it allows."""

    def missed(run: RunResult) -> float:
        if slo.objective.statistic is not None:
            histogram = latencies(run, slo.indicator, slo.workload)[felt].sum(axis=0, keepdims=True)
            return float(share_above(histogram, slo.objective.limit)[0]) if histogram.any() else float("nan")
        counts = _counts(run, felt, slo.workload)
        hits, total = missed_of(counts, slo.indicator)
        return float(hits / total) if total > 0.0 else float("nan")

    moved = _compared(calm, hit, missed)
    if moved is None:
        return False
    return moved.difference.low > 0.0 and moved.difference.value >= min(_SHARE_POINTS, allowed_share(slo))


def _shares(
    calm: Sequence[RunResult], hit: Sequence[RunResult], felt: slice, workload: str
) -> Iterator[Unwatched]:
    for share in _SHARES:
        moved = _compared(calm, hit, partial(_share, felt=felt, workload=workload, share=share))
        if moved is None or moved.difference.low <= 0.0 or moved.difference.value < _SHARE_POINTS:
            continue
        assert moved.before is not None
        limit = moved.before + _TOWARDS * moved.difference.value
        bound = ceil(100.0 * limit)
        objective = f">= {100 - bound}%" if share.is_complement else f"<= {bound}%"
        yield _found(share.indicator, workload, moved, objective)


def _latency(
    calm: Sequence[RunResult], hit: Sequence[RunResult], felt: slice, workload: str
) -> Iterator[Unwatched]:
    moved = _compared(
        calm, hit, lambda run: coarse_quantile(latencies(run, "latency", workload)[felt].sum(axis=0), 0.95)
    )
    if moved is None or moved.before is None or moved.difference.low <= 0.0:
        return
    if moved.difference.value >= _LATENCY_GROWTH * moved.before:
        limit_s = moved.before + _TOWARDS * moved.difference.value
        text = quantity(limit_s, "time").replace("\u00a0", "").replace(" ", "")
        yield _found("latency", workload, moved, f"p95 <= {text}")


def _found(indicator: str, workload: str, moved: Paired, objective: str) -> Unwatched:
    name = f"{workload}-{indicator.replace('_', '-')}"
    line = f'{{name: {name}, indicator: {indicator}, workload: {workload}, objective: "{objective}"}}'
    return Unwatched(metric=indicator, workload=workload, moved=moved, slo=line)


def _compared(
    calm: Sequence[RunResult], hit: Sequence[RunResult], measure: Callable[[RunResult], float]
) -> Paired | None:
    """The difference pair by pair; None: in some run there was nothing to measure."""
    first, second = (np.array([measure(run) for run in runs]) for runs in (calm, hit))
    if not (np.isfinite(first).all() and np.isfinite(second).all()):
        return None
    return Paired.of(
        sample_difference(Sample(float(first.mean()), first), Sample(float(second.mean()), second))
    )


def _share(run: RunResult, felt: slice, workload: str, share: _Share) -> float:
    counts = _counts(run, felt, workload)
    over, under = (_weighted(counts, weights) for weights in (share.over, share.under))
    return over / under if under > 0.0 else float("nan")


def _counts(run: RunResult, felt: slice, workload: str | None) -> Floats:
    """Counters of a workload (None: of all) while the incident lasts, float64[CountColumn]."""
    streams = [n for n, stream in enumerate(run.streams) if workload in (None, stream.workload)]
    counts: Floats = run.counts[run.n_warmup_buckets :][felt][:, streams].sum(axis=(0, 1)).astype(np.float64)
    return counts


def _weighted(counts: Floats, weights: Weights) -> float:
    return float(sum(weight * counts[column] for column, weight in weights.items() if column is not None))
