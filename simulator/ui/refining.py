"""A what-if from more pairs, beside the page: the first answer is there at once, the better one takes its place."""

import threading

import streamlit as st

from simulator.engine import Progress
from simulator.planning.what_if import Variant
from simulator.reporting.document import JsonObject
from simulator.reporting.what_if_job import refine_job
from simulator.ui import session
from simulator.ui.parts import progress_of
from simulator.ui.sides import Side, quick_trial
from simulator.ui.words import plain

N_PAIRS = 24
_POLL_S = 0.5


def refined_answer(side: Side, variant: Variant, quick: JsonObject, *, is_wanted: bool) -> JsonObject:
    """The answer from more pairs if it is there, else the quick one while the other is being made."""
    if not is_wanted:
        return quick
    key = _key(side, variant)
    found = session.find(key)
    if found is not None:
        st.caption(plain(f"Refined since: {found['pairs']} pairs, so that the intervals are narrower."))
        return found
    job = session.job()
    is_ours = job is not None and job.key == key
    if not is_ours and not session.is_busy():
        _start(side, variant, key)
        is_ours = True
    if is_ours:
        _watched(key)
    return quick


def leave_what_was_refined(side: Side, variant: Variant) -> None:
    """End the refinement of another variant, so that this one has the machine for itself."""
    job = session.job()
    if job is not None and job.is_quiet and job.key != _key(side, variant):
        session.drop(job)


def _key(side: Side, variant: Variant) -> str:
    return f"refined:{side.key}:{variant.demand_factor}:{'|'.join(variant.overrides)}"


def _start(side: Side, variant: Variant, key: str) -> None:
    base, head, loaded = quick_trial(side), quick_trial(side, variant), side.loaded

    def work(progress: Progress, cancel: threading.Event) -> JsonObject:
        return refine_job(loaded, base, head, variant, N_PAIRS, progress, cancel)

    session.start("Refining", key, work, is_quiet=True)


@st.fragment(run_every=_POLL_S)
def _watched(key: str) -> None:
    job = session.job()
    if job is None or job.key != key:
        return
    if not job.ended.is_set():
        with st.container(horizontal=True, vertical_alignment="center"):
            progress_of(job)
    elif job.state == "done":
        session.take(job)
        st.rerun()
    elif job.state == "failed":
        st.caption(plain(f"It could not be refined: {job.message}"))
    else:
        st.caption("Not refined: it was cancelled. The quick answer stands.")
