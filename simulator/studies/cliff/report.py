"""What `rollout cliff` reports: where goodput collapses, why, below which load it recovers, and the curve."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from simulator.studies.common.backlogs import Backlog
from simulator.studies.common.step_times import StepTimesSource
from simulator.studies.record import Interval, OptionalInterval, Record, if_any, if_known, json_key
from simulator.studies.report import JudgedReport, ScenarioReport
from simulator.theory.estimate import Estimate
from simulator.theory.verdict import Verdict

if TYPE_CHECKING:
    import pandas as pd

Shape = Literal["collapses", "saturates"]


class Load(Record):
    """What happens at one load.

    Attributes
    ----------
    factor : on the demand of the peak
    good_share : of what arrives
    n_collapsed : runs that collapsed where others did not; such a load is not carried
    """

    factor: float
    arrivals_rps: float
    goodput_rps: Interval
    good_share: Interval
    n_collapsed: Annotated[int, json_key("collapsed")] = 0
    good_share_of_collapsed: Annotated[float | None, if_known] = None
    good_share_of_others: Annotated[float | None, if_known] = None


class Bound(Record):
    """A load that something happens at: `low` surely is below it, `high` surely is not.

    Attributes
    ----------
    factor : on the demand of the peak
    rps : arrivals per second
    """

    factor: Interval
    rps: Interval

    @classmethod
    def of(cls, factor: Estimate, peak_rps: float) -> "Bound":
        """The load at a factor on the peak."""
        rps = Estimate(factor.value * peak_rps, factor.low * peak_rps, factor.high * peak_rps)
        return cls(factor=factor, rps=rps)


class StrainedStation(Record):
    """Where requests are held up most."""

    target: str
    region: str


class CliffReport(JudgedReport, ScenarioReport):
    """Where goodput collapses, why, and where it comes back. The verdict: whether the peak, with the headroom that is
    asked for, is surely this side of both.

    Attributes
    ----------
    n_runs : replications at every load
    peak_rps : arrivals at the stage's peak
    asked_factor : on the peak, headroom included
    carried_from : share of the good share at a light load from which a load counts as carried
    collapse : load beyond which nothing more is carried; None: none was found
    headroom : of the collapse over the peak
    shape : of what comes beyond it
    goodput_kept : least goodput beyond the cliff, as a share of the best up to it
    bottleneck : there; None: nothing is held up
    overloads : what is offered too much there, in words
    backlogs : targets to which more work comes there than they do
    recovery : load below which it recovers from an overload; None: there is no cliff
    curve : every load that was simulated, rising
    """

    view: ClassVar[str] = "simulator.studies.cliff.view"

    verdict: Verdict
    profiles: Mapping[str, StepTimesSource]
    stage: str | None
    seed: int
    n_runs: Annotated[int, json_key("replications")]
    peak_rps: float
    asked_factor: float
    carried_from: float
    collapse: Bound | None = None
    headroom: OptionalInterval = None
    shape: Shape = "saturates"
    goodput_kept: float = 1.0
    bottleneck: StrainedStation | None = None
    overloads: tuple[str, ...] = ()
    backlogs: Annotated[tuple[Backlog, ...], if_any] = ()
    recovery: Bound | None = None
    curve: tuple[Load, ...]

    def to_frame(self) -> "pd.DataFrame":
        """A row per load that was simulated."""
        from simulator.render.dataframe import rows_frame

        return rows_frame([load.to_row() for load in self.curve])
