"""What every report is: a record that a verb prints, as JSON or as sections which every renderer can draw."""

from abc import abstractmethod
from importlib import import_module
from typing import TYPE_CHECKING, Annotated, ClassVar, TypedDict

from simulator import __version__
from simulator.render.sections import Figure, Section, Table, without_empty
from simulator.scenario.model import Scenario
from simulator.scenario.read.hashing import scenario_hash
from simulator.studies.record import Record, json_key
from simulator.theory.intervals import CONFIDENCE
from simulator.theory.verdict import Verdict

if TYPE_CHECKING:
    import pandas as pd
    from plotly.graph_objects import Figure as PlotlyFigure

SCHEMA = 1


class Shown(Record):
    """What a verb prints, as JSON or as sections."""

    view: ClassVar[str]  # module whose `sections(report)` shows it

    schema_version: Annotated[int, json_key("schema")] = SCHEMA

    @property
    @abstractmethod
    def subject(self) -> str:
        """What the report is about, for the title of its page."""

    def sections(self) -> list[Section]:
        """The report as sections, which every renderer can draw."""
        return without_empty(import_module(self.view).sections(self))

    def to_frame(self) -> "pd.DataFrame":
        """The first table, a row per line; estimates with their interval in `…_low` and `…_high`."""
        from simulator.render.dataframe import frame

        return frame(next(section for section in self.sections() if isinstance(section, Table)))

    def figure(self) -> "PlotlyFigure":
        """The first figure.

        Raises
        ------
        LookupError
            If the report has none.
        """
        found = next((section for section in self.sections() if isinstance(section, Figure)), None)
        if found is None:
            raise LookupError(f"a {type(self).__name__} has no figure; use to_frame()")
        return found.draw()

    def to_html(self) -> str:
        """A page that needs no network, and prints well."""
        from simulator.render.html import page

        return page(f"{self.title} of {self.subject}", self.sections())

    def to_markdown(self) -> str:
        """A summary for a pull request."""
        from simulator.render.markdown import markdown

        return markdown(self.sections())

    @property
    def title(self) -> str:
        """What the report is, in a word or two."""
        return type(self).__name__.removesuffix("Report")

    def _repr_html_(self) -> str:
        """Show the tables in a notebook."""
        from simulator.render.html import fragment

        return fragment(self.sections())


class Report(Shown):
    """What a study found: its numbers, where they are from, and whether something is missing."""

    interrupted: bool = False

    @property
    def outcomes(self) -> tuple[str, ...]:
        """Verdicts or decisions that the exit code tells."""
        return ()


class JudgedReport(Report):
    """A report with a verdict, so that a test can say `assert scenario.drill()`."""

    verdict: Verdict | None  # None: there is nothing to judge

    @property
    def outcomes(self) -> tuple[str, ...]:
        """The verdict."""
        return () if self.verdict is None else (self.verdict,)

    def not_passed(self) -> list[str]:
        """What does not pass, a line each."""
        return []

    def __bool__(self) -> bool:
        """Whether it passes."""
        return self.verdict == "PASS"

    def __repr__(self) -> str:
        """Show what does not pass, so that a failed `assert` says it."""
        return "\n".join([f"<{type(self).__name__} {self.verdict}>", *self.not_passed()])


class ScenarioReport(Report):
    """What a study found about one scenario; `about(scenario)` gives the first fields."""

    scenario: str
    scenario_hash: str
    engine_version: str
    interval_level: float
    wall_s: float = 0.0

    @property
    def subject(self) -> str:
        """The scenario's name."""
        return self.scenario


class EngineFields(TypedDict):
    """Fields that say what simulated, and at which level intervals are."""

    engine_version: str
    interval_level: float


class ScenarioFields(EngineFields):
    """Fields that say which scenario and which engine a report is of."""

    scenario: str
    scenario_hash: str


def about(scenario: Scenario) -> ScenarioFields:
    """The fields of a report of a scenario."""
    return {
        "scenario": scenario.metadata.name,
        "scenario_hash": scenario_hash(scenario),
        **about_engine(),
    }


def about_engine() -> EngineFields:
    """The fields of a report of several scenarios."""
    return {"engine_version": __version__, "interval_level": CONFIDENCE}
