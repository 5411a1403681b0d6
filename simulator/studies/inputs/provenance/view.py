"""Inputs for people: a table of them, their sources once below it, and how many there are of each grade."""

from collections.abc import Iterable, Mapping, Sequence

from simulator.render.sections import Notes, Row, Section, Table, table_of
from simulator.studies.inputs.provenance.report import Input, ProvenanceReport

_PLURALS = {"assumption": "assumptions", "vendor claim": "vendor claims"}
_Source = tuple[str, str]  # text and date


def sections(report: ProvenanceReport) -> list[Section]:
    """Everything `rollout show --provenance` shows."""
    sources = {(one.source, one.date): None for one in report.inputs if one.source}
    numbers = {source: number for number, source in enumerate(sources, 1)}
    return [
        table_of("", "input", ("value", "unit", "grade", "source"), list(_rows(report.inputs, numbers))),
        _sources(numbers),
        Notes([summary(report)], "remark"),
    ]


def summary(report: ProvenanceReport) -> str:
    """How many inputs there are, and of each grade."""
    counts = (grade_text(grade, number) for grade, number in report.grades.items())
    return f"{len(report.inputs)} inputs: {', '.join(counts)}"


def grade_text(grade: str, number: int) -> str:
    """So many of a grade: `142 assumptions`, `1 vendor claim`, `7 measured`."""
    return f"{number} {grade if number == 1 else _PLURALS.get(grade, grade)}"


def input_table(inputs: Sequence[Input]) -> Table:
    """Inputs, each with its source beside it, where there is room for that."""
    rows = [Row(one.path, [one.text, one.unit, one.grade, one.source, one.date]) for one in inputs]
    return table_of("", "input", ("value", "unit", "grade", "source", "date"), rows)


def _rows(inputs: Sequence[Input], numbers: Mapping[_Source, int]) -> Iterable[Row]:
    for one in inputs:
        number = numbers.get((one.source, one.date))
        yield Row(one.path, [one.text, one.unit, one.grade, "" if number is None else f"[{number}]"])


def _sources(numbers: Mapping[_Source, int]) -> Table:
    rows = [Row(f"[{number}]", [text, date or "not stated"]) for (text, date), number in numbers.items()]
    return table_of("", "", ("source", "date"), rows)
