"""One stored run: its verdicts, its manifest, and whether it comes out the same again."""

from pathlib import Path

import pandas as pd
import streamlit as st

from simulator.app import session
from simulator.app.bundled import scenario_folder
from simulator.app.components import chart, downloads, start_button, table
from simulator.app.stored import Listed
from simulator.engine import Runner
from simulator.metrics.registry import label_of
from simulator.render.figures import run_figure
from simulator.render.frames import run_frame
from simulator.render.numbers import estimate, quantity, unit_of
from simulator.studies.run.document import JsonObject
from simulator.studies.verify.study import verify_job
from simulator.studies.verify.tables import verify_lines


def show_run(listed: Listed) -> None:
    """Show a run."""
    summary = dict(listed.summary)
    key = f"verify:{listed.run.key}"
    verified = session.find(key)
    if start_button("Reproduce again" if verified else "Reproduce", "verify", is_first=False):
        _start(listed.run.folder, key, listed.run.key)
        st.rerun()
    if verified is not None:
        _outcome(verified)
    chart(run_figure(summary), "run_figure", "Latency by workload and region, with 95 % intervals")
    if summary["verdicts"]:
        table(_verdicts(summary))
    with st.expander("Manifest: what it was made of, when, and with which versions"):
        manifest = {name: value for name, value in listed.run.manifest.items() if name != "scenario"}
        st.json(manifest, expanded=1)
    with st.expander("The scenario that was simulated"):
        st.json(listed.run.manifest["scenario"], expanded=1)
    downloads(
        f"run-{listed.run.key[:12]}",
        summary,
        run_frame(summary),
        lambda: {"Latency by workload and region": run_figure(summary)},
    )


def _start(folder: Path, key: str, name: str) -> None:
    base_dir = scenario_folder()

    def work(runner: Runner) -> JsonObject:
        return verify_job(folder, runner.at(base_dir))

    session.start(f"Reproducing run {name[:12]}", key, work)


def _outcome(document: JsonObject) -> None:
    show = st.success if document["identical"] else st.error
    if document["interrupted"]:
        show = st.warning
    lines = verify_lines(document)
    show("Identical, bit for bit." if document["identical"] else "It does not come out the same.")
    if len(lines) > 1:
        st.code("\n".join(lines), language=None, wrap_lines=True)


def _verdicts(summary: JsonObject) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "objective": verdict["slo"],
                "measure": label_of(verdict["metric"]),
                "asked": f"{verdict['op']} {quantity(verdict['limit'], unit_of(verdict['metric']))}",
                "measured": estimate(verdict, unit_of(verdict["metric"])).line,
                "verdict": verdict["verdict"],
            }
            for verdict in summary["verdicts"]
        ]
    )
