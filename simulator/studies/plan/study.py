"""The question of `rollout plan`: what capacity does every stage need, what does it cost, and is it a GO?"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar

from simulator.errors import OptionError
from simulator.studies.base import Option, Study

if TYPE_CHECKING:
    from simulator.engine import Runner
    from simulator.scenario.model import Scenario
    from simulator.scenario.read.load import LoadedScenario
    from simulator.studies.plan.report import PlanReport


@dataclass(frozen=True, kw_only=True)
class PlanStudy(Study["PlanReport"]):
    """Plan every stage: capacity, cost, and GO or NO-GO."""

    verb: ClassVar[str] = "plan"

    replications: Annotated[
        int | None,
        Option("Replications of every window at least.", metavar="N", shown_default="4", min=2, max=64),
    ] = None
    draws: Annotated[int, Option("Draws of the uncertain inputs; 0: none.", metavar="N", min=0, max=4096)] = (
        16
    )
    out: Annotated[
        Path | str | os.PathLike[str] | None,
        Option("Folder that keeps the results.", metavar="DIR", is_folder=True, in_app=False),
    ] = None

    def check(self, scenario: "Scenario") -> None:
        """Complain about a scenario without stages."""
        if not scenario.stages:
            name = scenario.metadata.name
            raise OptionError(f"{name} has no `stages` to plan; add some, or use `rollout run`", "FILE")

    def run(self, loaded: "LoadedScenario", runner: "Runner") -> "PlanReport":
        """Search the capacity of every stage, measure and price it; an interrupted plan goes on where it was."""
        from simulator.studies.plan.plan import plan_scenario
        from simulator.studies.plan.plan_folder import plan_in_folder

        if self.out is None:
            return plan_scenario(loaded, self, runner)
        return plan_in_folder(loaded, self, runner, Path(self.out))
