"""The question of `rollout flow`: where do requests go at the peak of a stage, and where do they get stuck?"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

from simulator.studies.base import Option, Study, check_stage

if TYPE_CHECKING:
    from simulator.engine import Runner
    from simulator.scenario.model import Scenario
    from simulator.scenario.read.load import LoadedScenario
    from simulator.studies.flow.report import FlowReport, ReplayReport


@dataclass(frozen=True, kw_only=True)
class FlowStudy(Study["FlowReport"]):
    """See where requests go at the peak of a stage, step by step, and where they get stuck."""

    verb: ClassVar[str] = "flow"

    stage: Annotated[
        str | None, Option("Stage whose peak is simulated.", metavar="NAME", shown_default="the last")
    ] = None
    replications: Annotated[
        int, Option("Runs of the window, each with its own seed.", metavar="N", min=1, max=64)
    ] = 6

    def check(self, scenario: "Scenario") -> None:
        """Complain about a stage that is not there."""
        check_stage(scenario, self.stage)

    def run(self, loaded: "LoadedScenario", runner: "Runner") -> "FlowReport":
        """Simulate the window."""
        from simulator.studies.flow.flow import study_flow

        return study_flow(loaded, self, runner)


@dataclass(frozen=True, kw_only=True)
class ReplayStudy(Study["ReplayReport"]):
    """See what an incident does to the flow, minute by minute.

    Attributes
    ----------
    incident : its name
    stage : whose peak is held; None: full exposure
    replications : whose mean is shown
    """

    verb: ClassVar[str] = "replay"

    incident: str
    stage: str | None = None
    replications: int = 4

    def check(self, scenario: "Scenario") -> None:
        """Complain about a stage that is not there."""
        check_stage(scenario, self.stage)

    def run(self, loaded: "LoadedScenario", runner: "Runner") -> "ReplayReport":
        """Play the incident."""
        from simulator.studies.flow.replay import replay

        return replay(loaded.scenario, self, runner)
