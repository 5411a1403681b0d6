"""Adoption: formulas that meet both ends, and curves from files."""

from pathlib import Path

import numpy as np
import pytest

from simulator.compiler.adoption import adoption_points, adoption_share
from simulator.compiler.external_files import check_external_files
from simulator.compiler.profiles import DemandProfileError
from simulator.compiler.stage_shares import stage_end_share, stage_share
from simulator.scenario.model import Adoption, CsvCurve
from simulator.scenario.read.errors import ScenarioError
from simulator.scenario.read.load import load_scenario

WEEK_S = 7 * 86_400.0
HERE = Path()
TEXT = """\
metadata: {name: adopted}
workloads: [{name: ask, arrival_rate: 2, steps: [{call: desk}]}]
services: {desk: {max_ongoing_requests: 3, service_time: {distribution: exponential, mean: 1s}}}
stages:
  - {name: all, duration: 4w, exposure: 50%, adoption: {curve: {file: curve.csv}}}
"""


@pytest.mark.parametrize("curve", ["logistic", "linear"])
def test_adoption_meets_both_ends_and_rises(curve: str) -> None:
    adoption = Adoption.model_validate({"curve": curve, "start": 0.1, "to": 0.7})
    shares = [adoption_share(adoption, x, 1.0, HERE) for x in np.linspace(0, 1, 21)]
    assert shares[0] == pytest.approx(0.1)
    assert shares[10] == pytest.approx(0.4)
    assert shares[-1] == pytest.approx(0.7)
    assert np.all(np.diff(shares) > 0)
    assert adoption_share(adoption, 3.0, 1.0, HERE) == pytest.approx(0.7)
    assert adoption_share(None, 0.2, 1.0, HERE) == 1.0


def test_a_curve_is_linear_between_its_points_and_level_outside(tmp_path: Path) -> None:
    (tmp_path / "curve.csv").write_text("week,share\n1,0.2\n3,0.6\n")
    adoption = Adoption(curve=CsvCurve(file="curve.csv"))
    shares = [adoption_share(adoption, week * WEEK_S, 4 * WEEK_S, tmp_path) for week in (0, 1, 2, 2.5, 3, 9)]
    assert shares == pytest.approx([0.2, 0.2, 0.4, 0.5, 0.6, 0.6])


def test_a_file_that_was_changed_is_read_anew(tmp_path: Path) -> None:
    file, curve = tmp_path / "curve.csv", CsvCurve(file="curve.csv")
    for share in (0.3, 0.9):
        file.write_text(f"week,share\n0,{share}\n")
        assert adoption_points(curve, tmp_path)[1].tolist() == [share]


def test_demand_follows_the_file(tmp_path: Path) -> None:
    (tmp_path / "curve.csv").write_text("week,share\n0,0.1\n4,0.9\n")
    (tmp_path / "scenario.yaml").write_text(TEXT)
    loaded = load_scenario(tmp_path / "scenario.yaml")
    check_external_files(loaded)
    (stage,) = loaded.scenario.stages
    assert stage_share(loaded.scenario, stage, 2 * WEEK_S, tmp_path).tolist() == pytest.approx([0.5 * 0.5])
    assert stage_end_share(loaded.scenario, stage, tmp_path).tolist() == pytest.approx([0.5 * 0.9])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("week,part\n0,0.1\n", "no column share"),
        ("week,share\n", "has no rows"),
        ("week,share\n0,0.1\n1,1.2\n", "line 3: needs a number of weeks and a share from 0 to 1"),
        ("week,share\n0,0.1\n1,many\n", "line 3: needs a number"),
        ("week,share\n0,0.1\n2,0.2\n1,0.3\n", "line 4: the weeks must rise"),
        ("", "cannot be read"),
        ("week,share\n0,1\n", "changes nothing"),
    ],
)
def test_a_file_that_cannot_be_used_is_told_with_its_line(tmp_path: Path, content: str, message: str) -> None:
    (tmp_path / "curve.csv").write_text(content)
    (tmp_path / "scenario.yaml").write_text(TEXT)
    with pytest.raises(ScenarioError) as caught:
        check_external_files(load_scenario(tmp_path / "scenario.yaml"))
    (problem,) = caught.value.problems
    assert problem.path == "stages.all.adoption.curve"
    assert problem.line == 5
    assert message in str(problem)


def test_no_file_outside_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "scenario.yaml").write_text(TEXT.replace("curve.csv", "../curve.csv"))
    with pytest.raises(ScenarioError, match="keep it beside the scenario"):
        load_scenario(tmp_path / "scenario.yaml")
    with pytest.raises(DemandProfileError, match="outside the folder"):
        adoption_points(CsvCurve(file="../curve.csv"), tmp_path)


def test_shares_come_from_one_source(tmp_path: Path) -> None:
    text = TEXT.replace("{curve: {file: curve.csv}}", "{curve: {file: curve.csv}, to: 60%}")
    (tmp_path / "scenario.yaml").write_text(text)
    with pytest.raises(ScenarioError, match="`to` belongs to a formula"):
        load_scenario(tmp_path / "scenario.yaml")
