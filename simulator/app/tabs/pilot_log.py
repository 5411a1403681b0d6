"""The tab for a pilot's log: drop it, see what it says of the scenario, and accept that; or compare it with the forecast."""

import re
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import streamlit as st

from simulator.app import session
from simulator.app.components import report_downloads, show_sections
from simulator.app.escaping import plain
from simulator.errors import OptionError
from simulator.formats.bills.cells import BillError
from simulator.formats.logs.errors import LogError
from simulator.scenario.read.errors import ScenarioError
from simulator.studies.calibrate.calibrate import calibrate
from simulator.studies.calibrate.report import CalibrateReport
from simulator.studies.calibrate.study import CalibrateStudy, zone_name
from simulator.studies.track.actuals import read_actuals
from simulator.studies.track.report import TrackReport
from simulator.studies.track.study import TrackStudy

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
    given = columns.strip() or None, zone.strip() or None
    if current.loaded.scenario.stages:
        tracked = _tracked(current, files, *given)
        if tracked is not None:
            show_sections(tracked.sections(), f"track {current.key}")
            report_downloads("track", tracked)
            return
    report = _measured(current, files, *given)
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
    with _paths(files) as paths:
        timezone = None if zone is None else zone_name(zone)
        study = CalibrateStudy(logs=paths, columns=columns, timezone=timezone, dry_run=True)
        loaded = session.checked(current.text, f"{current.name}.yaml", ())
        return calibrate(loaded, study, current.text)
    return None


def _tracked(
    current: session.Current, files: Sequence[Any], columns: str | None, zone: str | None
) -> TrackReport | None:
    """The forecast against what came, once it was asked for."""
    names = ",".join(f"{file.name} {file.size}" for file in files)
    key = f"track:{current.key}:{names}:{columns}:{zone}"
    if st.button("Compare with the forecast", icon=":material/query_stats:", disabled=session.is_busy()):
        with _paths(files) as paths:
            came = read_actuals(
                paths,
                current.loaded.scenario,
                columns=columns,
                zone=None if zone is None else ZoneInfo(zone_name(zone)),
                workload=None,
                sampled=1.0,
            )
            session.start_study("track", key, TrackStudy(actuals=tuple(came)), current.loaded)
            st.rerun()
    return session.find_report(key, TrackReport)


@contextmanager
def _paths(files: Sequence[Any]) -> Iterator[tuple[Path, ...]]:
    """The files in a folder of their own; what is wrong with them is shown."""
    with tempfile.TemporaryDirectory() as folder, st.spinner("Reading"):
        paths = []
        for number, file in enumerate(files):
            path = Path(folder) / str(number) / Path(file.name).name
            path.parent.mkdir()
            path.write_bytes(file.getvalue())
            paths.append(path)
        try:
            yield tuple(paths)
        except (LogError, BillError, OptionError, ScenarioError, ValueError) as error:
            st.error(plain(re.sub(rf"{re.escape(folder)}/\d+/", "", str(error))))
