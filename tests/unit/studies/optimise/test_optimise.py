"""A search meets its constraints, and repeats itself from what is stored."""

from pathlib import Path
from typing import Any

import pytest

from simulator.engine import Runner
from simulator.render.sections import Notes
from simulator.scenario.read.load import LoadedScenario, load_scenario
from simulator.studies.optimise.report import OptimiseReport
from simulator.studies.optimise.study import OptimiseStudy
from simulator.studies.sweep.parameters import SweepError
from simulator.studies.sweep.response_table import read_table

DESK = """
metadata: {name: desk}
workloads: [{name: ticket, arrival_rate: 3 rps, steps: [{call: desk}]}]
services: {desk: {max_ongoing_requests: 4, service_time: {distribution: exponential, mean: 1s}}}
window: {duration: 2m, warmup: auto}
"""
UTILIZATION = "utilization{target:desk}"


@pytest.fixture
def desk(tmp_path: Path) -> LoadedScenario:
    path = tmp_path / "desk.yaml"
    path.write_text(DESK, encoding="utf-8")
    return load_scenario(path)


def _search(desk: LoadedScenario, out: Path, n_workers: int = 2, **more: Any) -> OptimiseReport:
    asked: dict[str, Any] = {
        "minimise": ["queue_wait.mean"],
        "subject_to": [f"{UTILIZATION} >= 30%"],
        "points": 16,
        "replications": 1,
    }
    vary = ["services.desk.max_ongoing_requests=integers(3, 30)"]
    return OptimiseStudy(vary, out, **(asked | more)).run(desk, Runner(n_threads=n_workers))


def test_a_search_finds_the_best_that_meets_the_constraints(desk: LoadedScenario, tmp_path: Path) -> None:
    report = _search(desk, tmp_path / "s")
    feasible = [point for point in report.points if point.value(UTILIZATION) >= 0.3]  # type: ignore[operator]
    assert 0 < report.n_feasible == len(feasible) < len(report.points)
    assert [point for point in report.points if point.is_feasible] == feasible
    best = [point for point in report.points if point.is_pareto]
    waits = {point.point: point.value("queue_wait_s.mean") for point in feasible}
    waits = {
        point: wait for point, wait in waits.items() if wait is not None
    }  # nor where the queue grows without end
    assert {waits[point.point] for point in best} == {min(waits.values())}  # type: ignore[type-var]
    assert read_table(tmp_path / "s")["is_feasible"].sum() == report.n_feasible
    assert OptimiseReport.model_validate_json(report.to_json()) == report


def test_a_search_repeats_itself_whatever_the_workers_and_reuses_its_points(
    desk: LoadedScenario, tmp_path: Path
) -> None:
    first = _search(desk, tmp_path / "s", n_workers=1)
    again = _search(desk, tmp_path / "s", n_workers=2)
    assert (again.n_simulated, again.n_reused) == (0, first.n_simulated)
    assert again.points == first.points


def test_constraints_that_no_point_meets_are_told(desk: LoadedScenario, tmp_path: Path) -> None:
    report = _search(desk, tmp_path / "s", points=2, subject_to=["queue_wait.mean < 0s"])
    assert (report.n_feasible, report.outcomes, report.pareto) == (0, ("FAIL",), ())
    notes = [line for section in report.sections() if isinstance(section, Notes) for line in section.lines]
    assert "no point meets queue_wait.mean < 0s" in notes


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"minimise": ["latncy"]}, "no response `latncy`"),
        ({"minimise": []}, "takes a goal"),
        ({"subject_to": ["utilisation{target:desk} <= 1"]}, "no response `utilisation"),
    ],
)
def test_a_search_needs_a_known_goal_and_something_to_vary(
    desk: LoadedScenario, tmp_path: Path, more: dict[str, Any], message: str
) -> None:
    with pytest.raises(SweepError, match=message):
        _search(desk, tmp_path / "s", **more)
