"""The question of `rollout drill`: what do users feel when something fails, does it come back, and what would help?"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, ClassVar

from simulator.studies.base import Option, Study, check_stage

if TYPE_CHECKING:
    from simulator.engine import Runner
    from simulator.scenario.model import Scenario
    from simulator.scenario.read.load import LoadedScenario
    from simulator.studies.drill.report import DrillReport


@dataclass(frozen=True, kw_only=True)
class DrillStudy(Study["DrillReport"]):
    """Play incidents at a stage's peak: what users feel, when it recovers, and what would help."""

    verb: ClassVar[str] = "drill"

    incidents: Annotated[
        Sequence[str],
        Option(
            "Only this incident; a+b: both at once. May be repeated.",
            flag="--incident",
            metavar="NAME",
            shown_default="each",
        ),
    ] = field(default=(), kw_only=False)
    stage: Annotated[
        str | None,
        Option("The stage at whose peak it happens.", metavar="NAME", shown_default="the last"),
    ] = None
    runs: Annotated[int, Option("Pairs of replications, with and without.", metavar="N", min=2, max=1000)] = 6
    cures: Annotated[bool, Option("Also try each single change of policy that may help.")] = True

    def check(self, scenario: "Scenario") -> None:
        """Complain about a stage that is not there."""
        check_stage(scenario, self.stage)

    def run(self, loaded: "LoadedScenario", runner: "Runner") -> "DrillReport":
        """Play each incident and its twin without it, on the same users with the same luck."""
        from simulator.studies.drill.drill import drill

        return drill(loaded.scenario, self, runner)
