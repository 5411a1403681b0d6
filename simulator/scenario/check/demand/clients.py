"""Does a stage let in at least one client of every closed loop that it has?"""

from collections.abc import Iterator

from simulator.mechanisms.traffic.config import Workload
from simulator.scenario.check.diagnostics import Finding
from simulator.scenario.model import Scenario, Stage


def check_clients(scenario: Scenario) -> list[Finding]:
    """Findings about exposures that leave less than half a client everywhere, which is none."""
    return [
        finding
        for index, stage in enumerate(scenario.stages)
        for workload in scenario.workloads
        if workload.is_closed and (stage.workloads is None or workload.name in stage.workloads)
        for finding in _none_left(scenario, stage, index, workload)
    ]


def _none_left(scenario: Scenario, stage: Stage, index: int, workload: Workload) -> Iterator[Finding]:
    clients = workload.clients
    by_region = clients if isinstance(clients, dict) else dict.fromkeys(scenario.regions, clients or 0)
    exposed = {
        region: number
        * (stage.exposure.get(region, 0.0) if isinstance(stage.exposure, dict) else stage.exposure)
        for region, number in by_region.items()
    }
    largest = max((workload.share_of(name) for name in workload.tenant_names), default=1.0)
    most = largest * max(exposed.values(), default=0.0)
    if 0.0 < most < 0.5:
        yield Finding(
            ("stages", index, "exposure"),
            f"lets in {most:.2g} clients of `{workload.name}`, which is none: they are whole ones, rounded",
            "raise it, or leave the workload out of the stage's `workloads`",
        )
