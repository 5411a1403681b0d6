"""Estimators against what was drawn: closed forms, and intervals that hold the truth as often as they say."""

from collections.abc import Callable
from math import exp, sqrt
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from simulator.formats.logs.read import KEYS
from simulator.studies.calibrate.actions import actions_of
from simulator.studies.calibrate.estimators import demand
from simulator.studies.calibrate.estimators.forms import fit, moments, quantile
from simulator.studies.calibrate.estimators.shares import ratio
from simulator.studies.calibrate.estimators.users import users
from simulator.studies.calibrate.estimators.window import coverage
from simulator.studies.calibrate.logged_models import plain_model
from simulator.studies.calibrate.model_findings import streamed_rows
from simulator.theory.estimate import Estimate

FloatArray = NDArray[np.float64]
BERLIN = ZoneInfo("Europe/Berlin")
MONDAY_S = 1_789_336_800.0  # 2026-09-14 00:00 in Berlin
WEEK_S = 7 * 86_400.0
FLAT = np.ones((7, 24))

# Of 200 intervals of 95 %, fewer than 180 hold the truth once in 700 such tests.
N, LEAST = 200, 180


def _holds(found: Estimate, truth: float) -> bool:
    return found.low <= truth <= found.high


@pytest.mark.parametrize("spread", [0.3, 1.2])
def test_lognormal_by_its_percentiles(spread: float) -> None:
    hits = {"p50": 0, "p95": 0}
    for seed in range(N):
        found = fit(
            np.exp(2.0 + spread * np.random.default_rng(seed).standard_normal(400)), "time", "lognormal"
        )
        assert found is not None
        if found.form != "lognormal":
            continue
        hits["p50"] += _holds(found.parameters["p50"], exp(2.0))
        hits["p95"] += _holds(found.parameters["p95"], exp(2.0 + 1.6449 * spread))
    assert min(hits.values()) >= LEAST


@pytest.mark.parametrize("cv", [0.5, 1.0, 1.6])
def test_gamma_by_mean_and_cv(cv: float) -> None:
    hits = {"mean": 0, "cv": 0}
    for seed in range(N):
        found = fit(np.random.default_rng(seed).gamma(cv**-2, 3.0 * cv**2, 600), "time", "gamma")
        assert found is not None
        if found.form == "gamma":
            hits["mean"] += _holds(found.parameters["mean"], 3.0)
            hits["cv"] += _holds(found.parameters["cv"], cv)
    assert min(hits.values()) >= LEAST


def test_constants_tables_and_too_few() -> None:
    constant = fit(np.full(50, 7.0), "tokens")
    assert constant is not None
    assert constant.value == {"distribution": "constant", "value": 7.0}
    two_humps = np.concatenate([np.full(500, 10.0), np.full(500, 1000.0)]) + np.arange(1000) % 7
    table = fit(two_humps, "tokens")
    assert table is not None
    assert table.form == "empirical"
    levels = table.value["quantiles"]
    assert levels[0] == 10.0
    assert levels[1] == 1006
    assert levels[0.2] < 20 < 1000 <= levels[0.8]
    assert fit(np.ones(19), "tokens") is None


def test_quantiles_by_order_statistics() -> None:
    hits = sum(
        _holds(quantile(np.random.default_rng(seed).exponential(1.0, 300), 0.9), -np.log(0.1))
        for seed in range(N)
    )
    assert hits >= LEAST


def test_moments_and_ratios_by_the_delta_method() -> None:
    hits = [0, 0, 0]
    for seed in range(N):
        draws = np.random.default_rng(1000 + seed)
        mean, cv = moments(draws.exponential(2.0, 800))
        under = draws.exponential(1.0, 500)
        found = ratio(under * draws.uniform(0.0, 0.6, 500), under)
        assert found is not None
        for place, ok in enumerate((_holds(mean, 2.0), _holds(cv, 1.0), _holds(found, 0.3))):
            hits[place] += ok
    assert min(hits) >= LEAST


def _arrivals(
    seed: int, rate: float, span_s: float, cv: float, course: Callable[[FloatArray], FloatArray] | None = None
) -> FloatArray:
    """A renewal process on the clock of demand, from Monday on."""
    draws = np.random.default_rng(seed)
    n = int(1.3 * rate * span_s + 200)
    at = np.cumsum(draws.gamma(cv**-2, cv**2 / rate, n))
    times = at[at < span_s]
    return MONDAY_S + (times if course is None else course(times))


@pytest.mark.parametrize("cv", [0.7, 1.0, 2.0])
def test_rate_and_burstiness_of_a_renewal_process(cv: float) -> None:
    hits = [0, 0]
    for seed in range(N):
        times = _arrivals(seed, 0.5, 7200.0, cv)
        span = coverage(times, BERLIN, is_dated=True)
        ones = np.ones(span.slots)
        found = demand.burstiness(times, span, ones)
        assert found is not None
        hits[0] += _holds(demand.rate(times, span, ones), 0.5)
        hits[1] += _holds(found, cv)
    assert hits[0] >= LEAST
    assert hits[1] >= LEAST - 6 * (cv > 1.5)  # cubes of a wide distribution: 3600 gaps are few


def test_a_weekly_course_is_found_again() -> None:
    hours = 1.0 + 0.8 * np.sin(2.0 * np.pi * (np.arange(24) - 9.0) / 24.0)
    week = np.outer([1.2, 1.1, 1.0, 1.3, 1.4, 0.5, 0.5], hours)
    week /= week.mean()
    edges = np.concatenate([[0.0], np.cumsum(week.ravel() * 3600.0)])
    clock = np.arange(169) * 3600.0
    times = _arrivals(4, 0.2, WEEK_S, 1.0, lambda at: np.interp(at, edges, clock))
    span = coverage(times, BERLIN, is_dated=True)
    found = demand.course(times, span, FLAT)
    assert found.differs
    np.testing.assert_allclose(found.week, week, atol=0.25)
    assert np.abs(found.week - week).mean() < 0.05
    assert _holds(demand.rate(times, span, found.week.ravel()[span.hour_of_week]), 0.2)
    assert not demand.course(times, span, week).differs


def test_the_stated_course_is_kept_where_the_log_agrees() -> None:
    alarms = 0
    for seed in range(100):
        times = _arrivals(seed, 0.01, WEEK_S, 1.0)
        alarms += demand.course(times, coverage(times, BERLIN, is_dated=True), FLAT).differs
    assert alarms <= 2


def test_a_few_hours_tell_no_course_but_the_rate_of_the_week() -> None:
    week = np.tile(np.r_[np.zeros(8) + 0.1, np.full(12, 1.9), np.full(4, 0.1)], (7, 1))
    week /= week.mean()
    times = _arrivals(1, 1.0, 7200.0, 1.0) + 10 * 3600.0  # two busy hours
    span = coverage(times, BERLIN, is_dated=True)
    found = demand.course(times, span, week)
    assert "2 of the 24 hours" in found.why_not or "3 of the 24 hours" in found.why_not
    factors = week.ravel()[span.hour_of_week]
    assert demand.rate(times, span, factors).value == pytest.approx(
        (times.size - 1) / (span.span_s * week[0, 10])
    )


def test_days_that_were_not_seen_are_as_stated() -> None:
    stated = np.outer([1, 1, 1, 1, 1, 0.2, 0.2], np.ones(24))
    stated /= stated.mean()
    times = _arrivals(2, 0.05, 2 * 86_400.0, 1.0)
    found = demand.course(times, coverage(times, BERLIN, is_dated=True), stated)
    assert found.unseen == "Wed, Thu, Fri, Sat, Sun"
    assert found.week[6].mean() / found.week[0].mean() == pytest.approx(0.2, abs=0.03)


def test_users_who_were_not_seen_are_counted() -> None:
    hits = 0
    for seed in range(N):
        hashes = np.random.default_rng(seed).integers(1, 401, 500).astype(np.uint64)
        found = users(hashes)
        assert found is not None
        assert found.seen < 400
        hits += _holds(found.active, 400.0)
    assert hits >= LEAST
    assert users(np.zeros(9, dtype=np.uint64)) is None
    every = users(np.repeat(np.arange(1, 9), 5).astype(np.uint64))
    assert every is not None
    assert every.active == Estimate.exact(8.0)


def _rows(*rows: tuple[float, str, int, int]) -> pd.DataFrame:
    """Rows of (time, fate, trace, session), each of one second."""
    time, fate, trace, session = zip(*rows, strict=True)
    frame = pd.DataFrame({"time": time, "fate": fate, "latency": 1.0, "input": 10.0})
    for name in KEYS:
        frame[name] = np.zeros(len(frame), dtype=np.uint64)
    frame["trace"], frame["session"] = np.array(trace, dtype=np.uint64), np.array(session, dtype=np.uint64)
    return frame.sort_values("time", ignore_index=True)


def test_retries_are_one_action() -> None:
    found = actions_of(
        _rows(
            (0, "rate_limited", 1, 0),
            (2, "error", 1, 0),
            (4, "ok", 1, 0),
            (5, "ok", 2, 0),
            (9, "error", 3, 0),
        )
    )
    assert list(found.start_s) == [0.0, 5.0, 9.0]
    assert list(found.attempts) == [3, 1, 1]
    assert found.failed == 1
    assert not found.has_turns


def test_turns_of_a_session_are_one_action() -> None:
    rows = [
        (start + 30.0 * turn, "ok", 0, session)
        for session, start in ((1, 0.0), (2, 7.0))
        for turn in range(3)
    ]
    found = actions_of(_rows(*rows))
    assert list(found.start_s) == [0.0, 7.0]
    assert list(found.turns) == [3, 3]
    np.testing.assert_allclose(found.think_s, 29.0)
    assert found.first.sum() == 2


def test_short_pauses_of_people_are_pauses() -> None:
    rows = [(100.0 * session + at, "ok", 0, session) for session in (1, 2) for at in (0.0, 1.5, 30.0, 60.0)]
    found = actions_of(_rows(*rows))
    assert list(found.turns) == [4, 4]
    assert list(found.calls) == [1] * 8


def test_steps_of_a_trace_are_calls_of_one_turn() -> None:
    rows = [
        (start + 1.1 * step, "ok", trace, 0) for trace, start in ((1, 0.0), (2, 50.0)) for step in range(4)
    ]
    found = actions_of(_rows(*rows))
    assert list(found.turns) == [1, 1]
    assert list(found.calls) == [4, 4]


def test_rows_without_ids_are_actions() -> None:
    found = actions_of(_rows((0, "ok", 0, 0), (1, "error", 0, 0)))
    assert found.start_s.size == 2
    assert found.grouped_by == ""


@pytest.mark.parametrize(
    ("logged", "plain"),
    [
        ("azure/gpt-4.1-mini", "gpt-4-1-mini"),
        ("gpt-4.1-mini-2025-04-14", "gpt-4-1-mini"),
        ("us.anthropic.claude-sonnet-4-20250514-v1:0", "claude-sonnet-4"),
        (
            "arn:aws:bedrock:us-east-1:1:inference-profile/us.anthropic.claude-sonnet-4-20250514-v1:0",
            "claude-sonnet-4",
        ),
        ("claude-sonnet-4@20250514", "claude-sonnet-4"),
        ("openai/gpt-4o", "gpt-4o"),
    ],
)
def test_models_are_the_same_by_any_name(logged: str, plain: str) -> None:
    assert plain_model(logged) == plain


def test_bounds_of_the_share_of_hits() -> None:
    """Of 200 trials at 95 % the hits are 190 ± 3: `LEAST` is 3.2 standard deviations below."""
    assert (0.95 * N - LEAST) / sqrt(N * 0.95 * 0.05) > 3.2


def test_quick_answers_are_streamed_where_most_are() -> None:
    latency, ttft = np.array([2.0, 3.0, 0.501, 4.0, np.nan]), np.array([0.5, 0.4, 0.5, 0.3, 0.5])
    assert list(streamed_rows(latency, ttft)) == [True, True, True, True, True]
    whole = np.array([2.0, 3.0, 0.501, 0.3, np.nan])  # nobody streams: the first token is the last
    assert list(streamed_rows(whole, np.array([2.0, 2.99, 0.5, 0.1, np.nan]))) == [
        False,
        False,
        False,
        True,
        False,
    ]


def test_what_a_clock_of_milliseconds_blurs_is_constant() -> None:
    found = fit(0.01 + np.random.default_rng(1).uniform(-1e-5, 1e-5, 500), "time")
    assert found is not None
    assert found.value == {"distribution": "constant", "value": "10ms"}
