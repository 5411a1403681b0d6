"""For every key about regions: a change of it alone, and where the change must be seen."""

from tests.property.key_changes import Change

_ZONES = (
    "regions.east.residency=A",
    "regions.west.residency=A",
    "regions.south.residency=B",
    "data_residency={A: [A], B: [B, A]}",
)
_AZURE = (
    "network={rtt: azure, local: 2ms}",
    "regions.east.location=eastus",
    "regions.west.location=northeurope",
    "regions.south.location=brazilsouth",
)
_SPILLS = ("routes.bulk.region_policy=spill-over", "routes.bulk.spill_over_at=10%")
_SHARED = ("routes.bulk.region_policy=weighted", "routes.bulk.region_weights={east: 1, west: 1}")
_LOST = "incidents=[{name: loss, kind: outage, region: west, start: 5s, duration: 30s}]"
_CHECKED = (
    "network.region_policy=failover",
    "network.health_check={interval: 2s, failures: 2, successes: 2, ttl: 5s}",
    _LOST,
)
_PAID = "network.egress={price: $0.02/GB, bytes_per_token: 4, bytes_per_call: 20kB}"
_SPOKEN = (
    "regions.east.languages={en: 50%, de: 50%}",
    "regions.west.languages={de: 100%}",
    "languages={de: {}}",
)
_OVERFLOWS = "teams.agents.overflow=true"

REGION_CHANGES: dict[str, Change] = {
    "Region.languages": Change("regions.east.languages={en: 100%}", given=_SPOKEN),
    "Model.success_by_language": Change("model_list.small.success_by_language={de: 50%}", given=_SPOKEN),
    "Region.investment": Change("regions.east.investment=$900", "costs"),
    "Language.investment": Change(
        "languages.de.investment=$900",
        "costs",
        given=("regions.east.languages={de: 100%}", "languages={de: {success_factor: 99%}}"),
    ),
    "Language.tokenizer": Change("languages.de.tokenizer=o200k_base", given=_SPOKEN),
    "Language.token_factor": Change("languages.de.token_factor=1.4", given=_SPOKEN),
    "Language.success_factor": Change("languages.de.success_factor=50%", given=_SPOKEN),
    "Region.location": Change("regions.south.location=australiaeast"),
    "Region.residency": Change("regions.west.residency=B", given=_ZONES),
    "Scenario.data_residency": Change("data_residency={A: [A], B: [B]}", given=_ZONES),
    "Network.overrides": Change("network.overrides={east: {west: 200ms}}", given=_AZURE),
    "Network.jitter": Change("network.jitter={distribution: exponential, mean: 20ms}"),
    "Network.region_policy": Change(
        "network.region_policy=spill-over", given=(_SPILLS[0], "network.spill_over_at=10%")
    ),
    "Network.region_weights": Change(
        "network.region_weights={east: 1, west: 9}",
        given=(_SHARED[0], "network.region_weights={east: 1, west: 1}"),
    ),
    "Network.spill_over_at": Change(
        "network.spill_over_at=90%", given=(_SPILLS[0], "network.spill_over_at=10%")
    ),
    "Network.health_check": Change("network.health_check.interval=9s", given=_CHECKED),
    "Network.egress": Change(_PAID, "ledger"),
    "HealthCheck.interval": Change("network.health_check.interval=4s", given=_CHECKED),
    "HealthCheck.failures": Change("network.health_check.failures=6", given=_CHECKED),
    "HealthCheck.successes": Change("network.health_check.successes=6", given=_CHECKED),
    "HealthCheck.ttl": Change("network.health_check.ttl=0s", given=_CHECKED),
    "Egress.price": Change("network.egress.price=$0.09/GB", "ledger", given=(_PAID,)),
    "Egress.bytes_per_token": Change("network.egress.bytes_per_token=6", "ledger", given=(_PAID,)),
    "Egress.bytes_per_call": Change("network.egress.bytes_per_call=90kB", "ledger", given=(_PAID,)),
    "Route.region_policy": Change(
        "routes.bulk.region_policy=nearest",
        given=("routes.records.region_policy=spill-over", "network.spill_over_at=10%", _SPILLS[0]),
    ),
    "Route.region_weights": Change("routes.bulk.region_weights={east: 1, west: 9}", given=_SHARED),
    "Route.spill_over_at": Change("routes.bulk.spill_over_at=90%", given=_SPILLS),
    "Team.overflow": Change(_OVERFLOWS),
    "Team.overflow_above": Change("teams.agents.overflow_above=2", given=(_OVERFLOWS,)),
}
