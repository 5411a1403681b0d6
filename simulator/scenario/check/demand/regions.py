"""Does what a scenario says about regions, and about going to another one, change something?"""

from collections.abc import Iterator

from simulator.mechanisms.regions.config import RegionPolicy, longest_ttl_s, policy_of
from simulator.scenario.check.diagnostics import Finding
from simulator.scenario.model import Scenario
from simulator.scenario.read.yaml_source import Path_

_NEEDED_BY = {"region_weights": "weighted", "spill_over_at": "spill-over"}


def check_regions(scenario: Scenario) -> list[Finding]:
    """Findings about policies, health checks, egress, jitter and teams that overflow."""
    return [
        *_network(scenario),
        *_policy(("network",), scenario.network, _policies(scenario)),
        *(
            finding
            for name, route in scenario.routes.items()
            for finding in _policy(("routes", name), route, {_policy_name(scenario, route)})
        ),
        *_missing(scenario),
        *_health(scenario),
        *_failover_after(scenario),
        *_teams(scenario),
    ]


def _policy_name(scenario: Scenario, route: RegionPolicy) -> str:
    return policy_of(route, scenario.network).region_policy or "nearest"


def _policies(scenario: Scenario) -> set[str]:
    """Every policy that some route has; steps that name a target have the network's."""
    routes: list[RegionPolicy] = [RegionPolicy(), *scenario.routes.values()]
    return {_policy_name(scenario, route) for route in routes}


def _network(scenario: Scenario) -> Iterator[Finding]:
    network = scenario.network
    if network.overrides is not None and network.rtt != "azure":
        yield Finding(("network", "overrides"), "changes nothing without `rtt: azure`", "put it in `rtt`")
    if "default" in network.model_fields_set and network.rtt == "azure":
        yield Finding(("network", "default"), "changes nothing with `rtt: azure`, which has every pair")
    if len(scenario.regions) == 1:
        for key in ("jitter", "egress", "health_check", "region_policy"):
            if getattr(network, key) is not None:
                yield Finding(("network", key), "changes nothing with one region")


def _policy(path: Path_, given: RegionPolicy, policies: set[str]) -> Iterator[Finding]:
    """Numbers of a policy that is not there."""
    for key, policy in _NEEDED_BY.items():
        if getattr(given, key) is not None and policy not in policies:
            yield Finding((*path, key), f"changes nothing without `region_policy: {policy}`")
    if given.region_weights is not None and not sum(given.region_weights.values()) > 0.0:
        yield Finding((*path, "region_weights"), "gives no region any weight")


def _missing(scenario: Scenario) -> Iterator[Finding]:
    """A policy without the numbers it needs."""
    routes: dict[Path_, RegionPolicy] = {("network",): scenario.network}
    routes |= {("routes", name): route for name, route in scenario.routes.items() if route.region_policy}
    for path, route in routes.items():
        policy = policy_of(route, scenario.network)
        for key, name in _NEEDED_BY.items():
            if policy.region_policy == name and getattr(policy, key) is None:
                yield Finding((*path, "region_policy"), f"`{name}` needs `{key}`", f"give `{key}` beside it")


def _health(scenario: Scenario) -> Iterator[Finding]:
    check = scenario.network.health_check
    policies = _policies(scenario)
    if check is None:
        for path, route in [(("network",), scenario.network), *_routes(scenario)]:
            if route.region_policy == "failover":
                hint = "give `network.health_check`, e.g. `{interval: 10s, failures: 3}`"
                yield Finding((*path, "region_policy"), "`failover` needs to know what is down", hint)
        return
    if policies == {"nearest"}:
        yield Finding(
            ("network", "health_check"), "changes nothing: `nearest` asks whoever is nearest, up or down"
        )
    longest_s = longest_ttl_s(check)
    if check.ttl > longest_s:
        yield Finding(
            ("network", "health_check", "ttl"),
            f"so much can change in {check.ttl:g} s that not all of it would be remembered",
            f"at most {longest_s:g} s with these checks, or check less often",
        )


def _routes(scenario: Scenario) -> list[tuple[Path_, RegionPolicy]]:
    return [(("routes", name), route) for name, route in scenario.routes.items()]


def _failover_after(scenario: Scenario) -> Iterator[Finding]:
    for name, route in scenario.routes.items():
        policy = _policy_name(scenario, route)
        if route.failover_after is not None and policy in ("weighted", "least-loaded"):
            hint = "remove it: these policies choose again at every attempt"
            yield Finding(
                ("routes", name, "failover_after"), f"there is no next nearest with `{policy}`", hint
            )


def _teams(scenario: Scenario) -> Iterator[Finding]:
    for name, team in scenario.teams.items():
        path: Path_ = ("teams", name)
        if "overflow_above" in team.model_fields_set and team.overflow is False:
            yield Finding((*path, "overflow_above"), "changes nothing without `overflow`")
        if isinstance(team.overflow, list) and len(set(team.overflow)) < len(team.overflow):
            yield Finding((*path, "overflow"), "names a region twice")
        others = team.staff if isinstance(team.staff, dict) else scenario.regions
        if team.overflow is not False and len(others) < 2:
            yield Finding((*path, "overflow"), "changes nothing: the team is in one region only")
