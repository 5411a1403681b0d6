"""The decision of a plan is that of playing the whole stage; see `tests.theory.audit`."""

import pytest

from tests.theory.audit import audit, cases


@pytest.mark.slow
def test_of_a_few_stages_none_is_decided_wrongly() -> None:
    outcomes = [audit(case) for case in cases(0, 12, seed=3)]
    assert not [one.case.text for one in outcomes if one.is_wrong]
    assert sum(one.planned.decision == "UNDECIDED" for one in outcomes) <= 2


@pytest.mark.slow
def test_where_nobody_knows_the_amounts_do_not_look_as_if_they_missed() -> None:
    """Two teams with eleven cases an hour: what 600 hours do not tell is bought where it looks as if it held."""
    [case] = cases(42, 43, seed=7)
    planned = audit(case).planned
    assert planned.decision == "UNDECIDED"
    [found] = planned.verdicts
    assert found.estimate is not None
    assert found.estimate.value <= case.limit_s
