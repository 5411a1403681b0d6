"""Quotas as providers count them, against what can be worked out by hand; and how far apart they are."""

import numpy as np
import pytest
from scipy import stats

from simulator.mechanisms.providers.limit_rules import LimitRules
from simulator.metrics.columns import CountColumn, UsageColumn
from simulator.scenario.model import Route, Scenario
from simulator.scenario.read.catalogs import catalog
from simulator.theory.erlang import erlang_b
from simulator.theory.single_server import m_d_1_k_loss
from tests.theory.experiments import (
    assert_agrees,
    constant,
    count_shares,
    instant_model,
    replications,
    scenario_of,
    tokens,
    usage_shares,
)

# The mean call of a coding agent: 710 recorded conversations with 49,334 calls (WEKA, 2026).
PROMPT, ANSWER, CACHED_SHARE, CALL_S = 122_000, 440, 0.916, 8.9
MAX_TOKENS = 32_000
QUOTA = 5_000_000  # tokens a minute


def limited(rate_rps: float, rules: str | None, length: dict[str, object], **model: object) -> Scenario:
    """Calls without retries to a model whose limits count by a rule of the catalog."""
    named = (
        {} if rules is None else catalog("limit_rules").entries[rules].content.plain() | {"limits_as": rules}
    )
    ask = {"name": "ask", "arrival_rate": rate_rps, "steps": [{"generate": "model"}], **length}
    return scenario_of({"workloads": [ask], "model_list": [instant_model("model", **named, **model)]})


def calls_per_minute(rules: str | None, **limits: object) -> float:
    """Calls of the mean agent that get an answer in a minute, where twice as many as ever fit are made."""
    price = {"input": 3, "output": 15, "cached_input": 0.3, "cached_share": CACHED_SHARE}
    timing = {"ttft": constant(CALL_S - ANSWER * 0.01), "tpot": constant(0.01)}
    scenario = limited(
        16.0, rules, tokens(PROMPT, ANSWER) | {"max_tokens": MAX_TOKENS}, prices=price, **timing, **limits
    )
    (result,) = replications(scenario, 1_800.0, 600.0, n=1)
    return float(result.measured_usage[:, 0, UsageColumn.SUCCEEDED].sum() / 30.0)


@pytest.mark.parametrize(
    ("rules", "limits", "expected"),
    [
        ("anthropic", {"input_tpm": QUOTA, "output_tpm": QUOTA}, QUOTA / (PROMPT * (1 - CACHED_SHARE))),
        ("bedrock-claude-4.8", {"tpm": QUOTA}, QUOTA // (PROMPT + MAX_TOKENS) * 60.0 / CALL_S),
        (None, {"tpm": QUOTA}, QUOTA / (PROMPT + ANSWER)),
        ("azure-standard", {"tpm": QUOTA}, QUOTA // (PROMPT + MAX_TOKENS)),
    ],
)
def test_the_same_quota_carries_fifteen_times_as_much_under_another_rule(
    rules: str | None, limits: dict[str, object], expected: float
) -> None:
    """488, 216, 41 and 32 calls a minute of five million tokens."""
    assert calls_per_minute(rules, **limits) == pytest.approx(expected, rel=0.01)


@pytest.mark.parametrize("rate_rps", [0.4, 0.9, 1.7])
def test_one_request_a_second_is_a_bucket_of_one(rate_rps: float) -> None:
    """60 rpm as Anthropic may enforce them: a loss of M/D/1/1, load over one more than the load."""
    scenario = limited(rate_rps, "anthropic", tokens(10, 10), rpm=60)
    shares = usage_shares(replications(scenario, 20_000.0, 200.0), UsageColumn.RATE_LIMITED)
    assert m_d_1_k_loss(rate_rps, 1) == pytest.approx(rate_rps / (1.0 + rate_rps))
    assert_agrees(shares, m_d_1_k_loss(rate_rps, 1))


@pytest.mark.parametrize("rate_rps", [6.0, 8.0, 12.0])
def test_a_fixed_second_refuses_who_comes_after_its_share(rate_rps: float) -> None:
    """600 rpm are ten a second: of a Poisson number of arrivals those beyond ten."""
    scenario = limited(rate_rps, "azure-standard", tokens(10, 10) | {"max_tokens": 10}, rpm=600)
    shares = usage_shares(replications(scenario, 4_000.0, 100.0), UsageColumn.RATE_LIMITED)
    beyond = np.arange(11, 200)
    assert_agrees(shares, float(((beyond - 10) * stats.poisson.pmf(beyond, rate_rps)).sum()) / rate_rps)


def test_reservations_alone_block_as_erlang_b_says() -> None:
    """Where hardly anything is used in the end, a quota holds as many calls as it can reserve for."""
    timing = {"ttft": constant(2.0), "tpot": constant(0.0)}
    scenario = limited(
        3.0, "bedrock", tokens(1, 1) | {"max_tokens": 9_999}, tpm=80_010, **timing
    )  # room for eight
    shares = usage_shares(replications(scenario, 8_000.0, 200.0), UsageColumn.RATE_LIMITED)
    assert_agrees(shares, erlang_b(8, 6.0))


def test_what_counts_in_the_end_is_let_in_until_the_minute_is_used_up() -> None:
    """LiteLLM's tpm: the first answer, after a third of the minute, uses it up, and all who came before it are in."""
    scenario = limited(50.0, "litellm", tokens(100, 1), tpm=100, ttft=constant(20.0))
    (result,) = replications(scenario, 600.0, 0.0, n=1)
    usage = result.measured_usage[:, 0].sum(axis=0)
    assert usage[UsageColumn.RATE_LIMITED] / usage[UsageColumn.ATTEMPTS] == pytest.approx(2 / 3, abs=0.01)


def test_every_rule_of_the_catalog_is_one() -> None:
    for entry in catalog("limit_rules").entries.values():
        LimitRules.model_validate(entry.content.plain()["limit_rules"])


def test_what_no_minute_has_room_for_fails_however_often_it_is_tried() -> None:
    """480 calls a minute with two retries each: 342 fit where 800 tokens of answer are reserved, and 150 are made."""
    length = tokens(600, 150) | {"max_tokens": 800, "steps": [{"generate": "best"}]}
    scenario = limited(8.0, "azure-standard", length, rpm=600, tpm=480_000)
    route = Route(choose=["model"], num_retries=2)
    (result,) = replications(scenario.model_copy(update={"routes": {"best": route}}), 7_200.0, 600.0, n=1)
    (failed,) = count_shares([result], CountColumn.FAILED, CountColumn.ARRIVED)
    assert failed == pytest.approx(1.0 - 342 / 480, abs=0.01)
