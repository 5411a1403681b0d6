"""What incidents need to know of a scenario: the numbers of its places once it is compiled, and facts about them before.

Only asked for here: the compiler and the checks of a scenario answer.
"""

from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple, Protocol

from simulator.mechanisms.incidents.codes import Effect

TargetKind = Literal["service", "hosted model", "pool", "cache", "team", "shared quota"]


class Shortcoming(NamedTuple):
    """What is wrong with an incident, at one of its keys, and what to do."""

    key: str
    message: str
    hint: str = ""


class Component(NamedTuple):
    """What fails by itself: the names that its luck is keyed by, and what changes while it does."""

    names: tuple[str | int, ...]
    effects: Sequence[Effect]


class Places(Protocol):
    """From names to the numbers that effects are applied at."""

    def stations(self, target: str | None, region: str | None) -> Sequence[int]:
        """Stations of a target, or of all services and models; in a region, or in all."""

    def shared_limits(self, quota: str, region: str | None) -> Iterable[tuple[int, int]]:
        """First limit and number of limits of a shared quota; nothing if the name is of none."""

    def region_of(self, station: int) -> str:
        """The region a station stands in."""

    def n_replicas(self, station: int) -> int:
        """Replicas that a station has, or may have; 0 of a hosted model."""

    def n_zones(self, region: str) -> int:
        """Zones that a region's replicas are spread over."""

    def is_target(self, name: str) -> bool:
        """Whether a name is of a model, service or team; else it is of a cache."""

    def target(self, name: str) -> int:
        """A model, service or team."""

    def cache_instances(self, name: str | None, region: str | None) -> Iterable[int]:
        """Instances of a cache, or of all; with a region only those that stand there, not one for all regions."""

    def ways(self, region: str, to: str | None) -> Iterable[tuple[int, int]]:
        """Ways of the network between two regions, or between one and all others: (region, station)."""

    def streams(self, region: str | None, workload: str | None, tenant: str | None) -> Iterable[int]:
        """Streams of demand; None: of any."""

    def workload(self, name: str) -> int:
        """A workload."""


class ScenarioFacts(Protocol):
    """What a check of incidents knows of their scenario."""

    @property
    def n_regions(self) -> int:
        """Regions that there are."""

    def n_zones(self, region: str) -> int:
        """Zones that a region's replicas are spread over."""

    def kind_of(self, target: str) -> TargetKind:
        """What a target is."""

    def running_in(self, region: str) -> Sequence[TargetKind]:
        """What everything is that runs in a region, people apart."""

    def n_replicas(self, target: str, region: str | None) -> Sequence[int]:
        """Replicas that a target has, or may have, in each region in which it runs."""

    def has_quota(self, target: str) -> bool:
        """Whether requests or tokens per minute are limited."""

    def is_measured(self, cache: str) -> bool:
        """Whether the hit rate of a cache is given."""

    def asks_from(self, region: str, workload: str | None) -> bool:
        """Whether anybody asks from a region, of a workload or of any."""

    def has_contract(self, workload: str) -> bool:
        """Whether a workload has a step that checks a data contract."""

    def generates(self, workload: str) -> bool:
        """Whether a workload asks a model."""

    def has_output_tokens(self, workload: str) -> bool:
        """Whether a workload says how long its answers are."""

    def waits_for_ever(self) -> tuple[str, str] | None:
        """A workload without a time-out, and whom it asks without one; None: there is none."""
