"""What is paid for a token of every hosted model: its prices of the day, with the discounts of commitments."""

from datetime import date

from simulator.mechanisms.providers.prices import TokenPrices, token_prices
from simulator.scenario.model import ListedModel, Scenario


def price_date(scenario: Scenario) -> date:
    """Day whose list prices hold: `economics.price_date`, else the first day of the scenario.

    Never today's date, so that a run can be repeated. Price changes announced for before that day are in it.
    """
    return scenario.economics.price_date or scenario.start


def paid_prices(scenario: Scenario, model: ListedModel) -> TokenPrices:
    """Prices of a hosted model with the discounts of the commitments that it is part of.

    Raises
    ------
    UnknownPriceError
        If it has no `prices` and genai-prices does not know it.
    """
    prices = token_prices(model, price_date(scenario))
    for commitment in scenario.economics.commitments:
        if model.model_name in commitment.models:
            prices = prices.discounted(commitment.discount)
    return prices
