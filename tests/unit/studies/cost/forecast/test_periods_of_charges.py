"""Charges of a forecast by period: an hour is one hour, also where something changes within it."""

from datetime import timedelta

import pytest

from simulator.engine import Runner
from simulator.formats.focus.charges import charges_usd
from simulator.scenario.model import Scenario
from simulator.studies.cost.forecast.forecasting import Forecaster
from tests.unit.studies.money import DAY_S, answers_document


def test_hours_in_which_demand_and_people_change_are_charged_as_one() -> None:
    document = answers_document(
        regions={"nepal": {"timezone": "Asia/Kathmandu"}, "london": {"timezone": "Europe/London"}},
        stages=[{"name": "all", "duration": 3 * DAY_S + 5_400.0, "exposure": 1.0}],
    )
    document["teams"]["agents"]["shifts"] = [{"start_hour": 8.2, "end_hour": 17}]
    forecast = Forecaster(Scenario.model_validate(document), Runner(n_threads=1), n_runs=1).forecast()
    assert len(forecast.spans[0].time.cells) > 2 * 74
    for period, lengths_h in (("hour", {1.0, 0.5}), ("day", {24.0, 1.5}), ("month", {73.5})):
        charges = charges_usd(forecast, period, frozenset())  # type: ignore[arg-type]
        assert charges["cost_usd"].sum() == pytest.approx(forecast.total_usd, rel=1e-9)
        spans = charges["ChargePeriodEnd"] - charges["ChargePeriodStart"]
        assert {span / timedelta(hours=1) for span in spans} == lengths_h
