"""What `rollout compare` reports: every measure on both sides, and a verdict on each that is judged."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, ClassVar

from simulator.studies.common.backlogs import StageBacklog
from simulator.studies.common.changes.change_text import difference_cell, relative_text
from simulator.studies.common.changes.paired_change import PairedChange
from simulator.studies.common.stage_findings import finding_lines
from simulator.studies.common.step_times import StepTimesSource
from simulator.studies.common.two_futures import StageCollapse
from simulator.studies.common.verdicts.criterion_record import JudgedCriterion
from simulator.studies.common.verdicts.criterion_text import measure_text, stage_text
from simulator.studies.record import Record, if_any, json_key
from simulator.studies.report import JudgedReport
from simulator.theory.verdict import Verdict

if TYPE_CHECKING:
    import pandas as pd


class ComparedScenario(Record):
    """One side of a comparison.

    Attributes
    ----------
    name : its file as it was named, or the key of its run
    collapses : stages at which some replications collapsed and others did not
    backlogs : targets to which more work comes at a stage than they do
    """

    name: str
    scenario: str
    scenario_hash: str
    profiles: Mapping[str, StepTimesSource]
    collapses: Annotated[tuple[StageCollapse, ...], if_any] = ()
    backlogs: Annotated[tuple[StageBacklog, ...], if_any] = ()

    @property
    def findings(self) -> list[str]:
        """What was seen at the stages besides the measures, a line each."""
        return finding_lines(self.collapses, self.backlogs)


class JudgedChange(PairedChange):
    """A change and its verdict: FAIL is a regression, PASS is shown to be no worse than tolerated, in every run.

    Attributes
    ----------
    p_regression : chance of such losses if it were no worse than tolerated, adjusted for the family (Holm)
    p_no_worse : chance of so little loss if it were worse than tolerated
    p_same : chance of so little change if it were worse or better by more than the tolerance (TOST)
    """

    p_regression: float
    p_no_worse: float
    p_same: float
    verdict: Verdict


class CompareReport(JudgedReport):
    """What the head makes worse or better; its verdict is the worst of all changes.

    Attributes
    ----------
    stages : that were compared; None: full exposure
    seed : of the first pair
    tolerance : share by which a measure may be worse
    level : chance that any measure is called a regression by luck
    changes : measures that are judged, stage by stage
    unjudged : load, how busy targets are, and what else is shown without a verdict
    thresholds : the head's own criteria
    """

    view: ClassVar[str] = "simulator.studies.compare.view"

    engine_version: str
    interval_level: float
    base: ComparedScenario
    head: ComparedScenario
    stages: tuple[str | None, ...]
    seed: int
    tolerance: float
    level: float
    changes: tuple[JudgedChange, ...]
    unjudged: Annotated[tuple[PairedChange, ...], json_key("told")]
    thresholds: tuple[JudgedCriterion, ...]
    wall_s: float

    @property
    def subject(self) -> str:
        """The head, against the base."""
        return f"{self.head.name} against {self.base.name}"

    @property
    def title(self) -> str:
        """What the report is."""
        return "Comparison"

    @property
    def missed(self) -> tuple[JudgedCriterion, ...]:
        """The head's criteria that do not hold."""
        return tuple(found for found in self.thresholds if found.verdict == "FAIL")

    def not_passed(self) -> list[str]:
        """What is worse or undecided, with its change."""
        return [
            f"{found.verdict} {measure_text(found)} at {stage_text(found.stage)}: "
            f"{difference_cell(found).text.line} ({relative_text(found)})"
            for found in self.changes
            if found.verdict != "PASS"
        ]

    def to_frame(self) -> "pd.DataFrame":
        """A row per measure and stage; `judged` tells those with a verdict from those without."""
        from simulator.render.dataframe import rows_frame

        judged = [{"judged": True, **found.to_row()} for found in self.changes]
        return rows_frame([*judged, *({"judged": False, **found.to_row()} for found in self.unjudged)])

    def to_markdown(self) -> str:
        """A comment for a pull request: what moved first; one line if nothing did."""
        from simulator.render.markdown import markdown
        from simulator.studies.compare.comment import comment

        return markdown(comment(self))
