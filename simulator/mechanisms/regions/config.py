"""What a scenario says about regions: where they are, how far apart, who serves whom, and what leaving one costs."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from simulator.mechanisms.distributions import Distribution
from simulator.mechanisms.regions.codes import N_CHANGES
from simulator.units import Bytes, Count, Day, Seconds, Share, SignedShare, Usd, UsdPerGigabyte

_FROZEN = ConfigDict(frozen=True, extra="forbid")

Policy = Literal["nearest", "weighted", "least-loaded", "spill-over", "failover"]
RoundTrips = dict[str, dict[str, Seconds]]


class Region(BaseModel):
    """Where users are and targets run; the calendar follows its time zone."""

    model_config = _FROZEN
    location: str | None = Field(
        default=None,
        description="Region of AWS, Azure or Google Cloud whose time zone, residency and round trips hold; "
        "none: the one of the same name, if there is one.",
    )
    timezone: str | None = Field(
        default=None,
        description="IANA name; profiles and shifts are in its local time. None: that of `location`, else UTC.",
    )
    holidays: str | list[Day] | None = Field(
        default=None,
        description="Public holidays: a country, `DE`, or a part of one, `DE-BY`, as the package `holidays` knows them; "
        "or a list of dates. A holiday is a Sunday for profiles and shifts.",
    )
    residency: str | None = Field(
        default=None,
        description="Zone in which data stays that is processed here, e.g. `EU`. None: that of `location`.",
    )
    languages: dict[str, Share] | None = Field(
        default=None,
        min_length=1,
        max_length=8,
        description="Shares of its users by language, e.g. `{en: 80%, de: 20%}`; none: languages are not told apart.",
    )
    zones: Count = Field(
        default=1,
        ge=1,
        le=26,
        description="Zones over which replicas are spread in turn; an outage may take one of them.",
    )

    investment: Usd = Field(
        default=0.0,
        ge=0,
        description="Paid once, as the first stage that is exposed here begins: localisation, compliance, connections.",
    )

    @model_validator(mode="after")
    def _whole(self) -> "Region":
        total = sum((self.languages or {}).values())
        if self.languages is not None and abs(total - 1.0) > 1e-9:
            raise ValueError(f"the shares of `languages` add up to {total:.4g}, not 1")
        return self


class HealthCheck(BaseModel):
    """How it is noticed that a target of a region is down, or up again."""

    model_config = _FROZEN
    interval: Seconds = Field(default=10.0, gt=0, description="Between two checks of a station.")
    failures: Count = Field(
        default=3, ge=1, le=100, description="Checks in a row that fail until it is seen as down."
    )
    successes: Count = Field(
        default=2, ge=1, le=100, description="Checks in a row that succeed until it is seen as up."
    )
    ttl: Seconds = Field(
        default=0.0,
        ge=0,
        description="So long may an answer of the name service be kept: a change reaches users evenly spread over it.",
    )


class Egress(BaseModel):
    """What data that leaves the region of its user costs."""

    model_config = _FROZEN
    price: UsdPerGigabyte = Field(ge=0, description="Per 10^9 bytes, e.g. `$0.02/GB`.")
    bytes_per_token: Bytes = Field(
        default=4.0, ge=0, description="Of prompts and answers of models; about 4 in English."
    )
    bytes_per_call: Bytes = Field(
        default=20e3,
        ge=0,
        description="Of an attempt at a service, or a case for people: request and answer; assumption.",
    )


class RegionPolicy(BaseModel):
    """Which region serves an attempt, of those where its target runs and the user's data may go."""

    model_config = _FROZEN
    region_policy: Policy | None = Field(
        default=None,
        description="`nearest`; `weighted` by `region_weights`; `least-loaded`: the smallest used share; `spill-over`: "
        "the nearest that is used less than `spill_over_at`; `failover`: the nearest that is seen as up. None: that "
        "of `network`, else `nearest`.",
    )
    region_weights: dict[str, SignedShare] | None = Field(
        default=None,
        description="`{region: weight}` for `weighted`, e.g. `3` or `75%`; regions that are not named get nothing.",
    )
    spill_over_at: Share | None = Field(
        default=None,
        description="Used share of servers, seats or limits from which on the next nearest is asked.",
    )


class Network(RegionPolicy):
    """The way between regions, and which of them serves whom unless a route says otherwise."""

    rtt: Literal["azure"] | RoundTrips = Field(
        default_factory=dict,
        description="`{from: {to: 80ms}}`; one direction is enough; missing pairs take `default`. Or `azure`: "
        "medians measured between the regions' locations.",
    )
    overrides: RoundTrips | None = Field(
        default=None, description="Round trips that replace those of `rtt: azure`, as `{from: {to: 80ms}}`."
    )
    default: Seconds = Field(
        default=0.15, ge=0, description="Round trip between two regions not named in `rtt`."
    )
    local: Seconds = Field(default=0.0, ge=0, description="Round trip inside a region.")
    jitter: Distribution | None = Field(
        default=None,
        description="Added to each way between two regions, drawn for each attempt and direction.",
    )
    health_check: HealthCheck | None = Field(
        default=None, description="Lets every policy but `nearest` pass over what is seen as down."
    )
    egress: Egress | None = None


def policy_of(route: RegionPolicy, network: Network) -> RegionPolicy:
    """What holds for a route: its own policy with its own numbers, else the network's."""
    own = {
        key: getattr(network if getattr(route, key) is None else route, key)
        for key in RegionPolicy.model_fields
    }
    return RegionPolicy(**own)


def longest_ttl_s(check: HealthCheck) -> float:
    """Longest `ttl` in seconds with which no change is forgotten that somebody may still not have seen."""
    return N_CHANGES / 2 * (check.failures + check.successes) * check.interval
