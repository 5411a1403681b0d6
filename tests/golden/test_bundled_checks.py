"""The bundled scenarios keep what they say must hold, with the capacity that is planned for them."""

from pathlib import Path

import pytest

from simulator.engine import Runner
from simulator.scenario.read.load import load_scenario
from simulator.studies.check.check import check
from simulator.studies.check.study import CheckStudy
from simulator.studies.common.verdicts.criterion_record import JudgedCriterion
from simulator.studies.common.verdicts.criterion_text import sentence

SCENARIOS = Path(__file__).parents[2] / "scenarios"


HELD = sorted(path.name for path in SCENARIOS.glob("*.yaml") if "\nthresholds:" in path.read_text("utf-8"))


@pytest.mark.slow
@pytest.mark.parametrize("name", HELD)
def test_every_threshold_passes_as_planned(name: str) -> None:
    loaded = load_scenario(SCENARIOS / name)
    found = check(loaded.scenario, CheckStudy(planned=True), Runner(loaded.base_dir))
    missed = [sentence(JudgedCriterion.of(one)) for one in found.verdicts if one.verdict != "PASS"]
    assert not missed
