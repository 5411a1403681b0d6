"""Is what a scenario names outside of itself there and usable? Traces, profiles, list prices.

`load_scenario` has seen that the files exist. This reads them, so that a mistake in one is told with the place of
the key that names it, before anything is simulated.
"""

from collections.abc import Iterator
from pathlib import Path

from simulator.compiler.profiles import ProfileError, local_week
from simulator.mechanisms.providers.prices import UnknownPrice, token_prices
from simulator.mechanisms.traffic.trace import TraceError, load_trace
from simulator.scenario.errors import ScenarioError
from simulator.scenario.explain import problem_at
from simulator.scenario.finding import Finding
from simulator.scenario.load import LoadedScenario
from simulator.scenario.model import Scenario


def check_contents(loaded: LoadedScenario) -> None:
    """Read every trace and profile, and look up every price.

    Raises
    ------
    ScenarioError
        With every one that cannot be used.
    """
    findings = [*_demand(loaded.scenario, loaded.base_dir), *_prices(loaded.scenario)]
    if findings:
        raise ScenarioError(
            [problem_at(loaded.tree, found.path, found.message, found.hint) for found in findings]
        )


def _demand(scenario: Scenario, base_dir: Path) -> Iterator[Finding]:
    for index, workload in enumerate(scenario.workloads):
        try:
            if workload.trace is not None:
                load_trace(workload.trace, base_dir)
        except TraceError as error:
            yield Finding(("workloads", index, "trace"), _one_line(error))
        try:
            local_week(workload.profile, base_dir)
        except ProfileError as error:
            yield Finding(("workloads", index, "profile"), _one_line(error))


def _prices(scenario: Scenario) -> Iterator[Finding]:
    for index, model in enumerate(scenario.model_list):
        if model.pool is not None:
            continue
        try:
            token_prices(model, scenario.economics.price_date or scenario.start)
        except UnknownPrice as error:
            yield Finding(("model_list", index), str(error))


def _one_line(error: Exception) -> str:
    """Message of an error; those of the libraries that read files may hold line breaks."""
    return " ".join(str(error).split())
