"""How long a canary must run to see a change: the closed form, with people who do not see every wrong answer."""

from dataclasses import replace

import pytest
from scipy.stats import norm

from simulator.mechanisms.releases.canary import Canary
from simulator.studies.canary.power import ALPHA, POWER, Arrivals, detectable_changes

_CANARY = Canary.model_validate(
    {
        "steps": [{"set_weight": 0.2}, {"analysis": "gate"}],
        "analyses": {"gate": {"interval": 60.0, "count": 5, "compare": {"metric": "success_rate"}}},
    }
)
_ARRIVALS = Arrivals(4.0, 0.9, 0.05, 0.9, 1.0, 2.0, 1.0)


def _reviewed_s(arrivals: Arrivals) -> float:
    (found,) = (one for one in detectable_changes(_CANARY, arrivals) if "reviewed" in one.what)
    assert found.needed_s is not None
    return found.needed_s


def test_a_point_of_success_takes_as_long_as_the_two_sample_test_says() -> None:
    z = norm.isf(ALPHA) + norm.ppf(POWER)
    n_actions = z**2 * 0.9 * 0.1 / 0.05 / 0.01**2 / (0.2 * 0.8)
    assert _reviewed_s(_ARRIVALS) == pytest.approx(n_actions / 4.0)


def test_people_who_see_half_of_a_fall_need_four_times_as_long() -> None:
    blunt_s = _reviewed_s(replace(_ARRIVALS, seen_share=0.5))
    assert blunt_s == pytest.approx(4.0 * _reviewed_s(_ARRIVALS))


def test_what_people_let_stand_has_the_variance() -> None:
    blunt_s = _reviewed_s(replace(_ARRIVALS, kept_share=0.5))
    assert blunt_s == pytest.approx(0.25 / 0.09 * _reviewed_s(_ARRIVALS))
