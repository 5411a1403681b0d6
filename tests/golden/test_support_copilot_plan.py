"""The plan of the bundled scenario, number by number: one that moves needs a line under *Changed results*.

`python tests/golden/test_support_copilot_plan.py` writes the numbers again.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from simulator.engine import Runner
from simulator.scenario.read.load import load_scenario
from simulator.studies.plan.basis import Plan
from simulator.studies.plan.plan import PlanOptions, plan
from simulator.studies.plan.report import StagePlan

ROOT = Path(__file__).parents[2]
GOLDEN = Path(__file__).with_name("support-copilot-plan.json")
DIGITS = 9  # a last bit may differ between processors


def _rounded(number: float) -> float:
    return float(f"{number:.{DIGITS}g}")


def _stage(stage: StagePlan) -> dict[str, Any]:
    return {
        "name": stage.name,
        "start": stage.start.isoformat(),
        "decision": stage.decision,
        "binding": None if stage.limiting_slo is None else [stage.limiting_slo, stage.limiting_place],
        "is_cheapest": stage.is_cheapest,
        "capacity": {path: dict(by_region) for path, by_region in stage.capacity.items()},
        "order_by": {path: day.isoformat() for path, day in stage.order_by.items()},
        "peak_rps": {region: _rounded(rps) for region, rps in stage.demand.by_region.items()},
        "verdicts": {
            found.slo: [found.verdict, found.region, _rounded(found.estimate.value)]
            for found in stage.verdicts
            if found.estimate is not None
        },
        "warnings": list(stage.warnings),
        "month_usd": _rounded(stage.cost.month.value or 0.0),
        "arrived": stage.counts.arrived,
    }


def _planned(n_stages: int = 4) -> Plan:
    loaded = load_scenario(ROOT / "scenarios" / "support-copilot.yaml")
    stages = loaded.scenario.stages[:n_stages]
    return plan(loaded.scenario.model_copy(update={"stages": stages}), PlanOptions(), Runner(loaded.base_dir))


@pytest.fixture(scope="module")
def planned() -> Plan:
    return _planned()


@pytest.mark.slow
def test_the_first_stage_is_as_it_was() -> None:
    golden = json.loads(GOLDEN.read_text(encoding="utf-8"))
    assert [_stage(stage) for stage in _planned(1).stages] == golden[:1]


@pytest.mark.slow
def test_plan_is_as_it_was(planned: Plan) -> None:
    golden = json.loads(GOLDEN.read_text(encoding="utf-8"))
    assert [_stage(stage) for stage in planned.stages] == golden


@pytest.mark.slow
def test_story_of_the_scenario(planned: Plan) -> None:
    """Every step is a GO, and none of the later ones without something that had to be ordered in time."""
    assert [stage.decision for stage in planned.stages] == ["GO"] * 4
    assert all(stage.is_feasible and stage.is_cheapest for stage in planned.stages)
    pilot, *later = planned.stages
    assert pilot.order_by == {}
    assert all("teams.agents.staff" in stage.order_by for stage in later)
    assert all(stage.order_by[path] < stage.start.date() for stage in later for path in stage.order_by)
    assert not any(stage.warnings for stage in planned.stages)


@pytest.mark.slow
def test_story_of_the_checklist(planned: Plan) -> None:
    """A canary is blind in a pilot and in one region, and sees five points from two regions on; the cost is known."""
    items = [{item.name: item for item in stage.readiness} for stage in planned.stages]
    stops = [at["release_and_rollback"].measurements[0] for at in items]
    assert [one.verdict for one in stops] == ["FAIL", "FAIL", "PASS", "PASS"]
    assert all(at["release_and_rollback"].measurements[1].verdict == "PASS" for at in items)
    assert all(at["unit_economics"].verdict == at["feedback_loop"].verdict == "PASS" for at in items)
    seen = [{one.what: one.verdict for one in at["monitoring"].measurements} for at in items]
    assert seen[0]["tells of provider-down after"] != "PASS"
    assert all(at["tells of provider-down after"] == "PASS" for at in seen[1:])
    assert all(at["false alarms of page a month"] == "PASS" for at in seen)


if __name__ == "__main__":
    text = json.dumps([_stage(stage) for stage in _planned().stages], indent=1)
    GOLDEN.write_text(text + "\n", encoding="utf-8")
