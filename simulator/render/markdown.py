"""Sections as Markdown, for the comments of CI; a user's text is made harmless."""

import re
from collections.abc import Sequence

from simulator.render.sections import (
    Cell,
    Heading,
    Mark,
    Notes,
    Section,
    Table,
    cell_text,
    without_empty,
)

MARKS = {"PASS": "✅", "GO": "✅", "FAIL": "❌", "NO-GO": "❌", "UNDECIDED": "❔", "WARN": "⚠️"}
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~@])")


def escaped(text: str) -> str:
    """A user's text as it is: no markup, no mentions, on one line."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))


def table(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table; cells are Markdown already."""
    lines = [headers, ["---"] * len(headers), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def folded(summary: str, body: str) -> str:
    """A part that is shown when its summary is clicked."""
    return f"<details><summary>{summary}</summary>\n\n{body}\n\n</details>"


def plural(n: int, noun: str) -> str:
    """`1 threshold`, `2 thresholds`."""
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


def markdown(sections: Sequence[Section]) -> str:
    """Sections for a pull request: headings, tables and notes; figures and bars have no place in a comment."""
    parts = [part for section in without_empty(sections) if (part := _drawn(section))]
    return "\n\n".join(parts) + "\n"


def _drawn(section: Section) -> str:
    if isinstance(section, Heading):
        mark = "" if section.mark is None else f": {mark_text(section.mark)}"
        remark = f"\n\n{escaped(section.remark)}" if section.remark else ""
        return f"## {escaped(section.text)}{mark}{remark}"
    if isinstance(section, Table):
        return _table(section)
    if isinstance(section, Notes):
        return "\n".join(
            [
                *([f"### {escaped(section.title)}\n"] if section.title else []),
                *(f"- {escaped(line)}" for line in section.lines),
            ]
        )
    return ""


def _table(found: Table) -> str:
    mark = "" if found.mark is None else f" {mark_text(found.mark)}"
    title = f"### {escaped(found.title)}{mark}\n\n" if found.title or mark else ""
    headers = [escaped(found.corner), *(escaped(column) for column in found.columns)]
    return title + table(
        headers, [[escaped(row.label), *(_cell(cell) for cell in row.cells)] for row in found.rows]
    )


def _cell(cell: Cell) -> str:
    if isinstance(cell, Mark):
        return mark_text(cell.word)
    return escaped(" ".join(filter(None, cell_text(cell))))


def mark_text(word: str) -> str:
    """A verdict with its symbol."""
    return f"{MARKS[word]} {word}"
