"""Can a collapse feed on retries? Then a stage is not GO before enough runs were made to see one of ten collapse.

What feeds it is work for those who have given up: a try that timed out has kept a server busy, and the next one asks for
more. A try that a quota or a full queue turns away keeps nobody busy, however often it is repeated.
"""

from collections.abc import Iterator

from simulator.mechanisms.traffic.config import CallStep, GenerateStep, Workload
from simulator.scenario.asked_targets import targets_of_route
from simulator.scenario.model import Scenario

ENOUGH_RUNS = 16  # of which none collapses in one case of five if one in ten does, in one of a hundred if one in four does


def may_collapse(scenario: Scenario) -> bool:
    """Whether somebody who gives up on a target with servers of its own tries again."""
    limited = {name for name, service in scenario.services.items() if service.max_ongoing_requests}
    limited |= {model.model_name for model in scenario.model_list if model.pool is not None}
    return any(not limited.isdisjoint(targets) for targets in _tried_again(scenario))


def _tried_again(scenario: Scenario) -> Iterator[list[str]]:
    """What is asked once more by those who did not wait for an answer, step by step."""
    for workload in scenario.workloads:
        for name in _asked(workload):
            route = scenario.routes.get(name)
            gives_up = workload.timeout is not None
            if route is None:
                if gives_up and workload.asks_again is not None:
                    yield [name]
                continue
            tries_again = route.num_retries > 0 and "timeout" in route.retry_on
            if (tries_again and route.per_try_timeout is not None) or (
                workload.asks_again is not None and (gives_up or route.timeout is not None)
            ):
                yield targets_of_route(scenario, name)


def _asked(workload: Workload) -> Iterator[str]:
    for step in workload.steps:
        if isinstance(step, CallStep):
            yield step.call
        elif isinstance(step, GenerateStep):
            yield step.generate
