"""Amounts in other currencies: read at the scenario's rates, refused without one, at their line."""

from collections.abc import Callable
from typing import Any

import pytest

from simulator.scenario.read.errors import Problem
from simulator.scenario.read.load import LoadedScenario

FX = "fx: {date: 2026-11-01, rates: {EUR: 1.25, GBP: 1.5}}\n"
Load = Callable[[str], LoadedScenario]
Problems = Callable[[str], list[Problem]]


@pytest.mark.parametrize(
    ("text", "usd"),
    [
        ("€28/hour", 35.0),
        ("28 EUR/hour", 35.0),
        ("EUR 28 per hour", 35.0),
        ("£20/hour", 30.0),
        ("28 USD/hour", 28.0),
    ],
)
def test_amounts_are_read_in_dollars(small: str, load: Load, text: str, usd: float) -> None:
    loaded = load(FX + small.replace("$28/hour", text))
    assert loaded.scenario.teams["agents"].cost == usd


def test_scales_and_objectives_are_read_too(small: str, load: Load) -> None:
    other = small.replace(
        'indicator: latency, objective: "p(95) < 8s"', 'indicator: cost_per_action, objective: "< €0.40"'
    )
    text = FX + other + "economics: {platform: €6k/month}\n"
    scenario = load(text).scenario
    assert scenario.economics.platform == 7_500.0
    assert scenario.slos[0].objective.limit == 0.5


def test_the_tree_keeps_what_was_written(small: str, load: Load) -> None:
    loaded = load(FX + small.replace("$28/hour", "€28/hour"))
    place = loaded.tree.find(("teams", "agents", "cost"))
    assert place is not None
    assert place.value == "€28/hour"


def test_without_a_rate_they_are_refused_at_their_line(small: str, problems: Problems) -> None:
    [problem] = problems(small.replace("$28/hour", "CHF 28/hour"))
    assert "is in CHF" in problem.message
    assert "fx" in problem.hint
    assert problem.line is not None
    assert "CHF" in small.replace("$28/hour", "CHF 28/hour").splitlines()[problem.line - 1]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("currency: EUR\n", "no exchange rate for EUR"),
        ("currency: beads\n", "not a currency"),
        ("fx: {date: 2026-11-01, rates: {EUR: -1}}\n", "above 0"),
        ("fx: {date: 2026-11-01, rates: {XXQ: 1}}\n", "not a currency"),
    ],
)
def test_what_is_wrong_with_rates_is_told(small: str, problems: Problems, text: str, message: str) -> None:
    assert any(message in problem.message for problem in problems(text + small))


def test_names_that_look_like_money_stay(small: str, load: Load) -> None:
    loaded: Any = load(small.replace("{name: small}", "{name: EUR 28}"))
    assert loaded.scenario.metadata.name == "EUR 28"
