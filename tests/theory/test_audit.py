"""The decision of a plan is that of playing the whole stage; see `tests.theory.audit`."""

import pytest

from tests.theory.audit import audit, cases


@pytest.mark.slow
def test_of_a_few_stages_none_is_decided_wrongly() -> None:
    outcomes = [audit(case) for case in cases(0, 12, seed=3)]
    assert not [one.case.text for one in outcomes if one.is_wrong]
    assert sum(one.planned.decision == "UNDECIDED" for one in outcomes) <= 2
