"""What every study is: options with their help text, and `run`, which returns a typed report.

A study answers one question a user can ask. From its class come the verb of the command line, the method in Python and
the form in the app; from its report the JSON, the tables and the pages. Nothing slow is imported here, so that `--help`
answers at once.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Generic, Protocol, TypeVar

from simulator.errors import ExitCode, OptionError, exit_code_of

if TYPE_CHECKING:
    from simulator.engine import Runner
    from simulator.scenario.model import Scenario
    from simulator.scenario.read.load import LoadedScenario
    from simulator.studies.report import Report

ReportT = TypeVar("ReportT", bound="Report")


@dataclass(frozen=True)
class Option:
    """How a field of a study is given on the command line and in the app.

    Attributes
    ----------
    help : one sentence
    flag : as it is written, e.g. `--by`; None: the field's name with dashes
    metavar : what stands for its value
    shown_default : in words, where the default says nothing
    choices : what a text may be
    min, max : bounds of a number
    parse : from text to the field's value, with a ValueError that says what is wrong; None: the type says it
    is_whole : of a list: one text has all of it, e.g. `A,B`, and `parse` takes it apart
    is_argument : given by its place, not by a flag: before the scenario's file, or after it if there may be several
    is_scenario : of a path: another scenario, which the study is given as a `ScenarioSource`
    may_be_run : of a scenario: it may be the folder of a stored run, which the study is given as a path
    is_folder : of a path: a folder, made if it is missing
    may_be_file : of a folder: it may be a file, too
    is_input : of a path: it must exist
    in_app : the app's form asks for it
    """

    help: str
    flag: str | None = None
    metavar: str | None = None
    shown_default: str | None = None
    choices: type[Enum] | None = None
    min: float | None = None
    max: float | None = None
    parse: Callable[[str], Any] | None = None
    is_whole: bool = False
    is_argument: bool = False
    is_scenario: bool = False
    may_be_run: bool = False
    is_folder: bool = False
    may_be_file: bool = False
    is_input: bool = False
    in_app: bool = True


class ScenarioSource(Protocol):
    """What has a checked scenario, e.g. a `Rollout`."""

    @property
    def loaded(self) -> "LoadedScenario":
        """The scenario with the place of every value."""


@dataclass(frozen=True)
class LoadedSource:
    """A scenario that is loaded already."""

    loaded: "LoadedScenario"


def loaded_of(source: ScenarioSource | str | Path) -> "LoadedScenario":
    """Load another scenario that a study is given.

    Raises
    ------
    ScenarioError
        If it is a file with mistakes in it.
    """
    if not isinstance(source, str | Path):
        return source.loaded
    from simulator.compiler.external_files import check_external_files
    from simulator.studies.inputs.scenario_file import load_scenario_file

    loaded = load_scenario_file(Path(source))
    check_external_files(loaded)
    return loaded


def share(text: str) -> float:
    """Share of 1 of an option, e.g. `5%`."""
    from simulator.units import parse_share

    return parse_share(text)


def span_s(text: str) -> float:
    """Seconds of an option, above zero, e.g. `2h`."""
    from simulator.units import parse_seconds

    found = parse_seconds(text)
    if not found > 0.0:
        raise ValueError(f"`{text}` must be greater than zero")
    return found


Threads = Annotated[
    int | None,
    Option(
        "Replications simulated at the same time.",
        metavar="N",
        shown_default="all cores",
        min=1,
        max=256,
        in_app=False,
    ),
]


@dataclass(frozen=True, kw_only=True)
class Study(ABC, Generic[ReportT]):
    """One question about a scenario; its docstring is the help of its verb."""

    verb: ClassVar[str]
    file_metavar: ClassVar[str] = "FILE"  # what stands for the scenario's file
    scenario_flag: ClassVar[str | None] = (
        None  # the scenario's file is given by this option, not by its place
    )
    threads: Threads = field(default=None)

    def check(self, scenario: "Scenario") -> None:
        """Complain before the work about options that do not fit the scenario.

        Raises
        ------
        OptionError
            With the option and what it could be.
        """

    @abstractmethod
    def run(self, loaded: "LoadedScenario", runner: "Runner") -> ReportT:
        """Answer the question; if the runner is cancelled, with what was finished.

        Raises
        ------
        Cancelled
            If nothing was finished.
        RolloutError
            If the scenario or the options do not allow an answer.
        """

    def exit_code(self, report: ReportT) -> ExitCode:
        """What the verb ends with; options may say what counts."""
        return exit_code_of(report.outcomes)


@dataclass(frozen=True, kw_only=True)
class SelfMade(Study[ReportT]):
    """A question that nobody needs a scenario for: its options make one."""

    @abstractmethod
    def made(self, overrides: Sequence[str] = ()) -> "LoadedScenario":
        """The scenario that is asked about.

        Raises
        ------
        OptionError
            If the options make none.
        """


def check_stage(scenario: "Scenario", name: str | None) -> None:
    """Complain about a stage that is not there.

    Raises
    ------
    OptionError
        With the names there are.
    """
    names = [stage.name for stage in scenario.stages]
    if name is not None and name not in names:
        raise OptionError(f"no stage {name!r}; there are: {', '.join(names) or 'none'}", "--stage")


def stage_or_last(scenario: "Scenario", name: str | None) -> str | None:
    """The stage that was asked for, else the last one; None: full exposure of a scenario without stages."""
    return name or (scenario.stages[-1].name if scenario.stages else None)
