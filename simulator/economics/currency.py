"""In which currency is a scenario reported, and what is an amount in US dollars in it?"""

from dataclasses import dataclass

from simulator.scenario.model import Scenario
from simulator.scenario.read.currencies import DOLLAR
from simulator.theory.estimate import Estimate


@dataclass(frozen=True)
class Currency:
    """A currency amounts are reported in."""

    code: str
    usd: float  # US dollars for one

    def of(self, amount_usd: float) -> float:
        """Convert an amount."""
        return amount_usd / self.usd

    def estimate(self, amount_usd: Estimate) -> Estimate:
        """Convert an estimate with its interval."""
        return Estimate(self.of(amount_usd.value), self.of(amount_usd.low), self.of(amount_usd.high))


US_DOLLAR = Currency(DOLLAR, 1.0)


def currency_of(scenario: Scenario) -> Currency:
    """The currency that a scenario reports in."""
    rate = 1.0 if scenario.fx is None else scenario.fx.rates.get(scenario.currency, 1.0)
    return Currency(scenario.currency, rate)
