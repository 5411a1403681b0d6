"""Two stored runs: what is worse or better in the second, on the same users with the same luck."""

from collections.abc import Sequence

import streamlit as st

from simulator.app import session
from simulator.app.bundled import scenario_folder
from simulator.app.components import report_downloads, show_sections, start_button
from simulator.app.escaping import color_of, icon_of
from simulator.app.stored import Listed
from simulator.engine import Runner
from simulator.studies.compare.compare import compare
from simulator.studies.compare.comparison_sides import side_of_run
from simulator.studies.compare.report import CompareReport
from simulator.studies.compare.study import CompareStudy


def show_comparison(runs: Sequence[Listed]) -> None:
    """Let the user choose two runs, and show what changed between them."""
    if len(runs) < 2:
        st.info(
            "Two runs are needed: keep some in the tab Runs, or run a sweep.",
            icon=":material/compare_arrows:",
        )
        return
    labels = {run.run.key: run.label for run in runs}
    first, second = st.columns(2)
    base = first.selectbox("Base", list(labels), 1, format_func=labels.__getitem__, key="base")
    head = second.selectbox("Compared with it", list(labels), 0, format_func=labels.__getitem__, key="head")
    if base == head:
        st.caption("Choose two different runs.")
        return
    key = f"compare:{base}:{head}"
    report = session.find_report(key, CompareReport)
    if start_button("Compare again" if report is not None else "Compare", "compare", is_first=report is None):
        by_key = {run.run.key: run for run in runs}
        _start(by_key[base], by_key[head], key)
        st.rerun()
    if report is None:
        st.caption("Both are simulated again with more replications, until every difference is decided.")
        return
    st.badge(report.verdict or "", color=color_of(report.verdict), icon=icon_of(report.verdict))
    show_sections(report.sections(), key)
    report_downloads("compare", report)


def _start(base: Listed, head: Listed, key: str) -> None:
    folder = scenario_folder()

    def work(runner: Runner) -> CompareReport:
        sides = [side_of_run(listed.run, folder) for listed in (base, head)]
        study = CompareStudy(base=base.run.folder, replications=6, budget=24)
        return compare(sides[0], sides[1], study, runner)

    session.start(f"{head.run.key[:12]} against {base.run.key[:12]}", key, work)
