"""Sweeps and stored runs: define a sweep, watch and explore it; look at runs, compare two, reproduce one."""

from pathlib import Path

import pandas as pd
import streamlit as st

from simulator.app import session
from simulator.app.bundled import run_folder
from simulator.app.components import chart, downloads, head, show_tabs, start_button, table
from simulator.app.escaping import plain
from simulator.app.stored import Listed, find_sweep, listed_runs, sweeps
from simulator.app.tabs.run_pair import show_comparison
from simulator.app.tabs.run_sheet import show_run
from simulator.app.tabs.sweep_form import Asked, sweep_form
from simulator.engine import Runner
from simulator.render.numbers import estimate
from simulator.results.store.stored_run import StoreError
from simulator.results.store.sweep_folder import SweepRecord, read_record
from simulator.studies.run.document import JsonObject
from simulator.studies.run.study import RunRequest, run_job
from simulator.studies.sweep.heat_map import heat_map
from simulator.studies.sweep.response_table import goals_of
from simulator.studies.sweep.sweep_job import reread, sweep_job
from simulator.studies.sweep.sweep_page import PAGE, sweep_figures


def render() -> None:
    """Show the page."""
    head(
        "Sweeps and runs",
        "What if many things were different, what was simulated before, and does it still hold?",
    )
    show_tabs("runs", Sweep=_sweep, Past_sweeps=_past, Runs=_runs, Compare=_compare)


def _sweep() -> None:
    current = session.current()
    if current is None:
        return
    asked = sweep_form(current)
    if asked is None:
        return
    document = session.find(asked.key)
    if start_button("Run it again" if document else "Run the sweep", "sweep", is_first=document is None):
        _start(current, asked)
        st.rerun()
    if document is not None:
        _explore(asked.request.out, document)


def _start(current: session.Current, asked: Asked) -> None:
    loaded = current.loaded

    def work(runner: Runner) -> JsonObject:
        asked.request.out.mkdir(parents=True, exist_ok=True)
        return sweep_job(loaded, asked.request, runner)

    session.start(f"Sweep of {current.name}", asked.key, work)


def _explore(folder: Path, document: JsonObject) -> None:
    """The figures and the table of a sweep; of one that was cancelled, of the points that were finished."""
    record = read_record(folder)
    if record is None:
        st.error("The sweep is no longer in the store: run it again.")
        return
    points, sensitivity = pd.DataFrame(document["points"]), pd.DataFrame(document["sensitivity"])
    if points.empty:
        st.warning("No point was finished.")
        return
    st.caption(
        plain(
            f"{len(points)} of {document['n_points']} points, {document['n_reused']} of them known from before; "
            f"kept in the store as {folder.name}. Intervals are 95 %."
        )
    )
    figures = sweep_figures(record, points, sensitivity)
    del figures["Points"]
    for title, figure in figures.items():
        with st.container(border=True):
            st.markdown(f"**{plain(title)}**")
            chart(figure, f"sweep {title}", title)
    _heat(record, points)
    goals = [goal.response for goal in goals_of(record) if goal.response in points]
    left_out = ("key", *goals)
    others = [name for name in map(str, points) if not name.endswith((".low", ".high"))]
    n_first = 2 + len(record.factors)  # the number of the point, its key, what was varied
    table(
        points[
            [name for name in others[:n_first] if name not in left_out]
            + goals
            + [name for name in others[n_first:] if name not in left_out]
        ]
    )
    page = folder / PAGE
    downloads(
        folder.name,
        document,
        points,
        lambda: figures,
        page=(lambda: page.read_text(encoding="utf-8")) if page.is_file() else None,
    )


def _heat(record: SweepRecord, points: pd.DataFrame) -> None:
    paths = [factor["path"] for factor in record.factors]
    known = [name for name in map(str, points) if f"{name}.low" in points and points[name].notna().any()]
    first = [goal.response for goal in goals_of(record) if goal.response in known]
    if heat_map(points, paths, known[0]) is None:
        return
    with st.container(border=True):
        response = st.selectbox("Heat map of", known, known.index(first[0]) if first else 0, key="heat")
        found = heat_map(points, paths, response)
        if found is not None:
            chart(found, "heat_map", f"{response} at every pair of values")


def _past() -> None:
    known = sweeps()
    if not known:
        st.info("No sweep is kept yet: run one in the tab Sweep.", icon=":material/grid_on:")
        return
    labels = {name: _sweep_label(name, record) for name, record in known}
    name = st.selectbox("Sweep", list(labels), format_func=labels.__getitem__, key="past sweep")
    try:
        folder = find_sweep(name)
        document = reread(folder, dict(known)[name])
    except StoreError as error:
        st.error(plain(str(error)))
        return
    _explore(folder, document)


def _sweep_label(name: str, record: SweepRecord) -> str:
    varied = ", ".join(factor["path"] for factor in record.factors)
    return f"{record.scenario}: {varied}, {len(record.points)} points ({name})"


def _runs() -> None:
    current = session.current()
    if current is not None:
        _keep_form(current)
    runs, problems = listed_runs()
    for problem in problems[:5]:
        st.warning(plain(problem), icon=":material/warning:")
    if not runs:
        st.info(f"The store {plain(str(run_folder()))} holds no run yet.", icon=":material/inventory_2:")
        return
    table(_rows(runs))
    labels = {run.run.key: run.label for run in runs}
    key = st.selectbox("Look at", list(labels), format_func=labels.__getitem__, key="run")
    show_run(next(run for run in runs if run.run.key == key))


def _keep_form(current: session.Current) -> None:
    stages = [stage.name for stage in current.loaded.scenario.stages]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        stage = st.selectbox("At the peak of", stages, len(stages) - 1, key="run stage") if stages else None
        replications = int(st.number_input("Replications", 2, 50, 5, key="run replications"))
        if start_button("Simulate and keep", "keep", is_first=False):
            loaded, folder = current.loaded, run_folder()

            def work(runner: Runner) -> JsonObject:
                folder.mkdir(parents=True, exist_ok=True)
                request = RunRequest(stage, replications, folder)
                return {"interrupted": False} | run_job(loaded, request, runner)

            session.start(f"Run of {current.name}", f"run:{current.key}:{stage}:{replications}", work)
            st.rerun()


def _rows(runs: list[Listed]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "run": run.run.key[:12],
                "created": str(run.run.manifest["created"])[:16].replace("T", " "),
                "scenario": run.summary["scenario"],
                "stage": run.summary["stage"] or "full exposure",
                "p95 latency": estimate(run.summary["metrics"]["latency_s"]["p95"], "time").line,
                "success": estimate(run.summary["metrics"]["success_rate"], "share").line,
                "per successful action": estimate(
                    run.summary["metrics"]["cost_per_successful_action"], "money"
                ).line,
                "replications": run.summary["replications"],
                "from": run.source,
            }
            for run in runs
        ]
    )


def _compare() -> None:
    show_comparison(listed_runs()[0])
