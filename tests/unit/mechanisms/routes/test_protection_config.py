"""How protection is written."""

import pytest
from pydantic import ValidationError

from simulator.mechanisms.routes.protection_config import Hedge


@pytest.mark.parametrize("after", ["p95", "p(95)", "p( 95 )", " p95 "])
def test_a_percentile_has_two_spellings(after: str) -> None:
    assert Hedge.model_validate({"after": after}).after == "p95"


def test_a_time_is_one_too() -> None:
    assert Hedge.model_validate({"after": "800ms"}).after == 0.8


@pytest.mark.parametrize("after", ["p97", "p(97)", "p", "p(95", "95 %", None])
def test_other_percentiles_are_refused(after: object) -> None:
    with pytest.raises(ValidationError):
        Hedge.model_validate({"after": after})
