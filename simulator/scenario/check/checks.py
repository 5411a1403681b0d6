"""What pydantic cannot see: names that must exist, keys against each other or without effect, sizes."""

from pathlib import Path

from simulator.scenario.check.demand.clients import check_clients
from simulator.scenario.check.demand.languages import check_languages
from simulator.scenario.check.demand.quotas import check_quotas
from simulator.scenario.check.demand.regions import check_regions
from simulator.scenario.check.demand.residency import check_residency
from simulator.scenario.check.demand.steps import check_steps
from simulator.scenario.check.demand.traces import check_traces
from simulator.scenario.check.diagnostics import Finding
from simulator.scenario.check.failures.alerts import check_alerts
from simulator.scenario.check.failures.effects import check_effects
from simulator.scenario.check.failures.incidents import check_incidents
from simulator.scenario.check.failures.protection import check_protection
from simulator.scenario.check.failures.survive import check_survive
from simulator.scenario.check.files import check_files
from simulator.scenario.check.names import check_names
from simulator.scenario.check.pools import check_pools
from simulator.scenario.check.reach import check_reach
from simulator.scenario.check.rollout.economics import check_budgets, check_economics, check_economics_names
from simulator.scenario.check.rollout.included import check_included
from simulator.scenario.check.rollout.readiness import check_readiness
from simulator.scenario.check.rollout.releases import check_releases
from simulator.scenario.check.size import check_size
from simulator.scenario.check.values import check_values
from simulator.scenario.model import Scenario


def check_scenario(scenario: Scenario, base_dir: Path, *, is_variant: bool = False) -> list[Finding]:
    """All findings; the rest is only looked at when every number is possible and every name exists.

    Parameters
    ----------
    is_variant : one point of many, where a key may be without effect that has one at the others
    """
    findings = check_values(scenario) or [*check_names(scenario), *check_economics_names(scenario)]
    if findings:
        return findings
    return [
        *check_steps(scenario),
        *check_reach(scenario),
        *check_residency(scenario),
        *check_pools(scenario),
        *check_quotas(scenario),
        *check_budgets(scenario),
        *check_incidents(scenario, is_variant=is_variant),
        *check_releases(scenario),
        *check_alerts(scenario),
        *check_readiness(scenario),
        *check_survive(scenario),
        *check_included(scenario),
        *(
            []
            if is_variant
            else [
                *check_effects(scenario),
                *check_protection(scenario),
                *check_regions(scenario),
                *check_languages(scenario),
                *check_traces(scenario),
                *check_clients(scenario),
                *check_economics(scenario),
            ]
        ),
        *check_files(scenario, base_dir),
        *check_size(scenario),
    ]
