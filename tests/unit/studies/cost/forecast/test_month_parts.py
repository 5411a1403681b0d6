"""Months are cut where stages meet, and their windows stand for exactly their hours and their demand."""

from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest

from simulator.compiler.courses import courses, rates_at
from simulator.engine import Runner
from simulator.scenario.model import Scenario
from simulator.studies.cost.forecast.month_parts import (
    TooManyMonthsError,
    month_parts,
    part_windows,
)
from tests.unit.studies.money import DAY_S, answers

HERE = Path()


def test_months_are_cut_where_stages_meet() -> None:
    parts = month_parts(answers())
    assert [(part.month, part.stage) for part in parts] == [
        (date(2027, 1, 1), "half"),
        (date(2027, 1, 1), "all"),
        (date(2027, 2, 1), "all"),
    ]
    assert [part.begin.day for part in parts] == [18, 28, 1]
    assert parts[-1].end == datetime(2027, 2, 7, tzinfo=UTC)
    assert sum(part.hours for part in parts) == pytest.approx(20 * 24)
    assert parts[0].month_share == pytest.approx(10 / 31)
    assert parts[-1].month_share == pytest.approx(6 / 28)


def test_a_stage_may_begin_within_an_hour() -> None:
    scenario = answers(
        stages=[
            {"name": "half", "duration": 5_400.0, "exposure": 0.5},
            {"name": "all", "duration": DAY_S, "exposure": 1.0},
        ]
    )
    first, second = (part_windows(scenario, part, Runner(HERE), 60.0) for part in month_parts(scenario))
    assert [length_h for _, length_h in first.cells] == [1.0, 0.5]
    assert [length_h for _, length_h in second.cells] == [0.5] + [1.0] * 23 + [0.5]


@pytest.mark.parametrize("place", [0, 1, 2])
def test_windows_stand_for_the_hours_and_the_demand(place: int) -> None:
    scenario = answers()
    part = month_parts(scenario)[place]
    found = part_windows(scenario, part, Runner(HERE), 60.0)
    assert sum(window.weight_h for window in found.windows) == pytest.approx(part.hours)
    rates = rates_at(
        courses(scenario, HERE), np.array([begin.timestamp() + 60.0 for begin, _ in found.cells])
    )
    exposure = {"half": 0.5, "all": 1.0}[part.stage]
    numbers = np.array(found.window_of_cell)
    for number, window in enumerate(found.windows):
        assert window.rate_rps.sum() == pytest.approx(exposure * rates[:, numbers == number].mean())
        lengths_h = [length_h for (_, length_h), at in zip(found.cells, numbers, strict=True) if at == number]
        assert sum(lengths_h) == pytest.approx(window.weight_h)


def test_demand_is_the_mean_over_the_days_of_a_part() -> None:
    """Adoption that rises in a line from 0 to 1 over a stage of one part: half of the demand."""
    stage = {"name": "rise", "duration": 10 * DAY_S, "exposure": 1.0}
    level = answers().workloads[0].model_dump(by_alias=True, exclude_unset=True) | {"profile": "flat"}
    adoption = {"curve": "linear", "start": 0.0, "to": 1.0}
    scenario = answers(workloads=[level], stages=[stage | {"adoption": adoption}])
    [part] = month_parts(scenario)
    plain = answers(workloads=[level], stages=[stage])
    risen, full = (part_windows(one, part, Runner(HERE), 0.0) for one in (scenario, plain))
    means = [sum(w.weight_h * w.rate_rps.sum() for w in found.windows) for found in (risen, full)]
    assert means[0] == pytest.approx(0.5 * means[1])


def test_rare_actions_get_longer_windows() -> None:
    rare: Scenario = answers(
        stages=[
            {"name": "half", "duration": DAY_S, "exposure": 0.001},
            {"name": "x", "duration": DAY_S, "exposure": 1},
        ]
    )
    first, _ = month_parts(rare)
    assert part_windows(rare, first, Runner(HERE), 0.0).windows[0].duration_s == 3_600.0
    busy = answers(workloads=[answers().workloads[0].model_dump(by_alias=True) | {"arrival_rate": 100.0}])
    assert part_windows(busy, month_parts(busy)[0], Runner(HERE), 0.0).windows[0].duration_s == 300.0


def test_too_many_months_are_refused() -> None:
    with pytest.raises(TooManyMonthsError, match="at most 60"):
        month_parts(answers(stages=[{"name": "long", "duration": 6 * 366 * DAY_S, "exposure": 1.0}]))
