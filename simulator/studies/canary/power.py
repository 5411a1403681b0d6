"""How long must a canary run to see a change, at its weight and this traffic? A closed form, before any rehearsal.

Of N actions w · N have the new version, and m · N are copied to it. A difference d of means of variance σ² is seen by a
one-sided test of level alpha with this power once N = (z_alpha + z_power)² σ² / d² · (1 / (w + m) + 1 / (1 − w)); without
copies that is (z_alpha + z_power)² σ² / (d² w (1 − w)).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.stats import norm

from simulator.mechanisms.releases.canary import Analyse, Canary, Pause, SetMirrorRoute, SetWeight
from simulator.metrics.columns import CountColumn, Metric
from simulator.results.run_result import RunResult
from simulator.studies.canary.report import DetectableChange
from simulator.studies.record import finite

ALPHA = 0.05
POWER = 0.80
_ENDED = slice(CountColumn.SUCCEEDED, CountColumn.ABANDONED + 1)


@dataclass(frozen=True)
class Arrivals:
    """What the actions of a canary are like before it."""

    rate_rps: float
    success_rate: float
    reviewed_share: float  # of answers that people look at afterwards
    kept_share: float  # of these, that people let stand
    seen_share: float  # of a fall of success, that shows in it
    latency_s: float
    latency_variance: float  # s²

    @classmethod
    def of(cls, results: Sequence[RunResult], recorded: Sequence[int], seen_share: float = 1.0) -> "Arrivals":
        """Of these recorded streams, over all replications; `seen_share`: of a fall of success, by reviewers."""
        streams = list(recorded)
        counts = sum(result.measured_counts[streams].sum(axis=0) for result in results)
        moments = sum(result.moments[streams].sum(axis=0) for result in results)
        span_s = sum(result.duration_s for result in results)
        ended = float(counts[_ENDED].sum() - counts[CountColumn.INVALID])
        reviewed = float(counts[CountColumn.REVIEWED])
        n, total, squares = moments[Metric.LATENCY]
        mean_s = total / n if n else np.nan
        return cls(
            float(counts[CountColumn.ARRIVED]) / span_s,
            float(counts[CountColumn.CORRECT]) / ended if ended else np.nan,
            reviewed / ended if ended else 0.0,
            float(counts[CountColumn.REVIEWED_RIGHT]) / reviewed if reviewed else np.nan,
            seen_share,
            float(mean_s),
            float(squares / n - mean_s**2) if n else np.nan,
        )


class _Span(NamedTuple):
    """A weight and a share of copies at which something is analysed, and the time up to the end of the last analysis."""

    weight: float
    mirrored: float
    available_s: float


def detectable_changes(canary: Canary, arrivals: Arrivals) -> Iterator[DetectableChange]:
    """For every weight at which something is analysed, and every change that is asked about; copies are never reviewed."""
    p = arrivals.success_rate
    latency_change_s = 0.1 * arrivals.latency_s
    for span in _spans(canary):
        new_share = span.weight + span.mirrored
        judged = "success −1 point, every answer judged"
        yield _detectable(judged, span, new_share, arrivals, 0.01, p * (1.0 - p))
        reviewed = arrivals.reviewed_share
        if reviewed > 0.0:
            label = f"success −1 point, {reviewed:.1%} reviewed"
            kept, difference = arrivals.kept_share, 0.01 * arrivals.seen_share
            yield _detectable(label, span, span.weight, arrivals, difference, kept * (1.0 - kept) / reviewed)
        yield _detectable(
            "latency +10 %", span, new_share, arrivals, latency_change_s, arrivals.latency_variance
        )


def actions_needed(difference: float, variance: float, new_share: float, stable_share: float) -> float:
    """Actions of users at which a difference is seen, if these shares of them show the new version and the one before."""
    z = float(norm.isf(ALPHA) + norm.ppf(POWER))
    return z * z * variance / difference**2 * (1.0 / new_share + 1.0 / stable_share)


def _detectable(
    what: str, span: _Span, new_share: float, arrivals: Arrivals, difference: float, variance: float
) -> DetectableChange:
    """How long a difference takes to be seen; `variance` of what is observed per action."""
    needed_s = actions = None
    if span.weight < 1.0 and new_share > 0.0 and arrivals.rate_rps > 0.0:
        n_actions = actions_needed(difference, variance, new_share, 1.0 - span.weight)
        needed_s, actions = finite(n_actions / arrivals.rate_rps), finite(n_actions * new_share)
    return DetectableChange(
        what=what,
        weight=span.weight,
        mirrored=span.mirrored,
        available_s=span.available_s,
        needed_s=needed_s,
        actions_needed=actions,
        is_detectable=needed_s is not None and needed_s <= span.available_s,
    )


def _spans(canary: Canary) -> Iterator[_Span]:
    """Every weight and share of copies at which something is analysed."""
    weight, copied, spent_s, analysed_s = 0.0, 0.0, 0.0, 0.0
    for step in [*canary.steps, SetWeight(set_weight=1.0)]:
        if isinstance(step, SetWeight | SetMirrorRoute):
            if (0.0 < weight < 1.0 or copied > 0.0) and analysed_s > 0.0:
                yield _Span(weight, copied, analysed_s)
            spent_s = analysed_s = 0.0
        if isinstance(step, SetWeight):
            weight = step.set_weight
        elif isinstance(step, SetMirrorRoute):
            copied = step.set_mirror_route
        elif isinstance(step, Analyse):
            analysis = canary.analyses[step.analysis]
            spent_s += analysis.initial_delay + analysis.interval * analysis.count
            analysed_s = spent_s
        elif isinstance(step, Pause):
            spent_s += step.pause
