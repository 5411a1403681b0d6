"""Measured loads: which are compared, how they are sent, how errors are counted."""

import pytest

from benchmarks.measured.errors import Compared, by_class, mean_error
from benchmarks.measured.points import METRICS, OTHER_ENGINE, SETS, SPECULATING, read_points
from benchmarks.measured.replay import _ids, forecast

POINTS = read_points()


def test_every_set_has_its_stages_by_how_full_the_replica_was() -> None:
    assert {point.set_name for point in POINTS} == set(SETS)
    open_arrivals = [
        (point.set_name, point.stage)
        for point in POINTS
        if not point.is_late and point.set_name not in (*OTHER_ENGINE, *SPECULATING)
    ]
    assert len(open_arrivals) == 9
    classes = [point.load_class for point in POINTS if point.set_name == "vllm"]
    assert classes == ["under 50 %"] * 2 + ["50 to 90 %"] * 2 + ["saturated"] * 3


def test_prompts_share_their_system_prompt_and_come_again_after_a_hundred() -> None:
    one, alike, other = (_ids(number, 204) for number in (3, 13, 4))
    assert len(one) == 13
    assert one[:8] == alike[:8]
    assert not set(one[8:]) & set(alike)
    assert not set(one) & set(other)
    assert one == _ids(103, 204)


def test_errors_are_relative_and_absolute_means() -> None:
    slow, fast = (
        Compared(POINTS[0], {name: POINTS[0].measured[name] * by for name in METRICS}) for by in (1.1, 0.8)
    )
    assert slow.error("tpot_ms") == pytest.approx(0.1)
    assert mean_error([slow, fast], "tpot_ms") == pytest.approx(0.15)
    assert list(by_class([slow, fast])) == ["under 50 %", "all open arrivals"]


@pytest.mark.parametrize("set_name", SETS)
def test_one_request_a_second_is_forecast_within_a_tenth(set_name: str) -> None:
    (point,) = [one for one in POINTS if (one.set_name, one.stage) == (set_name, 0)]
    found = Compared(point, forecast(point, n_draws=1))
    assert abs(found.error("tpot_ms")) < 0.10
    assert abs(found.error("latency_p50_ms")) < 0.10
