"""A what-if's report: the same in JSON and read back, its sections, and the capacity that it takes."""

import json

import pytest

from simulator.api.rollout import Rollout, load
from simulator.render.sections import Figure, Table
from simulator.studies.capacity.needed_capacity import NeededCapacity
from simulator.studies.record import MonthlyCost
from simulator.studies.report import about
from simulator.studies.what_if.report import CapacityReport, WhatIfReport

DESK = """metadata: {name: help-desk}
workloads: [{name: ticket, arrival_rate: 3 rps, steps: [{call: desk}]}]
services: {desk: {max_ongoing_requests: 5, service_time: {distribution: exponential, mean: 1s}}}
stages: [{name: pilot, duration: 4w, exposure: 40%}, {name: all, duration: 4w, exposure: 100%}]
"""
SLOTS = "services.desk.max_ongoing_requests"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Rollout:
    file = tmp_path_factory.mktemp("desk") / "desk.yaml"
    file.write_text(DESK, encoding="utf-8")
    return load(file)


@pytest.fixture(scope="module")
def report(desk: Rollout) -> WhatIfReport:
    return desk.what_if({SLOTS: 6}, demand=1.1, pairs=3)


def _needed(amount: float, usd: float, *missed: str) -> NeededCapacity:
    return NeededCapacity(
        amounts={SLOTS: {"home": amount}},
        out_of_reach=missed,
        is_cheapest=True,
        held=MonthlyCost(month=usd),
        n_settings=3,
    )


def test_the_last_stage_is_taken_and_the_change_is_named(report: WhatIfReport) -> None:
    assert (report.stage, report.overrides, report.demand_factor) == ("all", (f"{SLOTS}=6",), 1.1)
    assert (report.n_pairs, report.window_s) == (3, 3600.0)
    assert json.loads(report.to_json())["pairs"] == 3


def test_json_is_read_back_as_it_was(report: WhatIfReport) -> None:
    assert WhatIfReport.model_validate_json(report.to_json()) == report


def test_every_measure_stands_with_its_difference(report: WhatIfReport) -> None:
    [table] = [section for section in report.sections() if isinstance(section, Table)]
    assert [row.label for row in table.rows][:2] == ["p95 latency", "availability"]
    assert [section.title for section in report.sections() if isinstance(section, Figure)] == [
        "Change of every measure"
    ]
    frame = report.to_frame()
    assert frame.loc[0, "after"] - frame.loc[0, "before"] == pytest.approx(frame.loc[0, "difference"])
    assert report.busiest is not None
    assert report.busiest.target == "desk"


def test_more_slots_shorten_the_wait_and_the_same_change_nothing(desk: Rollout) -> None:
    shorter = desk.what_if([f"{SLOTS}=8"], pairs=3).measure("latency")
    assert shorter is not None
    assert shorter.direction == "better"
    same = desk.what_if([f"{SLOTS}=5"], stage="pilot", pairs=2)
    assert {found.direction for found in same.measures} == {"none"}
    assert not [section for section in same.sections() if isinstance(section, Figure)]


def test_the_capacity_that_it_takes_is_a_part_of_it(desk: Rollout, report: WhatIfReport) -> None:
    before, after = _needed(5.0, 100.0), _needed(8.0, 130.0, "wait")
    capacity = CapacityReport(**about(desk.scenario), stage="all", before=before, after=after)
    whole = report.model_copy(update={"capacity": capacity})
    assert [(need.before, need.after, need.difference) for need in capacity.totals()] == [(5.0, 8.0, 3.0)]
    text = whole.to_markdown()
    assert "+3" in text
    assert "Holding it costs $130.00 a month (change: +$30.00)" in text
    assert "upper bounds of the knobs meet wait" in text
    assert "capacity" not in json.loads(report.to_json())
    assert WhatIfReport.model_validate_json(whole.to_json()) == whole
