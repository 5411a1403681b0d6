"""LibreOffice, which recalculates workbooks: with every cached value of a formula replaced by 1 beforehand."""

import os
import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

_ALWAYS_RECALCULATE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>
</oor:items>
"""
_CACHED = re.compile(r"(</f>)<v>[^<]*</v>")


def recalculated(path: Path, folder: Path) -> Path:
    """The workbook as LibreOffice calculates it, none of its values taken over."""
    office = shutil.which("soffice")
    if office is None:
        message = "LibreOffice is missing: apt-get install --no-install-recommends libreoffice-calc"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    stale = folder / "stale.xlsx"
    with zipfile.ZipFile(path) as before, zipfile.ZipFile(stale, "w") as after:
        for name in before.namelist():
            data = before.read(name)
            if name.startswith("xl/worksheets/sheet"):
                data = _CACHED.sub(r"\1<v>1</v>", data.decode()).encode()
            after.writestr(name, data)
    profile = folder / "profile"
    (profile / "user").mkdir(parents=True)
    (profile / "user" / "registrymodifications.xcu").write_text(_ALWAYS_RECALCULATE)
    made = folder / "recalculated"
    command = [
        office,
        f"-env:UserInstallation=file://{profile}",
        "--headless",
        "--convert-to",
        "xlsx",
        "--outdir",
    ]
    subprocess.run([*command, str(made), str(stale)], check=True, capture_output=True, timeout=180)
    return made / "stale.xlsx"
