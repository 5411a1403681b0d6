"""The question of `rollout cliff`: at which load does goodput collapse, and below which does it recover?"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

from simulator.studies.base import Option, Study, check_stage

if TYPE_CHECKING:
    from simulator.engine import Runner
    from simulator.scenario.model import Scenario
    from simulator.scenario.read.load import LoadedScenario
    from simulator.studies.cliff.report import CliffReport


@dataclass(frozen=True, kw_only=True)
class CliffStudy(Study["CliffReport"]):
    """Find the load at which goodput collapses, why, and the load below which it recovers."""

    verb: ClassVar[str] = "cliff"

    stage: Annotated[
        str | None,
        Option("The stage at whose peak it happens.", metavar="NAME", shown_default="the last"),
    ] = None
    runs: Annotated[int, Option("Replications at every load.", metavar="N", min=2, max=1000)] = 4

    def check(self, scenario: "Scenario") -> None:
        """Complain about a stage that is not there."""
        check_stage(scenario, self.stage)

    def run(self, loaded: "LoadedScenario", runner: "Runner") -> "CliffReport":
        """Raise the load until goodput collapses, and lower it again until it recovers."""
        from simulator.studies.cliff.cliff import cliff

        return cliff(loaded.scenario, self, runner)
