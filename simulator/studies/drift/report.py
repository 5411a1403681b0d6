"""What `rollout drift` reports: a row per workload and sampling rate."""

from collections.abc import Mapping
from math import inf
from typing import ClassVar

from simulator.studies.common.step_times import StepTimesSource
from simulator.studies.record import Interval, MonthlyCost, Record
from simulator.studies.report import ScenarioReport
from simulator.theory.estimate import Estimate


class SeenAfter(Record):
    """Time from the start of a drift to the alarm, on average, with its interval; None: not surely within a year."""

    value: float | None
    low: float | None
    high: float | None
    p90: float | None  # in nine of ten cases the alarm is raised by then

    @property
    def estimate(self) -> Estimate | None:
        """The time with its interval."""
        if self.value is None:
            return None
        low, high = -inf if self.low is None else self.low, inf if self.high is None else self.high
        return Estimate(self.value, low, high)


class Sampling(Record):
    """What one sampling rate sees of the drift.

    Attributes
    ----------
    sample : share of the answers that is reviewed
    people : busy with reviews around the clock
    cost : of their time
    fall : of the success rate until the alarm, on average
    wrong_answers : more than without the drift until then
    tuned_to : fall of success that the chart tests for
    """

    sample: float
    reviews_per_week: float
    people: float
    cost: MonthlyCost
    seen_after_s: SeenAfter
    fall: float | None
    wrong_answers: float | None
    false_alarm_every_s: float
    tuned_to: float

    @property
    def is_seen(self) -> bool:
        """Whether the alarm surely comes within a year."""
        return self.seen_after_s.value is not None


class WorkloadDrift(Record):
    """The answers of one workload that people could review, and what each sampling rate sees.

    Attributes
    ----------
    wrong : share of the answers that people find wrong, before the drift
    success_per_week : change of the success rate every week, below 0
    sample : share that the scenario has reviewed
    in_time : share that its people find the time to review
    """

    workload: str
    team: str
    answers_per_week: float
    wrong: Interval
    success_per_week: float
    sample: float
    in_time: float
    handle_s: float
    cost_per_review: float
    sampling: tuple[Sampling, ...]


class DriftReport(ScenarioReport):
    """How soon reviewers notice that quality falls, at every sampling rate that makes sense."""

    view: ClassVar[str] = "simulator.studies.drift.view"

    profiles: Mapping[str, StepTimesSource]
    stage: str | None
    seed: int
    false_alarm_every_s: float
    workloads: tuple[WorkloadDrift, ...]
