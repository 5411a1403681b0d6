"""Hosted models against what can be worked out by hand: latency, limits, conversations, tokens that are billed."""

import numpy as np
import pytest
from scipy import stats

from simulator.metrics.columns import CountColumn, Metric, UsageColumn
from simulator.scenario.model import Scenario
from simulator.theory.single_server import m_d_1_k_loss
from tests.theory.experiments import (
    MAX_Z,
    assert_agrees,
    constant,
    instant_model,
    means,
    replications,
    scenario_of,
    tokens,
    usage_shares,
    z_of,
)

MIN_P = 1e-4  # chance of a false alarm of a test of a whole distribution


def asked(
    rate_rps: float, model: dict[str, object], route: dict[str, object], **workload: object
) -> Scenario:
    """A workload that asks one model through a route."""
    ask = {"name": "ask", "arrival_rate": rate_rps, "steps": [{"generate": "best"}], **tokens(120, 80)}
    return scenario_of(
        {
            "workloads": [ask | workload],
            "model_list": [instant_model("model", **model)],
            "routes": {"best": {"choose": ["model"], **route}},
        }
    )


@pytest.mark.parametrize("n_tokens", [1, 2, 400])
def test_latency_is_the_first_token_and_then_one_after_the_other(n_tokens: int) -> None:
    model = {"ttft": constant(0.4), "tpot": constant(0.025)}
    network = {"network": {"local": 0.03}}
    scenario = asked(2.0, model, {}, **tokens(10, n_tokens))
    scenario = Scenario.model_validate(scenario.model_dump(by_alias=True) | network)
    (result,) = replications(scenario, 600.0, 0.0, n=1, rows=True)
    assert result.rows is not None
    assert result.rows["latency_s"].to_numpy() == pytest.approx(0.43 + (n_tokens - 1) * 0.025, rel=1e-9)
    assert result.rows["ttft_s"].to_numpy() == pytest.approx(0.43, rel=1e-9)
    n, total, square = result.moments[0, Metric.TPOT]
    if n_tokens == 1:
        assert n == 0
    else:
        assert total / n == pytest.approx(0.025)
        assert square / n == pytest.approx(0.025**2)


def test_requests_a_minute_are_a_bucket_one_minute_deep() -> None:
    """30 requests a minute and 0.55 a second: refused like the overflow of M/D/1 with room for 30."""
    results = replications(asked(0.55, {"rpm": 30}, {}), 40_000.0, 2_000.0)
    assert_agrees(usage_shares(results, UsageColumn.RATE_LIMITED), m_d_1_k_loss(1.1, 30))


def test_tokens_a_minute_are_a_bucket_of_tokens() -> None:
    """All requests alike in size: a bucket of tokens is a bucket of requests, 6,000 / 200 = 30 a minute."""
    results = replications(asked(0.55, {"tpm": 6_000}, {}), 40_000.0, 2_000.0)
    assert_agrees(usage_shares(results, UsageColumn.RATE_LIMITED), m_d_1_k_loss(1.1, 30))


@pytest.mark.parametrize("overload", [1.5, 10.0])
def test_admitted_tokens_never_exceed_the_refill_and_one_bucket(overload: float) -> None:
    """Over any stretch; when plainly too much is asked, what is admitted is the refill, the rest is refused."""
    sizes = {
        "prompt_tokens": {"distribution": "lognormal", "mean": 300, "cv": 1.0},
        "output_tokens": {"distribution": "gamma", "mean": 100, "cv": 0.7},
    }
    tpm = 60_000
    scenario = asked(overload * tpm / 60.0 / 400.0, {"tpm": tpm}, {}, **sizes)
    results = replications(scenario, 1_800.0, 120.0)
    for result in results:
        admitted = result.usage[:, 0, 0, [UsageColumn.INPUT_TOKENS, UsageColumn.OUTPUT_TOKENS]].sum(axis=1)
        passed = np.concatenate([[0.0], np.cumsum(admitted)])
        span_s = np.arange(passed.size) * result.bucket_s
        # The most that any stretch took beyond the refill: the largest rise of passed - refill.
        beyond = passed - tpm / 60.0 * span_s
        assert (beyond - np.minimum.accumulate(beyond)).max() <= tpm
        usage = result.measured_usage[0, 0]
        ends = usage[[UsageColumn.SUCCEEDED, UsageColumn.RATE_LIMITED]].sum()
        assert ends == usage[UsageColumn.ATTEMPTS]
    rates = [
        r.measured_usage[0, 0, [UsageColumn.INPUT_TOKENS, UsageColumn.OUTPUT_TOKENS]].sum() / 1_800.0
        for r in results
    ]
    assert tpm / 60.0 * 0.99 < np.mean(rates) <= tpm / 60.0 * (1.0 + 60.0 / 1_800.0)


@pytest.mark.parametrize("distribution", ["geometric", "constant"])
def test_a_conversation_repeats_all_that_was_said(distribution: str) -> None:
    """The n-th turn sends n prompts and n - 1 answers: billed tokens of every action, exactly."""
    turns = {"distribution": distribution, "mean": 4, "think_time": 2.0}
    results = replications(asked(3.0, {}, {}, turns=turns), 1_200.0, 0.0, n=10, rows=True)
    for result in results:
        assert result.rows is not None
        n = result.rows["turns"].to_numpy()
        assert (result.rows["input_tokens"] == 120 * n + 200 * n * (n - 1) // 2).all()
        assert (result.rows["output_tokens"] == 80 * n).all()
        assert (n == 4).all() or distribution == "geometric"


def test_turns_are_geometric_and_pauses_exponential() -> None:
    """From the actions that began long before the end, as the others that have ended are the short ones."""
    turns = {"mean": 2.5, "think_time": 3.0}
    results = replications(asked(20.0, {}, {}, turns=turns), 2_000.0, 0.0, n=2, rows=True)
    for result in results:
        assert result.rows is not None
        rows = result.rows[result.rows["arrival_s"] < 1_800.0]
        n = rows["turns"].to_numpy()
        assert abs(z_of(n.astype(float), 2.5)) <= MAX_Z
        n_ended = np.bincount(np.minimum(n, 12), minlength=13)[1:]
        shares = 0.4 * 0.6 ** np.arange(12)
        shares[-1] = 0.6**11
        assert stats.chisquare(n_ended, shares * n.size).pvalue > MIN_P
        pause_s = (rows["end_s"] - rows["arrival_s"]).to_numpy()[n == 2]
        assert stats.kstest(pause_s, "expon", args=(0.0, 3.0)).pvalue > MIN_P


def test_a_prompt_is_cut_to_the_longest_context() -> None:
    turns = {"distribution": "constant", "mean": 5}
    results = replications(
        asked(3.0, {}, {"max_context_tokens": 500}, turns=turns), 600.0, 0.0, n=1, rows=True
    )
    assert results[0].rows is not None
    assert (results[0].rows["input_tokens"] == 120 + 320 + 500 * 3).all()


@pytest.mark.parametrize(
    ("timeout_s", "streamed"),
    [(0.45, 0), (0.55, 1), (1.05, 6), (4.42, 40), (10.0, 80)],
)
def test_an_answer_that_is_cut_off_is_billed_for_what_was_streamed(timeout_s: float, streamed: int) -> None:
    """The first token after 0.5 s, then one each 0.1 s: 1 + (timeout - 0.5) / 0.1, and the whole prompt."""
    model = {"ttft": constant(0.5), "tpot": constant(0.1)}
    scenario = asked(1.0, model, {"per_try_timeout": timeout_s, "num_retries": 1})
    (result,) = replications(scenario, 600.0, 0.0, n=1, rows=True)
    assert result.rows is not None
    tries = 2 if streamed < 80 else 1
    assert (result.rows["attempts"] == tries).all()
    assert (result.rows["input_tokens"] == 120 * tries).all()
    assert (result.rows["output_tokens"] == streamed * tries).all()
    usage = result.measured_usage[0, 0]
    wasted = usage[UsageColumn.OUTPUT_TOKENS] if streamed < 80 else 0.0
    assert usage[UsageColumn.WASTED_OUTPUT_TOKENS] == wasted
    assert (result.rows["end_s"] - result.rows["arrival_s"]).to_numpy() == pytest.approx(
        tries * min(timeout_s, 8.4), rel=1e-9
    )


def test_a_user_who_gives_up_is_billed_alike() -> None:
    model = {"ttft": constant(0.5), "tpot": constant(0.1)}
    (result,) = replications(asked(1.0, model, {}, timeout=2.03), 600.0, 0.0, n=1, rows=True)
    assert result.rows is not None
    assert (result.rows["output_tokens"] == 16).all()
    counts = result.measured_counts[0]
    assert counts[CountColumn.TIMEOUTS] == counts[CountColumn.FAILED] == len(result.rows)


def test_an_error_comes_in_place_of_the_first_token_and_costs_nothing() -> None:
    model = {"ttft": constant(0.5), "tpot": constant(0.1), "error_rate": 0.25}
    results = replications(asked(5.0, model, {}), 1_200.0, 0.0, rows=True)
    assert_agrees(usage_shares(results, UsageColumn.ERRORS), 0.25)
    assert means(results, Metric.LATENCY) == pytest.approx(8.4)
    for result in results:
        assert result.rows is not None
        failed = result.rows[result.rows["outcome"] == 2]
        assert (failed["end_s"] - failed["arrival_s"]).to_numpy() == pytest.approx(0.5, rel=1e-9)
        assert (failed[["input_tokens", "output_tokens"]] == 0).all(axis=None)
