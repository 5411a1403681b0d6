"""Random scenarios all of whose times are multiples of a tenth of a second, so that answers and clocks tie all the time."""

from typing import Any
from unittest.mock import patch

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from simulator.scenario.model import Scenario
from tests.differential.twins import (
    assert_same_rows,
    assert_same_totals,
    run_both,
)
from tests.property import random_scenarios

_DURATION_S = 40.0
_START_S = 9.0 * 3600.0 - 23.0


def _tenths(low_s: float, high_s: float, _offset: float) -> st.SearchStrategy[float]:
    return st.integers(max(1, round(10 * low_s)), max(2, round(10 * high_s))).map(lambda n: n / 10)


@st.composite
def _constants(
    draw: st.DrawFn, low: float, high: float, offset: float = 0.0, **_kind: bool
) -> dict[str, Any]:
    return {"distribution": "constant", "value": draw(_tenths(low, high, offset))}


@st.composite
def _tied_scenarios(draw: st.DrawFn) -> Scenario:
    # clients of a closed loop who ask in one instant stay together for ever; where a random scenario of them differs is open
    arriving = st.just(False)
    with patch.multiple(random_scenarios, _times=_tenths, _distributions=_constants, _IN_LOOP=arriving):
        return draw(random_scenarios.random_scenarios(is_comparable=True))


@settings(
    max_examples=25,
    deadline=None,
    phases=[Phase.generate],
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(_tied_scenarios(), st.integers(0, 2**31))
def test_every_action_of_a_scenario_full_of_ties_has_the_same_story(scenario: Scenario, seed: int) -> None:
    twins = run_both(scenario, _DURATION_S, seed, start_s=_START_S, is_checked=False)
    if twins.ledger.rows:
        assert_same_rows(twins, 1e-7)
    assert_same_totals(twins, 1e-6)
