"""What must hold is in a stage: of what no stage includes nothing would be observed."""

from typing import Any

import pytest

from simulator.scenario.check.rollout.included import check_included
from simulator.scenario.model import Scenario


def _scenario(**more: Any) -> Scenario:
    steps = [{"call": "desk"}]
    return Scenario.model_validate(
        {
            "metadata": {"name": "two"},
            "regions": {"eu": {}, "us": {}},
            "workloads": [
                {"name": "now", "arrival_rate": "1 rps", "steps": steps},
                {"name": "later", "arrival_rate": "1 rps", "steps": steps},
            ],
            "services": {"desk": {"service_time": {"distribution": "constant", "value": "1s"}}},
            "stages": [
                {"name": "first", "duration": "1w", "exposure": {"eu": "50%"}, "workloads": ["now"]},
            ],
            **more,
        }
    )


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (
            {
                "slos": [
                    {"name": "a", "indicator": "availability", "objective": ">= 99%", "workload": "later"}
                ]
            },
            "no stage includes the workload `later`",
        ),
        (
            {"thresholds": {"availability{workload:later}": [">= 99%"]}},
            "no stage includes the workload `later`",
        ),
        ({"thresholds": {"availability{region:us}": [">= 99%"]}}, "no stage exposes users in `us`"),
        (
            {"thresholds": {"latency{stage:first,workload:later}": ["p95 < 1s"]}},
            "no stage includes the workload `later`",
        ),
    ],
)
def test_what_no_stage_includes_is_an_error(more: dict[str, Any], message: str) -> None:
    (found,) = check_included(_scenario(**more))
    assert message in found.message
    assert "nothing would be observed" in found.message
    assert "remove what must hold" in (found.hint or "")


@pytest.mark.parametrize(
    "more",
    [
        {"slos": [{"name": "a", "indicator": "availability", "objective": ">= 99%", "workload": "now"}]},
        {"slos": [{"name": "a", "indicator": "availability", "objective": ">= 99%"}]},
        {"thresholds": {"availability{workload:*}": [">= 99%"], "latency{region:eu}": ["p95 < 1s"]}},
        {"thresholds": {"availability{workload:later}": [">= 99%"]}, "stages": []},
    ],
)
def test_what_a_stage_includes_is_none(more: dict[str, Any]) -> None:
    assert list(check_included(_scenario(**more))) == []
