"""The question of `rollout canary`: does a canary promote good releases and abort bad ones, and whom does it harm?"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

from simulator.errors import OptionError
from simulator.studies.base import Option, Study, check_stage

if TYPE_CHECKING:
    from simulator.engine import Runner
    from simulator.scenario.model import Scenario
    from simulator.scenario.read.load import LoadedScenario
    from simulator.studies.canary.cases import Case
    from simulator.studies.canary.report import CanaryReport


@dataclass(frozen=True, kw_only=True)
class CanaryStudy(Study["CanaryReport"]):
    """Rehearse the canary of a release: what it promotes, what it aborts, and how many users are affected."""

    verb: ClassVar[str] = "canary"

    stage: Annotated[
        str | None,
        Option("Whose demand the canary meets.", metavar="NAME", shown_default="the first stage"),
    ] = None
    release: Annotated[
        str | None,
        Option("Which release is rehearsed.", metavar="NAME", shown_default="the first release"),
    ] = None
    effects: Annotated[
        Sequence[str] | None,
        Option(
            "What a bad release does, e.g. success_rate=-2% or latency=30%,error_rate=1%; may be repeated.",
            flag="--effect",
            metavar="KEY=VALUE",
            shown_default="the usual ones",
        ),
    ] = None
    rehearsals: Annotated[int, Option("Rehearsals of each case.", metavar="N", min=2, max=10_000)] = 40

    def check(self, scenario: "Scenario") -> None:
        """Complain about a stage, a release or an effect that is not there."""
        check_stage(scenario, self.stage)
        self._cases(scenario)

    def run(self, loaded: "LoadedScenario", runner: "Runner") -> "CanaryReport":
        """Play the canary with the release as it is described, with none that changes anything, and with worse ones."""
        from simulator.studies.canary.canary import rehearse_canary
        from simulator.studies.canary.rehearsals import RehearsalPlan

        stages = loaded.scenario.stages
        stage = self.stage or (stages[0].name if stages else None)
        scenario = loaded.at_stage(stage).scenario
        plan = RehearsalPlan(stage, self.release, self.rehearsals)
        return rehearse_canary(scenario, self._cases(scenario), plan, runner)

    def _cases(self, scenario: "Scenario") -> "list[Case]":
        from simulator.studies.canary.cases import cases_of, release_of

        release = release_of(scenario, self.release)
        try:
            return cases_of(release, self.effects)
        except ValueError as error:
            raise OptionError(str(error), "--effect") from None
