"""A sweep's report: the same in JSON and read back, flat rows, sections, figures and the page in the folder."""

import json
from pathlib import Path

import pytest

from simulator.engine import Runner
from simulator.render.sections import Figure, Table, VerdictMark
from simulator.scenario.read.load import load_scenario
from simulator.studies.sweep.outputs import PAGE
from simulator.studies.sweep.report import SweepReport
from simulator.studies.sweep.study import SweepStudy

DESK = """
metadata: {name: desk}
workloads: [{name: ticket, arrival_rate: 3 rps, steps: [{call: desk}]}]
services: {desk: {max_ongoing_requests: 4, service_time: {distribution: exponential, mean: 1s}}}
window: {duration: 1m, warmup: 10s}
slos: [{name: wait, indicator: queue_wait, objective: "mean < 10s"}]
"""
SERVERS, PATIENCE = "services.desk.max_ongoing_requests", "services.desk.service_time"
WORDS = "{distribution: exponential, mean: 1s},{distribution: constant, value: 1s}"


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> SweepReport:
    folder = tmp_path_factory.mktemp("sweep")
    (folder / "desk.yaml").write_text(DESK, encoding="utf-8")
    study = SweepStudy(
        {SERVERS: [4, 5], PATIENCE: WORDS}, folder / "out", replications=2, minimise=["latency.p95"]
    )
    return study.run(load_scenario(folder / "desk.yaml"), Runner())


def test_json_is_read_back_as_it_was(report: SweepReport) -> None:
    assert SweepReport.model_validate_json(report.to_json()) == report


def test_a_point_is_a_flat_row_in_json(report: SweepReport) -> None:
    found = json.loads(report.to_json())
    first, point = found["points"][0], report.points[0]
    p95 = point.responses["latency_s.p95"]
    assert p95 is not None
    assert (first["point"], first[SERVERS], first[PATIENCE]) == (
        0,
        4.0,
        "{distribution: exponential, mean: 1s}",
    )
    assert (first["latency_s.p95"], first["latency_s.p95.low"]) == (p95.value, p95.low)
    assert (first["cache_hit_rate"], first["cache_hit_rate.low"]) == (None, None)
    assert "is_feasible" not in first
    assert found["pareto"] == list(report.pareto)
    assert found["factors"][0] == {"path": SERVERS, "levels": ["4", "5"]}


def test_points_are_shown_with_their_goals_and_verdicts(report: SweepReport) -> None:
    [table] = [section for section in report.sections() if isinstance(section, Table)]
    assert list(table.columns) == [SERVERS, PATIENCE, "p95 latency", "availability", "verdict"]
    assert [row.label for row in table.rows] == [
        f"{point.point}{'*' if point.is_pareto else ''}" for point in report.points
    ]
    assert table.rows[0].cells[-1] == VerdictMark("PASS")


def test_figures_are_of_the_points(report: SweepReport) -> None:
    drawn = {figure.title: figure.draw() for figure in report.sections() if isinstance(figure, Figure)}
    assert list(drawn) == ["Trade-off", "Parallel coordinates"]
    beaten, front = drawn["Trade-off"].data
    assert len(front.x) == len(report.pareto)
    assert len(beaten.x) + len(front.x) == len(report.points)
    words = drawn["Parallel coordinates"].data[0].dimensions[1]
    assert (list(words["values"]), list(words.ticktext)) == (
        [0, 1, 0, 1],
        WORDS.replace("},", "}|").split("|"),
    )


def test_the_page_in_the_folder_is_that_of_the_report(report: SweepReport) -> None:
    page = (report.folder / PAGE).read_text(encoding="utf-8")
    assert page.count('class="plotly-graph-div"') == 2
    assert page == report.to_html() or len(page) == len(report.to_html())  # figures have names by chance


def test_a_folder_in_python_may_be_a_text(report: SweepReport) -> None:
    assert SweepStudy((), str(report.folder)).folder == report.folder
    assert isinstance(SweepStudy((), "out").folder, Path)
