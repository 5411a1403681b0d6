"""Which models, services and teams may the actions of a workload ask? What its steps name, and what their routes do."""

from simulator.mechanisms.traffic.config import CallStep, GenerateStep, ReviewStep, Workload
from simulator.scenario.model import Scenario


def targets_of_route(scenario: Scenario, route: str) -> list[str]:
    """Models and services that a route may ask, in its order."""
    policy = scenario.routes[route]
    chosen = policy.choose.values() if isinstance(policy.choose, dict) else policy.choose
    known = {*scenario.services, *(model.model_name for model in scenario.model_list)}
    return [name for name in dict.fromkeys([*chosen, *policy.fallbacks]) if name in known]


def targets_asked(scenario: Scenario, workload: Workload) -> frozenset[str]:
    """Everything that a workload may ask, also where its budget sends it to other models."""
    asked: set[str] = set()
    for step in workload.steps:
        if isinstance(step, ReviewStep):
            asked.add(step.review.team)
        elif isinstance(step, CallStep | GenerateStep):
            name = step.call if isinstance(step, CallStep) else step.generate
            asked.update(targets_of_route(scenario, name) if name in scenario.routes else [name])
    others = [budget.models for _, _, budget in workload.budgets()]
    return frozenset(asked.union(*({by[name] for name in asked & by.keys()} for by in others)))
