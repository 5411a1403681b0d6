"""What `rollout check` reports: a verdict per SLO and threshold at every stage, with its place in the file."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, ClassVar

from simulator.studies.common.backlogs import StageBacklog
from simulator.studies.common.stage_findings import finding_lines
from simulator.studies.common.step_times import StepTimesSource
from simulator.studies.common.two_futures import StageCollapse
from simulator.studies.common.verdicts.criterion_record import JudgedCriterion
from simulator.studies.common.verdicts.criterion_text import sentence
from simulator.studies.record import Record, if_any
from simulator.studies.report import JudgedReport

if TYPE_CHECKING:
    import pandas as pd


class PlacedCriterion(JudgedCriterion):
    """A judged criterion and where it is written.

    Attributes
    ----------
    path : of its limit in the scenario, e.g. `slos.latency.objective`
    line, column : None: it was set by `--set`
    """

    path: str
    file: str
    line: int | None
    column: int | None

    @property
    def place(self) -> str:
        """File, line and path, as editors understand them."""
        return f"{self.file}:{self.line or 1}: {self.path}"


class ScenarioCheck(Record):
    """Verdicts on one scenario, stage by stage in its order.

    Attributes
    ----------
    file : as it was named
    stages : that were simulated; None: full exposure
    collapses : stages at which some replications collapsed and others did not
    backlogs : targets to which more work comes at a stage than they do
    warnings : spans that are too short for what is judged
    aborted_by : the criterion with `abort_on_fail` that ended the check, if one did
    interrupted : some stage was not simulated, or not to its end
    """

    file: str
    scenario: str
    scenario_hash: str
    seed: int
    profiles: Mapping[str, StepTimesSource]
    stages: tuple[str | None, ...]
    verdicts: tuple[PlacedCriterion, ...]
    aborted_by: str | None
    interrupted: bool
    collapses: Annotated[tuple[StageCollapse, ...], if_any] = ()
    backlogs: Annotated[tuple[StageBacklog, ...], if_any] = ()
    warnings: Annotated[tuple[str, ...], if_any] = ()

    @property
    def findings(self) -> list[str]:
        """What was seen at the stages besides the verdicts, a line each."""
        return [*finding_lines(self.collapses, self.backlogs), *self.warnings]


class CheckReport(JudgedReport):
    """Which SLOs and thresholds hold; its verdict is the worst of all, None: there was nothing to check."""

    view: ClassVar[str] = "simulator.studies.check.view"

    engine_version: str
    interval_level: float
    wall_s: float
    scenarios: tuple[ScenarioCheck, ...]

    @property
    def subject(self) -> str:
        """Names of the scenarios."""
        return ", ".join(dict.fromkeys(one.scenario for one in self.scenarios))

    @property
    def verdicts(self) -> tuple[PlacedCriterion, ...]:
        """Every criterion at every stage of every scenario."""
        return tuple(found for one in self.scenarios for found in one.verdicts)

    def not_passed(self) -> list[str]:
        """What failed or is undecided, with its place in the file."""
        return [
            f"{found.verdict} {found.place}: {sentence(found)}"
            for found in self.verdicts
            if found.verdict != "PASS"
        ]

    def to_frame(self) -> "pd.DataFrame":
        """A row per criterion and stage."""
        from simulator.render.dataframe import rows_frame

        return rows_frame([found.to_row() for found in self.verdicts])

    def to_markdown(self, baseline: "CheckReport | None" = None) -> str:
        """A comment for a pull request: what does not hold first.

        Parameters
        ----------
        baseline : an earlier check of the same files: adds the change; a single line if there is none
        """
        from simulator.render.markdown import markdown
        from simulator.studies.check.comment import comment

        return markdown(comment(self, baseline))
