"""The scenario: everything a user can say about a rollout, and nothing that the engine ignores.

The mechanisms' own parts live in their rooms (`simulator/mechanisms/*/config.py`); this file puts them
together. References between parts (a step names a route, a route names models) are checked in
`simulator.scenario.check.checks`.
"""

from datetime import date
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from simulator.mechanisms.caching.config import Cache
from simulator.mechanisms.incidents.config import Incident
from simulator.mechanisms.incidents.contingency import Contingency
from simulator.mechanisms.incidents.quality import Drift
from simulator.mechanisms.providers.config import Model
from simulator.mechanisms.providers.limit_rules import LIMIT_KEYS
from simulator.mechanisms.providers.shared_quotas import SharedQuota
from simulator.mechanisms.queueing.config import Service
from simulator.mechanisms.regions.config import Network, Region, RegionPolicy
from simulator.mechanisms.releases.canary import Canary
from simulator.mechanisms.releases.config import Release
from simulator.mechanisms.replicas.config import Pool
from simulator.mechanisms.review.config import Team
from simulator.mechanisms.routes.config import RoutePolicy
from simulator.mechanisms.traffic.config import Workload
from simulator.mechanisms.traffic.languages import Language
from simulator.metrics.dimensions import LABELS
from simulator.metrics.registry import Indicator
from simulator.scenario.alerts import Alert, usual_alerts
from simulator.scenario.economics import Economics, ExchangeRates
from simulator.scenario.gates import Gates
from simulator.scenario.read.stated_source import StatedSource
from simulator.scenario.readiness import Readiness
from simulator.scenario.telemetry import Telemetry
from simulator.scenario.thresholds import ThresholdEntry
from simulator.units import (
    Count,
    Day,
    Objective,
    Seconds,
    Share,
    SignedShare,
    TokensPerMinute,
    Usd,
    UsdPerMonth,
)

_FROZEN = ConfigDict(frozen=True, extra="forbid")


class Metadata(BaseModel):
    model_config = _FROZEN
    name: str = Field(min_length=1, max_length=80)
    owner: str = ""
    labels: dict[str, str] = Field(default_factory=dict)


class Route(RoutePolicy, RegionPolicy):
    """The policy of a `call` or `generate` step: which target and region, how long, how often, and what comes after."""


class ListedModel(Model):
    """A model that answers: hosted by a provider, or on replicas of one's own (`pool`)."""

    pool: Pool | None = None

    @model_validator(mode="after")
    def _hosted_or_pool(self) -> "ListedModel":
        hosted = ("provider", "model", "ttft", "tpot")
        if self.pool is None:
            missing = [key for key in hosted if getattr(self, key) is None]
            if missing:
                names = ", ".join(f"`{key}`" for key in missing)
                raise ValueError(f"a hosted model needs {names} as well; one of your own needs `pool`")
            return self
        foreign = [
            key
            for key in (
                *hosted,
                "rate_limits",
                *LIMIT_KEYS,
                "limits_as",
                "limit_rules",
                "prices",
                "provisioned",
            )
            if getattr(self, key) is not None
        ]
        if foreign:
            raise ValueError(
                f"`{foreign[0]}` is of hosted models, and this one has a `pool`; remove one of both"
            )
        return self


class Window(BaseModel):
    """The span that `rollout run` simulates, and each window of a plan."""

    model_config = _FROZEN
    start: Literal["peak"] | Seconds = Field(
        default="peak",
        description="`peak`: the busiest hour of the stage (without stages: of the first week); or the time since Monday "
        "00:00 UTC, e.g. `2d` or `34h`, as late in the stage as the span fits.",
    )
    duration: Seconds = Field(default=3600.0, gt=0)
    warmup: Seconds | Literal["auto"] | None = Field(
        default=None,
        description="Simulated first and not counted. Unsaid: 10 minutes, or five relaxation times of the slowest target "
        "where that is longer. `auto`: found with MSER-5 on the mean over replications, and no less than these five.",
    )

    @property
    def known_warmup_s(self) -> float:
        """The warm-up as far as it is known before anything is simulated: none where pilots tell."""
        if self.warmup is None:
            return 600.0
        return 0.0 if self.warmup == "auto" else self.warmup


class CsvCurve(BaseModel):
    """Adoption in a CSV file with the columns `week` (since the stage began, rising) and `share` (0 to 1)."""

    model_config = _FROZEN
    file: str = Field(min_length=1, max_length=500, description="Path, relative to the scenario file.")


class Adoption(BaseModel):
    """How the exposed users take the feature up within a stage."""

    model_config = _FROZEN
    curve: Literal["logistic", "linear"] | CsvCurve = Field(
        default="logistic",
        description="A formula from `start` to `to`, or a file whose points are joined by straight lines.",
    )
    start: Share = Field(default=0.0, description="Share of the exposed users active when the stage starts.")
    to: Share = Field(default=1.0, description="Share active when the stage ends.")
    takes: SignedShare = Field(
        default=1.0,
        gt=0,
        le=10,
        description="How long it takes, of what the curve says: with `150%` the stage ends before `to` is reached.",
    )

    @model_validator(mode="after")
    def _one_source(self) -> "Adoption":
        given = sorted(self.model_fields_set & {"start", "to"})
        if isinstance(self.curve, CsvCurve) and given:
            raise ValueError(f"`{given[0]}` belongs to a formula; the shares are those of the file")
        return self


class Stage(BaseModel):
    """A rollout step: who is exposed and for how long."""

    model_config = _FROZEN
    name: str
    duration: Seconds = Field(gt=0)
    exposure: dict[str, Share] | Share = Field(
        description="Share of users that get the feature, per region or everywhere."
    )
    workloads: list[str] | None = Field(default=None, description="Workloads included; none: all.")
    adoption: Adoption | None = None
    releases: list[str] = Field(
        default_factory=list,
        max_length=40,
        description="Releases that reach their users in it by a canary that copies actions (`set_mirror_route`): "
        "`rollout cost` pays for the copies, once.",
    )
    growth: SignedShare = Field(default=0.0, description="Growth of demand per month, e.g. `4% per month`.")
    investment: Usd = Field(
        default=0.0, ge=0, description="Paid once, as it begins: integration, training, evidence."
    )
    changes: dict[str, Any] = Field(
        default_factory=dict,
        max_length=40,
        description="What is different from this stage on, by path as for `--set`, e.g. "
        "`{routes.answer.choose: [large], caches.answers.ttl: 4h}`: values or whole parts of network, languages, workloads, "
        "caches, services, model_list, quotas, routes and teams.",
    )
    gates: Gates | None = Field(
        default=None, description="What must be so before it begins, and before the next one does."
    )


COUNTED_SHARES = ("availability", "success_rate", "rejected_rate", "handed_off_rate", "deflection_rate")


class Slo(BaseModel):
    """What must hold, e.g. `{name: latency, indicator: latency, objective: "p95 < 8s"}`."""

    model_config = _FROZEN
    name: str
    indicator: Indicator
    objective: Objective
    workload: str | None = Field(default=None, description="Only for this workload; none: over all.")
    per: Literal["region"] | None = Field(
        default=None,
        description="`region`: for the users of each region apart, at every peak of a plan; none: for all together, and in "
        "a plan for those of each region at its own peak.",
    )

    @property
    def counts_actions(self) -> bool:
        """Whether each action, or turn, either meets it or not: a share, or a percentile of latency or first token."""
        is_time = self.indicator in ("latency", "ttft")
        return self.indicator in COUNTED_SHARES or (is_time and self.objective.statistic is not None)


class Knob(BaseModel):
    """A capacity that planning may set before a stage, in each region apart."""

    model_config = _FROZEN
    path: str = Field(
        description="e.g. `model_list.large.tpm`, `teams.agents.staff`, `services.crm.replicas`."
    )
    min: Count | None = Field(default=None, ge=0)
    max: Count | None = Field(default=None, ge=0)
    steps: list[TokensPerMinute] | None = Field(
        default=None, min_length=1, max_length=100, description="The settings that can be bought, rising."
    )
    lead_time: Seconds = Field(default=0.0, ge=0, description="From the order until it serves.")
    unit_cost: UsdPerMonth | None = Field(
        default=None, ge=0, description="Per unit and month; none: what the target itself costs."
    )

    @model_validator(mode="after")
    def _range(self) -> "Knob":
        by_range = self.min is not None and self.max is not None
        if by_range == (self.steps is not None):
            raise ValueError("give `min` and `max`, or `steps`")
        if self.min is not None and self.max is not None and self.max < self.min:
            raise ValueError(f"`max` ({self.max}) is below `min` ({self.min})")
        if self.steps is not None and sorted(set(self.steps)) != self.steps:
            raise ValueError("`steps` must rise")
        return self


class Capacity(BaseModel):
    model_config = _FROZEN
    knobs: list[Knob] = Field(default_factory=list, max_length=20)
    headroom: Share = Field(
        default=0.0, description="The plan must hold under this much more demand than forecast."
    )
    survive: list[Contingency] = Field(
        default_factory=list,
        max_length=20,
        description="What may be missing at a peak: every objective must hold under each of them, one at a time.",
    )


class Scenario(BaseModel):
    """A whole scenario. Almost everything has a default; the smallest valid file is about 15 lines."""

    model_config = _FROZEN
    apiVersion: Literal["rollout/v1"] = "rollout/v1"  # noqa: N815 - the field's own spelling
    kind: Literal["Scenario"] = "Scenario"
    metadata: Metadata
    start: Day = Field(default=date(2027, 1, 4), description="First day of the first stage.")
    seed: int = Field(default=1, ge=0, le=2**31)
    currency: str = Field(
        default="USD",
        description="In which `rollout cost` reports, e.g. `EUR`; amounts may be written in any that `fx` has a rate for.",
    )
    fx: ExchangeRates | None = None
    regions: dict[str, Region] = Field(
        default_factory=lambda: {"home": Region()}, min_length=1, max_length=64
    )
    network: Network = Network()
    data_residency: dict[str, list[str]] = Field(
        default_factory=dict,
        max_length=64,
        description="`{zone: [zones]}`: where data of users in a zone may be processed, e.g. `{EU: [EU], US: [US, EU]}`; "
        "a zone that is not named here may go anywhere.",
    )
    languages: dict[str, Language] = Field(
        default_factory=dict,
        max_length=64,
        description="What is different in a language that the users of some region speak; a cache keeps its answers apart.",
    )
    workloads: list[Workload] = Field(min_length=1, max_length=64)
    caches: dict[str, Cache] = Field(default_factory=dict, max_length=256)
    services: dict[str, Service] = Field(default_factory=dict, max_length=256)
    model_list: list[ListedModel] = Field(default_factory=list, max_length=64)
    quotas: dict[str, SharedQuota] = Field(
        default_factory=dict,
        max_length=64,
        description="Limits that several models draw on together, e.g. of an organisation; besides those of each model.",
    )
    routes: dict[str, Route] = Field(default_factory=dict, max_length=256)
    teams: dict[str, Team] = Field(default_factory=dict, max_length=256)
    releases: list[Release] = Field(
        default_factory=list, max_length=40, description="Versions that a canary brings to the users."
    )
    canary: Canary | None = Field(
        default=None, description="How every release reaches its users; rehearsed by `rollout canary`."
    )
    incidents: list[Incident] = Field(
        default_factory=list,
        max_length=100,
        description="What goes wrong. `run`, `check`, `compare` and `sweep` play those that fall into their window, "
        "`drill` any of them at the peak of a stage, `plan` those that `capacity.survive` names.",
    )
    window: Window = Window()
    stages: list[Stage] = Field(default_factory=list, max_length=40)
    slos: list[Slo] = Field(default_factory=list, max_length=40)
    alerts: dict[str, Alert] = Field(
        default_factory=usual_alerts,
        max_length=10,
        description="Alerts on error budgets that burn too fast, by name; `rollout drill` says after "
        "how long, and how often nothing was wrong. Default: the burn rates of the SRE workbook.",
    )
    thresholds: dict[str, list[ThresholdEntry]] = Field(
        default_factory=dict,
        max_length=100,
        description="What `rollout check` holds besides the SLOs, by `metric{label:value}`, e.g. "
        f'`latency{{region:eu-west}}: ["p99 < 15s"]`; labels: {", ".join(LABELS)}; `*`: each apart.',
    )
    economics: Economics = Economics()
    telemetry: Telemetry | None = Field(
        default=None, description="What is logged of every action, and what that costs."
    )
    capacity: Capacity = Capacity()
    readiness: Readiness = Field(
        default=Readiness(),
        description="What else must be there before a stage of `rollout plan`: a missing item is a NO-GO, or is only told.",
    )
    sources: list[StatedSource] = Field(
        default_factory=list,
        max_length=200,
        description="Where numbers of this file come from, for `rollout show --provenance`; a number without a source is an "
        "assumption. They change nothing that is simulated.",
    )

    def without_incidents(self) -> "Scenario":
        """The same where nothing happens: what is planned for, and warm-ups are found in. A drift goes on all the time."""
        return self.model_copy(update={"incidents": [*self.drifts]})

    @property
    def drifts(self) -> list[Drift]:
        """What gets worse week by week."""
        return [incident for incident in self.incidents if isinstance(incident, Drift)]
