"""Prices of hosted models: those of genai-prices on a day, the scenario's own, or an error that helps."""

import socket
import subprocess
import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import genai_prices
import pytest
from genai_prices import data_snapshot
from genai_prices.types import ConditionalPrice, ModelInfo, ModelPrice, StartDateConstraint

from simulator.mechanisms.providers import prices
from simulator.mechanisms.providers.config import Model
from simulator.mechanisms.providers.prices import UnknownPriceError, token_prices

DAY = date(2026, 11, 1)
LATENCY = {"distribution": "constant", "value": 0.5}


def hosted(provider: str, model: str, **changes: Any) -> Model:
    document = {"model_name": "m", "provider": provider, "model": model, "ttft": LATENCY, "tpot": LATENCY}
    return Model.model_validate(document | changes)


@pytest.mark.parametrize(
    ("provider", "model"),
    [
        ("openai", "gpt-4o-mini"),
        ("openai", "o3"),
        ("anthropic", "claude-sonnet-4-0"),
        ("anthropic", "claude-3-5-haiku-latest"),
        ("google", "gemini-2.5-flash"),
        ("google", "gemini-2.5-pro"),
        ("mistral", "mistral-large-latest"),
        ("azure", "gpt-4o"),
        ("groq", "llama-3.1-8b-instant"),
        ("deepseek", "deepseek-chat"),
    ],
)
@pytest.mark.parametrize("day", [date(2025, 6, 1), date(2025, 7, 1), DAY, date(2027, 1, 4)])
def test_prices_are_those_of_genai_prices(provider: str, model: str, day: date) -> None:
    usage = genai_prices.Usage(input_tokens=1000, output_tokens=1000)  # a short prompt: the base tier
    expected = genai_prices.calc_price(
        usage,
        model,
        provider_id=provider,
        genai_request_timestamp=datetime(day.year, day.month, day.day, 12, tzinfo=UTC),
    )
    found = token_prices(hosted(provider, model), day)
    assert found.input_usd_per_mtok == pytest.approx(float(expected.input_price) * 1000.0, rel=1e-12)
    assert found.output_usd_per_mtok == pytest.approx(float(expected.output_price) * 1000.0, rel=1e-12)
    assert found.as_of == day
    assert found.source == f"genai-prices {genai_prices.__version__}, {provider}/{expected.model.id}"


def test_the_day_decides() -> None:
    before = token_prices(hosted("openai", "o3"), date(2025, 6, 9))
    after = token_prices(hosted("openai", "o3"), date(2025, 6, 10))
    assert (before.input_usd_per_mtok, before.output_usd_per_mtok) == (10.0, 40.0)
    assert (after.input_usd_per_mtok, after.output_usd_per_mtok) == (2.0, 8.0)


def test_a_price_announced_for_later_does_not_count_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    change = date(2031, 1, 1)
    model = ModelInfo(
        id="test-model",
        match=genai_prices.types.ClauseEquals(equals="test-model"),
        prices=[
            ConditionalPrice(prices=ModelPrice(input_mtok=Decimal(1), output_mtok=Decimal(2))),
            ConditionalPrice(
                StartDateConstraint(start_date=change),
                prices=ModelPrice(input_mtok=Decimal(3), output_mtok=Decimal(4)),
            ),
        ],
    )
    provider = genai_prices.types.Provider(id="test", name="Test", api_pattern="none", models=[model])
    catalog = data_snapshot.DataSnapshot(providers=[provider], from_auto_update=False)
    monkeypatch.setattr(prices, "_catalog", lambda: catalog)
    assert token_prices(hosted("test", "test-model"), date(2030, 12, 31)).input_usd_per_mtok == 1.0
    assert token_prices(hosted("test", "test-model"), change).input_usd_per_mtok == 3.0


def test_the_scenarios_own_prices_win_even_for_names_nobody_knows() -> None:
    model = hosted("nobody", "nothing", prices={"input": 1.25, "output": 0})
    found = token_prices(model, DAY)
    assert (found.input_usd_per_mtok, found.output_usd_per_mtok, found.source) == (1.25, 0.0, "scenario")
    known = token_prices(hosted("openai", "gpt-4o-mini", prices={"input": 9, "output": 8}), DAY)
    assert (known.input_usd_per_mtok, known.output_usd_per_mtok) == (9.0, 8.0)


@pytest.mark.parametrize(
    ("provider", "model", "input_tokens"),
    [
        ("google", "gemini-2.5-pro", 150_000),
        ("google", "gemini-2.5-pro", 250_000),
        ("anthropic", "claude-sonnet-4-5", 200_000),
        ("anthropic", "claude-sonnet-4-5", 200_001),
        ("openai", "gpt-4o-mini", 100_000),
        ("azure", "gpt-4.1", 100_000),
    ],
)
def test_cached_input_and_long_prompts_cost_what_genai_prices_says(
    provider: str, model: str, input_tokens: int
) -> None:
    """A fifth of the input is found in the provider's cache."""
    cached = input_tokens // 5
    usage = genai_prices.Usage(input_tokens=input_tokens, output_tokens=900, cache_read_tokens=cached)
    expected = genai_prices.calc_price(
        usage, model, provider_id=provider, genai_request_timestamp=datetime(2026, 11, 1, 12, tzinfo=UTC)
    )
    found = token_prices(hosted(provider, model, prices={"cached_share": 0.2}), DAY)
    is_long = found.long_above is not None and input_tokens > found.long_above
    per_mtok = (
        (found.long_input_usd_per_mtok, found.long_cached_input_usd_per_mtok, found.long_output_usd_per_mtok)
        if is_long
        else (found.input_usd_per_mtok, found.cached_input_usd_per_mtok, found.output_usd_per_mtok)
    )
    tokens = (input_tokens - cached, cached, 900)
    usd = sum(n * price for n, price in zip(tokens, per_mtok, strict=True)) / 1e6
    assert usd == pytest.approx(float(expected.total_price), rel=1e-12)


def test_a_contract_takes_its_share_off_every_price() -> None:
    contract = {"discount": 0.1, "cached_share": 0.5, "batch_discount": 0.5}
    found = token_prices(hosted("google", "gemini-2.5-pro", prices=contract), DAY)
    assert (found.input_usd_per_mtok, found.output_usd_per_mtok) == pytest.approx((1.125, 9.0))
    assert found.cached_input_usd_per_mtok == pytest.approx(0.1125)
    assert (found.long_input_usd_per_mtok, found.long_output_usd_per_mtok) == pytest.approx((2.25, 13.5))
    assert found.mean_input_usd_per_mtok == pytest.approx((1.125 + 0.1125) / 2)
    assert found.discount == pytest.approx(0.1)


def test_a_price_of_cached_input_that_nobody_knows_is_asked_for() -> None:
    prices = {"cached_share": 0.5}
    with pytest.raises(UnknownPriceError, match=r"give the model `prices.cached_input`"):
        token_prices(hosted("groq", "llama-3.1-8b-instant", prices=prices), DAY)
    own = {"input": 1.0, "output": 2.0, "cached_input": 0.25, "cached_share": 0.5}
    assert token_prices(hosted("nobody", "nothing", prices=own), DAY).cached_input_usd_per_mtok == 0.25


def test_the_scenarios_own_tier() -> None:
    own = {"input": 1.0, "output": 2.0, "long": {"above": 1_000, "input": 2.0, "output": 3.0}}
    found = token_prices(hosted("nobody", "nothing", prices=own), DAY)
    assert (found.long_above, found.long_input_usd_per_mtok, found.long_output_usd_per_mtok) == (
        1_000,
        2.0,
        3.0,
    )
    replaced = token_prices(hosted("google", "gemini-2.5-pro", prices={"input": 1.0, "output": 2.0}), DAY)
    assert replaced.long_above is None


def test_fees_are_noted_not_priced() -> None:
    assert any("thousand requests" in note for note in token_prices(hosted("perplexity", "sonar"), DAY).notes)
    assert any("time of day" in note for note in token_prices(hosted("deepseek", "deepseek-chat"), DAY).notes)
    assert token_prices(hosted("openai", "gpt-4o-mini"), DAY).notes == ()


def test_an_unknown_provider_names_the_nearest() -> None:
    with pytest.raises(UnknownPriceError, match=r"no provider 'opnai'; nearest: openai") as caught:
        token_prices(hosted("opnai", "gpt-4o-mini"), DAY)
    assert caught.value.suggestions[0] == "openai"
    assert isinstance(caught.value, ValueError)


def test_an_unknown_model_names_the_nearest_also_of_providers_it_resells() -> None:
    with pytest.raises(
        UnknownPriceError, match=r"no model 'claude-sonet-4-0' of 'anthropic'; nearest: "
    ) as caught:
        token_prices(hosted("anthropic", "claude-sonet-4-0"), DAY)
    assert "claude-sonnet-4-0" in caught.value.suggestions
    with pytest.raises(UnknownPriceError) as caught:
        token_prices(hosted("azure", "gtp-4o-mini"), DAY)
    assert "gpt-4o-mini" in caught.value.suggestions


def test_nothing_like_it_suggests_nothing() -> None:
    with pytest.raises(UnknownPriceError, match=r"no provider 'qqqqqqqq'; correct it") as caught:
        token_prices(hosted("qqqqqqqq", "x"), DAY)
    assert caught.value.suggestions == ()


def test_a_name_within_a_known_name_is_suggested() -> None:
    assert prices._nearest("4o", ["gpt-4o-2024-08-06", "o3-pro-2025-06-10"]) == ("gpt-4o-2024-08-06",)


@pytest.mark.parametrize(
    ("provider", "model"), [("openai", "text-embedding-3-small"), ("github-copilot", "gpt-4o")]
)
def test_a_model_without_both_token_prices_is_not_taken_for_free(provider: str, model: str) -> None:
    with pytest.raises(UnknownPriceError, match="lists no price per input and output token"):
        token_prices(hosted(provider, model), DAY)


def test_neither_network_nor_an_update_changes_a_price(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a price must not need the network")

    prices._list_price.cache_clear()
    prices._catalog.cache_clear()
    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    emptied = data_snapshot.DataSnapshot(providers=[], from_auto_update=True)
    data_snapshot.set_custom_snapshot(emptied)
    try:
        assert token_prices(hosted("openai", "gpt-4o-mini"), DAY).input_usd_per_mtok == 0.15
    finally:
        data_snapshot.set_custom_snapshot(None)


def test_the_catalog_is_not_loaded_until_a_price_is_asked_for() -> None:
    code = "import sys, simulator.mechanisms.providers.prices; sys.exit('genai_prices' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
