"""Sections as Markdown, for the comments of CI; a user's text is made harmless."""

import re
from collections.abc import Sequence
from html import escape

from simulator.render.sections import (
    Cell,
    Folded,
    Heading,
    Notes,
    Section,
    Table,
    VerdictMark,
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


def markdown(sections: Sequence[Section]) -> str:
    """Sections for a pull request: headings, tables, notes and folded parts; a comment has no figures and no bars."""
    return _joined(sections) + "\n"


def _joined(sections: Sequence[Section]) -> str:
    return "\n\n".join(part for section in without_empty(sections) if (part := _drawn(section)))


def _drawn(section: Section) -> str:
    if isinstance(section, Heading):
        mark = "" if section.mark is None else f": {mark_text(section.mark)}"
        remark = f"\n\n{escaped(section.remark)}" if section.remark else ""
        return f"## {escaped(section.text)}{mark}{remark}"
    if isinstance(section, Table):
        return _table(section)
    if isinstance(section, Notes):
        return _notes(section)
    return _folded(section) if isinstance(section, Folded) else ""


def _notes(found: Notes) -> str:
    title = [f"### {escaped(found.title)}"] if found.title else []
    lines = [escaped(line) for line in found.lines]
    if found.kind == "footer":
        return "\n\n".join([*title, *(f"<sub>{line}</sub>" for line in lines)])
    if found.kind == "text":
        return "\n\n".join([*title, *lines])
    return "\n\n".join([*title, "\n".join(f"- {line}" for line in lines)])


def _folded(found: Folded) -> str:
    """A part that is shown when its summary is clicked."""
    return f"<details><summary>{escape(found.summary)}</summary>\n\n{_joined(found.sections)}\n\n</details>"


def _table(found: Table) -> str:
    mark = "" if found.mark is None else f" {mark_text(found.mark)}"
    title = f"### {escaped(found.title)}{mark}\n\n" if found.title or mark else ""
    headers = [escaped(found.corner), *(escaped(column) for column in found.columns)]
    return title + table(
        headers, [[escaped(row.label), *(_cell(cell) for cell in row.cells)] for row in found.rows]
    )


def _cell(cell: Cell) -> str:
    if isinstance(cell, VerdictMark):
        return mark_text(cell.word)
    return escaped(" ".join(filter(None, cell_text(cell))))


def mark_text(word: str) -> str:
    """A verdict with its symbol."""
    return f"{MARKS[word]} {word}"
