"""Demand: streams, weekly rates, adoption and growth over stages, the simulated window."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from simulator.compiler.courses import courses, rates_at, week_rates_rps
from simulator.compiler.demand import stage_window, steady_window
from simulator.compiler.stage_demand import pace_rps
from simulator.compiler.stage_shares import SECONDS_PER_MONTH, growth_factor, stage_share, stage_start
from simulator.compiler.streams import Stream, streams
from simulator.mechanisms.traffic.log_file import LogFileError
from simulator.scenario.model import Scenario

HERE = Path()
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


@pytest.mark.parametrize("at", [datetime(2027, month, 28, tzinfo=UTC) for month in (1, 3, 7, 10)])
def test_mean_over_an_ordinary_week_is_the_stated_rate(at: datetime) -> None:
    rates = week_rates_rps(courses(_scenario(), HERE), at)
    assert rates.shape == (5, 168)
    assert rates.mean(axis=1) == pytest.approx([2.0, 1.2, 0.5, 0.5, 0.5], rel=1e-12)


@pytest.mark.parametrize("profile", ["flat", "office-hours", "consumer"])
def test_a_rate_of_workdays_is_the_mean_from_monday_to_friday(profile: str) -> None:
    ask = {"name": "ask", "users": {"us": 600}, "actions_per_user": "8 per workday", "profile": profile}
    rates = pace_rps(_scenario(workloads=[ask | {"steps": STEPS}], stages=[]), None, HERE)[0]
    assert 3600.0 * rates[: 5 * 24].sum() == pytest.approx(5 * 8 * 600, rel=1e-12)


def test_public_holidays_have_the_demand_of_a_sunday() -> None:
    regions = {"eu": {"timezone": "Europe/Berlin", "holidays": "DE"}}
    ask = {"name": "ask", "arrival_rate": 1.0, "profile": "office-hours", "steps": STEPS}
    scenario = _scenario(regions=regions, workloads=[ask], stages=[])
    good_friday, sunday, friday = (datetime(2027, 3, day, 9, tzinfo=UTC) for day in (26, 21, 19))
    rates = _rates(scenario, [good_friday, sunday, friday])[0]
    assert rates[0] == rates[1] < rates[2]


def test_replayed_trace_has_its_own_rate_in_every_region(tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text(
        "t,n\n" + "".join(f"{0.5 * k},7\n" for k in range(201)), encoding="utf-8"
    )
    workload = {"name": "log", "steps": STEPS, "profile": "consumer"}
    trace = {"file": "log.csv", "time": "t", "replay": "arrivals", "scale": 3.0}
    scenario = _scenario(workloads=[workload | {"trace": trace}], stages=[])
    rates = pace_rps(scenario, None, tmp_path)
    assert len(streams(scenario)) == 3
    assert rates == pytest.approx(np.full((3, 168), 6.0), rel=0.02)
    assert np.ptp(rates) == 0.0
    no_times = {"file": "log.csv", "prompt_tokens": "n", "output_tokens": "n", "replay": "arrivals"}
    with pytest.raises(LogFileError):
        pace_rps(_scenario(workloads=[workload | {"trace": no_times}], stages=[]), None, tmp_path)


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


def _rates(scenario: Scenario, moments: list[datetime]) -> np.ndarray:
    return rates_at(courses(scenario, HERE), np.array([moment.timestamp() for moment in moments]))


def test_peak_window_starts_at_the_busiest_hour_of_the_stage() -> None:
    scenario = _scenario()
    stage = scenario.stages[2]
    window = stage_window(scenario, "all", "peak", 3600.0, 600.0)
    begin = stage_start(scenario, stage)
    moments = [begin + timedelta(minutes=30 * half, seconds=1) for half in range(2 * 730)]
    days = [min(((moment - begin).days + 0.5) * DAY_S, stage.duration) for moment in moments]
    shares = np.array([stage_share(scenario, stage, day)[0] for day in days])
    totals = _rates(scenario, moments).sum(axis=0) * shares
    hours = (totals[1:] + totals[:-1]) / 2.0
    assert window.start == moments[int(hours.argmax())] - timedelta(seconds=1)
    assert window.piece_s == 1800.0  # of Kolkata's clock
    assert window.lead_s == 1200.0
    before = _rates(scenario, [window.start - timedelta(seconds=1)])
    assert window.rate_rps[:, :1] == pytest.approx(before)
    assert window.share[0][0] == 0.0


def test_window_that_runs_into_the_next_week_follows_the_calendar() -> None:
    scenario = _scenario(stages=[])
    window = stage_window(scenario, None, 6 * DAY_S, 2 * DAY_S, 1800.0)
    assert window.start == datetime(2027, 1, 10, tzinfo=UTC)
    assert window.piece_s == 1800.0
    assert window.rate_rps.shape == (5, 97)
    moments = [window.start + timedelta(minutes=30 * half - 29) for half in range(97)]
    assert window.rate_rps == pytest.approx(_rates(scenario, moments))
    assert window.share[0][1] == pytest.approx(np.ones(5))


@pytest.mark.parametrize("warmup_s", [0.1, 2.3, 148.74871975676186])
def test_the_mean_of_a_window_is_known_whatever_its_warmup_is_rounded_to(warmup_s: float) -> None:
    ask = {"name": "ask", "arrival_rate": 2.0, "profile": "office-hours", "steps": [{"call": "desk"}]}
    scenario = Scenario.model_validate(
        {
            "metadata": {"name": "desk"},
            "start": "2027-01-04",
            "workloads": [ask],
            "services": {"desk": {"service_time": {"distribution": "constant", "value": 1.0}}},
            "stages": [{"name": "all", "duration": 7 * 86_400.0, "exposure": 1.0}],
        }
    )
    plain, odd = (
        stage_window(scenario, "all", "peak", 3600.0, warmup).mean_rps for warmup in (0.0, warmup_s)
    )
    assert odd == pytest.approx(plain, rel=0.05)


def test_a_warmup_of_any_length_keeps_to_the_clock() -> None:
    window = stage_window(_scenario(stages=[]), None, 0.0, 3600.0, 90.25)
    assert (window.piece_s, window.lead_s) == (1800.0, 1709.75)
    sunday = _rates(_scenario(stages=[]), [datetime(2027, 1, 3, 23, 59, tzinfo=UTC)])
    assert window.rate_rps[:, :1] == pytest.approx(sunday)


@pytest.mark.parametrize(
    ("days", "start_s", "duration_s", "expected"),
    [
        (28, 3 * DAY_S, 3600.0, datetime(2027, 1, 28)),  # the last Thursday
        (
            28,
            6 * DAY_S + 82_800.0,
            7200.0,
            datetime(2027, 1, 24, 23),
        ),  # two hours from 23:00 fit a week earlier
        (
            2,
            3 * DAY_S + 3600.0,
            3600.0,
            datetime(2027, 1, 5, 1),
        ),  # no Thursday in it: the last day, at that hour
        (0.5, 3 * DAY_S + 72_000.0, 3600.0, datetime(2027, 1, 4, 11)),  # no such hour: as late as it fits
        (0.5, 0.0, DAY_S, datetime(2027, 1, 4)),  # longer than the stage
    ],
)
def test_a_span_lies_within_its_stage(
    days: float, start_s: float, duration_s: float, expected: datetime
) -> None:
    scenario = _scenario(stages=[{"name": "all", "duration": days * DAY_S, "exposure": 1.0}])
    assert stage_window(scenario, "all", start_s, duration_s, 60.0).start == expected.replace(tzinfo=UTC)


def test_without_stages_a_week_begins_with_the_scenario() -> None:
    scenario = _scenario(stages=[], start="2027-01-07")
    assert stage_window(scenario, None, 0.0, 3600.0, 0.0).start == datetime(2027, 1, 11, tzinfo=UTC)
    assert stage_window(scenario, None, 4 * DAY_S, 3600.0, 0.0).start == datetime(2027, 1, 8, tzinfo=UTC)


def test_unknown_stage_is_named() -> None:
    with pytest.raises(ValueError, match="no stage `worldwide`; stages: pilot, grow, all"):
        stage_window(_scenario(), "worldwide", "peak", 3600.0, 0.0)


def test_steady_window_is_one_piece() -> None:
    window = steady_window("night", "all", datetime(2027, 1, 4, tzinfo=UTC), [1.0, 0.0], 900.0, 100.0, 120.0)
    assert window.rate_rps.shape == (2, 1)
    assert window.piece_s == 1000.0
    assert window.share[0][1] == pytest.approx([1.0, 1.0])
