"""Parts of a stage's plan that need no simulation: the day to order, and the limiting objective."""

from simulator.studies.capacity.refusal import Refusal
from simulator.studies.common.replicator import Evidence
from simulator.studies.plan.stage_parts import limiting_verdict
from tests.unit.studies.plan.reports import interval, verdict

_FAST = verdict("fast", "latency", "<", 2.0, interval(1.9, 0.01), "PASS", slack=0.05)
_EASY = verdict("easy", "latency", "<", 2.0, interval(1.0, 0.01), "PASS", slack=0.5)
_LOST = verdict("easy", "latency", "<", 2.0, interval(1.5, 0.01), "PASS", slack=0.25, contingency="region eu")


def test_the_tightest_objective_limits_a_stage() -> None:
    assert limiting_verdict([_EASY, _FAST], (), None) == _FAST
    assert limiting_verdict([], (), None) is None


def test_where_a_contingency_sets_the_capacity_its_objective_limits() -> None:
    evidence = (Evidence([], (_EASY, _FAST)), Evidence([], (_LOST,), "region eu"))
    refusal = Refusal(slo="easy", contingency="region eu")
    assert limiting_verdict([_FAST, _LOST], evidence, refusal) == _LOST
    failed = _FAST.model_copy(update={"verdict": "FAIL"})
    assert limiting_verdict([failed, _LOST], evidence, refusal) == failed
