"""Amounts in the currency that a scenario reports in."""

from simulator.economics.currency import US_DOLLAR, currency_of
from simulator.theory.estimate import Estimate
from tests.unit.studies.money import answers

RATES = {"date": "2026-11-01", "rates": {"EUR": 1.25}}


def test_amounts_are_divided_by_the_rate_of_the_day() -> None:
    euro = currency_of(answers(fx=RATES, currency="EUR"))
    assert euro.code == "EUR"
    assert euro.of(2.5) == 2.0
    assert euro.estimate(Estimate(2.5, 1.25, 5.0)) == Estimate(2.0, 1.0, 4.0)


def test_dollars_need_no_rate() -> None:
    assert currency_of(answers()) == US_DOLLAR == currency_of(answers(fx=RATES))
