"""The question of `rollout run`: what is measured in one window, what does it cost, and do the objectives hold?"""

from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar

from simulator.errors import OptionError
from simulator.studies.base import Option, Study, check_stage

if TYPE_CHECKING:
    from simulator.engine import Runner
    from simulator.scenario.model import Scenario
    from simulator.scenario.read.load import LoadedScenario
    from simulator.studies.run.report import RunReport


@dataclass(frozen=True, kw_only=True)
class RunStudy(Study["RunReport"]):
    """Simulate one window and report what was measured."""

    verb: ClassVar[str] = "run"

    stage: Annotated[
        str | None,
        Option("Stage whose demand is simulated.", metavar="NAME", shown_default="full exposure"),
    ] = field(default=None, kw_only=False)
    replications: Annotated[
        int | None,
        Option(
            "Runs, each with its own seed.",
            metavar="N",
            min=1,
            max=1000,
            shown_default="5, more where targets settle slowly",
        ),
    ] = None
    out: Annotated[
        Path | str | PathLike[str] | None,
        Option("Folder that keeps the results.", metavar="DIR", is_folder=True, in_app=False),
    ] = None
    rows: Annotated[bool, Option("Keep every action as a row (needs --out).", in_app=False)] = False

    def check(self, scenario: "Scenario") -> None:
        """Complain about a stage that is not there, and rows that are kept nowhere."""
        if self.rows and self.out is None:
            raise OptionError("rows are kept in a folder: give --out DIR too", "--rows")
        check_stage(scenario, self.stage)

    def run(self, loaded: "LoadedScenario", runner: "Runner") -> "RunReport":
        """Simulate the window, or read it from the store if the same was run before."""
        from simulator.studies.run.run import run_window

        return run_window(loaded, self, runner)
