"""What `rollout drill` reports: of every incident what users felt, whether it ended, who noticed, and what would help."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import PlainSerializer

from simulator.mechanisms.incidents.config import Incident
from simulator.studies.alerts.report import AlertBaseline, Detection
from simulator.studies.common.paired import Paired
from simulator.studies.common.step_times import StepTimesSource
from simulator.studies.record import Interval, OptionalInterval, Record, if_any, if_known, json_key
from simulator.studies.report import JudgedReport, ScenarioReport
from simulator.theory.verdict import Verdict

if TYPE_CHECKING:
    import pandas as pd

Stuck = Literal["yes", "no", "unclear"]


def _as_written(incident: Incident) -> dict[str, Any]:
    return incident.model_dump(mode="json", exclude_none=True)


PlayedIncident = Annotated[Incident, PlainSerializer(_as_written)]


class BudgetBurn(Record):
    """Share of an objective's error budget of 28 days that one incident used up; 1 is all of it."""

    slo: str
    burnt: Interval


class Harm(Record):
    """One drill, what users felt in it, and whether it ended.

    Attributes
    ----------
    name : as asked for, names joined by `+`
    incidents : as they are played; they start together
    begins_s : from the start of the measured span to that of the incidents
    duration_s : until the last of them is over
    watched_s : from then to the end of the measured span
    error_rate : share of the actions that ended, or came, without an answer, while the incident lasts
    answered_in_time : share of the actions that came while it lasts and were answered within every limit
    backlog : actions open at the end beyond those at the beginning; `backlog_work_h`: hours of people's work of them,
        `backlog_cost`: USD to do it, which is not in `cost`
    latency_p95 : of the turns that ended while it lasts; None: there were none
    minutes_out_of_slo : minutes in which some objective is missed because of it, from its start on
    actions_hurt : actions without an answer within every per-request limit, from its start on (blast radius)
    wrong_answers : answers that are wrong
    residency_blocked : times that nothing was left where data may go; it never goes elsewhere. None: no such rule
    cost : of the whole drill, USD
    error_budget : burnt, by objective
    recovery_s : from the end of the incident until objectives hold again; None: in no run
    recovered_share : of the runs
    late_goodput : share of the twin's goodput in the last third of the time after the end
    n_collapsed : runs of which that share is surely below one half
    late_goodput_collapsed, late_goodput_others : in these runs and in the others; None: all are alike
    metastable : some run collapsed long after the end, while its twin is well
    """

    name: str
    incidents: tuple[PlayedIncident, ...]
    begins_s: float
    duration_s: float
    watched_s: float
    error_rate: Paired
    latency_p95: Annotated[Paired | None, json_key("latency_p95_s")]
    answered_in_time: Paired
    backlog: Paired
    backlog_work_h: Paired
    backlog_cost: Paired
    minutes_out_of_slo: Interval
    actions_hurt: Paired
    wrong_answers: Paired
    residency_blocked: Paired | None
    cost: Paired
    error_budget: tuple[BudgetBurn, ...]
    recovery_s: OptionalInterval
    recovered_share: float
    late_goodput: Interval
    n_collapsed: Annotated[int, json_key("collapsed")] = 0
    late_goodput_collapsed: Annotated[OptionalInterval, if_known] = None
    late_goodput_others: Annotated[OptionalInterval, if_known] = None
    metastable: Stuck

    @property
    def span_s(self) -> float:
        """From the start of the incidents to the end of the measured span."""
        return self.duration_s + self.watched_s


class Unwatched(Record):
    """A metric of a workload that the incident makes worse, beyond noise, and that no objective watches.

    Attributes
    ----------
    metric : an indicator of objectives
    moved : while the incident lasts; of a share that should be high, what is missing of it; of `latency` its p95
    slo : a line of `slos` that would see it
    """

    metric: str
    workload: str
    moved: Paired
    slo: str


class BlindSpot(Record):
    """Users whom an incident hurts while no alert fires.

    Attributes
    ----------
    dimension, name : e.g. `region` and `eu-south`; everybody has no dimension
    answered_in_time : share of those who come while it lasts
    """

    dimension: str
    name: str
    answered_in_time: Paired


class MitigationResult(Record):
    """What one change of policy would have brought: good answers per second, from the start of the incident on."""

    name: str
    gain_rps: Paired


class Series(Record):
    """Both sides by time bucket of the measured span, mean over the replications.

    Attributes
    ----------
    out_of_slo_share : of the runs in which an objective is missed
    """

    bucket_s: float
    arrivals_rps: tuple[float, ...]
    goodput_rps: tuple[float, ...]
    goodput_without_rps: tuple[float, ...]
    out_of_slo_share: tuple[float, ...]
    out_of_slo_share_without: tuple[float, ...]


class DrillResult(Harm):
    """One drill with its verdict.

    Attributes
    ----------
    missed_without : objectives that are missed without the incident, too
    unwatched : what it makes worse and no objective watches; with any, nothing passes
    alerts : what each of them saw
    blind_spots : who is hurt, and no alert sees it
    mitigations : changes that were tried, the most helpful first
    best_mitigation : the change that is shown to help most; None: nothing is
    """

    verdict: Verdict
    missed_without: tuple[str, ...]
    unwatched: tuple[Unwatched, ...] = ()
    alerts: tuple[Detection, ...]
    blind_spots: Annotated[tuple[BlindSpot, ...], if_any] = ()
    mitigations: Annotated[tuple[MitigationResult, ...], json_key("cures")]
    best_mitigation: Annotated[str | None, json_key("best_cure")]
    series: Series

    @property
    def reason(self) -> str:
        """Why it did not pass, in short."""
        metrics = ", ".join(dict.fromkeys(one.metric for one in self.unwatched))
        metastable = f"metastable {self.metastable}"
        return f"nobody watches {metrics}; {metastable}" if metrics else metastable


class DrillReport(JudgedReport, ScenarioReport):
    """What every incident does at the peak of a stage, and what would help.

    Attributes
    ----------
    n_pairs : replications of each drill, with and without the incident
    collapsed_below : share of the twin's goodput below which nothing has recovered
    alerts : what they do without any incident
    """

    view: ClassVar[str] = "simulator.studies.drill.view"

    verdict: Verdict
    profiles: Mapping[str, StepTimesSource]
    stage: str | None
    seed: int
    n_pairs: Annotated[int, json_key("pairs")]
    collapsed_below: float
    drills: tuple[DrillResult, ...]
    alerts: tuple[AlertBaseline, ...]

    @property
    def best_cures(self) -> Mapping[str, str | None]:
        """The change that is shown to help most, by name of the drill; None: nothing is."""
        return {drill.name: drill.best_mitigation for drill in self.drills}

    def not_passed(self) -> list[str]:
        """Drills that do not pass."""
        failed = (drill for drill in self.drills if drill.verdict != "PASS")
        return [f"{drill.verdict} {drill.name}: {drill.reason}" for drill in failed]

    def to_html(self) -> str:
        """A page that needs no network, with every mitigation that was tried."""
        from simulator.render.html import page
        from simulator.studies.drill.view import page_sections

        return page(f"{self.title} of {self.subject}", page_sections(self))

    def to_frame(self) -> "pd.DataFrame":
        """A row per drill: of what is compared the difference, with its interval; budgets in `burnt_<slo>`."""
        from simulator.render.dataframe import rows_frame

        return rows_frame(
            [
                drill.to_row() | {f"burnt_{budget.slo}": budget.burnt for budget in drill.error_budget}
                for drill in self.drills
            ]
        )
