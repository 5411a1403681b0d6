"""What pages are made of: their head, the job that is at work, figures, tables and downloads."""

from collections.abc import Callable, Sequence
from typing import Literal

import pandas as pd
import streamlit as st
from plotly.graph_objects import Figure

from simulator.app import session
from simulator.app.escaping import color_of, icon_of, plain
from simulator.app.jobs import Job
from simulator.render.dataframe import frame as table_frame
from simulator.render.numbers import EstimateText
from simulator.render.plotly_config import PLOTLY_CONFIG, harmless
from simulator.render.sections import Figure as FigureSection
from simulator.render.sections import Folded, Heading, Notes, Section, Table, cell_text, without_empty
from simulator.studies.report import Shown

_POLL_S = 0.5
_TEXT, _TEXT_ON_DARK = "#14202b", "#e6edf3"
_LEGEND_BELOW_PX, _USUAL_HEIGHT_PX = 120.0, 450.0
_FIGURE_WIDTH_PX = 390  # two fit beside each other into a window of 1280 pixels
_MARGIN = {"t": 30, "l": 10, "r": 10, "b": 10}


def head(title: str, answers: str) -> None:
    """Title, and one line that says what the page answers."""
    st.title(title, anchor=False)
    st.caption(answers)


def job_strip() -> None:
    """The user's job: progress and Cancel while it is at work; a word on how it ended."""
    found = session.job()
    if found is None:
        return
    if found.ended.is_set():
        session.take(found)
    if found.is_quiet:
        return
    if not found.ended.is_set():
        _polled_strip()
        return
    if found.state == "failed":
        st.error(plain(f"{found.label} failed: {found.message}"), icon=":material/error:")
    elif found.state == "cancelled":
        kept = "what was finished is shown" if found.document is not None else "nothing was finished"
        st.warning(plain(f"{found.label} was cancelled: {kept}."), icon=":material/cancel:")


@st.fragment(run_every=_POLL_S)
def _polled_strip() -> None:
    found = session.job()
    if found is None:
        return
    if found.ended.is_set():
        st.rerun()
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        progress_of(found)


def progress_of(found: Job) -> None:
    """How far a job is, and a button that ends it."""
    if found.state == "waiting":
        text, share = "waiting for a free place", 0.0
    else:
        share = min(1.0, found.done / found.total) if found.total else 0.0
        text = (
            f"{found.step} ({int(found.done)} of {found.total})" if found.total else found.step or "starting"
        )
    st.progress(share, text=plain(f"{found.label}: {text}"))
    is_off = found.cancelled.is_set()
    if st.button("Cancel", key="cancel_job", icon=":material/stop_circle:", disabled=is_off):
        found.cancel()


def show_tabs(key: str, **shown: Callable[[], None]) -> None:
    """Tabs, of which only the open one is made; which it is stands in the link.

    Parameters
    ----------
    key : also the query parameter
    shown : what each tab shows, by its name with `_` for spaces
    """
    names = [name.replace("_", " ") for name in shown]
    for tab, show in zip(st.tabs(names, key=key, bind="query-params"), shown.values(), strict=True):
        if tab.open:
            with tab:
                show()


def start_button(label: str, key: str, *, is_first: bool) -> bool:
    """A button that starts a job; it is off while one is at work."""
    return st.button(
        label,
        key=key,
        type="primary" if is_first else "secondary",
        icon=":material/play_arrow:",
        disabled=session.is_busy(),
    )


def chart(figure: Figure, key: str, alt: str) -> None:
    """A figure in the colours of the theme; names in it are no markup."""
    shown = harmless(figure)
    margin = _MARGIN | shown.layout.margin.to_plotly_json()
    legend_y = -min(0.3, _LEGEND_BELOW_PX / (shown.layout.height or _USUAL_HEIGHT_PX))
    shown.update_layout(
        title=None, legend={"orientation": "h", "y": legend_y, "x": 0.0, "title": None}, margin=margin
    )
    is_dark = st.context.theme.type == "dark"
    text = {"textfont": {"color": _TEXT_ON_DARK if is_dark else _TEXT, "size": 11}}
    shown.update_traces(text, selector={"type": "sankey"})  # streamlit's own is too pale on the edges
    st.plotly_chart(shown, key=key, config=PLOTLY_CONFIG, alt=alt)


def table(frame: pd.DataFrame) -> None:
    """A table as high as its rows, up to a screen of them."""
    st.dataframe(frame, hide_index=True, height="content" if len(frame) <= 15 else 560)


def file_button(
    label: str, data: bytes | Callable[[], str | bytes], name: str, mime: str, icon: str = "download"
) -> None:
    """A button that saves a file; the page does not run again for it. What is callable is made when it is pressed."""
    st.download_button(
        label, data, name, mime, key=f"file {name}", on_click="ignore", icon=f":material/{icon}:"
    )


def report_downloads(stem: str, report: Shown, table: Table | None = None) -> None:
    """Buttons for a report: its JSON, a table, its page.

    Parameters
    ----------
    stem : names the files
    table : None: that of the report's frame
    """

    def csv() -> str:
        found = report.to_frame() if table is None else table_frame(table)
        return found.to_csv(index=False)

    with st.container(horizontal=True):
        file_button("Data (JSON)", lambda: report.to_json(indent=1), f"{stem}.json", "application/json")
        file_button("Table (CSV)", csv, f"{stem}.csv", "text/csv")
        file_button("Report (HTML)", report.to_html, f"{stem}.html", "text/html", "description")


def show_sections(sections: Sequence[Section], key: str) -> None:
    """Sections of a report.

    Parameters
    ----------
    key : tells figures of several reports on a page apart
    """
    for place, section in enumerate(without_empty(sections)):
        if isinstance(section, Table):
            _section_table(section)
        elif isinstance(section, FigureSection):
            st.markdown(f"**{plain(section.title)}**")
            chart(section.draw(), f"{key} {place}", section.alt or section.title)
        elif isinstance(section, Notes):
            _section_notes(section)
        elif isinstance(section, Folded):
            with st.expander(plain(section.summary)):
                show_sections(section.sections, f"{key} {place}")
        elif isinstance(section, Heading):
            with st.container(horizontal=True, vertical_alignment="center"):
                if section.mark is not None:
                    st.badge(section.mark, color=color_of(section.mark), icon=icon_of(section.mark))
                st.markdown(f"**{plain(section.text)}** {plain(section.remark)}")


def _section_table(section: Table) -> None:
    if section.title:
        st.markdown(f"**{plain(section.title)}**")
    names = [section.corner, *section.columns]
    rows = [
        [row.label, *(" ".join(filter(None, cell_text(cell))) for cell in row.cells)] for row in section.rows
    ]
    table(pd.DataFrame(rows, columns=names))


def _section_notes(section: Notes) -> None:
    if section.kind == "footer":
        st.caption(plain(" · ".join(section.lines)))
        return
    for line in section.lines:
        if section.kind == "warning":
            st.warning(plain(line), icon=":material/warning:")
        elif section.kind == "text":
            st.markdown(plain(line))
        else:
            st.markdown(f"- {plain(line)}")


def missing(text: str, snippet: str) -> None:
    """What a page has nothing to show of, and what to add to the scenario so that it has."""
    st.info(f"{text.rstrip(':')}, on the page Scenario:", icon=":material/add_notes:")
    st.code(snippet, language="yaml")


def figures_row(*shown: tuple[str, Figure, str]) -> None:
    """Figures in frames with their titles, as many beside each other as there is room for: (title, figure, key)."""
    width: int | Literal["stretch"] = _FIGURE_WIDTH_PX if len(shown) > 1 else "stretch"
    with st.container(horizontal=True):
        for title, figure, key in shown:
            with st.container(border=True, width=width, height="stretch"):
                st.markdown(f"**{plain(title)}**")
                chart(figure, key, title)


def metrics_row(*shown: tuple[str, EstimateText, str]) -> None:
    """Numbers in a row, each with its interval: (label, text, help)."""
    with st.container(horizontal=True):  # what has no room goes to the next line
        for label, text, help_ in shown:
            st.metric(
                plain(label),
                text.value,
                text.interval or None,
                delta_color="off",
                delta_arrow="off",
                help=help_ or None,
                border=True,
            )
