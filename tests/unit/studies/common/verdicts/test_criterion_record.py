"""The record of a criterion: it names every part a run can be told apart by, and is the same read back from JSON."""

from simulator.metrics.dimensions import Selection
from simulator.studies.common.verdicts.criteria import Criterion, Measure
from simulator.studies.common.verdicts.criterion_record import JudgedCriterion, MeasureRecord
from simulator.studies.common.verdicts.sequential_verdicts import CriterionVerdict
from simulator.theory.estimate import Estimate
from simulator.units import Objective


def criterion_verdict(found: Estimate | None, slack: float) -> CriterionVerdict:
    measure = Measure("latency", 0.95, Selection(region="eu-west"))
    objective = Objective.model_validate("p95 < 8s")
    criterion = Criterion(("thresholds", 0), "latency{region:eu-west}", measure, None, objective)
    return CriterionVerdict(criterion, "pilot", found, "FAIL", slack, 4)


def test_every_label_of_a_measure_is_a_field() -> None:
    assert set(Selection().labels) < set(MeasureRecord.model_fields)


def test_it_says_what_was_asked_and_what_was_measured() -> None:
    record = JudgedCriterion.of(criterion_verdict(Estimate(9.0, 8.5, 9.5), -0.125))
    assert (record.metric, record.statistic, record.region, record.workload) == (
        "latency",
        "p(95)",
        "eu-west",
        None,
    )
    assert (record.threshold, record.op, record.limit) == ("p95 < 8s", "<", 8.0)
    assert record.estimate == Estimate(9.0, 8.5, 9.5)
    assert (record.verdict, record.slack, record.n_replications) == ("FAIL", -0.125, 4)


def test_it_is_read_back_as_it_was() -> None:
    for found, slack in (
        (Estimate(9.0, 8.5, float("inf")), -0.125),
        (Estimate(9.0, 9.0, 9.0), 0.1),
        (None, float("nan")),
    ):
        record = JudgedCriterion.of(criterion_verdict(found, slack))
        assert JudgedCriterion.model_validate_json(record.to_json()) == record
        assert record.estimate == found
