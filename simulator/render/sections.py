"""What a report is made of for people: tables of cells, notes, figures. Every renderer draws any of them.

A cell knows its value, its unit and its interval; how many digits are shown is decided by `simulator.render.numbers`
alone. Texts may come from users: renderers escape them for their medium.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Literal

from simulator.render.numbers import (
    NOTHING,
    EstimateText,
    Unit,
    estimate,
    in_currency,
    quantity,
    signed_estimate,
)
from simulator.theory.estimate import Estimate

if TYPE_CHECKING:
    from plotly.graph_objects import Figure as PlotlyFigure


@dataclass(frozen=True)
class Quantity:
    """A number with its unit and, if it is an estimate, its interval.

    Attributes
    ----------
    value : in base units (s, share of 1, USD, 1/s); None: not known
    unit : what it is
    signed : show a plus, as of a difference; nothing moved reads `none`
    nothing : what stands where the value is not known
    before, after : words around it
    detail : what stands behind it in place of an interval
    currency : of money
    """

    value: Estimate | float | None
    unit: Unit
    signed: bool = False
    nothing: str = NOTHING
    before: str = ""
    after: str = ""
    detail: str = ""
    currency: str = "USD"

    @property
    def text(self) -> EstimateText:
        """The number, and its interval."""
        if self.value is None:
            return EstimateText(self.nothing, "")
        if self.signed:
            shown = signed_estimate(self.value, self.unit)
        elif isinstance(self.value, Estimate):
            shown = estimate(self.value, self.unit)
        else:
            shown = EstimateText(quantity(self.value, self.unit), "")
        shown = in_currency(shown, self.currency)
        return EstimateText(f"{self.before}{shown.value}{self.after}", shown.interval or self.detail)


@dataclass(frozen=True)
class Change:
    """A number before and after something."""

    before: float | None
    after: float | None
    unit: Unit

    @property
    def text(self) -> EstimateText:
        """Both, with an arrow."""
        return EstimateText(f"{quantity(self.before, self.unit)} → {quantity(self.after, self.unit)}", "")


@dataclass(frozen=True)
class VerdictMark:
    """A verdict or decision: PASS, FAIL, UNDECIDED, GO, NO-GO, WARN."""

    word: str


@dataclass(frozen=True)
class Words:
    """A text with a second line or a qualifier, which stands behind it where there is room.

    Attributes
    ----------
    emphasis : `strong` for what must not be missed, `quiet` for what matters less
    """

    text: str
    detail: str = ""
    emphasis: Literal["strong", "quiet"] | None = None


Cell = str | Words | Quantity | Change | VerdictMark


@dataclass(frozen=True)
class Row:
    """A row of a table: a label and a cell per column."""

    label: str
    cells: Sequence[Cell]


@dataclass(frozen=True)
class Table:
    """A table: a label and cells in every row.

    Attributes
    ----------
    columns : headings, one per cell of a row
    groups : rows that belong together; a rule between the groups
    corner : heading over the labels
    title : what the table says
    mark : verdict beside the title
    """

    columns: Sequence[str]
    groups: Sequence[Sequence[Row]]
    corner: str = ""
    title: str = ""
    mark: str | None = None

    @property
    def rows(self) -> list[Row]:
        """Every row."""
        return list(chain.from_iterable(self.groups))

    def is_numeric(self, column: int) -> bool:
        """Whether a column holds numbers, which are aligned right."""
        return any(isinstance(row.cells[column], Quantity | Change) for row in self.rows)


@dataclass(frozen=True)
class Heading:
    """A line that opens a report or a part of it, with its verdict."""

    text: str
    mark: str | None = None
    remark: str = ""


@dataclass(frozen=True)
class Notes:
    """What a reader must know besides the numbers, one line each.

    Attributes
    ----------
    kind : `warning` for what may change the decision, `text` for what is no list, `footer` for where the numbers are from
    """

    lines: Sequence[str]
    kind: Literal["warning", "remark", "text", "footer"] = "warning"
    title: str = ""


@dataclass(frozen=True)
class Bars:
    """Shares over time as bars of text, a line per label, with marks at some bars."""

    title: str
    lines: Sequence[tuple[str, Sequence[float], Sequence[int]]]  # label, shares of 1, where a mark stands


@dataclass(frozen=True)
class Figure:
    """A chart, drawn when it is asked for.

    Attributes
    ----------
    title : what it shows
    draw : makes it
    alt : what it shows, for those who cannot see it
    """

    title: str
    draw: "Callable[[], PlotlyFigure]"
    alt: str = ""


@dataclass(frozen=True)
class Folded:
    """Sections that matter less: folded behind their summary where a medium can fold."""

    summary: str
    sections: "Sequence[Section]"


Section = Heading | Table | Notes | Bars | Figure | Folded


def cell_text(cell: Cell) -> EstimateText:
    """A cell in words: what it says, and its interval or detail."""
    if isinstance(cell, str):
        return EstimateText(cell, "")
    if isinstance(cell, VerdictMark):
        return EstimateText(cell.word, "")
    if isinstance(cell, Words):
        return EstimateText(cell.text, cell.detail)
    return cell.text


def table_of(
    title: str, corner: str, columns: Sequence[str], rows: Sequence[Row], mark: str | None = None
) -> Table:
    """A table of one group of rows."""
    return Table(columns, [rows], corner, title, mark)


def without_empty(sections: Sequence[Section]) -> list[Section]:
    """The sections that have something to show."""
    return [
        section
        for section in sections
        if not (isinstance(section, Table) and not section.rows)
        and not (isinstance(section, Notes) and not section.lines)
    ]
