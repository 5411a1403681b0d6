"""Copies of mirrored traffic on the bill: what `rollout canary` says that they cost, once, in the stage of the release."""

from pathlib import Path

import numpy as np
import pytest

from simulator.economics.categories import Category
from simulator.economics.forecast import Forecast
from simulator.economics.forecast_ledger import forecast_ledger
from simulator.economics.waterfall import WaterfallPart, waterfall
from simulator.engine import Runner
from simulator.scenario.model import Scenario
from simulator.scenario.read.errors import ScenarioError
from simulator.scenario.read.load import load_scenario
from simulator.studies.canary.canary import rehearse_canary
from simulator.studies.canary.cases import Case
from simulator.studies.canary.rehearsals import RehearsalPlan, described
from simulator.studies.common.input_factors import InputFactors
from simulator.studies.cost.forecast.forecasting import AS_IT_IS, Forecaster

_N_RUNS = 3
_RUN = Runner(n_threads=2)
_FILE = Path(__file__).parents[5] / "scenarios" / "mirror.yaml"
_SHORT = ("canary.analyses.quality.interval=2m", "canary.analyses.quality.count=3", "window.warmup=1m")


def _scenario() -> Scenario:
    """Ten minutes of canary, six of which copy a fifth of four tickets a second."""
    return load_scenario(_FILE, _SHORT).scenario


def _forecast(factors: InputFactors = AS_IT_IS) -> Forecast:
    return Forecaster(_scenario(), _RUN, n_runs=_N_RUNS).forecast(factors)


@pytest.fixture(scope="module")
def forecast() -> Forecast:
    return _forecast()


def test_copies_cost_what_the_canary_says(forecast: Forecast) -> None:
    scenario = _scenario()
    case = Case("as described", scenario.releases[0].changes, None)
    options = RehearsalPlan("new-prompt", n_runs=_N_RUNS)
    (outcome,) = rehearse_canary(scenario, [case], options, Runner()).cases
    assert outcome.copies is not None
    found = forecast.category_usd(Category.MIRRORED_TOKENS) + forecast.category_usd(Category.MIRRORED_CALLS)
    assert found.mean() == pytest.approx(outcome.copies.cost.value)
    assert found.mean() > 0.0


def test_they_are_paid_once_and_bought_nothing(forecast: Forecast) -> None:
    ledger = forecast_ledger(forecast)
    copies = ledger[ledger["category"] == "mirrored_tokens"]
    assert set(copies["stage"]) == {"new-prompt"}
    assert len(set(copies["month"])) == 1
    assert copies["wasted_usd"].tolist() == copies["cost_usd"].tolist()
    assert copies["cost_usd"].tolist() == pytest.approx(
        (copies["quantity"] * copies["unit_price_usd"]).tolist()
    )
    assert set(copies["target"]) == {"small"}
    assert ledger["cost_usd"].sum() == pytest.approx(forecast.total_usd, rel=1e-12)
    parts = waterfall(forecast)
    assert parts[WaterfallPart.MIRRORED].mean() == pytest.approx(copies["cost_usd"].sum())
    np.testing.assert_allclose(sum(parts.values()), forecast.cost_usd, rtol=1e-12)


def test_a_stage_over_two_months_pays_in_the_first() -> None:
    scenario = load_scenario(_FILE, (*_SHORT, "start=2027-01-18")).scenario
    ledger = forecast_ledger(Forecaster(scenario, _RUN, n_runs=_N_RUNS).forecast(AS_IT_IS))
    assert set(ledger[ledger["stage"] == "new-prompt"]["month"]) == {"2027-02", "2027-03"}
    assert set(ledger[ledger["category"] == "mirrored_tokens"]["month"]) == {"2027-02"}


def test_hours_of_the_stage_add_up(forecast: Forecast) -> None:
    """The FOCUS export is made of hours: those of the stage share the cost of the copies evenly."""
    span = next(span for span in forecast.spans if span.time.stage == "new-prompt")
    chosen = [line.category is Category.MIRRORED_TOKENS for line in span.lines]
    hourly = span.hourly_usd[:, :, chosen].sum(axis=(1, 2))
    assert hourly * span.time.hours == pytest.approx(
        span.accounts.cost_usd[:, :, chosen].sum(axis=(1, 2)).mean()
    )


def test_more_users_and_other_prices_count() -> None:
    before, after = (
        _forecast(factors).category_usd(Category.MIRRORED_TOKENS).mean()
        for factors in (AS_IT_IS, InputFactors(token_price=0.5))
    )
    assert after == pytest.approx(0.5 * before)
    runs = [
        described(_scenario(), RehearsalPlan("new-prompt", n_runs=_N_RUNS), Runner(), factor)
        for factor in (1.0, 2.0)
    ]
    few, many = (sum(int(run.measured_counts.sum(axis=0)[0]) for run in one) for one in runs)
    assert many == pytest.approx(2 * few, rel=0.05)


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("stages.new-prompt.releases=[new-promt]", "did you mean `new-prompt`?"),
        ("stages.new-prompt.releases=[new-prompt, new-prompt]", "a second `new-prompt`"),
        ("canary.steps.0.set_mirror_route=0", "copies"),
    ],
)
def test_releases_of_a_stage_that_cannot_be(override: str, message: str) -> None:
    with pytest.raises(ScenarioError, match=r"stages|canary") as error:
        load_scenario(_FILE, (override,))
    assert message in str(error.value)
