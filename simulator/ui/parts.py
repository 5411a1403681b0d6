"""What pages are made of: their head, the job that is at work, figures, tables and downloads."""

import json

import pandas as pd
import streamlit as st
from plotly.graph_objects import Figure

from simulator.reporting.document import JsonObject
from simulator.reporting.plotly_config import PLOTLY_CONFIG
from simulator.ui import session
from simulator.ui.words import plain, without_markup

_POLL_S = 0.5
_MARGIN = {"t": 40, "l": 10, "r": 10, "b": 10}


def head(title: str, answers: str) -> None:
    """Title, and one line that says what the page answers."""
    st.title(title, anchor=False)
    st.caption(answers)


def job_strip() -> None:
    """The user's job: progress and Cancel while it is at work; a word on how it ended."""
    found = session.job()
    if found is None:
        return
    if not found.ended.is_set():
        _polled_strip()
        return
    if not st.session_state.get("is_taken"):
        session.take(found)
        st.session_state["is_taken"] = True
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
        st.session_state["is_taken"] = False
        st.rerun()
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        if found.state == "waiting":
            text, share = "waiting for a free place", 0.0
        else:
            share = min(1.0, found.done / found.total) if found.total else 0.0
            text = f"{found.step} ({found.done} of {found.total})" if found.total else "starting"
        st.progress(share, text=plain(f"{found.label}: {text}"))
        if st.button(
            "Cancel", key="cancel_job", icon=":material/stop_circle:", disabled=found.cancelled.is_set()
        ):
            found.cancel()


def is_busy() -> bool:
    """Whether a job of this user is at work."""
    found = session.job()
    return found is not None and not found.ended.is_set()


def start_button(label: str, key: str, *, is_first: bool) -> bool:
    """A button that starts a job; it is off while one is at work."""
    return st.button(
        label,
        key=key,
        type="primary" if is_first else "secondary",
        icon=":material/play_arrow:",
        disabled=is_busy(),
    )


def chart(figure: Figure, key: str, alt: str) -> None:
    """A figure in the colours of the theme; names in it are no markup."""
    shown = Figure(without_markup(figure.to_dict()))
    shown.update_layout(
        title=None, legend={"orientation": "h", "y": -0.3, "x": 0.0, "title": None}, margin=_MARGIN
    )
    st.plotly_chart(shown, key=key, config=PLOTLY_CONFIG, alt=alt)


def table(frame: pd.DataFrame) -> None:
    """A table as high as its rows, up to a screen of them."""
    st.dataframe(frame, hide_index=True, height="content" if len(frame) <= 15 else 560)


def downloads(stem: str, document: JsonObject, frame: pd.DataFrame, page: str | None = None) -> None:
    """Buttons for the data, and for the report if there is one."""
    with st.container(horizontal=True):
        text = json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False)
        st.download_button(
            "Data (JSON)",
            text,
            f"{stem}.json",
            "application/json",
            key=f"{stem}_json",
            on_click="ignore",
            icon=":material/download:",
        )
        st.download_button(
            "Table (CSV)",
            frame.to_csv(index=False),
            f"{stem}.csv",
            "text/csv",
            key=f"{stem}_csv",
            on_click="ignore",
            icon=":material/download:",
        )
        if page is not None:
            st.download_button(
                "Report (HTML)",
                page,
                f"{stem}.html",
                "text/html",
                key=f"{stem}_html",
                on_click="ignore",
                icon=":material/description:",
            )
