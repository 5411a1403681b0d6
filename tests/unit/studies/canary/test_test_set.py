"""A test set before a release: what it sees of a change, whatever the success rate leaves room for."""

import pytest

from simulator.mechanisms.releases.canary import Evaluation
from simulator.studies.canary.test_set import FALLS, detectable_falls, stops
from simulator.theory.mcnemar import power


def _set(questions: int = 400, flips: float = 0.06) -> Evaluation:
    return Evaluation(questions=questions, alpha=0.05, flips=flips)


def test_half_of_the_flips_go_either_way_and_the_change_comes_on_top() -> None:
    assert stops(_set(), 0.9, -0.05) == power(400, 0.03 + 0.05, 0.03, 0.05)
    assert stops(_set(), 0.9, +0.02) == power(400, 0.03, 0.03 + 0.02, 0.05)


def test_the_stated_rate_of_false_alarms_is_kept() -> None:
    assert 0.0 < stops(_set(), 0.9, 0.0) <= 0.05


def test_no_more_flips_than_there_are_wrong_answers() -> None:
    """Of 99 % right answers one in a hundred is wrong and can flip to right."""
    assert stops(_set(flips=0.5), 0.99, -0.05) == pytest.approx(power(400, 0.06, 0.01, 0.05))
    assert stops(_set(), 0.03, -0.10) == power(400, 0.03, 0.0, 0.05)


def test_more_questions_see_smaller_falls() -> None:
    few, many = list(detectable_falls(_set(100), 0.9)), list(detectable_falls(_set(2_000), 0.9))
    assert [one.fall for one in few] == list(FALLS)
    for less, more in zip(few, many, strict=True):
        assert less.questions_needed == more.questions_needed
        assert less.stopped < more.stopped
        assert (more.stopped >= 0.8) == (more.questions_needed <= 2_000) or more.stopped == pytest.approx(
            0.8, abs=0.02
        )


def test_falls_that_are_impossible_are_not_asked_about() -> None:
    assert [one.fall for one in detectable_falls(_set(), 0.03)] == [0.01, 0.02]
