"""A bill beside the forecast: our own export read back has no error, and months that are billed in part are named."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from simulator.engine import Runner
from simulator.formats.bills.cells import BillError
from simulator.formats.bills.read import Bill, read_bill
from simulator.scenario.read.load import load_scenario
from simulator.studies.cost.billing import MODEL_CATEGORIES, BilledMonth, billed_months
from simulator.studies.cost.costs import CostOptions, RolloutCosts, rollout_costs
from simulator.studies.cost.focus_export import write_focus_export

EVERYTHING = Path(__file__).parents[3] / "property" / "every_key_costs.yaml"


@pytest.fixture(scope="module")
def costs() -> RolloutCosts:
    loaded = load_scenario(EVERYTHING)
    return rollout_costs(loaded.scenario, CostOptions(n_runs=2, n_draws=0), Runner(loaded.base_dir))


def test_a_forecast_that_is_billed_has_no_error(costs: RolloutCosts, tmp_path: Path) -> None:
    """Our own export read as a bill: the rows of models, in euros."""
    write_focus_export(costs, tmp_path, "day")
    bill = read_bill(tmp_path / "focus-stated.csv", {"EUR": 1.25})
    months = billed_months(bill, costs.forecast)
    assert [month.month for month in months] == list(costs.forecast.months)
    for month in months:
        assert month.error == pytest.approx(0.0, abs=1e-9)
    total = sum(float(costs.forecast.category_usd(category).mean()) for category in MODEL_CATEGORIES)
    assert sum(bill.months_usd.values()) == pytest.approx(total)


def test_the_error_is_that_of_the_forecast() -> None:
    assert BilledMonth(date(2027, 1, 1), 80.0, 100.0, 31.0, 31.0).error == pytest.approx(0.25)
    assert BilledMonth(date(2027, 1, 1), 0.0, 0.0, 31.0, 31.0).error == 0.0
    assert BilledMonth(date(2027, 1, 1), 0.0, 1.0, 31.0, 31.0).error == float("inf")


def test_a_bill_of_other_months_is_told(costs: RolloutCosts) -> None:
    with pytest.raises(BillError, match="set `start`"):
        billed_months(Bill("FOCUS", {date(2026, 5, 1): 3.0}, {date(2026, 5, 1): 31.0}, 1), costs.forecast)


def test_a_month_that_is_billed_up_to_its_middle_is_partial(costs: RolloutCosts, tmp_path: Path) -> None:
    """Our own export, cut off within its last month: the days of the bill are counted, and those of the stages."""
    write_focus_export(costs, tmp_path, "day")
    whole = pd.read_csv(tmp_path / "focus-stated.csv")
    months = billed_months(read_bill(tmp_path / "focus-stated.csv", {"EUR": 1.25}), costs.forecast)
    assert not any(month.is_partial for month in months)
    for month in months:
        assert month.actual_days == pytest.approx(month.forecast_days, abs=1e-6)
    whole[whole["ChargePeriodStart"] < "2027-02-02"].to_csv(tmp_path / "cut.csv", index=False)
    found = billed_months(read_bill(tmp_path / "cut.csv", {"EUR": 1.25}), costs.forecast)[-1]
    assert (found.actual_days, found.forecast_days) == (pytest.approx(1.0), pytest.approx(3.0))
    assert not found.is_partial  # two days may well have been quiet
    assert replace(found, forecast_days=28.0).is_partial
