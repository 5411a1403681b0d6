"""The price book holds every price of a scenario, as of the right day."""

from collections.abc import Callable
from datetime import date

import pytest

from simulator.compiler.model_prices import price_date
from simulator.economics.price_book import price_book
from simulator.mechanisms.providers.prices import UnknownPriceError
from simulator.scenario.model import Scenario

CONSTANT = {"distribution": "constant", "value": 1.0}


def test_every_price_of_the_scenario_is_in_the_book(make_scenario: Callable[..., Scenario]) -> None:
    book = price_book(make_scenario())
    assert book.models["large"].output_usd_per_mtok == 15.0
    assert (book.services["crm"].call_usd, book.services["crm"].replica_hour_usd) == (0.002, 0.6)
    assert book.teams == {"agents": 28.0}
    assert book.platform_month_usd == 7300.0


def test_list_prices_are_of_the_first_day_unless_a_day_is_given(
    make_scenario: Callable[..., Scenario],
) -> None:
    model = {"model_name": "m", "provider": "openai", "model": "o3", "ttft": CONSTANT, "tpot": CONSTANT}
    scenario = make_scenario(model_list=[model])
    assert price_date(scenario) == date(2027, 1, 4)
    assert price_book(scenario).models["m"].input_usd_per_mtok == 2.0
    earlier = make_scenario(model_list=[model], economics={"price_date": "2025-06-09"})
    assert price_book(earlier).models["m"].input_usd_per_mtok == 10.0
    assert price_book(earlier).models["m"].as_of == date(2025, 6, 9)


def test_a_model_without_a_known_price_is_an_error(make_scenario: Callable[..., Scenario]) -> None:
    model = {"model_name": "m", "provider": "openai", "model": "own", "ttft": CONSTANT, "tpot": CONSTANT}
    with pytest.raises(UnknownPriceError):
        price_book(make_scenario(model_list=[model]))
