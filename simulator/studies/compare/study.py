"""The question of `rollout compare`: what does a change make worse, on the same users with the same luck?"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar

from simulator.errors import ExitCode
from simulator.studies.base import Option, ScenarioSource, Study, check_stage, loaded_of, share
from simulator.studies.check.study import STAGES

if TYPE_CHECKING:
    from simulator.engine import Runner
    from simulator.scenario.model import Scenario
    from simulator.scenario.read.load import LoadedScenario
    from simulator.studies.compare.comparison_sides import ComparisonSide
    from simulator.studies.compare.report import CompareReport


class FailOn(StrEnum):
    """What a comparison's exit code tells."""

    REGRESSION = "regression"
    THRESHOLD = "threshold"
    NOTHING = "nothing"


@dataclass(frozen=True, kw_only=True)
class CompareStudy(Study["CompareReport"]):
    """Compare two scenarios on the same users: what became worse, with intervals."""

    verb: ClassVar[str] = "compare"
    file_metavar: ClassVar[str] = "HEAD"

    base: Annotated[
        ScenarioSource | str | Path,
        Option(
            "Scenario file, or folder of a stored run.",
            metavar="BASE",
            is_argument=True,
            is_scenario=True,
            may_be_run=True,
            in_app=False,
        ),
    ]
    stages: Annotated[Sequence[str] | None, STAGES] = None
    replications: Annotated[
        int, Option("Pairs of replications of every stage at least.", metavar="N", min=2, max=1000)
    ] = 8
    budget: Annotated[int, Option("Pairs at most, to decide what is open.", metavar="N", min=2, max=1000)] = (
        32
    )
    tolerance: Annotated[
        float,
        Option(
            "A measure may be worse by this share of the base; a rate, of what it lacks to 100 %.",
            metavar="SHARE",
            shown_default="5%",
            parse=share,
        ),
    ] = 0.05
    fail_on: Annotated[
        Sequence[FailOn],
        Option(
            "What the exit code tells: 10 and 11 (regression), also 99 (threshold), or nothing.",
            shown_default="regression",
        ),
    ] = (FailOn.REGRESSION,)

    @property
    def max_runs(self) -> int:
        """Pairs of replications of a stage at most."""
        return max(self.budget, self.replications)

    def check(self, scenario: "Scenario") -> None:
        """Complain about a stage that the head does not have."""
        for stage in self.stages or ():
            check_stage(scenario, stage)

    def run(self, loaded: "LoadedScenario", runner: "Runner") -> "CompareReport":
        """Simulate pairs of both sides until every measure is decided or the budget is spent."""
        from simulator.studies.compare.compare import compare
        from simulator.studies.compare.comparison_sides import side_of_file

        return compare(self._base_side(loaded), side_of_file(loaded), self, runner)

    def exit_code(self, report: "CompareReport") -> ExitCode:
        """A regression comes first, then a missed threshold, then what is undecided."""
        if FailOn.REGRESSION in self.fail_on and report.verdict == "FAIL":
            return ExitCode.REGRESSION
        if FailOn.THRESHOLD in self.fail_on and report.missed:
            return ExitCode.FAILED
        if FailOn.REGRESSION in self.fail_on and report.verdict == "UNDECIDED":
            return ExitCode.UNDECIDED
        return ExitCode.PASS

    def _base_side(self, head: "LoadedScenario") -> "ComparisonSide":
        from simulator.results.store.stored_run import open_run
        from simulator.studies.compare.comparison_sides import side_of_file, side_of_run

        if isinstance(self.base, str | Path) and Path(self.base).is_dir():
            return side_of_run(open_run(Path(self.base)), head.base_dir)
        return side_of_file(loaded_of(self.base))
