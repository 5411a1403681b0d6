"""`rollout sweep`, `merge` and `optimise` as a user calls them: options, messages and exit codes."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.unit.invoking import invoke

DESK = """
metadata: {name: desk}
workloads: [{name: ticket, arrival_rate: 3 rps, steps: [{call: desk}]}]
services: {desk: {max_ongoing_requests: 4, service_time: {distribution: exponential, mean: 1s}}}
window: {duration: 1m, warmup: 10s}
"""
SERVERS = "services.desk.max_ongoing_requests=4,5"


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    file = tmp_path / "desk.yaml"
    file.write_text(DESK, encoding="utf-8")
    return file


def _sweep(desk: Path, out: str, *more: object) -> Any:
    return invoke(
        "sweep", desk, "--vary", SERVERS, "--out", desk.parent / out, "--replications", 1, "--json", *more
    )


def test_shards_are_merged_and_what_is_missing_is_named(desk: Path) -> None:
    one, two = _sweep(desk, "one", "--shard", "1/2"), _sweep(desk, "two", "--shard", "2/2")
    assert [json.loads(found.stdout)["shard"] for found in (one, two)] == [[1, 2], [2, 2]]
    part = invoke("merge", desk.parent / "one", "--out", desk.parent / "whole", "--json")
    assert part.exit_code == 2
    assert "points that are in none of the folders: 1" in part.stderr
    page = desk.parent / "page.html"
    folders = (desk.parent / name for name in ("whole", "two"))
    whole = invoke("merge", *folders, "--out", desk.parent / "whole", "--html", page)
    assert whole.exit_code == 0, whole.output
    assert "0 simulated, 2 reused; 2 in the table" in whole.stdout
    assert "Trade-off" in page.read_text(encoding="utf-8")


def test_points_come_from_a_file(desk: Path) -> None:
    csv = desk.parent / "points.csv"
    csv.write_text("services.desk.max_ongoing_requests\n4\n", encoding="utf-8")
    found = invoke("sweep", desk, "--csv", csv, "--out", desk.parent / "s", "--replications", 1, "--json")
    assert json.loads(found.stdout)["n_points"] == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--shard", "3/2"), "there is no shard 3/2"),
        (("--stage", "pilot"), "no stage 'pilot'"),
        (("--csv", "nowhere.csv"), "nowhere.csv"),
        (("--design", "hexagons"), "hexagons"),
        (("--minimise", "latncy.p95"), "did you mean `latency.p95`"),
        (("--workers", "0"), "--workers"),
        (("--resume",), "nothing to resume"),
        (("--vary", "a.b=uniform(2, 1)"), "is no distribution"),
    ],
)
def test_what_cannot_be_swept_is_said(desk: Path, arguments: tuple[str, ...], message: str) -> None:
    found = _sweep(desk, "s", *arguments)
    assert found.exit_code == 2, found.output
    assert message in found.stderr
    assert "Traceback" not in found.stderr


def test_a_search_without_a_goal_or_a_folder_is_said(desk: Path) -> None:
    search = ("optimise", desk, "--vary", SERVERS)
    assert "takes a goal" in invoke(*search, "--out", desk.parent / "s").stderr
    assert "--out" in invoke(*search, "--minimise", "latency.p95").stderr


def test_a_search_that_meets_no_constraint_fails(desk: Path) -> None:
    limits = ("--minimise", "latency.p95", "--subject-to", "latency.p95 < 1ms")
    points = ("--points", 2, "--replications", 1, "--out", desk.parent / "s")
    found = invoke("optimise", desk, "--vary", SERVERS, *limits, *points)
    assert found.exit_code == 99, found.output
    assert "no point meets latency.p95 < 1ms" in found.stdout
