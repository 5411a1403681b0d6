"""Incidents happen at their time, or by luck that is theirs alone and has no beginning."""

from itertools import pairwise, takewhile

import numpy as np
import pytest

from simulator.control.incident_schedule import IncidentSpan, incident_spans
from simulator.mechanisms.incidents.caches import CacheFlush
from simulator.mechanisms.incidents.trouble import ErrorBurst

_HOUR_S = 3600.0


def _burst(**when: float) -> ErrorBurst:
    return ErrorBurst.model_validate(
        {"name": "burst", "kind": "error", "target": "desk", "share": 0.5, **when}
    )


def _until(
    end_s: float, incident: ErrorBurst | CacheFlush, seed: int = 1, *component: str | int
) -> list[IncidentSpan]:
    return list(takewhile(lambda span: span.begin_s < end_s, incident_spans(incident, seed, 0.0, *component)))


def test_a_scheduled_one_counts_from_the_end_of_the_warm_up() -> None:
    assert list(incident_spans(_burst(start=60.0, duration=30.0), 1, 600.0)) == [IncidentSpan(660.0, 690.0)]


def test_one_without_a_time_does_not_happen() -> None:
    assert list(incident_spans(_burst(duration=30.0), 1, 600.0)) == []


def test_poisson_starts_have_their_rate_and_are_as_likely_before_the_run() -> None:
    found = [_until(_HOUR_S, _burst(every=600.0, duration=60.0), seed) for seed in range(400)]
    inside = [sum(span.begin_s >= 0.0 for span in one) for one in found]
    assert np.mean(inside) == pytest.approx(6.0, abs=4 * np.sqrt(6.0 / 400))
    assert np.var(inside) == pytest.approx(6.0, rel=0.35)
    under_way = np.mean([any(span.begin_s <= 0.0 < span.end_s for span in one) for one in found])
    expected = 1.0 - np.exp(-60.0 / 600.0)
    assert under_way == pytest.approx(expected, abs=4 * np.sqrt(expected / 400))
    assert {round(span.end_s - span.begin_s, 9) for one in found for span in one} == {60.0}


def test_failures_and_repairs_alternate_with_their_means() -> None:
    found = _until(4000 * 120.0, _burst(mtbf=100.0, mttr=20.0))
    down_s = [span.end_s - span.begin_s for span in found]
    up_s = [later.begin_s - earlier.end_s for earlier, later in pairwise(found)]
    assert min(up_s) > 0.0
    assert np.mean(down_s) == pytest.approx(20.0, abs=4 * 20.0 / np.sqrt(len(down_s)))
    assert np.mean(up_s) == pytest.approx(100.0, abs=4 * 100.0 / np.sqrt(len(up_s)))


def test_a_component_is_down_at_the_start_as_often_as_at_any_time() -> None:
    incident = _burst(mtbf=90.0, mttr=30.0)
    for time_s in (0.0, 45.0):
        is_down = [
            any(span.begin_s <= time_s < span.end_s for span in _until(100.0, incident, seed))
            for seed in range(1500)
        ]
        assert np.mean(is_down) == pytest.approx(0.25, abs=4 * np.sqrt(0.25 * 0.75 / 1500))


def test_luck_is_by_seed_name_and_component_only() -> None:
    incident = _burst(every=600.0, duration=60.0)
    assert _until(_HOUR_S, incident) == _until(_HOUR_S, incident)
    others = [
        _until(_HOUR_S, incident, 2),
        _until(_HOUR_S, incident.model_copy(update={"name": "other"})),
        _until(_HOUR_S, incident, 1, "east", 0),
        _until(_HOUR_S, incident, 1, "east", 1),
    ]
    assert len({tuple(incident_spans[:2]) for incident_spans in [_until(_HOUR_S, incident), *others]}) == 5
    assert _until(_HOUR_S, incident.model_copy(update={"share": 0.9})) == _until(_HOUR_S, incident)


def test_a_flush_takes_no_time() -> None:
    flush = CacheFlush.model_validate({"name": "flush", "kind": "flush", "target": "answers", "every": 600.0})
    assert all(span.begin_s == span.end_s > 0.0 for span in _until(_HOUR_S, flush))
