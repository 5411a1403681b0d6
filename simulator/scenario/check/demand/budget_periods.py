"""Do budgets of workloads and tenants begin their days in a time zone that there is, and bill hours that somebody holds?"""

from collections.abc import Iterator

from simulator.scenario.check.demand.places import is_timezone
from simulator.scenario.check.diagnostics import Finding
from simulator.scenario.model import Scenario
from simulator.scenario.read.yaml_source import Path_


def check_budget_periods(scenario: Scenario) -> Iterator[Finding]:
    """Findings about `timezone` and `provisioned` of budgets."""
    is_held = any(model.provisioned is not None for model in scenario.model_list)
    for index, workload in enumerate(scenario.workloads):
        for _, tenant, budget in workload.budgets():
            of_tenant: Path_ = () if tenant is None else ("tenants", tenant)
            path: Path_ = ("workloads", index, *of_tenant, "budget")
            if not is_timezone(budget.timezone):
                hint = "use an IANA name such as Europe/Dublin"
                yield Finding((*path, "timezone"), f"no time zone `{budget.timezone[:60]}`", hint)
            if budget.provisioned and not is_held:
                hint = "give a model `provisioned`, or remove it"
                yield Finding((*path, "provisioned"), "changes nothing: nobody holds units", hint)
