"""The question of `rollout check`: do these scenarios meet their SLOs and thresholds?"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

from simulator.studies.base import Option, Study, check_stage

if TYPE_CHECKING:
    from simulator.engine import Runner
    from simulator.scenario.model import Scenario
    from simulator.scenario.read.load import LoadedScenario
    from simulator.studies.check.report import CheckReport

STAGES = Option("Only this stage; may be repeated.", flag="--stage", metavar="NAME", shown_default="all")


@dataclass(frozen=True, kw_only=True)
class CheckStudy(Study["CheckReport"]):
    """Check scenarios against their SLOs and thresholds: PASS, FAIL or UNDECIDED each."""

    verb: ClassVar[str] = "check"

    stages: Annotated[Sequence[str] | None, STAGES] = None
    replications: Annotated[
        int, Option("Replications of every stage at least.", metavar="N", min=2, max=1000)
    ] = 4
    budget: Annotated[
        int,
        Option("Replications of a stage at most, to decide what is open.", metavar="N", min=2, max=1000),
    ] = 64
    regions: Annotated[bool, Option("Also check what names no region in each region separately.")] = False
    planned: Annotated[bool, Option("With the capacity that a plan finds, not the one as written.")] = False

    @property
    def max_runs(self) -> int:
        """Replications of a stage at most."""
        return max(self.budget, self.replications)

    def check(self, scenario: "Scenario") -> None:
        """Complain about a stage that is not there."""
        for stage in self.stages or ():
            check_stage(scenario, stage)

    def run(self, loaded: "LoadedScenario", runner: "Runner") -> "CheckReport":
        """Replicate every stage until each criterion is decided or the budget is spent."""
        from simulator.studies.check.scenario_check import check_scenarios

        return check_scenarios([loaded], self, runner)
