"""Energy per action of a run whose replicas worked for a known time."""

from dataclasses import replace

import pytest

from simulator.mechanisms.codes import Station
from simulator.metrics.columns import AreaColumn
from simulator.metrics.dimensions import Selection
from simulator.results.energy import energy_per_action
from simulator.results.run_result import RunResult
from simulator.results.summarize import summarize


def _with_pools(result: RunResult, power_w: tuple[float, float], busy_s: tuple[float, float]) -> RunResult:
    """Two pools, each in a region, and the service that was there."""
    areas = result.areas.copy()
    areas[:2, AreaColumn.KV_CAPACITY_TOKEN_S] = 1e9
    areas[:2, AreaColumn.BUSY_S] = busy_s
    stations = (
        Station("model", "large", "eu", power_w[0]),
        Station("model", "large", "us", power_w[1]),
        result.stations[2],
    )
    return replace(result, areas=areas, stations=stations)


def test_energy_is_power_times_busy_time_over_actions(replications: list[RunResult]) -> None:
    """1400 W x 1800 s and 700 W x 900 s are 700 Wh and 175 Wh."""
    runs = [_with_pools(run, (1400.0, 700.0), (1800.0, 900.0)) for run in replications]
    ended = summarize(replications).counts.ended
    found = energy_per_action(runs)
    assert found is not None
    assert found.value == pytest.approx(len(runs) * 875.0 / ended, rel=1e-12)
    assert found.low < found.value < found.high
    in_us = energy_per_action(runs, Selection(target="large", region="us"))
    assert in_us is not None
    assert in_us.value == pytest.approx(found.value * 175.0 / 875.0, rel=1e-12)


def test_the_summary_holds_it_for_everything_and_for_pools(replications: list[RunResult]) -> None:
    runs = [_with_pools(run, (1400.0, 700.0), (1800.0, 900.0)) for run in replications]
    summary = summarize(runs)
    assert summary.metrics.energy_per_action_wh == energy_per_action(runs)
    assert summary.by_target["large"].energy_per_action_wh == summary.metrics.energy_per_action_wh
    assert summary.by_target["crm"].energy_per_action_wh is None
    assert all(part.metrics.energy_per_action_wh is None for part in summary.by.region.values())


def test_without_pools_or_their_power_there_is_none(replications: list[RunResult]) -> None:
    assert energy_per_action(replications) is None
    runs = [_with_pools(run, (1400.0, 0.0), (1800.0, 900.0)) for run in replications]
    assert energy_per_action(runs) is None
