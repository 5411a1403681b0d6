"""A wheel has what the app needs without a checkout: scenarios with their data, plan, costs and settings."""

import os
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

_ROOT = Path(__file__).parents[2]
_ASK = (
    "from simulator.ui.shipped import bundled_plan, scenario_folder, scenario_names\n"
    "from simulator.scenario.load import load_scenario\n"
    "load_scenario(scenario_folder() / 'support-copilot.yaml')\n"
    "print(scenario_folder()); print(*scenario_names()); print(bundled_plan()['decision'])"
)


@pytest.mark.slow
def test_the_app_of_a_wheel_finds_its_scenarios(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "-w", str(tmp_path), str(_ROOT)]
    subprocess.run(command, check=True, cwd=tmp_path)
    [wheel] = tmp_path.glob("*.whl")
    installed = tmp_path / "installed"
    with ZipFile(wheel) as archive:
        archive.extractall(installed)
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    told = subprocess.run(
        [sys.executable, "-c", _ASK],
        check=True,
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
    )
    folder, names, decision = told.stdout.splitlines()
    assert folder == str(installed / "simulator" / "ui" / "scenarios")
    assert set(names.split()) == {path.stem for path in (_ROOT / "scenarios").glob("*.yaml")}
    assert decision in ("GO", "NO-GO", "UNDECIDED")
    assert (installed / "simulator" / "ui" / ".streamlit" / "config.toml").is_file()
