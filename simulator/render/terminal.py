"""Sections on a terminal: tables that fit its width, notes in yellow, the footer dimmed. Figures have no place here."""

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from simulator.render.bars import bars_text
from simulator.render.numbers import EstimateText
from simulator.render.sections import (
    Bars,
    Cell,
    Folded,
    Heading,
    Notes,
    Section,
    Table,
    VerdictMark,
    Words,
    cell_text,
    without_empty,
)
from simulator.render.terminal_tables import GridRow, grids, notes, printable, spaced, words
from simulator.render.verdict_marks import marked

_WIDEST_CHART, _NARROWEST_CHART = 60, 10
_STYLES = {"strong": "bold red", "quiet": "dim"}


def terminal(sections: Sequence[Section], width: int) -> Group:
    """Everything of the sections that a terminal of this width can show."""
    parts: list[RenderableType] = []
    for section in without_empty(sections):
        parts += _drawn(section, width)
    return spaced(parts) if parts else Group()


def _drawn(section: Section, width: int) -> list[RenderableType]:
    if isinstance(section, Table):
        return list(_tables(section, width))
    if isinstance(section, Heading):
        return [_heading(section)]
    if isinstance(section, Notes):
        return [_notes(section)]
    if isinstance(section, Folded):
        return [
            words(section.summary, "bold"),
            *(part for one in without_empty(section.sections) for part in _drawn(one, width)),
        ]
    return [_bars(section, width)] if isinstance(section, Bars) else []


def _tables(table: Table, width: int) -> Sequence[RenderableType]:
    groups = [
        [GridRow(printable(row.label), [_cell(cell) for cell in row.cells]) for row in group]
        for group in table.groups
    ]
    title: str | Text = printable(table.title)
    if table.mark is not None:
        title = Text.assemble(words(table.title), "  ", marked(table.mark))
    numeric = [table.is_numeric(column) for column in range(len(table.columns))]
    return grids([printable(column) for column in table.columns], groups, width, table.corner, title, numeric)


def _cell(cell: Cell) -> EstimateText | Text:
    if isinstance(cell, VerdictMark):
        return marked(cell.word)
    if isinstance(cell, Words) and cell.emphasis is not None:
        return words(" ".join(filter(None, (cell.text, cell.detail))), _STYLES[cell.emphasis])
    value, interval = cell_text(cell)
    return EstimateText(printable(value), printable(interval))


def _heading(heading: Heading) -> Text:
    line = words(heading.text, "bold")
    if heading.mark is not None:
        line = Text.assemble(line, "  ", marked(heading.mark))
    if heading.remark:
        line.append(f"  {printable(heading.remark)}", style="yellow")
    return line


def _notes(found: Notes) -> RenderableType:
    if found.kind == "warning":
        return notes([printable(line) for line in found.lines])
    text = "\n".join(([found.title] if found.title else []) + list(found.lines))
    return words(text, "dim" if found.kind == "footer" else "")


def _bars(bars: Bars, width: int) -> Group:
    """A bar per bucket or few, as wide as there is room."""
    label = max((len(printable(name)) for name, _, _ in bars.lines), default=0)
    room = max(_NARROWEST_CHART, min(_WIDEST_CHART, width - label - 2))
    lines = [
        words(f"{printable(name):<{label}}  {bars_text(shares, marks, room)}")
        for name, shares, marks in bars.lines
    ]
    return Group(words(bars.title, "bold"), *lines)
