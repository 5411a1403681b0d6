"""Representative windows: weights, exact demand, pure shifts; the peak with its headroom."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from simulator.compiler.demand import stage_window
from simulator.compiler.stage_demand import pace_rps, span_rates_rps
from simulator.engine import Runner
from simulator.scenario.model import Scenario
from simulator.studies.common.windows import group_cells, month_windows, peaks

HERE = Path()
DAY_S = 86_400.0
REGIONS = {
    "eu": {"timezone": "Europe/Dublin"},
    "us": {"timezone": "America/New_York"},
    "ap": {"timezone": "Asia/Singapore"},
}


def _scenario(**changes: Any) -> Scenario:
    document: dict[str, Any] = {
        "metadata": {"name": "windows"},
        "start": "2027-01-04",
        "regions": REGIONS,
        "workloads": [
            {"name": "ask", "arrival_rate": {"eu": 3.0, "us": 5.0, "ap": 1.0}, "profile": "office-hours"}
            | {"steps": [{"call": "desk"}]},
            {"name": "bulk", "arrival_rate": {"eu": 0.5}, "steps": [{"call": "desk"}]},
        ],
        "services": {"desk": {"service_time": {"distribution": "constant", "value": 0.1}}},
        "stages": [
            {"name": "all", "duration": 28 * DAY_S, "exposure": {"eu": 1.0, "us": 0.4}, "growth": 0.1}
        ],
        "window": {"duration": 1800.0, "warmup": 600.0},
        "capacity": {"headroom": 0.15},
    }
    return Scenario.model_validate(document | changes)


def _with_team(shifts: Any) -> Scenario:
    handle = {"distribution": "exponential", "mean": 180.0}
    team = {"staff": {"eu": 25, "us": 40, "ap": 15}, "shifts": shifts, "handle_time": handle}
    return _scenario(teams={"agents": team})


@pytest.mark.parametrize("shifts", [None, "always", "office-hours", [{"start_hour": 22.5, "end_hour": 6}]])
def test_windows_stand_for_the_whole_month_exactly(shifts: Any) -> None:
    scenario = _scenario() if shifts is None else _with_team(shifts)
    stage = scenario.stages[0]
    windows = month_windows(scenario, stage, Runner(), 900.0, 600.0)
    weights = np.array([window.weight_h for window in windows])
    rates = np.concatenate([window.rate_rps for window in windows], axis=1)
    assert weights.sum() == pytest.approx(730.0, rel=1e-12)
    exact = pace_rps(scenario, "all", HERE).mean(axis=1)
    assert rates @ weights / 730.0 == pytest.approx(exact, rel=1e-12, abs=0.0)
    assert len({window.name for window in windows}) == len(windows)
    assert all(window.duration_s == 900.0 and window.warmup_s == 600.0 for window in windows)
    assert np.all(np.diff(rates.sum(axis=0)) >= 0)


def test_three_windows_without_people_are_quiet_ordinary_busy() -> None:
    scenario = _scenario()
    windows = month_windows(scenario, scenario.stages[0], Runner(), 900.0, 600.0)
    assert [window.name for window in windows] == ["quiet", "ordinary", "busy"]


def test_cells_with_other_people_on_shift_are_never_merged() -> None:
    staff = np.array([[0.0], [2.5], [2.5], [2.0], [0.0], [2.0]])
    groups = group_cells(np.array([[1.0, 5.0, 5.0, 1.0, 1.0, 1.0]]), staff, 2)
    for group in np.unique(groups):
        assert len(np.unique(staff[groups == group])) == 1
    assert groups.max() + 1 == 3


def test_every_window_has_its_people_throughout() -> None:
    windows = month_windows(
        _with_team("office-hours"), _with_team("office-hours").stages[0], Runner(), 900.0, 600.0
    )
    there = [tuple((window.staff or {}).values()) for window in windows]
    assert set(there) == {
        (0, 0, 0), (25, 0, 0), (25, 40, 0), (0, 40, 0), (25, 0, 15), (0, 0, 15)
    }  # fmt: skip


def test_people_hours_of_the_windows_are_those_of_the_week() -> None:
    scenario = _with_team("office-hours")
    windows = month_windows(scenario, scenario.stages[0], Runner(), 900.0, 600.0)
    for region, staff in (("eu", 25), ("us", 40), ("ap", 15)):
        hours = sum(window.weight_h * (window.staff or {})["agents", region] for window in windows)
        assert hours == pytest.approx(staff * 50 * 730 / 168, rel=1e-12)


def test_windows_begin_in_the_last_week_of_the_stage() -> None:
    scenario = _with_team("office-hours")
    for window in month_windows(scenario, scenario.stages[0], Runner(), 900.0, 600.0):
        assert datetime(2027, 1, 25, tzinfo=UTC) <= window.start < datetime(2027, 2, 1, tzinfo=UTC)


def test_a_flat_week_is_one_window() -> None:
    workload = {"name": "ask", "arrival_rate": 2.0, "steps": [{"call": "desk"}]}
    scenario = _scenario(workloads=[workload])
    (window,) = month_windows(scenario, scenario.stages[0], Runner(), 900.0, 600.0)
    assert window.weight_h == pytest.approx(730.0)
    assert window.name == "ordinary"


def test_a_stage_without_demand_is_one_window() -> None:
    scenario = _scenario(stages=[{"name": "dark", "duration": 7 * DAY_S, "exposure": 0.0}])
    (window,) = month_windows(scenario, scenario.stages[0], Runner(), 900.0, 600.0)
    assert window.rate_rps.sum() == 0.0


def test_common_peak_is_the_busiest_hour_with_the_headroom_on_top() -> None:
    scenario = _scenario()
    plain = stage_window(scenario, "all", "peak", 1800.0, 600.0)
    peak = peaks(scenario, scenario.stages[0], Runner(), 600.0)[0].window
    assert peak.start == plain.start
    assert peak.share[0][1] == pytest.approx(1.15 * plain.share[0][1])
    measured = (peak.share[0][1] @ peak.rate_rps)[-1]
    at_peak = span_rates_rps(scenario, scenario.stages[0], plain.start, 3600.0, HERE)
    assert measured == pytest.approx(1.15 * at_peak.sum())


def test_every_region_that_sees_the_stage_has_its_own_peak() -> None:
    scenario = _scenario()
    first, *others = peaks(scenario, scenario.stages[0], Runner(), 600.0)
    assert None in first.regions
    assert {region for peak in (first, *others) for region in peak.regions} == {
        None,
        "eu",
        "us",
    }  # ap sees nothing
    rows = {"eu": [0, 3], "us": [1]}
    stage = scenario.stages[0]
    for peak in (first, *others):
        for region in set(peak.regions) - {None}:
            here = span_rates_rps(scenario, stage, peak.window.start, 3600.0, HERE)[rows[str(region)]].sum()
            for hours in (-24, -1, 1):
                beside = peak.window.start + timedelta(hours=hours)
                assert here >= span_rates_rps(scenario, stage, beside, 3600.0, HERE)[rows[str(region)]].sum()


def test_one_region_has_one_peak() -> None:
    stage = {"name": "pilot", "duration": 28 * DAY_S, "exposure": {"eu": 0.02}}
    (peak,) = peaks(_scenario(stages=[stage]), _scenario(stages=[stage]).stages[0], Runner(), 600.0)
    assert peak.regions == (None,)
