"""What comes with the app: scenarios to begin with, and plan and costs of one of them, for a first look."""

import os
from functools import cache
from pathlib import Path

from simulator.scenario.library.examples import examples_folder
from simulator.studies.cost.report import CostReport
from simulator.studies.plan.report import PlanReport

SCENARIOS = "ROLLOUT_APP_SCENARIOS"  # environment: the folder of scenarios
RUNS = "ROLLOUT_APP_RUNS"  # environment: the folder of stored runs
BUNDLED = "support-copilot"

_HERE = Path(__file__).parent
ICON = _HERE / "data" / "icon.svg"


def scenario_folder() -> Path:
    """Where scenarios are chosen from and their files lie: the shipped ones, unless another is asked for."""
    asked = os.environ.get(SCENARIOS)
    return Path(asked) if asked else examples_folder()


def run_folder() -> Path:
    """The folder of stored runs."""
    return Path(os.environ.get(RUNS, "runs"))


def kept_folder() -> Path:
    """The folder of scenarios that users brought."""
    return run_folder() / ".scenarios"


def scenario_names() -> list[str]:
    """Names of the scenarios in the folder, the bundled one first."""
    names = sorted(path.stem for path in scenario_folder().glob("*.yaml"))
    return sorted(names, key=lambda name: name != BUNDLED)


def scenario_text(name: str) -> str:
    """Text of one of them.

    Raises
    ------
    KeyError
        If there is none of that name.
    """
    if name not in scenario_names():
        raise KeyError(name)
    return (scenario_folder() / f"{name}.yaml").read_text(encoding="utf-8")


@cache
def bundled_plan() -> PlanReport:
    """The plan of the bundled scenario, as `rollout plan scenarios/support-copilot.yaml --json` prints it."""
    return PlanReport.model_validate_json(_text(f"{BUNDLED}.plan.json"))


@cache
def bundled_cost() -> CostReport:
    """Its costs with that plan, as `rollout cost scenarios/support-copilot.yaml --plan PLAN --json` prints them."""
    return CostReport.model_validate_json(_text(f"{BUNDLED}.cost.json"))


def _text(name: str) -> str:
    return (_HERE / "data" / name).read_text(encoding="utf-8")
