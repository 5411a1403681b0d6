"""The figure of a drift: every number is where it belongs."""

from simulator.studies.drift.figures import drift_figure
from simulator.studies.drift.report import MonthlyCost, Sampling, SeenAfter, WorkloadDrift
from simulator.theory.estimate import Estimate
from simulator.units import WEEK_S


def _rate(sample: float, weeks: float | None, usd: float) -> Sampling:
    def seconds(number: float) -> float | None:
        return None if weeks is None else number * WEEK_S

    value = weeks or 0.0
    seen = SeenAfter(
        value=seconds(value), low=seconds(value - 0.5), high=seconds(value + 0.5), p90=seconds(2.0 * value)
    )
    return Sampling(
        sample=sample,
        reviews_per_week=1.0,
        people=1.0,
        cost=MonthlyCost(month=usd),
        seen_after_s=seen,
        fall=None,
        wrong_answers=None,
        false_alarm_every_s=1.0,
        tuned_to=0.01,
    )


def test_a_drift_is_seen_later_with_fewer_reviews_and_the_present_rate_is_a_star() -> None:
    of = WorkloadDrift(
        workload="ticket",
        team="agents",
        answers_per_week=1.0,
        wrong=Estimate.exact(0.1),
        success_per_week=-0.01,
        sample=0.02,
        in_time=0.02,
        handle_s=60.0,
        cost_per_review=1.0,
        sampling=(_rate(0.001, None, 5.0), _rate(0.01, 4.0, 50.0), _rate(0.02, 2.0, 100.0)),
    )
    mean, late, cost = drift_figure(of).data
    assert (mean.x, mean.y) == ((1.0, 2.0), (4.0, 2.0))  # not within a year: no point
    assert (mean.error_y.array, mean.error_y.arrayminus) == ((0.5, 0.5), (0.5, 0.5))
    assert late.y == (8.0, 4.0)
    assert (cost.x, cost.y) == ((0.1, 1.0, 2.0), (5.0, 50.0, 100.0))
    assert mean.marker.symbol == ("circle", "star")
