"""The tab for a pilot's log: drop it, see what it says of the scenario, and accept that."""

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from simulator.app import session
from simulator.app.components import report_downloads, show_sections
from simulator.app.escaping import plain
from simulator.errors import OptionError
from simulator.formats.logs.errors import LogError
from simulator.scenario.read.errors import ScenarioError
from simulator.studies.calibrate.calibrate import calibrate
from simulator.studies.calibrate.report import CalibrateReport
from simulator.studies.calibrate.study import CalibrateStudy, zone_name

_MOST_MB = 200
_KINDS = ["jsonl", "json", "csv", "parquet", "gz", "log", "ndjson", "txt"]


def pilot_log(use: Callable[[str, str], None]) -> None:
    """Measure logs and offer what they say.

    Parameters
    ----------
    use : takes the name and the text of the scenario that was accepted
    """
    current = session.current()
    if current is None:
        return
    files = st.file_uploader(
        "Logs of requests",
        type=_KINDS,
        accept_multiple_files=True,
        max_upload_size=_MOST_MB,
        help="Of LiteLLM, OpenTelemetry, Langfuse, Bedrock and others, as they export them; with or without gzip.",
    )
    with st.container(horizontal=True):
        columns = st.text_input(
            "Columns",
            placeholder="recognised",
            help="Of a log of no known tool: time=ts:ms,input=prompt_tokens",
        )
        zone = st.text_input(
            "Time zone", placeholder="the region's", help="Of stamps that have none, e.g. Europe/Berlin"
        )
    if not files:
        st.caption(
            "Only times, tokens, models, status and cost are read; ids are hashed. No prompt or answer is looked at."
        )
        return
    report = _measured(current, files, columns.strip() or None, zone.strip() or None)
    if report is None:
        return
    show_sections(report.sections(), f"log {current.key}")
    report_downloads("calibration", report)
    if report.changes and st.button("Use what was measured", type="primary", icon=":material/check:"):
        use(f"{current.name} (measured)", report.text)


def _measured(
    current: session.Current, files: Sequence[Any], columns: str | None, zone: str | None
) -> CalibrateReport | None:
    """What the logs say; what is wrong with them is shown, and None returned."""
    with tempfile.TemporaryDirectory() as folder, st.spinner("Reading"):
        paths = []
        for number, file in enumerate(files):
            path = Path(folder) / str(number) / Path(file.name).name
            path.parent.mkdir()
            path.write_bytes(file.getvalue())
            paths.append(path)
        try:
            timezone = None if zone is None else zone_name(zone)
            study = CalibrateStudy(logs=tuple(paths), columns=columns, timezone=timezone, dry_run=True)
            loaded = session.checked(current.text, f"{current.name}.yaml", ())
            return calibrate(loaded, study, current.text)
        except (LogError, OptionError, ScenarioError, ValueError) as error:
            st.error(plain(str(error).replace(folder, "")))
            return None
