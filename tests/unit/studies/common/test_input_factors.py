"""Factors change what they name, by that much, and nothing else."""

import pytest

from simulator.mechanisms.distribution_means import mean_of
from simulator.mechanisms.distributions import Empirical, Exponential, Gamma, Lognormal, Uniform
from simulator.mechanisms.review.config import Drafts
from simulator.mechanisms.traffic.config import TokenTrace
from simulator.studies.common.input_factors import InputFactors, scaled, with_factors
from tests.unit.studies.money import answers

DISTRIBUTIONS = [
    Exponential(distribution="exponential", mean=3.0),
    Uniform(distribution="uniform", low=1.0, high=5.0),
    Lognormal(distribution="lognormal", p50=3.0, p95=9.0),
    Lognormal(distribution="lognormal", mean=3.0, cv=0.5),
    Gamma(distribution="gamma", mean=3.0, cv=0.5),
    Empirical(distribution="empirical", quantiles={0.0: 1.0, 1.0: 5.0}),
]


@pytest.mark.parametrize("distribution", DISTRIBUTIONS, ids=lambda one: one.distribution)
def test_a_scaled_distribution_has_a_scaled_mean(distribution: object) -> None:
    assert mean_of(scaled(distribution, 1.7)) == pytest.approx(1.7 * mean_of(distribution))  # type: ignore[arg-type]
    assert scaled(distribution, 1.0) is distribution


def test_recorded_lengths_are_scaled_where_they_are_read() -> None:
    assert scaled(TokenTrace(trace=True, scale=0.5), 3.0).scale == 1.5
    assert scaled(None, 3.0) is None


def test_people_take_as_much_longer_for_drafts() -> None:
    scenario = answers()
    drafts = Drafts(approve=DISTRIBUTIONS[0], rejected=0.3)  # type: ignore[arg-type]
    agents = scenario.teams["agents"].model_copy(update={"drafts": drafts})
    varied = with_factors(
        scenario.model_copy(update={"teams": {"agents": agents}}), InputFactors(handle_time=2.0)
    )
    team = varied.teams["agents"]
    assert mean_of(team.draft_time("approve")) == 6.0
    assert mean_of(team.draft_time("reject")) == mean_of(team.handle_time)
    assert team.drafts.rejected == 0.3


def test_factors_reach_what_they_name() -> None:
    scenario = answers()
    varied = with_factors(
        scenario,
        InputFactors(prompt_tokens=2.0, output_tokens=0.5, handle_time=3.0, error_share=1.5, token_price=9.0),
    )
    ask = varied.workloads[0]
    assert (ask.prompt_tokens.p50, ask.output_tokens.value) == (1_000, 50)  # type: ignore[union-attr]
    assert varied.teams["agents"].handle_time.value == 60.0  # type: ignore[union-attr]
    assert varied.model_list[0].success_rate == pytest.approx(0.85)
    assert varied.model_list[0].prices == scenario.model_list[0].prices
    assert with_factors(scenario, InputFactors(users=3.0, people_cost=2.0)) is scenario


def test_more_errors_than_answers_are_impossible() -> None:
    assert with_factors(answers(), InputFactors(error_share=20.0)).model_list[0].success_rate == 0.0
    model = answers().model_list[0].model_copy(update={"success_rate": {"simple": 0.9, "complex": 0.6}})
    scenario = answers().model_copy(update={"model_list": [model]})
    varied = with_factors(scenario, InputFactors(error_share=2.0)).model_list[0].success_rate
    assert varied == pytest.approx({"simple": 0.8, "complex": 0.2})
