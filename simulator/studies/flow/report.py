"""What `rollout flow` reports: the path of every workload's requests, how full stations are, and what holds up most."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from simulator.studies.common.backlogs import Backlog
from simulator.studies.record import OptionalInterval, Record, if_any, json_key
from simulator.studies.report import ScenarioReport

if TYPE_CHECKING:
    import pandas as pd

NodeKind = Literal["workload", "check", "cache", "model", "service", "team", "good", "lost"]
EdgeKind = Literal["on", "aside", "good", "lost"]


class FlowNode(Record):
    """Something that requests meet, or an end they come to."""

    key: Annotated[str, json_key("id")]
    label: str
    kind: NodeKind

    @property
    def is_target(self) -> bool:
        """Whether it is a model, a service or a team."""
        return self.kind in ("model", "service", "team")


class FlowEdge(Record):
    """What goes from one node to another.

    Attributes
    ----------
    source, target : keys of nodes
    per_s : how often it is taken per second
    unit : what is counted: actions, turns, look-ups, tries, …
    """

    source: Annotated[str, json_key("from")]
    target: Annotated[str, json_key("to")]
    per_s: float
    unit: str
    kind: EdgeKind


class FlowPath(Record):
    """The path of a workload's requests."""

    nodes: tuple[FlowNode, ...]
    edges: tuple[FlowEdge, ...]

    def label_of(self, key: str) -> str:
        """Label of a node."""
        return next(node.label for node in self.nodes if node.key == key)


class ActionRates(Record):
    """What happens to the actions of a workload, per second.

    Attributes
    ----------
    cache_hits : look-ups that found an answer
    retries : tries beyond the first at the same entry of a route
    fallbacks : moves to the next entry of a route after one failed
    handed_off : turns that people took over
    answered : in full or degraded
    """

    arrived: float
    cache_hits: float
    retries: float
    fallbacks: float
    handed_off: float
    answered: float
    failed: float
    rejected: float
    abandoned: float


class WorkloadFlow(FlowPath):
    """The path of a workload's requests, and what happens on it."""

    per_s: ActionRates


class StationFlow(Record):
    """A model, service or team in one region.

    Attributes
    ----------
    tries_per_s : that reached it
    lost_share : of the tries
    full : share of its fullest limit that is offered; None: it has no limit, or nothing to serve with
    full_of : the unit of that limit, e.g. tokens per minute; None: it has none
    in_system : mean number waiting or served
    """

    target: str
    region: str
    kind: str
    tries_per_s: float
    lost_share: float
    full: float | None
    full_of: str | None
    utilization: OptionalInterval
    queue_wait_p95_s: OptionalInterval
    in_system: OptionalInterval


class Bottleneck(Record):
    """The station that holds up most.

    Attributes
    ----------
    held_up_share : of all work; None: nothing is held up to speak of, and this station is the fullest
    """

    target: str
    region: str
    held_up_share: float | None


class FlowReport(ScenarioReport):
    """Where requests go at the peak of a stage, and where they get stuck; `backlogs`: where more work comes than is done.

    Attributes
    ----------
    warnings : spans that are too short
    """

    view: ClassVar[str] = "simulator.studies.flow.view"

    stage: str | None
    seed: int
    replications: int
    window_s: float
    bottleneck: Bottleneck | None
    stations: tuple[StationFlow, ...]
    workloads: Mapping[str, WorkloadFlow]
    warnings: Annotated[tuple[str, ...], if_any] = ()
    backlogs: Annotated[tuple[Backlog, ...], if_any] = ()

    def to_frame(self) -> "pd.DataFrame":
        """A row per station."""
        from simulator.render.dataframe import rows_frame

        return rows_frame([station.to_row() for station in self.stations])


class FlowMoment(Record):
    """One time bucket of an incident.

    Attributes
    ----------
    begin_s : since the start of the measured span
    latency_s : mean of the turns that ended; None: none did
    """

    begin_s: float
    arrivals_rps: float
    goodput_rps: float
    latency_s: float | None
    workloads: Mapping[str, FlowPath]


class ReplayReport(ScenarioReport):
    """An incident against the held peak of a stage, minute by minute.

    Attributes
    ----------
    begins_s, duration_s : of the incident, in the measured span
    bucket_s : length of a moment
    """

    view: ClassVar[str] = "simulator.studies.flow.replay_view"

    stage: str | None
    seed: int
    replications: int
    window_s: float
    incident: str
    begins_s: float
    duration_s: float
    bucket_s: float
    moments: tuple[FlowMoment, ...]
