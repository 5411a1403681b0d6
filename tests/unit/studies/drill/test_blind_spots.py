"""A small region may be dead while every alert is silent: the drill names it; a large one is seen."""

from typing import Any

import pytest

from simulator.engine import Runner
from simulator.scenario.model import Scenario
from simulator.studies.drill.drill import drill
from simulator.studies.drill.report import DrillResult
from simulator.studies.drill.study import DrillStudy


def _played(south_rps: float) -> tuple[DrillResult, str]:
    """The service of the south is down for half an hour; all else goes on."""
    service = {
        "replicas": 40,
        "max_ongoing_requests": 1,
        "service_time": {"distribution": "constant", "value": 1.0},
    }
    document: dict[str, Any] = {
        "metadata": {"name": "corners"},
        "regions": {"north": {}, "south": {}},
        "workloads": [
            {
                "name": "ask",
                "arrival_rate": {"north": 8.0, "south": south_rps},
                "timeout": "20s",
                "steps": [{"call": "desk"}],
            }
        ],
        "services": {"desk": service},
        "network": {"region_policy": "nearest"},
        "incidents": [
            {"name": "dead", "kind": "outage", "target": "desk", "region": "south", "duration": "30m"}
        ],
        "window": {"duration": "10m", "warmup": "1m"},
        "slos": [{"name": "up", "indicator": "availability", "objective": ">= 99%"}],
    }
    report = drill(Scenario.model_validate(document), DrillStudy(runs=3, cures=False), Runner())
    [found] = report.drills
    return found, "\n".join(str(section) for section in report.sections())


def test_a_corner_that_no_alert_sees_is_named() -> None:
    found, text = _played(0.06)
    assert not any(one.seen.value > 0.0 for one in found.alerts)
    assert [(spot.dimension, spot.name) for spot in found.blind_spots] == [("region", "south")]
    moved = found.blind_spots[0].answered_in_time
    assert (moved.before, moved.after) == pytest.approx((1.0, 0.0), abs=0.02)
    assert "no alert fires for region south" in text


def test_what_an_alert_sees_is_no_blind_spot() -> None:
    found, text = _played(8.0)
    assert any(one.seen.value > 0.5 for one in found.alerts)
    assert found.blind_spots == ()
    assert "no alert fires" not in text
