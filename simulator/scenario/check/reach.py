"""Is there demand, and does everything that is asked run somewhere?"""

from collections.abc import Iterator

from simulator.scenario.check.diagnostics import Finding
from simulator.scenario.check.size import rates_rps
from simulator.scenario.model import Scenario


def check_reach(scenario: Scenario) -> list[Finding]:
    """Findings about workloads that nobody asks, and targets that run nowhere."""
    return [*_demand(scenario), *_targets(scenario)]


def _demand(scenario: Scenario) -> Iterator[Finding]:
    for index, workload in enumerate(scenario.workloads):
        rates = rates_rps(workload, scenario)
        if rates is not None and not sum(rates.values()) > 0.0:
            given = (
                key for key in ("users", "arrival_rate", "clients") if getattr(workload, key) is not None
            )
            yield Finding(("workloads", index, next(given)), "nobody asks: the rate is 0 in every region")
    for index, stage in enumerate(scenario.stages):
        if stage.workloads == []:
            yield Finding(("stages", index, "workloads"), "is empty", "leave it out for all workloads")


def _targets(scenario: Scenario) -> Iterator[Finding]:
    """A service or team needs a region with someone there, now or bought through a knob."""
    planned = {knob.path for knob in scenario.capacity.knobs}
    for name, service in scenario.services.items():
        amounts = _amounts(service.replicas, service.regions or list(scenario.regions))
        if not _is_there(amounts, f"services.{name}.replicas" in planned):
            hint = "give a region in `regions` at least one replica"
            yield Finding(("services", name, "replicas"), "runs nowhere", hint)
    for name, team in scenario.teams.items():
        amounts = _amounts(team.staff, list(scenario.regions))
        if not _is_there(amounts, f"teams.{name}.staff" in planned):
            yield Finding(("teams", name, "staff"), "nobody is there", "give a region at least one person")


def _amounts(per_region: dict[str, int] | int, regions: list[str]) -> list[int]:
    """Amounts in those of the regions that have one."""
    if isinstance(per_region, dict):
        return [per_region[region] for region in regions if region in per_region]
    return [per_region for _ in regions]


def _is_there(amounts: list[int], is_planned: bool) -> bool:
    return bool(amounts) and (is_planned or max(amounts) > 0)
