"""One stored run: what was measured, its manifest, and whether it comes out the same again."""

from pathlib import Path

import streamlit as st

from simulator.app import session
from simulator.app.bundled import scenario_folder
from simulator.app.components import report_downloads, show_sections, start_button
from simulator.app.stored import Listed
from simulator.engine import Runner
from simulator.studies.verify.report import VerifyReport
from simulator.studies.verify.verify import verify_run


def show_run(listed: Listed) -> None:
    """Show a run."""
    key = f"verify:{listed.run.key}"
    verified = session.find_report(key, VerifyReport)
    if start_button("Reproduce again" if verified else "Reproduce", "verify", is_first=False):
        _start(listed.run.folder, key, listed.run.key)
        st.rerun()
    if verified is not None:
        _outcome(verified)
    show_sections(listed.report.sections(), f"run {listed.run.key}")
    manifest = listed.run.manifest
    with st.expander("Manifest: what it was made of, when, and with which versions"):
        st.json(manifest.model_dump(mode="json", by_alias=True, exclude={"scenario"}), expanded=1)
    with st.expander("The scenario that was simulated"):
        st.json(dict(manifest.scenario), expanded=1)
    report_downloads(f"run-{listed.run.key[:12]}", listed.report)


def _start(folder: Path, key: str, name: str) -> None:
    base_dir = scenario_folder()

    def work(runner: Runner) -> VerifyReport:
        return verify_run(folder, runner.at(base_dir))

    session.start(f"Reproducing run {name[:12]}", key, work)


def _outcome(report: VerifyReport) -> None:
    show = st.success if report.identical else st.error
    if report.interrupted:
        show = st.warning
    show("Identical, bit for bit." if report.identical else "It does not come out the same.")
    lines = [*report.differences, *report.notes]
    if lines:
        st.code("\n".join(lines), language=None, wrap_lines=True)
