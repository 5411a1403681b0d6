"""What pages that are sent to somebody are made of. They need no network, and print well."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape

import pandas as pd
from plotly.graph_objects import Figure
from plotly.io import to_html

from simulator.render.plotly_config import PLOTLY_CONFIG
from simulator.render.terminal_tables import Document

_STYLE = """
body{font:15px/1.5 system-ui,sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem;color:#0f172a}
h1{font-size:1.6rem;margin-bottom:.2rem}h2{font-size:1.2rem;margin-top:2.2rem;break-after:avoid}
table{border-collapse:collapse;width:100%;margin:.8rem 0}td,th{padding:.35rem .6rem;border-bottom:1px solid #cbd5e1}
th{text-align:left}td.number,th.number{text-align:right}td.number,td:nth-child(2){white-space:nowrap}.quiet{color:#475569}.figure{break-inside:avoid}
.verdict{font-weight:600}.go{color:#0f766e}.no-go{color:#b91c1c}.undecided{color:#92400e}
.scroll{overflow-x:auto}
@media print{body{margin:0;max-width:none;font-size:12px}.scroll{overflow:visible}td,th{padding:.2rem .35rem}}
"""


def html_page(title: str, parts: Iterable[str]) -> str:
    """A page of parts that are HTML already; the title is not."""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body>"
        + "".join(parts)
        + "</body></html>\n"
    )


def html_figures(figures: Mapping[str, Figure]) -> list[str]:
    """Figures by title; the first brings plotly with it."""
    return [
        f'<div class="figure"><h2>{escape(title)}</h2>'
        f"{to_html(figure, full_html=False, include_plotlyjs=place == 0, config=PLOTLY_CONFIG)}</div>"
        for place, (title, figure) in enumerate(figures.items())
    ]


def html_table(headers: Sequence[tuple[str, bool]], rows: Sequence[Sequence[str]]) -> str:
    """A table of cells that are HTML already; a header, which is not, says whether its column holds numbers."""
    classes = [' class="number"' if is_number else "" for _, is_number in headers]
    head = "".join(f"<th{kind}>{escape(text)}</th>" for (text, _), kind in zip(headers, classes, strict=True))
    body = "".join(
        "<tr>" + "".join(f"<td{kind}>{cell}</td>" for cell, kind in zip(row, classes, strict=True)) + "</tr>"
        for row in rows
    )
    return f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def report_page(
    title: str, figures: Mapping[str, Figure], tables: Mapping[str, pd.DataFrame], document: Document
) -> str:
    """A page of figures and tables by title, and where their numbers are from."""
    parts = [f"<h1>{escape(title)}</h1>", *html_figures(figures)]
    for name, frame in tables.items():
        headers = [(str(column), pd.api.types.is_numeric_dtype(frame[column])) for column in frame.columns]
        rows = [[escape(_cell(cell)) for cell in row] for row in frame.itertuples(index=False)]
        parts += [f"<h2>{escape(name)}</h2>", html_table(headers, rows)]
    lines = [
        f"{words} {document[key]}"
        for key, words in (
            ("scenario", "scenario"),
            ("scenario_hash", "scenario hash"),
            ("stage", "stage"),
            ("engine_version", "engine"),
            ("seed", "first seed"),
        )
        if document.get(key) is not None
    ]
    parts += [
        "<h2>Where the numbers are from</h2>",
        "<ul>" + "".join(f"<li>{escape(line)}</li>" for line in [*lines, "intervals are 95 %"]) + "</ul>",
    ]
    return html_page(title, parts)


def _cell(value: object) -> str:
    if isinstance(value, float):
        return "" if value != value else f"{value:.6g}"  # NaN is unlike itself
    return "" if value is None else str(value)
