"""Warm-ups of a stage: as long as what its targets remember, and the busiest hour is the one they are fullest in."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from simulator.engine import Runner
from simulator.scenario.model import Scenario
from simulator.studies.capacity.warmup import stage_warmup_s
from simulator.studies.common.replicator import Replicator
from simulator.studies.common.windows import peaks

Desk = Callable[..., Scenario]
WORK = {"distribution": "exponential", "mean": 1.0}
# three busy hours in the morning, two thirds of that in the afternoon
DAY = [0.2] * 9 + [1.0] * 3 + [0.67] * 5 + [0.2] * 7


def _limited(desk: Desk, rate_rps: float, limit_rps: float, **window: Any) -> Scenario:
    return desk(
        workloads=[{"name": "ask", "arrival_rate": {"home": rate_rps}, "steps": [{"call": "desk"}]}],
        services={"desk": {"service_time": WORK, "rate_limit": limit_rps, "burst": 100}},
        slos=[{"name": "answered", "indicator": "availability", "objective": ">= 90%"}],
        capacity={},
        window=window,
    )


@pytest.mark.parametrize(
    ("rate_rps", "warmup_s"),
    [
        (1.1, 1500.0),  # 100 tokens, of which 0.1 a second more are taken than come, and half as long again
        (1.0, 7500.0),  # by chance alone
        (0.5, 600.0),  # it is never empty
    ],
)
def test_a_bucket_runs_dry_before_it_is_measured(desk: Desk, rate_rps: float, warmup_s: float) -> None:
    scenario = _limited(desk, rate_rps, 1.0, duration=3600.0)
    found_s = stage_warmup_s(Replicator(Runner()), scenario, scenario.stages[1])
    assert found_s == pytest.approx(warmup_s, rel=0.25)


def test_a_stated_warmup_is_taken_as_it_is(desk: Desk) -> None:
    scenario = _limited(desk, 1.1, 1.0, duration=3600.0, warmup=120.0)
    assert stage_warmup_s(Replicator(Runner()), scenario, scenario.stages[1]) == 120.0


@pytest.mark.parametrize("warmup_s", [1_200.0, 18_000.0, 700_000.0])
def test_the_busiest_hour_is_the_last_of_the_morning_however_long_a_queue_remembers(
    desk: Desk, warmup_s: float
) -> None:
    """A queue that is nearly full at its peak forgets over days, says its relaxation time; in the afternoon it is empty."""
    ask = {
        "name": "ask",
        "arrival_rate": {"home": 3.0},
        "profile": [DAY] * 5 + [[0.1] * 24] * 2,
        "steps": [{"call": "desk"}],
    }
    scenario = desk(workloads=[ask], window={"duration": 3600.0})
    hour = peaks(scenario, scenario.stages[1], Runner(base_dir=Path()), warmup_s)[0].window.start
    assert hour.hour == 11
