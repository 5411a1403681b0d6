"""Random calendars: demand, peaks and person-hours equal sums over minutes read from the clock on the wall."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from simulator.compiler.demand import stage_window
from simulator.compiler.stage_demand import busiest_times, span_rates_rps
from simulator.compiler.stage_shares import stage_end, stage_share, stage_start
from simulator.engine import Runner
from simulator.mechanisms.regions.config import Region
from simulator.scenario.model import Scenario
from simulator.studies.common.windows import peaks
from simulator.studies.cost.forecast.month_parts import month_parts, part_windows
from tests.reference.minutes import demand_factor, minutes, share_of_day, share_on_duty

HERE = Path()
DAY_S = 86_400.0
ZONES = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "America/St_Johns",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Pacific/Chatham",
    "Africa/Casablanca",
]
# Around the days on which clocks change, leap days, the turn of a year, and any other.
DAYS = st.sampled_from(
    [
        "2027-03-13",
        "2027-03-27",
        "2027-10-30",
        "2027-11-06",
        "2027-04-03",
        "2027-10-02",
        "2028-02-28",
        "2027-12-30",
    ]
).map(date.fromisoformat) | st.dates(date(2025, 1, 1), date(2031, 12, 31))

hours = st.integers(0, 96).map(lambda quarter: quarter / 4.0)
shifts = st.lists(
    st.fixed_dictionaries(
        {
            "days": st.lists(st.integers(0, 6), min_size=1, max_size=7, unique=True),
            "start_hour": hours,
            "end_hour": hours,
            "share": st.sampled_from([0.1, 0.25, 0.5, 1.0]),
        }
    ),
    min_size=1,
    max_size=3,
)
weeks = st.lists(st.lists(st.integers(1, 9), min_size=24, max_size=24), min_size=7, max_size=7)


@st.composite
def calendars(draw: st.DrawFn) -> Scenario:
    start = draw(DAYS)
    zones = draw(st.lists(st.sampled_from(ZONES), min_size=1, max_size=2, unique=True))
    days_off = st.lists(st.integers(-1, 10).map(lambda n_days: start + timedelta(days=n_days)), max_size=2)
    regions = {
        f"r{number}": {"timezone": zone, "holidays": draw(days_off)} for number, zone in enumerate(zones)
    }
    stage = {"name": "live", "duration": 3600.0 * draw(st.integers(1, 9 * 24)), "exposure": 0.5}
    stage["growth"] = draw(st.sampled_from([0.0, 0.3, -0.2]))
    if draw(st.booleans()):
        stage["adoption"] = {"curve": draw(st.sampled_from(["linear", "logistic"])), "start": 0.1, "to": 0.9}
    before = {"name": "before", "duration": 3600.0 * draw(st.integers(1, 30)), "exposure": 0.1}
    return _scenario(start, regions, draw(weeks), draw(shifts), [before, stage])


def _scenario(start: date, regions: Any, week: Any, on_duty: Any, stages: Any) -> Scenario:
    constant = {"distribution": "constant", "value": 1.0}
    steps = [{"call": "desk"}, {"review": {"team": "people", "sample": 0.1}}]
    return Scenario.model_validate(
        {
            "metadata": {"name": "calendar"},
            "start": start,
            "regions": regions,
            "workloads": [{"name": "ask", "arrival_rate": 2.0, "profile": week, "steps": steps}],
            "services": {"desk": {"service_time": constant}},
            "teams": {"people": {"staff": 7, "handle_time": constant, "shifts": on_duty}},
            "stages": stages,
            "window": {"duration": 1800.0, "warmup": 600.0},
        }
    )


def _days_off(region: Region) -> list[date]:
    assert isinstance(region.holidays, list)
    return region.holidays


def _by_minute(scenario: Scenario, begin: datetime, end: datetime) -> np.ndarray:
    """Actions per second of every region in every minute of the last stage, float64[region, minute]."""
    stage = scenario.stages[-1]
    first, last = stage_start(scenario, stage), stage_end(scenario, stage)
    week: Any = scenario.workloads[0].profile
    paces = {}
    for day in range((last - first) // timedelta(days=1) + 1):
        opens_s = DAY_S * day
        closes_s = min(opens_s + DAY_S, (last - first).total_seconds())
        paces[day] = float(stage_share(scenario, stage, (opens_s + closes_s) / 2.0)[0])
    rows = [
        [
            2.0
            * demand_factor(moment, str(region.timezone), week, _days_off(region))
            * share_of_day(moment, first, paces)
            for moment in minutes(begin, end)
        ]
        for region in scenario.regions.values()
    ]
    return np.array(rows)


@settings(max_examples=25, deadline=None)
@given(calendars())
def test_months_stand_for_every_minute(scenario: Scenario) -> None:
    """Demand of every stream and hours of every team, for any part of a week, whatever the clocks do."""
    stage = scenario.stages[-1]
    for part in month_parts(scenario):
        if part.stage != stage.name:
            continue
        found = part_windows(scenario, part, Runner(HERE), 60.0)
        weights_h = np.array([window.weight_h for window in found.windows])
        assert weights_h.sum() == pytest.approx(part.hours, rel=1e-12)
        rates = np.array([window.rate_rps[:, 0] for window in found.windows])
        actions = 3600.0 * weights_h @ rates
        expected = 60.0 * _by_minute(scenario, part.begin, part.end).sum(axis=1)
        assert actions == pytest.approx(expected, rel=1e-9)
        team = scenario.teams["people"]
        assert not isinstance(team.shifts, str)
        for name, region in scenario.regions.items():
            staff = [(window.staff or {})["people", name] for window in found.windows]
            by_minute = [
                share_on_duty(moment, str(region.timezone), team.shifts, _days_off(region))
                for moment in minutes(part.begin, part.end)
            ]
            assert weights_h @ staff == pytest.approx(7 * sum(by_minute) / 60.0, rel=1e-9, abs=1e-9)


@settings(max_examples=25, deadline=None)
@given(calendars())
def test_the_peak_is_the_busiest_time_of_the_stage(scenario: Scenario) -> None:
    stage = scenario.stages[-1]
    begin, end = stage_start(scenario, stage), stage_end(scenario, stage)
    by_minute = _by_minute(scenario, begin, end)
    for region, time in busiest_times(scenario, stage, HERE).items():
        rows = by_minute if region is None else by_minute[[list(scenario.regions).index(region)]]
        so_far = np.concatenate([[0.0], np.cumsum(rows.sum(axis=0))])
        busiest = (so_far[60:] - so_far[:-60]).max() / 60.0
        shortly = rows.sum(axis=0).max()
        rates = span_rates_rps(scenario, stage, *time, HERE)
        found = rates.sum() if region is None else rates[list(scenario.regions).index(region)]
        is_short = shortly > busiest * 1.01
        assert found == pytest.approx(shortly if is_short else busiest, rel=1e-9)
        assert time.length_s < 3600.0 if is_short else time.length_s == 3600.0
        assert begin <= time.begin <= end - timedelta(seconds=time.length_s)
    for peak in peaks(scenario, stage, Runner(HERE), 600.0):
        assert begin <= peak.window.start <= end - timedelta(seconds=peak.window.duration_s)


@settings(max_examples=25, deadline=None)
@given(
    calendars(),
    st.just("peak") | st.integers(0, 7 * 24 * 60 - 1).map(lambda minute: 60.0 * minute),
    st.integers(1, 2 * 24 * 60),
    st.integers(0, 180),
)
def test_a_run_meets_the_minutes_of_its_stage(
    scenario: Scenario, start: Any, n_minutes: int, n_before: int
) -> None:
    stage = scenario.stages[-1]
    window = stage_window(scenario, stage.name, start, 60.0 * n_minutes, 60.0 * n_before)
    begin, end = stage_start(scenario, stage), stage_end(scenario, stage)
    assert begin <= window.start
    n_minutes = round(window.duration_s / 60.0)
    assert window.start == begin or window.start + timedelta(minutes=n_minutes) <= end
    run_begin = window.start - timedelta(minutes=n_before)
    run_end = min(window.start + timedelta(minutes=n_minutes), end)
    if run_begin < begin or window.start + timedelta(minutes=n_minutes) > end:
        return  # what is outside the stage has the share of its first or last day
    expected = _by_minute(scenario, run_begin, run_end).mean(axis=1)
    assert window.mean_rps == pytest.approx(expected, rel=1e-9)


@example("Asia/Kathmandu")
@given(st.sampled_from(ZONES))
def test_full_exposure_follows_the_clock_as_well(zone: str) -> None:
    week = [[day * 24 + hour + 1 for hour in range(24)] for day in range(7)]
    scenario = _scenario(date(2027, 3, 10), {"r0": {"timezone": zone}}, week, "always", [])
    window = stage_window(scenario, None, 4.5 * DAY_S, 3 * DAY_S, 90.0)
    assert window.start == datetime(2027, 3, 12, 12, tzinfo=UTC)
    run_begin = window.start - timedelta(seconds=90)
    # Minutes from the half minute on: changes lie on full minutes, so each counts half to either side.
    halves = [run_begin + timedelta(seconds=30 * number + 1) for number in range(2 * 3 * 1440 + 3)]
    expected = np.mean([2.0 * demand_factor(moment, zone, week) for moment in halves])
    assert window.mean_rps[0] == pytest.approx(expected, rel=1e-9)
