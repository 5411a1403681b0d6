"""Files that come with costs: made in a folder of their own, which is gone when they are read."""

import zipfile
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from simulator.studies.cost.cost_job import CostRequest
from simulator.studies.run.document import JsonObject

WORKBOOK_NAME, FOCUS_NAME = "workbook.xlsx", "focus.zip"


def with_exports(
    request: CostRequest, job: Callable[[CostRequest], JsonObject]
) -> tuple[JsonObject, dict[str, bytes]]:
    """Do a cost job that also writes the workbook and the FOCUS export; returns its document and the files.

    An interrupted job writes no files.
    """
    with TemporaryDirectory(prefix="rollout-app-") as name:
        workbook, focus = Path(name) / WORKBOOK_NAME, Path(name) / "focus"
        document = job(replace(request, xlsx=workbook, focus=focus))
        if document["interrupted"]:
            return document, {}
        files = {WORKBOOK_NAME: workbook.read_bytes(), FOCUS_NAME: _zipped(focus)}
    return {**document, "files": []}, files


def _zipped(folder: Path) -> bytes:
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.iterdir()):
            archive.write(path, path.name)
    return packed.getvalue()
