"""The control plane in whole runs: people on shift, autoscaling of a step of load, and Little's law at every target."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from simulator.compiler.blueprint import compile_scenario
from simulator.compiler.demand import stage_window
from simulator.engine import simulate
from simulator.metrics.columns import AreaColumn
from simulator.results.run_result import RunResult
from simulator.scenario.model import Scenario
from simulator.theory.erlang import mean_wait_s
from tests.theory.experiments import (
    assert_agrees,
    constant,
    exponential,
    instant_model,
    one_service,
    replications,
    scenario_of,
    tokens,
)

HOUR_S = 3_600.0
DAY_S = 24 * HOUR_S


def _team(start: str, timezone: str, shifts: Any, rate_rps: float = 0.001) -> Scenario:
    """Ten people who look at a tenth of the answers."""
    steps = [{"generate": "small"}, {"review": {"team": "agents", "sample": 0.1}}]
    ask = {"name": "ask", "arrival_rate": rate_rps, "steps": steps, **tokens(10, 1)}
    return scenario_of(
        {
            "start": start,
            "regions": {"home": {"timezone": timezone}},
            "workloads": [ask],
            "model_list": [instant_model("small")],
            "teams": {"agents": {"staff": 10, "shifts": shifts, "handle_time": constant(60.0)}},
        }
    )


def _person_hours(
    scenario: Scenario, start_s: float, duration_s: float, warmup_s: float = 0.0, fractions_h: float = 0.0
) -> float:
    """Hours paid in the measured span of a run; `fractions_h` of them are of less than a person, who serves nobody."""
    window = stage_window(scenario, None, start_s, duration_s, warmup_s)
    result = simulate(compile_scenario(scenario, window, Path()), 1)
    (team,) = (row for row, station in enumerate(result.stations) if station.kind == "team")
    # Nobody is kept after the shift: the servers of the station are the people on shift, but for work under way.
    served_s = result.areas[team, AreaColumn.SERVERS_S] + fractions_h * HOUR_S
    assert served_s >= (1.0 - 1e-12) * result.replica_s[team]
    return float(result.replica_s[team]) / HOUR_S


@pytest.mark.parametrize(
    ("start", "hours"),
    [
        ("2027-03-15", 8.0),  # an ordinary week
        ("2027-03-22", 7.0),  # the clocks go forward in the night to Sunday
        ("2027-10-25", 9.0),  # they go back
    ],
)
def test_a_night_shift_is_as_long_as_the_night(start: str, hours: float) -> None:
    """From 22 on Saturday to 6 on Sunday in Berlin, which is 21 or 20 o'clock UTC on Saturday to 5 or 4."""
    night = [{"days": [5], "start_hour": 22, "end_hour": 6}]
    scenario = _team(start, "Europe/Berlin", night)
    assert _person_hours(scenario, 0.0, 7 * DAY_S) == pytest.approx(10 * hours, rel=1e-12)
    saturday_s = 5 * DAY_S
    begins_s = saturday_s + (20.0 if start == "2027-10-25" else 21.0) * HOUR_S
    assert _person_hours(scenario, begins_s - HOUR_S, HOUR_S) == 0.0
    assert _person_hours(scenario, begins_s, HOUR_S) == pytest.approx(10.0)
    assert _person_hours(scenario, begins_s + HOUR_S, HOUR_S, warmup_s=1_800.0) == pytest.approx(10.0)
    assert _person_hours(scenario, begins_s + hours * HOUR_S, 2 * HOUR_S) == pytest.approx(0.0, abs=1e-9)


SHIFTS = [
    {"days": [0, 1, 2, 3, 4], "start_hour": 8.5, "end_hour": 18, "share": 1.0},
    {"days": [0, 2, 4, 6], "start_hour": 21, "end_hour": 5.75, "share": 0.4},
    {"days": [5, 6], "start_hour": 10, "end_hour": 16, "share": 0.26},
]


def _people_by_the_minute(begin: datetime, minutes: int, timezone: str) -> tuple[float, float]:
    """Person-hours of `SHIFTS` by the clock on the wall, read every minute, and how many are of less than a person."""
    zone = ZoneInfo(timezone)
    total = fractions = 0.0
    for minute in range(minutes):
        local = (begin + timedelta(minutes=minute)).astimezone(zone)
        hour, day = local.hour + local.minute / 60, local.weekday()
        night = (day in (0, 2, 4, 6) and hour >= 21) or ((day - 1) % 7 in (0, 2, 4, 6) and hour < 5.75)
        weekday = day < 5 and 8.5 <= hour < 18
        weekend = day >= 5 and 10 <= hour < 16
        on_shift = 10.0 * weekday + 4.0 * night + 2.6 * weekend  # those who work at the same time add up
        total += on_shift
        fractions += on_shift % 1.0
    return total / 60, fractions / 60


@pytest.mark.parametrize("timezone", ["UTC", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"])
@pytest.mark.parametrize("start", ["2027-03-08", "2027-03-29", "2027-10-25"])
def test_people_are_paid_for_the_time_on_shift_by_the_clock_on_the_wall(start: str, timezone: str) -> None:
    """Weeks with and without a change of clocks (in Lord Howe by half an hour), begun in the middle of a day."""
    begin = datetime.fromisoformat(start).replace(tzinfo=UTC) + timedelta(hours=13, minutes=20)
    scenario = _team(start, timezone, SHIFTS)
    paid_h, fractions_h = _people_by_the_minute(begin, int(6.5 * 1_440), timezone)
    found = _person_hours(scenario, 13 * HOUR_S + 1_200.0, 6.5 * DAY_S, HOUR_S, fractions_h)
    assert found == pytest.approx(paid_h, rel=1e-9)


def _autoscaled(policy: dict[str, float]) -> RunResult:
    """20 requests at a time (10 per second of two seconds each, evenly spaced), and 6 from 600 to 1,200 seconds."""
    service = {
        "max_ongoing_requests": 100,
        "service_time": constant(2.0),
        "autoscaling": {"target_ongoing_requests": 2.4, "startup_delay": 25.0, **policy},
    }
    scenario = one_service(10.0, service, burstiness=0.05)
    window = stage_window(scenario, None, 0.0, 1_200.0, 0.0)
    window = replace(window, share=((0.0, np.array([1.0])), (600.0, np.array([0.3]))))
    return simulate(compile_scenario(scenario, window, Path()), 3)


@pytest.mark.parametrize(
    ("bounds", "low", "top", "settled", "seen_s"),
    [
        ({"min_replicas": 1, "max_replicas": 50}, 1, 9, 3, 610),  # 20 / 2.4 = 8.3 and 6 / 2.4 = 2.5
        (
            {"min_replicas": 1, "max_replicas": 7},
            1,
            7,
            3,
            620,
        ),  # at 610 the mean of three looks, 15.3, wants 7
        ({"min_replicas": 5, "max_replicas": 50}, 5, 9, 5, 610),
    ],
)
def test_an_autoscaler_reaches_the_load_over_its_target(
    bounds: dict[str, float], low: int, top: int, settled: int, seen_s: int
) -> None:
    """Looked at every 10 s: more are wanted at 10 s and come 30 s later; fewer are wanted at `seen_s`, go 120 s later."""
    result = _autoscaled({**bounds, "upscale_delay": 30.0, "downscale_delay": 120.0})
    falls_s = seen_s + 120
    assert result.replica_s[0] == pytest.approx(40 * low + (falls_s - 40) * top + (1_200 - falls_s) * settled)
    # A new replica is paid from the decision and serves 25 s later.
    servers_s = 65 * low + (falls_s - 65) * top + (1_200 - falls_s) * settled
    assert result.areas[0, AreaColumn.SERVERS_S] == pytest.approx(100.0 * servers_s)


def test_requests_in_the_system_are_rate_times_time_at_every_target() -> None:
    """L = λ·W from integrals over time and from the sums of the requests' own times, with all kinds of ends."""
    call = {"call": "lookup"}
    review = {"review": {"team": "agents", "sample": 0.2, "when": ["low_confidence", "exhausted"]}}
    ask = {
        "name": "ask",
        "arrival_rate": {"north": 3.0, "south": 2.0},
        "timeout": 20.0,
        "steps": [call, {"generate": "best"}, review],
        **tokens(100, 50),
    }
    model = {"ttft": exponential(0.5), "tpot": exponential(0.02), "error_rate": 0.1, "success_rate": 0.7}
    scenario = scenario_of(
        {
            "regions": {"north": {}, "south": {}},
            "network": {"default": 0.08, "local": 0.01},
            "workloads": [ask],
            "services": {
                "index": {
                    "max_ongoing_requests": 4,
                    "max_queued_requests": 20,
                    "service_time": exponential(0.9),
                    "patience": exponential(3.0),
                    "error_rate": 0.05,
                }
            },
            "model_list": [
                instant_model("small", **model, rpm=150),
                instant_model("large", **model, regions=["north"]),
            ],
            "routes": {
                "lookup": {"choose": ["index"], "num_retries": 2, "per_try_timeout": 2.5},
                "best": {"choose": ["small"], "fallbacks": ["large", "human"], "timeout": 6.0},
            },
            "teams": {
                "agents": {"staff": 30, "handle_time": exponential(15.0), "patience": exponential(30.0)}
            },
        }
    )
    for result in replications(scenario, 600.0, 60.0, n=3):
        areas_s = result.areas
        assert (areas_s[:, AreaColumn.IN_SYSTEM_S] > 0.0).all()
        assert areas_s[:, AreaColumn.IN_SYSTEM_S] == pytest.approx(areas_s[:, AreaColumn.SOJOURN_S], rel=1e-9)


def test_people_make_those_wait_whom_they_take_over_from_as_erlang_says() -> None:
    """Every answer is wrong and seen to be: all come to a team of eight."""
    steps = [{"generate": "best"}, {"review": {"team": "agents", "when": ["low_confidence"]}}]
    scenario = scenario_of(
        {
            "workloads": [{"name": "ask", "arrival_rate": 6.4, "steps": steps, **tokens(10, 1)}],
            "model_list": [instant_model("small", success_rate=0.0)],
            "routes": {"best": {"choose": ["small"], "confidence": {"flags_wrong": 1.0}}},
            "teams": {"agents": {"staff": 8, "handle_time": exponential(1.0)}},
        }
    )
    results = replications(scenario, 5_000.0, 200.0)
    team = [station.kind for station in results[0].stations].index("team")
    in_system = [r.areas[team, AreaColumn.IN_SYSTEM_S] / r.duration_s for r in results]
    assert_agrees(in_system, 6.4 * (mean_wait_s(8, 6.4, 1.0) + 1.0))
