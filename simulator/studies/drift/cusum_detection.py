"""How soon do reviewers notice that quality falls, at which sampling rate, and what does the looking cost?

Answers looked at come evenly over the week; each goes into a CUSUM chart (`simulator.theory.cusum`), tuned to the fall which
shows this drift soonest at the accepted false alarms. Delays are exact for the share of wrong answers that
was simulated; what they do not contain is the time that an answer waits for its review.
"""

import math
from dataclasses import dataclass

import numpy as np

from simulator.compiler.profiles import HOURS_PER_WEEK
from simulator.compiler.stage_shares import HOURS_PER_MONTH
from simulator.studies.drift.review_sampling import Reviewable
from simulator.theory.cusum import Cusum, Delay, chart_of, delay, run_length
from simulator.theory.estimate import Estimate

MOST_WEEKS = 52.0  # that are looked ahead
_TUNINGS = (0.005, 0.01, 0.02, 0.05, 0.10)  # falls of success that a chart may be tuned to
_MOST_ANSWERS = 250_000  # looked at until the alarm
_LEAST_REVIEWS, _MOST_REVIEWS = 30.0, 30_000.0  # per week, of the sampling rates that are proposed
_LEAST_WRONG, _LEAST_RIGHT = 1e-4, 1e-3


@dataclass(frozen=True)
class Sighting:
    """What one sampling rate sees of one drift.

    Attributes
    ----------
    sample : share of the answers that is reviewed
    per_week : reviews
    people : busy with them around the clock, on average
    month_usd : what their time costs in a month of 730 h
    false_alarm_weeks : between two false alarms, on average
    weeks : from the start of the drift until the alarm, on average; infinite: not surely within a year. The interval is that
        of the share of wrong answers before
    p90_weeks : in nine of ten cases it is raised by then
    fall : of the success rate until then, on average
    wrong_answers : more than without the drift until then, on average
    tuned_to : fall of success that the chart tests for
    """

    sample: float
    per_week: float
    people: float
    month_usd: float
    false_alarm_weeks: float
    weeks: Estimate
    p90_weeks: float
    fall: float
    wrong_answers: float
    tuned_to: float


def proposed_samples(of: Reviewable) -> tuple[float, ...]:
    """Sampling rates of 1, 2 and 5 in every decade that make sense at this traffic, and the scenario's own, rising."""
    grid = [lead * 10.0**power for power in range(-6, 0) for lead in (1.0, 2.0, 5.0)]
    found = {rate for rate in grid if _LEAST_REVIEWS <= rate * of.per_week <= _MOST_REVIEWS}
    return tuple(sorted(found | ({of.sample} if of.sample > 0.0 else set())))


def sighting(of: Reviewable, sample: float, per_week: float, false_alarm_weeks: float) -> Sighting:
    """What one sampling rate sees of success that falls by `per_week` every week, both above 0.

    Parameters
    ----------
    false_alarm_weeks : accepted mean time between false alarms
    """
    reviews = of.per_week * sample
    shares = (of.wrong.value, of.wrong.low, of.wrong.high)
    healthy, low, high = (min(max(share, _LEAST_WRONG), 1.0 - 2.0 * _LEAST_RIGHT) for share in shares)
    seen = of.overrides.wrong - of.overrides.right  # of a fall of success, in what people change
    found, chart, fall = _soonest(healthy, seen * per_week, reviews, false_alarm_weeks)
    edges = [
        _delay(_chart(q, fall, false_alarm_weeks * reviews), q, seen * per_week, reviews) for q in (low, high)
    ]
    around = [found.mean, *(edge.mean for edge in edges)]
    return Sighting(
        sample,
        reviews,
        reviews * of.handle_s / (HOURS_PER_WEEK * 3600.0),
        reviews * of.review_usd * HOURS_PER_MONTH / HOURS_PER_WEEK,
        run_length(chart, healthy) / reviews,
        Estimate(found.mean / reviews, min(around) / reviews, max(around) / reviews),
        found.p90 / reviews,
        per_week * found.mean / reviews,
        of.per_week * per_week * found.mean_square / reviews**2 / 2.0,
        fall / seen,
    )


def _soonest(
    healthy: float, per_week: float, reviews: float, false_alarm_weeks: float
) -> tuple[Delay, Cusum, float]:
    """The delay of the chart that sees it soonest, the chart, and the fall it is tuned to.

    Tuned to a larger fall it gets quicker up to a point, and slower beyond.
    """
    best: tuple[Delay, Cusum, float] | None = None
    for fall in _TUNINGS:
        chart = _chart(healthy, fall, false_alarm_weeks * reviews)
        found = _delay(chart, healthy, per_week, reviews)
        if best is None or (found.mean, found.p90) < (best[0].mean, best[0].p90):
            best = found, chart, fall
        elif math.isfinite(best[0].mean):
            break
    assert best is not None
    return best


def _chart(healthy: float, fall: float, false_alarm_every: float) -> Cusum:
    """Tuned to a fall, as far as there is success that can fall."""
    return chart_of(healthy, min(healthy + fall, 1.0 - _LEAST_RIGHT), false_alarm_every)


def _delay(chart: Cusum, healthy: float, per_week: float, reviews: float) -> Delay:
    """Reviews until the alarm, with q rising by `per_week` each week; not looked for beyond a year."""
    answers = np.arange(1, min(math.ceil(MOST_WEEKS * reviews), _MOST_ANSWERS) + 1)
    return delay(chart, np.minimum(healthy + per_week * answers / reviews, 1.0))
