"""How often an answer is right on average, before anything is simulated."""

from simulator.mechanisms.providers.config import Model
from simulator.mechanisms.traffic.config import Workload
from simulator.mechanisms.traffic.languages import UNNAMED, Language
from simulator.scenario.model import Scenario


def complexity_classes(scenario: Scenario) -> list[str]:
    """Classes of complexity of all workloads, in the order in which they are first named."""
    return list(dict.fromkeys(name for workload in scenario.workloads for name in workload.complexity))


def recorded_classes(scenario: Scenario, workload: Workload) -> tuple[str, ...]:
    """Classes of complexity by which a workload's results are kept apart; one without a name where there is but one."""
    asked = {name for each in scenario.workloads for name, share in each.complexity.items() if share > 0.0}
    if len(asked) == 1:
        return (UNNAMED,)
    return tuple(name for name in complexity_classes(scenario) if workload.complexity.get(name, 0.0) > 0.0)


def success_rate_of(model: Model, complexity: str) -> float:
    """Share of right answers of a model for a class of complexity."""
    if isinstance(model.success_rate, dict):
        return model.success_rate.get(complexity, 1.0)
    return model.success_rate


def language_factor_of(scenario: Scenario, model: Model, language: str) -> float:
    """Factor on a model's share of right answers in a language: its own, else that of the language."""
    usual = scenario.languages.get(language, Language()).success_factor
    return model.success_by_language.get(language, usual)


def mean_success_rate(scenario: Scenario, workload: Workload, generate: str, language: str) -> float:
    """Share of right answers of a `generate` step's first choices in a language, over the workload's classes."""
    models = {model.model_name: model for model in scenario.model_list}
    route = scenario.routes.get(generate)
    total = 0.0
    for complexity, share in workload.complexity.items():
        if route is None:
            chosen = [generate]
        elif isinstance(route.choose, dict):
            chosen = [route.choose.get(complexity, generate)]
        else:
            chosen = list(route.choose)
        rates = [
            language_factor_of(scenario, models[name], language) * success_rate_of(models[name], complexity)
            for name in chosen
            if name in models
        ]
        total += share * (sum(rates) / len(rates) if rates else 1.0)
    return total
