"""A rollout small enough to check by hand: one desk, served one by one, in one region or two."""

from collections.abc import Callable
from typing import Any

import pytest

from simulator.scenario.model import Scenario
from simulator.studies.plan import remedies

WEEK_S = 7 * 86_400.0


def desk_document(**changes: Any) -> dict[str, Any]:
    """M/M/c: 7.2 actions per second, one second of service each, two stages."""
    document: dict[str, Any] = {
        "metadata": {"name": "desk"},
        "start": "2027-01-04",
        "seed": 11,
        "workloads": [{"name": "ask", "arrival_rate": {"home": 7.2}, "steps": [{"call": "desk"}]}],
        "services": {
            "desk": {"replicas": 9, "max_ongoing_requests": 1, "price": 0.5}
            | {"service_time": {"distribution": "exponential", "mean": 1.0}}
        },
        "window": {"duration": 1800.0, "warmup": 300.0},
        "stages": [
            {"name": "half", "duration": 4 * WEEK_S, "exposure": 0.5},
            {"name": "all", "duration": 4 * WEEK_S, "exposure": 1.0},
        ],
        "slos": [{"name": "wait", "indicator": "queue_wait", "objective": "mean < 0.5s"}],
        "capacity": {
            "knobs": [{"path": "services.desk.replicas", "min": 1, "max": 40, "lead_time": 3 * WEEK_S}]
        },
    }
    return document | changes


@pytest.fixture
def brief_remedies(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look only roughly for the demand that would pass, which lies at a limit and takes most of a NO-GO's time."""
    monkeypatch.setattr(remedies, "_N_HALVINGS", 1)


@pytest.fixture
def desk() -> Callable[..., Scenario]:
    """Return the scenario with some keys replaced."""
    return lambda **changes: Scenario.model_validate(desk_document(**changes))
