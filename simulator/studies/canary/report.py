"""What `rollout canary` reports: how its rehearsals end, what its traffic lets it see, and what the test set sees before."""

from typing import Annotated, ClassVar

from simulator.studies.record import Interval, OptionalInterval, Record, json_key
from simulator.studies.report import JudgedReport, ScenarioReport


class Copies(Record):
    """Actions copied to the new version per rehearsal, and what their tokens, calls and egress cost, USD."""

    actions: Interval
    cost: Interval


class CaseOutcome(Record):
    """How the rehearsals of one case ended.

    Attributes
    ----------
    is_good : whether it should be promoted; None: it is the release as the scenario describes it
    promoted, aborted, inconclusive : share of the rehearsals, with exact binomial intervals
    duration_s : from the first weight to the end of the canary; None: none ended
    exposed : actions with the new version, until it was rolled back or the span was over
    harmed : actions that got no right answer, more than without the new version (pairs of the same seed)
    copies : actions that were copied to it; None: the canary copies none
    test_set_stops : chance that the test set stops it before; None: there is none
    reaches_all : chance that it passes the test set and the canary
    """

    name: str
    is_good: bool | None
    n_runs: Annotated[int, json_key("rehearsals")]
    promoted: Annotated[Interval, json_key("passed")]
    aborted: Annotated[Interval, json_key("stopped")]
    inconclusive: Interval
    duration_s: Annotated[OptionalInterval, json_key("ended_s")]
    exposed: Interval
    harmed: Annotated[Interval, json_key("hurt")]
    copies: Annotated[Copies | None, json_key("mirrored")]
    test_set_stops: Annotated[float | None, json_key("evaluation_stops")]
    reaches_all: Interval


class DetectableChange(Record):
    """How long it takes to see a change at a weight, and whether the canary gives that long.

    Attributes
    ----------
    what : the change, and what of it is looked at
    mirrored : share of the actions that is copied to the new version
    available_s : time that the canary spends at the weight until its next analysis has ended
    needed_s : until it is seen with power 80 % at 5 %, one-sided; None: never
    actions_needed : with the new version, that this takes
    """

    what: str
    weight: float
    mirrored: float
    available_s: Annotated[float, json_key("given_s")]
    needed_s: float | None
    actions_needed: float | None
    is_detectable: Annotated[bool, json_key("seen")]


class Detectability(Record):
    """What the traffic lets the canary see, with one look.

    Attributes
    ----------
    alpha, power : chance of a false alarm, and of seeing the change
    """

    alpha: float
    power: float
    changes: tuple[DetectableChange, ...]


class DetectableFall(Record):
    """How many questions it takes to see a fall of success.

    Attributes
    ----------
    fall : in points of success, as a share
    stopped : chance that the scenario's test set stops it
    questions_needed : from which on it is stopped with power 80 %
    """

    fall: float
    stopped: float
    questions_needed: int


class EvaluationPower(Record):
    """The test set in front of the canary, and what it sees.

    Attributes
    ----------
    alpha : chance at most that it stops a release that is just as good
    flips : share of the answers that change although nothing is better or worse
    """

    questions: int
    alpha: float
    flips: float
    power: float
    falls: tuple[DetectableFall, ...]


class Looks(Record):
    """The false alarms of a comparison that looks several times.

    Attributes
    ----------
    n_looks : at which the two versions are compared
    alpha, false_alarm_rate : chance of a false alarm that is stated, and the one that all looks together have
    bounds : standard errors at which each look raises the alarm
    """

    analysis: str
    metric: str
    n_looks: Annotated[int, json_key("looks")]
    correction: str
    alpha: float
    false_alarm_rate: float
    bounds: tuple[float, ...]


class CanaryReport(JudgedReport, ScenarioReport):
    """How often a canary promotes or aborts good and bad releases, and how many users are affected.

    The verdict says whether the release as it is described is promoted in most rehearsals.

    Attributes
    ----------
    span_s : of the canary when nothing aborts it
    arrivals_rps : of the workloads that the release is of
    evaluation : the test set; None: there is none
    """

    view: ClassVar[str] = "simulator.studies.canary.view"

    seed: int
    stage: str | None
    release: str
    span_s: float
    arrivals_rps: float
    cases: tuple[CaseOutcome, ...]
    detectability: Annotated[Detectability, json_key("sight")]
    evaluation: EvaluationPower | None
    looks: tuple[Looks, ...]

    @property
    def n_runs(self) -> int:
        """Rehearsals of each case."""
        return self.cases[0].n_runs if self.cases else 0

    def not_passed(self) -> list[str]:
        """How the release as it is described ended."""
        return [
            f"{case.name}: promoted in {case.promoted.value:.0%} of the rehearsals"
            for case in self.cases
            if case.is_good is None and self.verdict != "PASS"
        ]
