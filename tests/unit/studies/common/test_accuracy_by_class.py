"""How well each class, language and model is answered, where several are told apart."""

from typing import Any

from simulator.metrics.actions import ActionMetrics
from simulator.metrics.counts import Counts
from simulator.metrics.targets import TargetMetrics
from simulator.render.sections import Quantity
from simulator.results.summary import Part, TargetPart
from simulator.studies.common.accuracy_by_class import (
    StageParts,
    accuracies,
    accuracy_rows,
    answered_table,
)
from simulator.studies.common.summaries import Parts
from simulator.theory.estimate import Estimate
from tests.unit.records import blank

RIGHT, REVIEWED = Estimate(0.9, 0.88, 0.92), Estimate(0.1, 0.05, 0.15)
NONE, ALL = Estimate.exact(0.0), Estimate.exact(1.0)


def _part(**known: Estimate) -> Part:
    return Part(blank(Counts), blank(ActionMetrics, **known))


def _target(**known: Any) -> TargetPart:
    return TargetPart(**vars(blank(TargetMetrics, **known)), region={})


def _stage(**parts: Any) -> StageParts:
    empty = {name: {} for name in ("workload", "region", "tenant", "language", "complexity", "stage")}
    return Parts(**empty | {"target": {}} | parts)


def _classes(**more: Estimate) -> dict[str, Part]:
    simple = _part(success_rate=ALL, groundedness=ALL, handed_off_rate=NONE, override_rate=None)
    complex_ = {"success_rate": RIGHT, "groundedness": ALL, "handed_off_rate": NONE} | more
    return {"simple": simple, "complex": _part(**complex_)}


def test_every_part_has_an_estimate_per_stage() -> None:
    models = {"small": _target(right_rate=RIGHT), "desk": _target(kind="team")}
    stages = [_stage(complexity=_classes()), _stage(target=models | {"large": _target(right_rate=ALL)})]
    assert [(one.label, one.estimates) for one in accuracies(stages)] == [
        ("accuracy: simple", [ALL, None]),
        ("accuracy: complex", [RIGHT, None]),
        ("accuracy: small", [None, RIGHT]),
        ("accuracy: large", [None, ALL]),
    ]
    assert [row.label for row in accuracy_rows(stages)][:2] == ["accuracy: simple", "accuracy: complex"]


def test_what_was_seen_nowhere_is_left_out() -> None:
    models = {"small": _target(right_rate=RIGHT), "large": _target()}
    assert [one.name for one in accuracies([_stage(target=models)])] == ["small"]


def test_the_table_tells_what_people_do_too_and_nothing_of_what_is_not_said() -> None:
    stage = _stage(complexity=_classes(override_rate=REVIEWED))
    table = answered_table({"pilot": stage, "all": stage})
    assert table.columns == ["of", "right", "changed in review"]  # nobody is handed over; all is grounded
    assert [row.label for row in table.rows] == ["pilot", "pilot", "all", "all"]
    assert table.rows[1].cells == [
        "complexity complex",
        Quantity(RIGHT, "share"),
        Quantity(REVIEWED, "share"),
    ]


def test_doubtful_grounds_get_a_column() -> None:
    stage = _stage(complexity=_classes(groundedness=RIGHT))
    assert answered_table({"pilot": stage}).columns == ["of", "right", "grounded"]


def test_what_is_not_told_apart_is_not_listed() -> None:
    one_of_each = _stage(
        complexity={"simple": _part(success_rate=RIGHT)}, target={"small": _target(right_rate=RIGHT)}
    )
    assert accuracies([one_of_each]) == []
    assert answered_table({"pilot": one_of_each}).rows == []
