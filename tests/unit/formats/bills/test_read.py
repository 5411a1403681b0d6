"""Bills: every export that is read, and clear words about any other file."""

from datetime import date
from pathlib import Path

import pytest

from simulator.formats.bills.read import BillError, read_bill

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


@pytest.mark.parametrize("name", EXPORTS)
def test_exports_are_read(name: str, tmp_path: Path) -> None:
    path = tmp_path / "bill.csv"
    path.write_text(EXPORTS[name])
    bill = read_bill(path, {})
    assert bill.source == name
    assert bill.months_usd == {date(2027, 1, 1): 10.5, date(2027, 2, 1): 2.0}


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
    monkeypatch.setattr("simulator.formats.bills.read.MAX_ROWS", 2)
    path = tmp_path / "bill.csv"
    path.write_text("usage_date_utc,cost_usd\n2027-01-01,1\n2027-01-02,1\n")
    assert read_bill(path, {}).n_rows == 2
    path.write_text(path.read_text() + "2027-01-03,1\n")
    with pytest.raises(BillError, match="more than 2 rows"):
        read_bill(path, {})
