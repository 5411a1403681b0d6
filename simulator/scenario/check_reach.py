"""Is there demand, and does everything that is asked run somewhere?"""

from collections.abc import Iterator

from simulator.mechanisms.queueing.build import replicas_in
from simulator.mechanisms.review.build import staff_in
from simulator.scenario.check_size import rates_rps
from simulator.scenario.finding import Finding
from simulator.scenario.model import Scenario


def check_reach(scenario: Scenario) -> list[Finding]:
    """Findings about workloads that nobody asks, and targets that run nowhere."""
    return [*_demand(scenario), *_targets(scenario)]


def _demand(scenario: Scenario) -> Iterator[Finding]:
    for index, workload in enumerate(scenario.workloads):
        rates = rates_rps(workload, scenario)
        if rates is not None and not sum(rates.values()) > 0.0:
            key = "users" if workload.arrival_rate is None else "arrival_rate"
            yield Finding(("workloads", index, key), "nobody asks: the rate is 0 in every region")
    for index, stage in enumerate(scenario.stages):
        if stage.workloads == []:
            yield Finding(("stages", index, "workloads"), "is empty", "leave it out for all workloads")


def _targets(scenario: Scenario) -> Iterator[Finding]:
    """A service or team needs a region with someone there, now or bought through a knob."""
    planned = {knob.path for knob in scenario.capacity.knobs}
    for name, service in scenario.services.items():
        amounts = [replicas_in(service, region) for region in scenario.regions]
        if not _is_there(amounts, f"services.{name}.replicas" in planned):
            hint = "give a region in `regions` at least one replica"
            yield Finding(("services", name, "replicas"), "runs nowhere", hint)
    for name, team in scenario.teams.items():
        amounts = [staff_in(team, region) for region in scenario.regions]
        if not _is_there(amounts, f"teams.{name}.staff" in planned):
            yield Finding(("teams", name, "staff"), "nobody is there", "give a region at least one person")


def _is_there(amounts: list[int | None], is_planned: bool) -> bool:
    present = [amount for amount in amounts if amount is not None]
    return bool(present) and (is_planned or max(present) > 0)
