"""Bills: every export that is read, our own export read back, and clear words about any other file."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from simulator.engine import Runner
from simulator.scenario.read.load import load_scenario
from simulator.studies.cost.bill_import import (
    MODEL_CATEGORIES,
    Bill,
    BilledMonth,
    BillError,
    held_against,
    read_bill,
)
from simulator.studies.cost.exports.focus import write_focus
from simulator.studies.cost.study import CostOptions, CostStudy, cost_study

EVERYTHING = Path(__file__).parents[3] / "property" / "every_key_costs.yaml"
EXPORTS = {
    "FOCUS": "BilledCost,BillingCurrency,ChargePeriodStart,ServiceCategory\n"
    "10.5,USD,2027-01-26T00:00:00Z,AI and Machine Learning\n4,USD,2027-01-26T00:00:00Z,Storage\n"
    "2,USD,2027-02-01T00:00:00Z,AI and Machine Learning\n",
    "OpenAI costs": "start_time,end_time,start_time_iso,end_time_iso,amount_value,amount_currency,line_item\n"
    "1,2,2027-01-26T00:00:00+00:00,2027-01-27T00:00:00+00:00,10.5,usd,\n3,4,2027-01-30T00:00:00+00:00,,,,\n"
    "5,6,2027-02-01T00:00:00+00:00,2027-02-02T00:00:00+00:00,2,usd,\n",
    "Anthropic costs": "usage_date_utc,model,token_type,cost_usd\n2027-01-26,a,output,10.5\n2027-02-01,a,output,2\n",
    "Azure cost details": "Date,CostInBillingCurrency,BillingCurrency\n01/26/2027,10.5,USD\n02/01/2027,2,USD\n",
}


@pytest.fixture(scope="module")
def study() -> CostStudy:
    loaded = load_scenario(EVERYTHING)
    return cost_study(loaded.scenario, CostOptions(n_runs=2, n_draws=0), Runner(loaded.base_dir))


@pytest.mark.parametrize("name", EXPORTS)
def test_exports_are_read(name: str, tmp_path: Path) -> None:
    path = tmp_path / "bill.csv"
    path.write_text(EXPORTS[name])
    bill = read_bill(path, {})
    assert bill.source == name
    assert bill.months_usd == {date(2027, 1, 1): 10.5, date(2027, 2, 1): 2.0}


def test_a_forecast_that_is_billed_has_no_error(study: CostStudy, tmp_path: Path) -> None:
    """Our own export read as a bill: the rows of models, in euros."""
    write_focus(study, tmp_path, "day")
    bill = read_bill(tmp_path / "focus-expected.csv", {"EUR": 1.25})
    months = held_against(bill, study.forecast)
    assert [month.month for month in months] == list(study.forecast.months)
    for month in months:
        assert month.error == pytest.approx(0.0, abs=1e-9)
    total = sum(float(study.forecast.category_usd(category).mean()) for category in MODEL_CATEGORIES)
    assert sum(bill.months_usd.values()) == pytest.approx(total)


def test_the_error_is_that_of_the_forecast() -> None:
    assert BilledMonth(date(2027, 1, 1), 80.0, 100.0, 31.0, 31.0).error == pytest.approx(0.25)
    assert BilledMonth(date(2027, 1, 1), 0.0, 0.0, 31.0, 31.0).error == 0.0
    assert BilledMonth(date(2027, 1, 1), 0.0, 1.0, 31.0, 31.0).error == float("inf")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "when,how_much\n2027-01-01,5\n",
            "has the columns when, how_much; a bill needs those of one of: FOCUS",
        ),
        ("usage_date_utc,cost_usd\n2027-01-01,much\n", "row 2 of `cost_usd` is no amount"),
        (
            "usage_date_utc,cost_usd\n2027-01-01,\n2027-01-02,5\n2027-01-03,x5\n",
            "row 4 of",
        ),
        ("usage_date_utc,cost_usd\nsoon,5\n", "row 2 of `usage_date_utc` is no time"),
        (
            "Date,CostInBillingCurrency,BillingCurrency\n2027-01-01,5,CHF\n",
            "is in CHF, and the scenario has no exchange",
        ),
        ("BilledCost,ChargePeriodStart,ServiceCategory\n5,2027-01-01,Storage\n", "no row that bills a model"),
        ("", "cannot be read as CSV"),
    ],
)
def test_other_files_are_told_apart(text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "bill.csv"
    path.write_text(text)
    with pytest.raises(BillError, match=message.split("`")[0]):
        read_bill(path, {})


def test_a_bill_of_other_months_is_told(study: CostStudy) -> None:
    with pytest.raises(BillError, match="set `start`"):
        held_against(Bill("FOCUS", {date(2026, 5, 1): 3.0}, {date(2026, 5, 1): 31.0}, 1), study.forecast)


def test_a_month_that_is_billed_up_to_its_middle_is_partial(study: CostStudy, tmp_path: Path) -> None:
    """Our own export, cut off within its last month: the days of the bill are counted, and those of the stages."""
    write_focus(study, tmp_path, "day")
    whole = pd.read_csv(tmp_path / "focus-expected.csv")
    months = held_against(read_bill(tmp_path / "focus-expected.csv", {"EUR": 1.25}), study.forecast)
    assert not any(month.is_partial for month in months)
    for month in months:
        assert month.actual_days == pytest.approx(month.forecast_days, abs=1e-6)
    whole[whole["ChargePeriodStart"] < "2027-02-02"].to_csv(tmp_path / "cut.csv", index=False)
    found = held_against(read_bill(tmp_path / "cut.csv", {"EUR": 1.25}), study.forecast)[-1]
    assert (found.actual_days, found.forecast_days) == (pytest.approx(1.0), pytest.approx(3.0))
    assert not found.is_partial  # two days may well have been quiet
    assert replace(found, forecast_days=28.0).is_partial


def test_a_row_that_bills_a_month_covers_it(tmp_path: Path) -> None:
    path = tmp_path / "bill.csv"
    path.write_text(
        "BilledCost,BillingCurrency,ChargePeriodStart,ChargePeriodEnd,ServiceCategory\n"
        "10,USD,2027-03-01T00:00:00Z,2027-04-01T00:00:00Z,AI and Machine Learning\n"
    )
    assert read_bill(path, {}).days == {date(2027, 3, 1): 31.0}


def test_a_bill_that_is_too_long_is_refused_and_not_cut_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("simulator.studies.cost.bill_import.MAX_ROWS", 2)
    path = tmp_path / "bill.csv"
    path.write_text("usage_date_utc,cost_usd\n2027-01-01,1\n2027-01-02,1\n")
    assert read_bill(path, {}).n_rows == 2
    path.write_text(path.read_text() + "2027-01-03,1\n")
    with pytest.raises(BillError, match="more than 2 rows"):
        read_bill(path, {})
