"""Files that come with costs: made in a folder of their own, which is gone when they are read."""

import zipfile
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from simulator.studies.cost.report import CostReport
from simulator.studies.cost.study import CostStudy

WORKBOOK_NAME, FOCUS_NAME = "workbook.xlsx", "focus.zip"


def with_exports(
    study: CostStudy, ask: Callable[[CostStudy], CostReport]
) -> tuple[CostReport, dict[str, bytes]]:
    """Work out costs and also write the workbook and the FOCUS export; returns the report and the files.

    What is interrupted writes no files.
    """
    with TemporaryDirectory(prefix="rollout-app-") as name:
        workbook, focus = Path(name) / WORKBOOK_NAME, Path(name) / "focus"
        report = ask(replace(study, xlsx=workbook, focus=focus))
        if report.interrupted:
            return report, {}
        files = {WORKBOOK_NAME: workbook.read_bytes(), FOCUS_NAME: _zipped(focus)}
    return report.model_copy(update={"files": ()}), files


def _zipped(folder: Path) -> bytes:
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.iterdir()):
            archive.write(path, path.name)
    return packed.getvalue()
