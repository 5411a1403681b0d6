"""An incident says what, where and when, once each."""

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from simulator.mechanisms.incidents.config import Incident

_ADAPTER: TypeAdapter[Any] = TypeAdapter(Incident)
_BURST = {"name": "a", "kind": "error", "target": "desk", "share": "30%"}


@pytest.mark.parametrize(
    "when",
    [
        {"start": "5m", "duration": "1m"},
        {"every": "2h", "duration": "1m"},
        {"mtbf": "2h", "mttr": "1m"},
        {"duration": "1m"},
    ],
)
def test_a_time_is_one_of_four_kinds(when: dict[str, str]) -> None:
    assert _ADAPTER.validate_python({**_BURST, **when}).share == 0.3


@pytest.mark.parametrize(
    ("incident", "message"),
    [
        (_BURST, "give a `duration`"),
        ({**_BURST, "start": 0}, "give a `duration`"),
        ({**_BURST, "start": 0, "every": "1h", "duration": 1}, "not both"),
        ({**_BURST, "mtbf": "1h"}, "belong together"),
        ({**_BURST, "mtbf": "1h", "mttr": "1m", "start": 0}, "so does `start`"),
        ({**_BURST, "every": "1m", "duration": "2m"}, "longer than"),
        ({**_BURST, "share": 0, "duration": 1}, "greater than 0"),
        ({"name": "a", "kind": "outage", "duration": 1}, "`target`, `region`, or both"),
        ({"name": "a", "kind": "outage", "target": "x", "region": "y", "zone": 1, "duration": 1}, "`zone`"),
        ({"name": "a", "kind": "latency", "target": "x", "factor": 1, "duration": 1}, "greater than 1"),
        ({"name": "a", "kind": "quota", "target": "x", "factor": 1, "duration": 1}, "less than 1"),
        ({"name": "a", "kind": "network", "region": "x", "duration": 1}, "`extra`, `factor` or `loss`"),
        ({"name": "a", "kind": "flush", "target": "x", "duration": 1}, "not permitted"),
        ({"name": "a", "kind": "release", "target": "x", "duration": 1}, "changes nothing"),
        ({"name": "a", "kind": "release", "ttft": 1, "duration": 1}, "give one of both"),
        ({"name": "a", "kind": "release", "target": "x", "output_tokens": 1, "duration": 1}, "of a workload"),
        ({"name": "a", "kind": "release", "workload": "x", "error_rate": 1, "duration": 1}, "of a model"),
        ({"name": "a", "kind": "drift", "success_per_week": -0.1}, "give one of both"),
        ({"name": "a", "kind": "replica_loss", "target": "x", "replicas": 2, "mtbf": 9, "mttr": 9}, "by itself"),
    ],
)  # fmt: skip
def test_what_contradicts_itself_is_refused(incident: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        _ADAPTER.validate_python(incident)


def test_what_is_dumped_whole_can_be_read_again() -> None:
    incident = _ADAPTER.validate_python(
        {"name": "a", "kind": "replica_loss", "target": "x", "mtbf": 9, "mttr": 9}
    )
    assert _ADAPTER.validate_python(incident.model_dump(mode="json")) == incident
