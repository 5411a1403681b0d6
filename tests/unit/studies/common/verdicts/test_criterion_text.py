"""How a criterion reads: the metric's label, its unit, the part of the run, and one sentence of all."""

from simulator.render.numbers import TO
from simulator.studies.common.verdicts.criterion_record import JudgedCriterion
from simulator.studies.common.verdicts.criterion_text import (
    found_text,
    limit_text,
    measure_text,
    part_text,
    sentence,
    stage_text,
)
from simulator.theory.estimate import Estimate

LATE = JudgedCriterion(
    criterion="latency",
    threshold="p95 < 8s",
    stage="all",
    metric="latency",
    statistic="p(95)",
    estimate=Estimate(9.5, 8.6, 10.5),
    op="<",
    limit=8.0,
    slack=-0.1875,
    n_replications=4,
    verdict="FAIL",
)


def test_a_sentence_says_it_all() -> None:
    assert sentence(LATE) == f"p95 latency at stage all is 9.5 s (8.6{TO}10.5), limit < 8 s (4 replications)"


def test_parts_are_named() -> None:
    narrowed = LATE.model_copy(update={"target": "crm", "region": "eu-west", "stage": None})
    assert part_text(LATE) == "all"
    assert part_text(narrowed) == "crm, eu-west"
    assert stage_text(narrowed.stage) == "full exposure"
    assert sentence(narrowed).startswith("p95 latency of crm, eu-west is ")


def test_units_and_labels_are_the_metrics() -> None:
    first_token = LATE.model_copy(update={"metric": "ttft", "statistic": "p(50)"})
    cost = LATE.model_copy(update={"metric": "cost_per_action", "statistic": None, "limit": 0.9})
    assert measure_text(first_token) == "p50 first token"
    assert measure_text(cost) == "cost per action"
    assert limit_text(cost) == "< $0.90"
    assert limit_text(cost, limit=1.2) == "< $1.20"


def test_nothing_observed_is_said() -> None:
    nothing = LATE.model_copy(update={"estimate": None})
    assert found_text(nothing) == "nothing observed"
