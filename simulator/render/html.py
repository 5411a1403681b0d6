"""Sections as a page that is sent to somebody. It needs no network, and prints well."""

from collections.abc import Iterable, Sequence
from html import escape

from plotly.io import to_html

from simulator.render.bars import bars_text
from simulator.render.plotly_config import PLOTLY_CONFIG, harmless
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
from simulator.render.sections import (
    Figure as FigureSection,
)

_STYLE = """
body{font:15px/1.5 system-ui,sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem;color:#0f172a}
h1{font-size:1.6rem;margin-bottom:.2rem}h2{font-size:1.2rem;margin-top:2.2rem;break-after:avoid}
table{border-collapse:collapse;width:100%;margin:.8rem 0}td,th{padding:.35rem .6rem;border-bottom:1px solid #cbd5e1}
th{text-align:left}td.number,th.number{text-align:right}td.number,td:nth-child(2){white-space:nowrap}.quiet{color:#475569}.figure{break-inside:avoid}
.bars{font-family:monospace;white-space:nowrap}.verdict,.strong{font-weight:600}.go{color:#0f766e}.no-go{color:#b91c1c}.undecided{color:#92400e}
.scroll{overflow-x:auto}
@media print{body{margin:0;max-width:none;font-size:12px}.scroll{overflow:visible}td,th{padding:.2rem .35rem}}
"""


_N_BARS = 90  # that fit across a page
_WORDS = {"PASS": "go", "GO": "go", "FAIL": "no-go", "NO-GO": "no-go"}


def page(title: str, sections: Sequence[Section]) -> str:
    """A page of sections."""
    return html_page(title, [_part(section, _first_figure(sections)) for section in without_empty(sections)])


def fragment(sections: Sequence[Section]) -> str:
    """Sections without a page around them and without figures, as a notebook shows them."""
    return "".join(
        _part(section, None) for section in without_empty(sections) if not isinstance(section, FigureSection)
    )


def _first_figure(sections: Sequence[Section]) -> FigureSection | None:
    """The figure that brings plotly with it."""
    for section in sections:
        if isinstance(section, FigureSection):
            return section
        if isinstance(section, Folded) and (found := _first_figure(section.sections)):
            return found
    return None


def _part(section: Section, first_figure: FigureSection | None) -> str:
    if isinstance(section, FigureSection):
        return _figure(section, with_plotly=section is first_figure)
    if isinstance(section, Folded):
        inner = "".join(_part(one, first_figure) for one in without_empty(section.sections))
        return f"<details><summary>{escape(section.summary)}</summary>{inner}</details>"
    return _drawn(section)


def _drawn(section: Heading | Table | Notes | Bars) -> str:
    if isinstance(section, Heading):
        mark = "" if section.mark is None else f": {_mark(section.mark)}"
        remark = f'<p class="quiet">{escape(section.remark)}</p>' if section.remark else ""
        return f"<h1>{escape(section.text)}{mark}</h1>{remark}"
    if isinstance(section, Table):
        return _table(section)
    if isinstance(section, Notes):
        return _notes(section)
    rows = [
        [escape(label), f'<span class="bars">{bars_text(shares, marks, _N_BARS)}</span>']
        for label, shares, marks in section.lines
    ]
    return f"<h2>{escape(section.title)}</h2>" + html_table([("", False), ("", False)], rows)


def _table(table: Table) -> str:
    numeric = [table.is_numeric(column) for column in range(len(table.columns))]
    headers = [(table.corner, False), *zip(table.columns, numeric, strict=True)]
    rows = [[escape(row.label), *(_cell(cell) for cell in row.cells)] for row in table.rows]
    mark = "" if table.mark is None else f" {_mark(table.mark)}"
    title = f"<h2>{escape(table.title)}{mark}</h2>" if table.title or mark else ""
    return title + html_table(headers, rows)


def _cell(cell: Cell) -> str:
    if isinstance(cell, VerdictMark):
        return _mark(cell.word)
    text = escape(" ".join(filter(None, cell_text(cell))))
    if isinstance(cell, Words) and cell.emphasis is not None:
        return f'<span class="{cell.emphasis}">{text}</span>'
    return text


def _mark(word: str) -> str:
    return f'<span class="verdict {_WORDS.get(word, "undecided")}">{escape(word)}</span>'


def _notes(notes: Notes) -> str:
    title = f"<h2>{escape(notes.title)}</h2>" if notes.title else ""
    if notes.kind == "text":
        return title + "".join(f"<p>{escape(line)}</p>" for line in notes.lines)
    kind = ' class="quiet"' if notes.kind == "footer" else ""
    return f"{title}<ul{kind}>" + "".join(f"<li>{escape(line)}</li>" for line in notes.lines) + "</ul>"


def _figure(figure: FigureSection, *, with_plotly: bool) -> str:
    drawn = to_html(
        harmless(figure.draw()), full_html=False, include_plotlyjs=with_plotly, config=PLOTLY_CONFIG
    )
    return f'<div class="figure"><h2>{escape(figure.title)}</h2>{drawn}</div>'


def html_page(title: str, parts: Iterable[str]) -> str:
    """A page of parts that are HTML already; the title is not."""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body>"
        + "".join(parts)
        + "</body></html>\n"
    )


def html_table(headers: Sequence[tuple[str, bool]], rows: Sequence[Sequence[str]]) -> str:
    """A table of cells that are HTML already; a header, which is not, says whether its column holds numbers."""
    classes = [' class="number"' if is_number else "" for _, is_number in headers]
    head = "".join(f"<th{kind}>{escape(text)}</th>" for (text, _), kind in zip(headers, classes, strict=True))
    body = "".join(
        "<tr>" + "".join(f"<td{kind}>{cell}</td>" for cell, kind in zip(row, classes, strict=True)) + "</tr>"
        for row in rows
    )
    return f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'
