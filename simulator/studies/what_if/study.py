"""The question of `rollout what-if`: what would a change do at the peak of a stage, on the same users with the same luck?"""

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

from simulator.errors import OptionError
from simulator.studies.base import Option, Study, check_stage

if TYPE_CHECKING:
    from simulator.engine import Runner
    from simulator.scenario.change import ScenarioChange
    from simulator.scenario.model import Scenario
    from simulator.scenario.read.load import LoadedScenario
    from simulator.studies.what_if.report import WhatIfReport

CHANGE = "--change"


@dataclass(frozen=True)
class WhatIfStudy(Study["WhatIfReport"]):
    """See what a change does at the peak of a stage: the difference on the same users, with its interval."""

    verb: ClassVar[str] = "what-if"

    change: Annotated[
        Sequence[str] | Mapping[str, object],
        Option("A value that is changed, e.g. teams.agents.staff=9; may be repeated.", metavar="PATH=VALUE"),
    ] = ()
    _: KW_ONLY
    demand: Annotated[
        float, Option("Factor on everything that arrives.", metavar="FACTOR", min=0.01, max=100.0)
    ] = 1.0
    stage: Annotated[str | None, Option("Stage at whose peak.", metavar="NAME", shown_default="the last")] = (
        None
    )
    pairs: Annotated[
        int, Option("Runs of the window on each side, with the same seeds.", metavar="N", min=2, max=200)
    ] = 6

    def check(self, scenario: "Scenario") -> None:
        """Complain about a stage that is not there, and if nothing is changed."""
        check_stage(scenario, self.stage)
        if not self.change and self.demand == 1.0:
            raise OptionError(f"nothing is changed: give {CHANGE} PATH=VALUE, or --demand FACTOR", CHANGE)

    def run(self, loaded: "LoadedScenario", runner: "Runner") -> "WhatIfReport":
        """Simulate both sides."""
        from simulator.studies.what_if.what_if import what_if

        return what_if(loaded, self, runner)

    @property
    def scenario_change(self) -> "ScenarioChange":
        """The change as it is applied."""
        from simulator.scenario.change import ScenarioChange
        from simulator.scenario.read.overrides import override_texts

        return ScenarioChange(overrides=tuple(override_texts(self.change)), demand_factor=self.demand)
