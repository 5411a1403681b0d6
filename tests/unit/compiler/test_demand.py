"""Demand: streams, weekly rates, adoption and growth over stages, the simulated window."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from simulator.compiler.demand import (
    SECONDS_PER_MONTH,
    Stream,
    growth_factor,
    last_monday,
    stage_share,
    stage_start,
    stage_window,
    steady_window,
    streams,
    weekly_rates_rps,
)
from simulator.mechanisms.traffic.trace import TraceError
from simulator.scenario.model import Scenario

DAY_S = 86_400.0
STEPS = [{"call": "desk"}]
REGIONS = {"eu": {"timezone": "Europe/Dublin"}, "in": {"timezone": "Asia/Kolkata"}, "us": {}}


def _scenario(**changes: Any) -> Scenario:
    document: dict[str, Any] = {
        "metadata": {"name": "demand"},
        "start": "2027-01-04",
        "regions": REGIONS,
        "workloads": [
            {
                "name": "ask",
                "users": {"us": 600, "eu": 1000, "in": 0},
                "actions_per_user": 0.002,
                "steps": STEPS,
            }
            | {"profile": "office-hours"},
            {"name": "bulk", "arrival_rate": 0.5, "steps": STEPS},
        ],
        "services": {"desk": {"service_time": {"distribution": "constant", "value": 0.1}}},
        "stages": [
            {"name": "pilot", "duration": 28 * DAY_S, "exposure": {"eu": 0.1}, "workloads": ["ask"]},
            {"name": "grow", "duration": 42 * DAY_S, "exposure": 0.5, "growth": 0.1}
            | {"adoption": {"curve": "linear", "start": 0.2, "to": 0.8}},
            {"name": "all", "duration": 730 * 3600.0, "exposure": 1.0, "growth": 0.04},
        ],
    }
    return Scenario.model_validate(document | changes)


def test_streams_are_those_with_demand_in_scenario_order() -> None:
    assert streams(_scenario()) == (
        Stream("ask", "eu"),
        Stream("ask", "us"),
        Stream("bulk", "eu"),
        Stream("bulk", "in"),
        Stream("bulk", "us"),
    )


@pytest.mark.parametrize("monday", [date(2027, 1, 4), date(2027, 3, 22), date(2027, 10, 25)])
def test_mean_over_the_week_is_the_stated_rate_whatever_the_clocks_do(monday: date) -> None:
    rates = weekly_rates_rps(_scenario(), monday)
    assert rates.shape == (5, 168)
    assert rates.mean(axis=1) == pytest.approx([2.0, 1.2, 0.5, 0.5, 0.5])


def test_replayed_trace_has_its_own_rate_in_every_region(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text(
        "t,n\n" + "".join(f"{0.5 * k},7\n" for k in range(201)), encoding="utf-8"
    )
    workload = {"name": "log", "steps": STEPS, "profile": "consumer"}
    trace = {"file": "log.csv", "time": "t", "replay": "arrivals", "scale": 3.0}
    scenario = _scenario(workloads=[workload | {"trace": trace}], stages=[])
    rates = weekly_rates_rps(scenario, date(2027, 1, 4), tmp_path)
    assert len(streams(scenario)) == 3
    assert rates == pytest.approx(np.full((3, 168), 6.0), rel=0.02)
    assert np.ptp(rates) == 0.0
    no_times = {"file": "log.csv", "prompt_tokens": "n", "output_tokens": "n", "replay": "arrivals"}
    with pytest.raises(TraceError):
        weekly_rates_rps(
            _scenario(workloads=[workload | {"trace": no_times}], stages=[]), date(2027, 1, 4), tmp_path
        )


def test_growth_compounds_by_month_over_stages() -> None:
    scenario = _scenario()
    pilot, grow, everywhere = scenario.stages
    assert growth_factor(scenario, pilot, 1e6) == 1.0
    after_grow = 1.1 ** (42 * DAY_S / SECONDS_PER_MONTH)
    assert growth_factor(scenario, grow, grow.duration) == pytest.approx(after_grow)
    assert growth_factor(scenario, everywhere, 0.0) == pytest.approx(after_grow)
    assert growth_factor(scenario, everywhere, SECONDS_PER_MONTH) == pytest.approx(after_grow * 1.04)


def test_stage_share_is_exposure_by_adoption_by_growth() -> None:
    scenario = _scenario()
    pilot, grow, _ = scenario.stages
    assert stage_share(scenario, pilot, 0.0) == pytest.approx([0.1, 0, 0, 0, 0])
    half = 0.5 * grow.duration
    expected = 0.5 * 0.5 * 1.1 ** (half / SECONDS_PER_MONTH)
    assert stage_share(scenario, grow, half) == pytest.approx([expected] * 5)


def test_calendar_of_stages() -> None:
    scenario = _scenario()
    assert [stage_start(scenario, stage) for stage in scenario.stages] == [
        datetime(2027, 1, 4, tzinfo=UTC),
        datetime(2027, 2, 1, tzinfo=UTC),
        datetime(2027, 3, 15, tzinfo=UTC),
    ]
    assert last_monday(scenario, None) == date(2027, 1, 4)
    assert last_monday(scenario, scenario.stages[0]) == date(2027, 1, 25)
    assert last_monday(scenario, scenario.stages[2]) == date(2027, 4, 5)  # ends 14 April, 10:00


def test_peak_window_starts_at_the_busiest_hour_of_the_week() -> None:
    scenario = _scenario()
    window = stage_window(scenario, "all", "peak", 3600.0, 600.0)
    weighted = stage_share(scenario, scenario.stages[2], SECONDS_PER_MONTH) @ weekly_rates_rps(
        scenario, date(2027, 4, 5)
    )
    hour = int((window.start - datetime(2027, 4, 5, tzinfo=UTC)).total_seconds() // 3600)
    assert weighted[hour] == weighted.max()
    assert window.piece_s == 600.0
    assert window.rate_rps.shape == (5, 7)
    assert window.rate_rps[:, 0] == pytest.approx(weekly_rates_rps(scenario, date(2027, 4, 5))[:, hour - 1])
    assert window.rate_rps[:, 1:] == pytest.approx(
        np.repeat(weekly_rates_rps(scenario, date(2027, 4, 5))[:, [hour]], 6, axis=1)
    )
    assert window.share[0][0] == 0.0


def test_window_that_runs_into_the_next_week_follows_the_calendar() -> None:
    scenario = _scenario(stages=[])
    window = stage_window(scenario, None, 6 * DAY_S, 2 * DAY_S, 1800.0)
    assert window.start == datetime(2027, 1, 10, tzinfo=UTC)
    assert window.piece_s == 1800.0
    assert window.rate_rps.shape == (5, 97)
    both = np.concatenate(
        [weekly_rates_rps(scenario, date(2027, 1, 4)), weekly_rates_rps(scenario, date(2027, 1, 11))], axis=1
    )
    assert window.rate_rps[:, 1::2] == pytest.approx(both[:, 144:192])
    assert window.rate_rps[:, 0] == pytest.approx(both[:, 143])
    assert window.share[0][1] == pytest.approx(np.ones(5))


def test_warmup_before_the_first_monday_reads_the_week_before() -> None:
    window = stage_window(_scenario(stages=[]), None, 0.0, 3600.0, 90.0)
    assert (
        window.piece_s == 60.0
    )  # no common grid of 90 s and full hours but seconds: the middle of a piece decides
    sunday = weekly_rates_rps(_scenario(stages=[]), date(2026, 12, 28))
    assert window.rate_rps[:, 0] == pytest.approx(sunday[:, 167])


def test_unknown_stage_is_named() -> None:
    with pytest.raises(ValueError, match="no stage `worldwide`; stages: pilot, grow, all"):
        stage_window(_scenario(), "worldwide", "peak", 3600.0, 0.0)


def test_steady_window_is_one_piece() -> None:
    window = steady_window("night", "all", datetime(2027, 1, 4, tzinfo=UTC), [1.0, 0.0], 900.0, 100.0, 120.0)
    assert window.rate_rps.shape == (2, 1)
    assert window.piece_s == 1000.0
    assert window.share[0][1] == pytest.approx([1.0, 1.0])
