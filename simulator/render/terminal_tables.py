"""Tables on a terminal: rows of texts and intervals, laid out to fit its width."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

from rich import box
from rich.cells import cell_len
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from simulator.render.numbers import EstimateText

_GAP = 2  # between columns
_NARROW = 24  # cells; a text that is no longer is not broken
_INTERVAL_STYLE = "dim"


@dataclass(frozen=True)
class GridRow:
    """A row of a grid: a label and a cell per column, whose interval may go on a line of its own."""

    label: str
    cells: Sequence[EstimateText | Text]


def grids(
    headers: Sequence[str],
    sections: Sequence[Sequence[GridRow]],
    width: int,
    corner: str = "",
    title: str | Text = "",
    is_numeric: Sequence[bool] | None = None,
) -> list[Table]:
    """Lay out a grid with one column per header in as many tables as it takes to fit the width.

    Intervals stand behind their values where there is room, otherwise below; columns that still do not fit go
    into a further table. A table without numbers stays one where its long texts can go on in further lines.

    Parameters
    ----------
    headers : one per cell of each row
    sections : rows that belong together, a rule between sections
    width : of the terminal, in cells
    corner : heading over the labels
    title : heading of the first table
    is_numeric : per column, whether it is aligned right; None: all are
    """
    right = [True] * len(headers) if is_numeric is None else is_numeric
    rows = [row for section in sections for row in section]
    label_width = max(cell_len(text) for text in [corner, *(row.label for row in rows)])
    for stacked in (False, True):
        widths = [
            max(
                _text_width(_header(header, stacked=stacked)),
                *(_cell_width(row.cells[column], stacked=stacked) for row in rows),
            )
            for column, header in enumerate(headers)
        ]
        if label_width + sum(column + _GAP for column in widths) <= width:
            return [_grid(headers, sections, range(len(headers)), corner, title, right, stacked=stacked)]
    if not any(right) and _folds([label_width, *widths], width):
        return [_folded(headers, sections, corner, title, [label_width, *widths])]
    return [
        _grid(headers, sections, columns, corner, "" if number else title, right, stacked=True)
        for number, columns in enumerate(_split(widths, width - label_width))
    ]


def spaced(parts: Sequence[RenderableType]) -> Group:
    """Return the parts with an empty line between them."""
    return Group(*chain.from_iterable((part, "") for part in parts[:-1]), *parts[-1:])


def printable(text: str) -> str:
    """Return a user's text without characters that could steer the terminal."""
    return "".join(
        character if character.isprintable() or character == "\n" else "\N{REPLACEMENT CHARACTER}"
        for character in text
    )


def words(text: str, style: str = "") -> Text:
    """Return a user's text as it is: brackets are no markup."""
    return Text(printable(text), style=style)


def notes(texts: Sequence[str]) -> Text:
    """What a reader must know besides the numbers, one line each."""
    return words("\n".join(f"! {text}" for text in texts), style="yellow")


def table(
    *headers: str, title: str | Text = "", right: Sequence[int] = (), no_wrap: Sequence[int] = ()
) -> Table:
    """Empty table in the house style; columns numbered in `right` are aligned right, in `no_wrap` stay on one line."""
    made = Table(
        title=(words(title) if isinstance(title, str) else title) or None,
        box=box.SIMPLE_HEAD,
        show_edge=False,
        title_justify="left",
        title_style="bold",
        pad_edge=False,
        padding=(0, 1, 0, 0),
        header_style="bold",
    )
    for number, header in enumerate(headers):
        made.add_column(
            words(header),
            justify="right" if number in right else "left",
            overflow="fold",
            no_wrap=number in no_wrap,
        )
    return made


def joined(text: EstimateText, separator: str = " ") -> Text:
    """Value, and its interval dimmed behind it."""
    shown = Text(text.value, no_wrap=True)
    if text.interval:
        shown.append(f"{separator}{text.interval}", style=_INTERVAL_STYLE)
    return shown


def _grid(
    headers: Sequence[str],
    sections: Sequence[Sequence[GridRow]],
    columns: Sequence[int],
    corner: str,
    title: str | Text,
    right: Sequence[bool],
    *,
    stacked: bool,
) -> Table:
    shown = [_header(headers[column], stacked=stacked) for column in columns]
    numeric = [place + 1 for place, column in enumerate(columns) if right[column]]
    made = table(corner, *shown, title=title, right=numeric)
    for section in sections:
        if section and made.row_count:
            made.add_section()
        for row in section:
            made.add_row(
                words(row.label), *(_shown(row.cells[column], stacked=stacked) for column in columns)
            )
    return made


def _folds(widths: Sequence[int], room: int) -> bool:
    """Whether columns fit beside each other when the wide ones are broken into lines of a narrow one's width."""
    return sum(min(width, _NARROW) + _GAP for width in widths) - _GAP <= room


def _folded(
    headers: Sequence[str],
    sections: Sequence[Sequence[GridRow]],
    corner: str,
    title: str | Text,
    widths: Sequence[int],
) -> Table:
    """A table of texts; columns that are not wide stay on one line."""
    narrow = [place for place, column in enumerate(widths) if column <= _NARROW]
    made = table(corner, *headers, title=title, no_wrap=narrow)
    for section in sections:
        if section and made.row_count:
            made.add_section()
        for row in section:
            cells = [_shown(cell, stacked=False) for cell in row.cells]
            for cell in cells:
                cell.no_wrap = None
            made.add_row(words(row.label), *cells)
    return made


def _shown(cell: EstimateText | Text, *, stacked: bool) -> Text:
    return cell if isinstance(cell, Text) else joined(cell, "\n" if stacked else " ")


def _cell_width(cell: EstimateText | Text, *, stacked: bool) -> int:
    return _text_width(_shown(cell, stacked=stacked).plain)


def _header(header: str, *, stacked: bool) -> str:
    return header.replace(" ", "\n") if stacked else header


def _text_width(text: str) -> int:
    return max(cell_len(line) for line in text.split("\n"))


def _split(widths: Sequence[int], room: int) -> list[list[int]]:
    """Columns, in order, into as few groups as fit the room; a group has at least one."""
    groups: list[list[int]] = [[]]
    used = 0
    for column, width in enumerate(widths):
        if groups[-1] and used + width + _GAP > room:
            groups.append([])
            used = 0
        groups[-1].append(column)
        used += width + _GAP
    return groups
