"""From names in incidents to numbers of stations, streams and tables of a compiled scenario."""

from collections.abc import Iterator
from dataclasses import dataclass

from simulator.compiler.blueprint import Blueprint
from simulator.mechanisms.queueing.build import replicas_in
from simulator.mechanisms.replicas.sizes import replicas_of


@dataclass(frozen=True)
class BlueprintPlaces:
    """The places of a compiled scenario, as `simulator.mechanisms.incidents.places.Places` asks for them."""

    blueprint: Blueprint

    def stations(self, target: str | None, region: str | None) -> list[int]:
        """Stations of a target, or of all services and models; in a region, or in all. People are left out if unnamed."""
        return [
            station_id
            for station_id, station in enumerate(self.blueprint.targets.station_names)
            if region in (None, station.region)
            and (station.target == target if target is not None else station.kind != "team")
        ]

    def shared_limits(self, quota: str, region: str | None) -> Iterator[tuple[int, int]]:
        """First limit and number of limits of a shared quota; in a region, or in all."""
        for (name, where), block in self.blueprint.targets.shared.blocks.items():
            if name == quota and region in (None, where):
                yield block

    def region_of(self, station: int) -> str:
        """The region a station stands in."""
        return self.blueprint.targets.station_names[station].region

    def n_replicas(self, station: int) -> int:
        """Replicas that a service or pool has in a region, or may have; 0 of a hosted model."""
        scenario, name = self.blueprint.scenario, self.blueprint.targets.station_names[station]
        if name.kind == "service":
            service = scenario.services[name.target]
            if service.autoscaling is not None:
                return service.autoscaling.max_replicas
            return replicas_in(service, name.region) or 0
        model = next(model for model in scenario.model_list if model.model_name == name.target)
        if model.pool is None:
            return 0
        if model.pool.autoscaling is not None:
            return model.pool.autoscaling.max_replicas
        return replicas_of(model.pool, model.regions, name.region) or 0

    def n_zones(self, region: str) -> int:
        """Zones that a region's replicas are spread over."""
        return self.blueprint.scenario.regions[region].zones

    def is_target(self, name: str) -> bool:
        """Whether a name is of a model, service or team."""
        return name in self.blueprint.targets.target_of

    def target(self, name: str) -> int:
        """A model, service or team."""
        return self.blueprint.targets.target_of[name]

    def cache_instances(self, name: str | None, region: str | None) -> Iterator[int]:
        """Instances of a cache, or of all; with a region only those that stand there, not one for all regions."""
        regions = list(self.blueprint.scenario.regions)
        for cache, config in self.blueprint.scenario.caches.items():
            if name not in (None, cache):
                continue
            first = self.blueprint.cache_instances[cache]
            if config.scope == "region":
                yield from (first + place for place, other in enumerate(regions) if region in (None, other))
            elif region is None:
                yield first

    def ways(self, region: str, to: str | None) -> Iterator[tuple[int, int]]:
        """Ways of the network between two regions, or between one and all others: (region, station)."""
        for region_id, here in enumerate(self.blueprint.scenario.regions):
            for station_id, station in enumerate(self.blueprint.targets.station_names):
                ends = {here, station.region}
                if station.kind != "team" and len(ends) == 2 and region in ends and to in (None, *ends):
                    yield region_id, station_id

    def streams(self, region: str | None, workload: str | None, tenant: str | None) -> Iterator[int]:
        """Streams of demand; None: of any."""
        for stream_id, stream in enumerate(self.blueprint.streams):
            is_asked = region in (None, stream.region) and workload in (None, stream.workload)
            if is_asked and tenant in (None, stream.tenant):
                yield stream_id

    def workload(self, name: str) -> int:
        """A workload."""
        return [workload.name for workload in self.blueprint.scenario.workloads].index(name)
