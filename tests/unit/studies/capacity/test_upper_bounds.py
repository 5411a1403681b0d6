"""What the upper bounds of the knobs surely miss is missed, and what they may meet is not missed with less."""

from collections.abc import Callable

import pytest

from simulator.engine import Runner
from simulator.scenario.model import Scenario
from simulator.studies.plan.plan import PlanOptions, plan
from simulator.theory.erlang import mean_wait_s

Desk = Callable[..., Scenario]


def _planned(desk: Desk, limit_s: float, most: int) -> tuple[str, str, float]:
    """Decision, verdict and replicas of M/M/c at 7.2/s with one second of service."""
    knob = {"path": "services.desk.replicas", "min": 1, "max": most}
    slo = {"name": "wait", "indicator": "queue_wait", "objective": f"mean < {limit_s}s"}
    stage = plan(
        desk(slos=[slo], capacity={"knobs": [knob]}, window={"duration": 3600.0, "warmup": 300.0}),
        PlanOptions(["all"]),
        Runner(),
    ).stages[0]
    return stage.decision, stage.verdicts[0].verdict, stage.capacity["services.desk.replicas"]["home"]


@pytest.mark.usefixtures("brief_remedies")
@pytest.mark.parametrize("most", [9, 10])
def test_a_seventh_beyond_the_limit_is_no_go(desk: Desk, most: int) -> None:
    decision, verdict, _ = _planned(desk, mean_wait_s(most, 7.2, 1.0) / 1.15, most)
    assert (decision, verdict) == ("NO-GO", "FAIL")


@pytest.mark.slow
def test_on_the_limit_the_upper_bound_is_bought_and_nobody_knows(desk: Desk) -> None:
    decision, verdict, replicas = _planned(desk, mean_wait_s(10, 7.2, 1.0), 10)
    assert decision != "NO-GO"
    assert verdict != "FAIL"
    assert replicas == 10
