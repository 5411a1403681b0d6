"""How soon reviewers notice a drift: charts on simulated reviews against the exact chain."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from simulator.compiler.demand import stage_window
from simulator.engine import Runner
from simulator.mechanisms.review.config import Overrides
from simulator.metrics.columns import CountColumn
from simulator.scenario.model import Scenario
from simulator.studies.drift.cusum_detection import proposed_samples, sighting
from simulator.studies.drift.review_sampling import Reviewable, reviewables
from simulator.theory.cusum import Cusum, chart_of, delay
from simulator.theory.estimate import Estimate
from tests.theory.experiments import MAX_Z, assert_agrees, constant, instant_model, tokens

_WEEK_S = 7 * 86_400.0
_RATE_RPS, _SAMPLE, _WRONG, _DRIFT = 0.03, 0.1, 0.10, 0.03
_N_RUNS = 40


def _scenario(drifts: bool) -> Scenario:
    incidents = [{"name": "drift", "kind": "drift", "workload": "ask", "success_per_week": -_DRIFT}]
    ask = {
        "name": "ask",
        "arrival_rate": _RATE_RPS,
        **tokens(100, 10),
        "steps": [{"generate": "small"}, {"review": {"team": "agents", "sample": _SAMPLE}}],
    }
    return Scenario.model_validate(
        {
            "metadata": {"name": "drift"},
            "workloads": [ask],
            "model_list": [instant_model("small", success_rate=1.0 - _WRONG)],
            "teams": {"agents": {"staff": 50, "handle_time": constant(60.0), "cost": 36.0}},
            "incidents": incidents if drifts else [],
        }
    )


def _alarm_s(chart: Cusum, counts: np.ndarray, bucket_s: float, generator: np.random.Generator) -> float:
    """When a chart raises its alarm; within a time bucket reviews come in a random order, evenly."""
    state = 0
    for bucket, row in enumerate(counts):
        n, right = int(row[CountColumn.REVIEWED]), int(row[CountColumn.REVIEWED_RIGHT])
        wrong = generator.permutation(np.arange(n) >= right)
        for place, is_wrong in enumerate(wrong):
            state = max(0, state - 1 + chart.wrong_adds * int(is_wrong))
            if state >= chart.threshold:
                return (bucket + (place + 1) / (n + 1)) * bucket_s
    return np.inf


def test_simulated_reviews_raise_the_alarm_when_the_chain_says() -> None:
    """Success falls by three points a week, from day to day; the mean of forty runs is within four standard errors."""
    reviews_per_week = _RATE_RPS * _SAMPLE * _WEEK_S
    chart = chart_of(_WRONG, _WRONG + 0.05, 26.0 * reviews_per_week)

    def wrong_at(k: int) -> float:
        days = int(7 * k / reviews_per_week)
        return _WRONG + _DRIFT * days / 7.0

    exact = delay(chart, np.array([wrong_at(k) for k in range(1, 20_001)]))
    scenario = _scenario(drifts=True)
    window = stage_window(scenario, None, 0.0, 6 * _WEEK_S, 0.0)
    runs = Runner().replicate(scenario, window, range(1, _N_RUNS + 1))
    generator = np.random.default_rng(1)
    weeks = np.array([_alarm_s(chart, run.counts[:, 0], run.bucket_s, generator) / _WEEK_S for run in runs])
    assert np.isfinite(weeks).all()
    expected = exact.mean / reviews_per_week
    assert abs(weeks.mean() - expected) < MAX_Z * weeks.std(ddof=1) / np.sqrt(_N_RUNS)
    assert weeks.std(ddof=1) / np.sqrt(_N_RUNS) < 0.1 * expected


def test_what_could_be_reviewed_is_what_is_answered() -> None:
    (found,) = reviewables(_scenario(drifts=True), None, Runner())
    assert found.per_week == pytest.approx(_RATE_RPS * _WEEK_S, rel=0.1)
    assert found.wrong.low - 0.01 < _WRONG < found.wrong.high + 0.01, "the drift does not count"
    assert (found.sample, found.handle_s) == (_SAMPLE, 60.0)
    assert found.review_usd == pytest.approx(36.0 / 60.0)


def _reviewable(per_week: float = 20_000.0) -> Reviewable:
    return Reviewable("ask", "agents", per_week, Estimate(0.07, 0.06, 0.08), 0.02, 180.0, 1.4)


def test_more_reviews_see_it_sooner_and_cost_more() -> None:
    of = _reviewable()
    samples = proposed_samples(of)
    assert samples == (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5)
    found = [sighting(of, sample, 0.01, 26.0) for sample in samples[:6]]
    for less, more in pairwise(found):
        assert more.weeks.value < less.weeks.value
        assert more.wrong_answers < less.wrong_answers
        assert more.month_usd > less.month_usd
    for one in found:
        assert one.weeks.low <= one.weeks.value <= one.weeks.high
        assert one.weeks.value < one.p90_weeks
        assert 26.0 <= one.false_alarm_weeks < 30.0
        assert one.fall == pytest.approx(0.01 * one.weeks.value)
        # E[T²] ≥ (E T)²: at least the triangle of the drift up to the mean
        assert one.wrong_answers >= of.per_week * 0.01 * one.weeks.value**2 / 2.0
    assert found[3].month_usd == pytest.approx(400.0 * 1.4 * 730.0 / 168.0)
    assert found[3].people == pytest.approx(400.0 * 180.0 / _WEEK_S)


def test_slower_drifts_and_fewer_false_alarms_take_longer() -> None:
    base = sighting(_reviewable(), 0.02, 0.01, 26.0).weeks.value
    assert sighting(_reviewable(), 0.02, 0.005, 26.0).weeks.value > base
    assert sighting(_reviewable(), 0.02, 0.01, 104.0).weeks.value > base
    assert sighting(_reviewable(), 0.02, 0.05, 26.0).weeks.value < base


def test_what_is_not_seen_within_a_year_has_no_delay() -> None:
    assert sighting(_reviewable(100.0), 0.02, 0.0005, 26.0).weeks.value == np.inf


def test_people_who_miss_wrong_answers_and_change_right_ones_see_less_of_a_drift() -> None:
    """Of a fall of one point they see what they change more: 0.8 - 0.1 of it, as if it fell by so much before others."""
    shares = Estimate(0.107, 0.10, 0.114)
    blunt = Overrides(wrong=0.8, right=0.1)
    found = sighting(replace(_reviewable(), wrong=shares, overrides=blunt), 0.02, 0.01, 26.0)
    alike = sighting(replace(_reviewable(), wrong=shares), 0.02, 0.007, 26.0)
    assert found.weeks.value == pytest.approx(alike.weeks.value)
    assert (found.weeks.low, found.weeks.high) == pytest.approx((alike.weeks.low, alike.weeks.high))
    assert found.fall == pytest.approx(0.01 * found.weeks.value)
    assert found.tuned_to == pytest.approx(alike.tuned_to / 0.7)
    assert found.weeks.value > sighting(replace(_reviewable(), wrong=shares), 0.02, 0.01, 26.0).weeks.value


def test_what_people_see_of_the_answers_is_what_they_change() -> None:
    blunt = {"wrong": 0.8, "right": 0.1}
    scenario = _scenario(drifts=False)
    teams = {
        name: team.model_copy(update={"overrides": Overrides(**blunt)})
        for name, team in scenario.teams.items()
    }
    (found,) = reviewables(scenario.model_copy(update={"teams": teams}), None, Runner())
    changed = _WRONG * 0.8 + (1.0 - _WRONG) * 0.1
    assert found.wrong.low - 0.01 < changed < found.wrong.high + 0.01
    assert found.overrides == Overrides(**blunt)


@pytest.mark.parametrize("wrong", [(0.0, 0.0, 0.01), (0.97, 0.95, 0.99), (0.9995, 0.999, 1.0)])
def test_success_near_its_bounds_has_charts_too(wrong: tuple[float, float, float]) -> None:
    of = Reviewable("ask", "agents", 500.0, Estimate(*wrong), _SAMPLE, 60.0, 0.6)
    found = sighting(of, 0.5, 0.02, 26.0)
    assert found.false_alarm_weeks >= 26.0
    assert found.weeks.low <= found.weeks.value <= found.weeks.high


@pytest.mark.parametrize(("staff", "shifts", "hours"), [(1, "always", 168.0), (3, "office-hours", 150.0)])
def test_what_people_find_no_time_for_is_not_reviewed(staff: int, shifts: str, hours: float) -> None:
    """They do first what is handed to them; over weeks of it the rest of their hours is what reviews get."""
    wrong, sample, minutes = 0.2, 0.5, 1.0
    plain = _scenario(drifts=False).model_dump(mode="json", exclude_unset=True)
    plain["workloads"][0]["steps"] = [
        {"generate": "answer"},
        {"review": {"team": "agents", "sample": sample, "when": ["exhausted"]}},
    ]
    plain["model_list"][0]["error_rate"] = wrong
    plain["routes"] = {"answer": {"choose": ["small"], "fallbacks": ["human"]}}
    plain["teams"]["agents"] |= {"staff": staff, "shifts": shifts}
    scenario = Scenario.model_validate(plain)
    per_week = _RATE_RPS * _WEEK_S
    left_h = hours - per_week * wrong * minutes / 60.0
    expected = left_h / (per_week * (1.0 - wrong) * minutes / 60.0)
    assert expected < 0.95 * sample
    plain["workloads"][0]["arrival_rate"] *= 40  # as many more people: the same share, from more answers
    plain["teams"]["agents"]["staff"] *= 40
    (found,) = reviewables(Scenario.model_validate(plain), None, Runner())
    assert found.in_time == pytest.approx(expected, rel=0.05)
    window = stage_window(scenario, None, 0.0, 4 * _WEEK_S, 2 * _WEEK_S)
    runs = Runner().replicate(scenario, window, range(1, 9))
    totals = [run.measured_counts.sum(axis=0) for run in runs]
    answered = [t[CountColumn.TURNS] - t[CountColumn.HANDED_OFF] for t in totals]
    assert_agrees(
        [float(t[CountColumn.REVIEWED] / n) for t, n in zip(totals, answered, strict=True)], expected
    )


def test_enough_people_review_the_whole_sample() -> None:
    (found,) = reviewables(_scenario(drifts=False), None, Runner())
    assert found.in_time == _SAMPLE


def test_answers_of_a_region_without_people_are_reviewed_where_they_are() -> None:
    plain = _scenario(drifts=False).model_dump(mode="json", exclude_unset=True)
    plain["regions"] = {"east": {}, "west": {}}
    plain["teams"]["agents"]["staff"] = {"east": 50}
    (found,) = reviewables(Scenario.model_validate(plain), None, Runner())
    assert found.in_time == _SAMPLE
