"""The question of `rollout bridge`: why does one forecast cost more than another?"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar

from simulator.studies.base import Option, ScenarioSource, Study, loaded_of
from simulator.studies.cost.study import Planned, Replications

if TYPE_CHECKING:
    from simulator.engine import Runner
    from simulator.scenario.read.load import LoadedScenario
    from simulator.studies.bridge.report import BridgeReport


@dataclass(frozen=True, kw_only=True)
class BridgeStudy(Study["BridgeReport"]):
    """Explain the difference between two forecasts, driver by driver; overrides go to B."""

    verb: ClassVar[str] = "bridge"
    file_metavar: ClassVar[str] = "B"

    before: Annotated[
        ScenarioSource | str | Path, Option("Scenario file.", metavar="A", is_argument=True, is_scenario=True)
    ]
    as_written: Annotated[bool, Option("Take the capacity that the scenarios state.")] = False
    replications: Replications = 4
    before_plan: Planned | None = None  # whose capacity A takes; None: a plan is made
    plan: Planned | None = None  # of B

    def run(self, loaded: "LoadedScenario", runner: "Runner") -> "BridgeReport":
        """Forecast both scenarios, and split the difference."""
        from simulator.studies.bridge.bridge import study_bridge

        return study_bridge(loaded_of(self.before), loaded, self, runner)
