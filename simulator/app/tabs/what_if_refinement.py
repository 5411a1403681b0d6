"""A better answer to a what-if, made beside the page: the capacity that it would need, then the measures from more pairs.

The first answer is there at once. Turning another lever ends what is being made, so that the next one has the machine.
"""

from functools import partial

import streamlit as st

from simulator.app import session
from simulator.app.components import progress_of
from simulator.app.escaping import plain
from simulator.app.planned_stage import Side, quick_side
from simulator.engine import Cancelled, Runner
from simulator.scenario.change import ScenarioChange
from simulator.studies.report import Report
from simulator.studies.what_if.report import CapacityReport, WhatIfReport
from simulator.studies.what_if.what_if import capacity_what_if, refined_what_if

N_PAIRS = 24
_POLL_S = 0.5
_MOMENT_S = 1.0


def refined_answer(
    side: Side, variant: ScenarioChange, quick: WhatIfReport, *, is_wanted: bool
) -> WhatIfReport:
    """The best answer there is; what is missing to a better one is begun."""
    if not is_wanted:
        return quick
    found = session.find_report(_pairs_key(side, variant), WhatIfReport)
    best = quick if found is None else found
    if side.stage is not None and side.loaded.scenario.capacity.knobs:
        capacity = session.find_report(_capacity_key(side, variant), CapacityReport)
        if capacity is None:
            _make(_capacity_key(side, variant), "Searching", _search(side, side.stage, variant))
            return best
        session.results().keep(_base_key(side), capacity)
        best = best.model_copy(update={"capacity": capacity})
    if found is None:
        _make(_pairs_key(side, variant), "Refining", _refinement(side, variant))
    else:
        st.caption(plain(f"Refined since: {found.n_pairs} pairs, so that the intervals are narrower."))
    return best


def leave_what_was_refined(side: Side, variant: ScenarioChange) -> None:
    """End what is being made for another variant, so that this one has the machine for itself."""
    job = session.job()
    ours = (_capacity_key(side, variant), _pairs_key(side, variant))
    if job is not None and job.is_quiet and job.key not in ours:
        session.drop(job)


def _pairs_key(side: Side, variant: ScenarioChange) -> str:
    return f"refined:{side.key}:{variant.demand_factor}:{'|'.join(variant.overrides)}"


def _capacity_key(side: Side, variant: ScenarioChange) -> str:
    return f"needed:{side.key}:{variant.demand_factor}:{'|'.join(variant.overrides)}"


def _base_key(side: Side) -> str:
    return f"needed without:{side.key}"


def _search(side: Side, stage: str, variant: ScenarioChange) -> session.Work:
    known = session.find_report(_base_key(side), CapacityReport)  # of another variant, with the same base
    before = None if known is None else known.before
    return partial(capacity_what_if, side.loaded, stage, variant, before)


def _refinement(side: Side, variant: ScenarioChange) -> session.Work:
    sides = quick_side(side), quick_side(side, variant)
    return partial(refined_what_if, side.loaded, sides, variant, N_PAIRS)


def _make(key: str, label: str, work: session.Work) -> None:
    """Begin quiet work unless it was begun before or another job is at work, and show how it goes."""
    job = session.job()
    is_ours = job is not None and job.key == key
    if not is_ours and not session.is_busy():
        session.start(label, key, _after_a_moment(work), is_quiet=True)
        is_ours = True
    if is_ours:
        _watched(key)


def _after_a_moment(work: session.Work) -> session.Work:
    """The same work, begun when the browser has drawn the answer that is there, unless another lever was turned by then."""

    def later(runner: Runner) -> Report:
        if runner.cancel.wait(_MOMENT_S):
            raise Cancelled
        return work(runner)

    return later


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
