"""Gates: what they measure, what they decide, and how pauses and approvals move the calendar."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from simulator.compiler.stage_shares import growth_factor, stage_end_share, stage_start
from simulator.engine import Runner
from simulator.scenario.model import Scenario
from simulator.studies.cost.forecast.month_parts import month_parts
from simulator.studies.plan.gates import let_in
from simulator.studies.plan.plan import PlanOptions, plan
from tests.unit.studies.conftest import WEEK_S

Desk = Callable[..., Scenario]
DAY_S = 86_400.0
START = datetime(2027, 1, 4, tzinfo=UTC)


def _stages(first: dict[str, Any] | None, second: dict[str, Any] | None, **more: Any) -> dict[str, Any]:
    half = {"name": "half", "duration": 4 * WEEK_S, "exposure": 0.5, **more}
    full = {"name": "all", "duration": 4 * WEEK_S, "exposure": 1.0}
    return {
        "stages": [
            half if first is None else half | {"gates": first},
            full if second is None else full | {"gates": second},
        ]
    }


def test_gates_are_measured_at_the_stage_before_and_decide_the_one_after(desk: Desk) -> None:
    """With the capacity planned for half the load, five replicas carry 3.6 erlangs: 72 % busy."""
    gates = (
        {"exit": {"utilization{target:desk}": ["< 90%"]}},
        {"entry": {"utilization{target:desk}": ["< 60%"], "availability": [">= 99%"]}},
    )
    half, full = plan(desk(**_stages(*gates)), PlanOptions(), Runner()).stages
    assert half.gates == ()
    assert half.decision == "GO"
    assert [(one.gate, one.measured_at, one.verdict) for one in full.gates] == [
        ("exit", "half", "PASS"),
        ("entry", "half", "FAIL"),
        ("entry", "half", "PASS"),
    ]
    measured = full.gates[1].estimate
    assert measured is not None
    replicas = half.capacity["services.desk.replicas"]["home"]
    assert measured.value == pytest.approx(3.6 / replicas, rel=0.05)
    assert {verdict.verdict for verdict in full.verdicts} == {"PASS"}
    assert full.decision == "NO-GO"


def test_gates_that_open_change_nothing_else(desk: Desk) -> None:
    gates = ({"exit": {"availability": [">= 99%"]}}, None)
    _, bare = plan(desk(), PlanOptions(), Runner()).stages
    _, full = plan(desk(**_stages(*gates)), PlanOptions(), Runner()).stages
    assert full.decision == "GO"
    assert (full.capacity, full.metrics, full.cost.month) == (
        bare.capacity,
        bare.metrics,
        bare.cost.month,
    )


def test_what_a_gate_cannot_decide_leaves_the_stage_open(desk: Desk) -> None:
    _, full = plan(desk(**_stages(None, {"entry": {"ttft": ["p(95) < 1s"]}})), PlanOptions(), Runner()).stages
    (gate,) = full.gates
    assert (gate.estimate, gate.verdict) == (None, "UNDECIDED")  # no step has a first token
    assert full.decision == "UNDECIDED"
    assert let_in("NO-GO", full.gates) == "NO-GO"
    assert let_in("GO", ()) == "GO"


def test_a_pause_and_an_approval_keep_the_stage_before_going(desk: Desk) -> None:
    approval = {"approval": {"by": "cfo", "takes": 3 * DAY_S}}
    scenario = desk(**_stages({"pause": WEEK_S}, approval, growth=0.1))
    half, full = scenario.stages
    assert stage_start(scenario, half) == START
    assert stage_start(scenario, full) == START + timedelta(days=28 + 7 + 3)
    month_s = 730.0 * 3600.0
    assert growth_factor(scenario, full, 0.0) == pytest.approx(1.1 ** (38 * DAY_S / month_s))
    assert stage_end_share(scenario, half).tolist() == pytest.approx([0.5 * 1.1 ** (38 * DAY_S / month_s)])
    parts = month_parts(scenario)
    assert all(one.end == other.begin for one, other in pairwise(parts))  # no gap
    assert sum(part.hours for part in parts if part.stage == "half") == 38 * 24
    planned = plan(scenario, PlanOptions(), Runner()).stages
    assert planned[0].end == planned[1].start
    assert planned[1].approval is not None
    assert (planned[1].approval.by, planned[1].approval.ask_by) == ("cfo", date(2027, 2, 8))
    assert planned[1].order_by["services.desk.replicas"] == date(2027, 2, 11) - timedelta(weeks=3)


def test_an_approval_of_the_first_stage_delays_the_start(desk: Desk) -> None:
    scenario = desk(**_stages({"approval": {"by": "cto", "takes": 2 * DAY_S}}, None))
    assert stage_start(scenario, scenario.stages[0]) == START + timedelta(days=2)
    assert month_parts(scenario)[0].begin == START + timedelta(days=2)
