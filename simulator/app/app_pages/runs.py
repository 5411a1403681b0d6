"""Sweeps and stored runs: define a sweep, watch and explore it; look at runs, compare two, reproduce one."""

import pandas as pd
import streamlit as st

from simulator.app import session
from simulator.app.bundled import run_folder
from simulator.app.components import (
    chart,
    head,
    report_downloads,
    show_sections,
    show_tabs,
    start_button,
    table,
)
from simulator.app.escaping import plain
from simulator.app.stored import Listed, find_sweep, listed_runs, sweeps
from simulator.app.tabs.run_pair import show_comparison
from simulator.app.tabs.run_sheet import show_run
from simulator.app.tabs.sweep_form import sweep_form
from simulator.render.numbers import estimate
from simulator.results.store.stored_run import StoreError
from simulator.studies.common.verdicts.criterion_text import FULL_EXPOSURE
from simulator.studies.run.study import RunStudy
from simulator.studies.sweep.folder import SweepRecord
from simulator.studies.sweep.heat_map import heat_map
from simulator.studies.sweep.report import SweepReport
from simulator.studies.sweep.sweep import read_sweep
from simulator.studies.sweep.view import ALL_POINTS, figures


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
    report = session.find_report(asked.key, SweepReport)
    if start_button("Run it again" if report else "Run the sweep", "sweep", is_first=report is None):
        session.start_study(f"Sweep of {current.name}", asked.key, asked.study, current.loaded)
        st.rerun()
    if report is not None:
        _explore(report)


def _explore(report: SweepReport) -> None:
    """The figures and the table of a sweep; of one that was cancelled, of the points that were finished."""
    if not report.points:
        st.warning("No point was finished.")
        return
    st.caption(
        plain(
            f"{len(report.points)} of {report.n_points} points, {report.n_reused} of them known from before; "
            f"kept in the store as {report.folder.name}. Intervals are 95 %."
        )
    )
    for figure in figures(report):
        if figure.title != ALL_POINTS:  # the table below has them
            with st.container(border=True):
                show_sections([figure], f"sweep {figure.title}")
    _heat(report)
    frame = report.to_frame()
    goals = [goal.response for goal in report.goals if goal.response in report.responses]
    first = ["point", *report.paths, *goals, "verdict"]
    table(frame[[*first, *(name for name in report.responses if name not in goals), "is_pareto"]])
    report_downloads(report.folder.name, report)


def _heat(report: SweepReport) -> None:
    known = [
        name for name in report.responses if any(point.value(name) is not None for point in report.points)
    ]
    first = next((goal.response for goal in report.goals if goal.response in known), known[0])
    if heat_map(report, first) is None:
        return
    with st.container(border=True):
        response = st.selectbox("Heat map of", known, known.index(first), key="heat")
        found = heat_map(report, response)
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
        report = read_sweep(find_sweep(name), dict(known)[name])
    except StoreError as error:
        st.error(plain(str(error)))
        return
    _explore(report)


def _sweep_label(name: str, record: SweepRecord) -> str:
    varied = ", ".join(factor.path for factor in record.factors)
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
            study = RunStudy(stage, replications=replications, out=run_folder())
            key = f"run:{current.key}:{stage}:{replications}"
            session.start_study(f"Run of {current.name}", key, study, current.loaded)
            st.rerun()


def _rows(runs: list[Listed]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "run": run.run.key[:12],
                "created": run.run.manifest.created[:16].replace("T", " "),
                "scenario": run.report.scenario,
                "stage": run.report.stage or FULL_EXPOSURE,
                "p95 latency": estimate(run.report.metrics.latency.p95, "time").line,
                "success": estimate(run.report.metrics.success_rate, "share").line,
                "per successful action": estimate(
                    run.report.metrics.cost_per_successful_action, "money"
                ).line,
                "replications": run.report.replications,
                "from": run.source,
            }
            for run in runs
        ]
    )


def _compare() -> None:
    show_comparison(listed_runs()[0])
