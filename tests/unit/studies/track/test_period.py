"""What a kept forecast says of a span: hours add up, however a span is cut; the busiest hour has its chance."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.economics.currency import US_DOLLAR
from simulator.numerics.sketch import bins_of
from simulator.studies.track.comparison import compared_month
from simulator.studies.track.period import expected_in, usd_by_day
from simulator.studies.track.records import (
    Came,
    CameUse,
    Cell,
    ForecastPart,
    KeptForecast,
    ModelUse,
    Times,
    WorkloadHour,
)

_BEGIN = datetime(2026, 11, 1, tzinfo=UTC)
_DAYS = 30


def _hour(calls: float) -> WorkloadHour:
    use = ModelUse(
        model="large",
        calls=calls,
        fresh_tokens=600.0 * calls,
        output_tokens=60.0 * calls,
        fresh_usd=0.001 * calls,
        output_usd=0.002 * calls,
    )
    return WorkloadHour(workload="ask", actions=calls, turns=calls, models=(use,), groups_usd={"people": 5.0})


def _forecast(quiet: float = 10.0, busy: float = 50.0) -> KeptForecast:
    """Days of sixteen quiet hours and eight busy ones."""
    cells = []
    for day in range(_DAYS):
        start = _BEGIN + timedelta(days=day)
        cells.append(Cell(start=start, hours=16.0, window=0))
        cells.append(Cell(start=start + timedelta(hours=16), hours=8.0, window=1))
    times = Times(
        workload="ask",
        measure="latency",
        bins=tuple(bins_of(np.array([1.0, 2.0])).tolist()),
        answers=(60.0, 40.0),
    )
    part = ForecastPart(
        stage="pilot",
        windows=((_hour(quiet),), (_hour(busy),)),
        cells=tuple(cells),
        times=(times,),
        tpm={"large": 500.0},
    )
    made = _BEGIN - timedelta(days=3)
    return KeptForecast(
        made=made, scenario="s", scenario_hash="0" * 64, engine_version="0", capacity_from="", parts=(part,)
    )


@given(st.lists(st.floats(0.0, 24.0 * _DAYS), max_size=4))
def test_a_span_is_the_sum_of_its_parts(cuts_h: list[float]) -> None:
    forecast = _forecast()
    edges = [_BEGIN + timedelta(hours=hours) for hours in sorted([0.0, *cuts_h, 24.0 * _DAYS])]
    parts = [expected_in(forecast, begin, end) for begin, end in pairwise(edges)]
    whole = _DAYS * (16 * 10.0 + 8 * 50.0)
    assert sum(one.calls for one in parts) == pytest.approx(whole)
    assert sum(one.tokens_usd for one in parts) == pytest.approx(0.003 * whole)
    assert sum(one.groups_usd.get("people", 0.0) for one in parts) == pytest.approx(5.0 * 24 * _DAYS)


def test_days_and_workloads() -> None:
    forecast = _forecast()
    days = list(usd_by_day(forecast, _BEGIN + timedelta(hours=12), _BEGIN + timedelta(days=2)))
    assert [round(tokens, 6) for _, tokens, _ in days] == [0.003 * (4 * 10 + 8 * 50), 0.003 * (160 + 400)]
    assert expected_in(forecast, _BEGIN, _BEGIN + timedelta(days=1), "other").calls == 0.0
    assert expected_in(forecast, _BEGIN, _BEGIN + timedelta(days=1)).times["latency p50"] == pytest.approx(
        1.0, rel=0.02
    )


def test_the_busiest_hour_is_that_of_simulated_months() -> None:
    found = expected_in(_forecast(), _BEGIN, _BEGIN + timedelta(days=_DAYS))
    draws = np.random.default_rng(5).poisson(np.tile([10.0] * 16 + [50.0] * 8, (4000, _DAYS)))
    assert found.busiest_rph == pytest.approx(np.median(draws.max(axis=1)), abs=1.0)
    assert found.busiest_tpm["large"] == pytest.approx(660.0 * found.busiest_rph / 60.0)


def test_a_limit_that_is_near_is_said() -> None:
    use = CameUse(
        model="large",
        calls=100.0,
        limited=0.0,
        failed=0.0,
        input_tokens=6e4,
        output_tokens=6e3,
        cost_usd=0.3,
        busiest_tpm=450.0,
    )
    came = Came(month="2026-11", begin=_BEGIN, end=_BEGIN + timedelta(days=1), files=("log",), models=(use,))
    month = compared_month(came, [_forecast()], US_DOLLAR)
    assert month.record.made_before
    assert any("90 % of the 500 tokens per minute" in note for note in month.record.notes)
    assert any("nothing came of people" in note for note in month.record.notes)
