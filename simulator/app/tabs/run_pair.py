"""Two stored runs: what is worse or better in the second, on the same users with the same luck."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from simulator.app import session
from simulator.app.bundled import scenario_folder
from simulator.app.components import chart, downloads, start_button, table
from simulator.app.escaping import color_of, icon_of
from simulator.app.stored import Listed
from simulator.engine import Runner
from simulator.render.criteria import measure_text, part_text
from simulator.render.figures import compare_figure
from simulator.studies.compare.change_text import after_text, before_text, difference_cell, relative_text
from simulator.studies.compare.compare_job import compare_job
from simulator.studies.compare.comparison_sides import side_of_run
from simulator.studies.compare.study import CompareOptions
from simulator.studies.run.document import JsonObject


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
    document = session.find(key)
    if start_button("Compare again" if document else "Compare", "compare", is_first=document is None):
        by_key = {run.run.key: run for run in runs}
        _start(by_key[base], by_key[head], key)
        st.rerun()
    if document is None:
        st.caption("Both are simulated again with more replications, until every difference is decided.")
        return
    st.badge(document["verdict"], color=color_of(document["verdict"]), icon=icon_of(document["verdict"]))
    chart(compare_figure(document), "compare_figure", "Change of every measure against the base")
    rows = _rows(document)
    table(rows)
    downloads("compare", document, rows, lambda: {"Change of every measure": compare_figure(document)})


def _start(base: Listed, head: Listed, key: str) -> None:
    folder = scenario_folder()

    def work(runner: Runner) -> JsonObject:
        arms = [side_of_run(listed.run, folder) for listed in (base, head)]
        options = CompareOptions(min_runs=6, max_runs=24)
        return compare_job(arms[0], arms[1], options, runner)

    session.start(f"{head.run.key[:12]} against {base.run.key[:12]}", key, work)


def _rows(document: JsonObject) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "measure": measure_text(entry),
                "of": part_text(entry),
                "difference": difference_cell(entry).line,
                "relative": relative_text(entry),
                "base": before_text(entry),
                "compared": after_text(entry),
                "verdict": entry.get("verdict", "told only"),
            }
            for key in ("changes", "told")
            for entry in document[key]
        ]
    )
