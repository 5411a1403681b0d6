"""What `rollout examples` reports: the scenarios that come with the package."""

from typing import ClassVar

from simulator.render.sections import Notes, Row, Section, table_of
from simulator.scenario.library.examples import examples, files_of
from simulator.studies.record import Record
from simulator.studies.report import Shown


class ExampleScenario(Record):
    """A scenario that comes with the package.

    Attributes
    ----------
    title, story : what it is about, in a line and in paragraphs
    files : that it needs
    """

    name: str
    title: str
    story: tuple[str, ...]
    files: tuple[str, ...]


class ExamplesReport(Shown):
    """Every scenario that comes with the package, by name."""

    view: ClassVar[str] = __name__

    examples: tuple[ExampleScenario, ...]

    @property
    def subject(self) -> str:
        """Where they come from."""
        return "the package"


def shipped_examples() -> ExamplesReport:
    """Look up the scenarios that come with the package."""
    return ExamplesReport(
        examples=tuple(
            ExampleScenario(
                name=one.name,
                title=one.title,
                story=tuple(one.story),
                files=tuple(path.name for path in files_of(one)),
            )
            for one in examples()
        )
    )


def sections(report: ExamplesReport) -> list[Section]:
    """A line per scenario, and how to begin with one."""
    rows = [Row(one.name, [one.title]) for one in report.examples]
    return [
        table_of("", "example", ("what it is about",), rows),
        Notes(["rollout examples copy NAME writes one here, with the data that it needs"], "footer"),
    ]
